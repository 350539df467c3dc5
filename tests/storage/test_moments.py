"""A moment is the same number in Python and in SQL, whatever the column holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storage import driver
from storage.moments import (
    UNREADABLE,
    from_moment,
    moment_sql,
    now_text,
    parse_moment,
    to_text,
)

SECOND = 1_000_000
NOON = 1_767_614_400 * SECOND  # 2026-01-05T12:00:00 UTC

READABLE: list[tuple[str, int]] = [
    ("2026-01-05", NOON - 12 * 3600 * SECOND),
    ("2026-01-05T12:00", NOON),
    ("2026-01-05 12:00", NOON),
    ("2026-01-05T12:00:01", NOON + SECOND),
    ("2026-01-05T12:00:00.5", NOON + 500_000),
    ("2026-01-05T12:00:00.000001", NOON + 1),
    ("2026-01-05T12:00:00.0000019", NOON + 1),
    ("2026-01-05 12:00:00.123456789012", NOON + 123_456),
    ("2026-01-05T12:00:00.999999+00:00", NOON + 999_999),
    ("2026-01-05T12:00:00.000000+00:00", NOON),
    ("2026-01-05T12:00:00.000000-00:00", NOON),
    ("2026-01-05T12:00Z", NOON),
    ("2026-01-05 12:00:00z", NOON),
    ("2026-01-05T12:00:00.25Z", NOON + 250_000),
    ("2026-01-05T14:30+02:30", NOON),
    ("2026-01-05T11:30:00-00:30", NOON),
    ("2026-01-05T12:00:00.000000+14:59", NOON - (14 * 60 + 59) * 60 * SECOND),
    ("2026-01-05T12:00:00.7-14:59", NOON + (14 * 60 + 59) * 60 * SECOND + 700_000),
    ("1970-01-01", 0),
    ("1969-12-31T23:59:59.999999+00:00", -1),
    ("1969-12-31T23:59:59.5", -500_000),
    ("0001-01-01", -62_135_596_800 * SECOND),
    ("0001-01-01T00:00+14:00", -62_135_647_200 * SECOND),
    ("9999-12-31T23:59:59.999999-14:59", (253_402_300_800 + 14 * 3600 + 59 * 60) * SECOND - 1),
    ("2024-02-29", 1_709_164_800 * SECOND),
    ("2000-02-29T00:00:00.000000+00:00", 951_782_400 * SECOND),
]
CANONICAL = "2026-01-05T12:00:00.000000+00:00"
# SQLite 3.40 takes the year 300 for a leap year; 3.53, which we bring, does not.
ODD_DAYS = ("0300-02-29", "0300-03-01")
NO_TIMES: list[object] = [
    *("", " ", "now", "NOW", "today", "12:00", "2451545", "2451545.5", "0", "-1", "T", "Z"),
    *(" 2026-01-05", "2026-01-05 ", "2026-01-05\n", "2026-01-05T", "2026-01-05T12"),
    *("2026-01-05Z", "2026-01-05+00:00", "2026-01-05T12:00 ", "2026-01-05T12:00:00 +00:00"),
    *("2026-1-5", "26-01-05", "20260105", "2026/01/05", "2026-01-05t12:00", "2026-01-05  12:00"),
    *("2026-W02-1", "2026-005", "-2026-01-05", "+2026-01-05", "02026-01-05", "12026-01-05"),
    *("2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-02-30", "2026-04-31"),
    *("2023-02-29", "1900-02-29", "2100-02-29T00:00", "0000-01-01", "0000-12-31T23:59:59.5"),
    *("2026-01-05T24:00", "2026-01-05T25:00", "2026-01-05T12:60", "2026-01-05T12:00:60"),
    *("2026-01-05T12:00:61.5Z", "2026-01-05T12:0", "2026-01-05T1:00", "2026-01-05T12:00:0"),
    *("2026-01-05T12:00:00.", "2026-01-05T12:00:00.Z", "2026-01-05T12:00:00,5"),
    *("2026-01-05T12:00.5", "2026-01-05T12:00Zx.5", "2026-01-05T12:00:00.5.5"),
    *("2026-01-05T12:00:00.5e3", "2026-01-05T12:00+15:00", "2026-01-05T12:00+1:00"),
    *("2026-01-05T12:00+01", "2026-01-05T12:00+0100", "2026-01-05T12:00+01:60"),
    *("2026-01-05T12:00+01:00:00", "2026-01-05T12:00~01:00", "2026-01-05T12:00ZZ"),
    *("2026-01-05T12:00Z+00:00", "2026-01-05\0", "\x002026-01-05", "2026-01-05T12:00\0Z"),
    *(CANONICAL + "Z", CANONICAL + "\0", CANONICAL + " ", CANONICAL.replace("12:", "24:")),
    *(CANONICAL.replace("01-05", "02-30"), CANONICAL.replace("01-05", "13-05")),
    *("\uff122026-01-05", "2026-01-0\u0663", "2026-01-05T12:00:00.\u0663", "2026\u201301\u201305"),
    *("2026-01-05\udcff", "2026-01-05T12:00:00.5\udcc3", CANONICAL.replace("0+", "\udcff+")),
    *(b"2026-01-05", CANONICAL.encode(), 2026, 0, -1, 1_767_614_400, 2451545.5, None),
]

ALPHABET = st.sampled_from("0123456789-+:. TtZz\0é٣/now\udc80\udcff")


@st.composite
def times(draw: st.DrawFn) -> str:
    """Texts of the grammar, with days and hours somewhat beyond it."""
    numbers = st.integers
    year, month, day = draw(numbers(0, 9999)), draw(numbers(0, 13)), draw(numbers(0, 32))
    text = f"{year:04}-{month:02}-{day:02}"
    if draw(st.booleans()):
        return text
    text += f"{draw(st.sampled_from('T ')):s}{draw(numbers(0, 24)):02}:{draw(numbers(0, 60)):02}"
    if draw(st.booleans()):
        text += f":{draw(numbers(0, 60)):02}"
        if draw(st.booleans()):
            text += "." + draw(st.text("0123456789", min_size=1, max_size=9))
    sign, hours, minutes = draw(st.sampled_from("+-")), draw(numbers(0, 15)), draw(numbers(0, 60))
    return text + draw(st.sampled_from(["", "Z", "z", f"{sign}{hours:02}:{minutes:02}"]))


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """Times with up to three characters put in, taken out or changed."""
    text = draw(times() | st.sampled_from([text for text, _ in READABLE]))
    for _ in range(draw(st.integers(1, 3))):
        at, removed = draw(st.integers(0, len(text))), draw(st.integers(0, 1))
        text = text[:at] + draw(ALPHABET | st.just("")) + text[at + removed :]
    return text


VALUES = (
    times()
    | near_misses()
    | st.datetimes().map(lambda time: time.replace(tzinfo=UTC).isoformat(timespec="microseconds"))
    | st.text(ALPHABET, max_size=34)
    | st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.binary(max_size=34)
    | times().map(str.encode)
)


class Column:
    """A column with an index on its moments, in a table of somebody else's."""

    def __init__(self, connection: Any, declared: str) -> None:
        self.connection = connection
        self.sql = moment_sql('"at"')
        asked = connection.execute(f"SELECT date('{ODD_DAYS[0]}', '+0 days')").fetchone()
        self.knows_the_year_300 = asked != ODD_DAYS[:1]
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute(f'CREATE TABLE seen (id INTEGER PRIMARY KEY, "at" {declared})')
        connection.execute(f"CREATE INDEX seen_moment ON seen ({self.sql}, id)")

    def moment(self, value: object) -> tuple[object, int]:
        """Store a value and give what reads back, with its moment by the index."""
        self.connection.execute("DELETE FROM seen")
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        bound = "CAST(? AS TEXT)" if isinstance(value, str) else "?"
        self.connection.execute(f"INSERT INTO seen VALUES (1, {bound})", (raw,))
        query = f'SELECT "at", {self.sql} FROM seen WHERE {self.sql} IS NOT NULL'
        ((stored, moment),) = self.connection.execute(query).fetchall()
        return stored, moment


def connect_bundled(path: Path) -> Any:
    return driver.connect(path.as_uri(), busy_ms=0)


def connect_standard(path: Path) -> Any:
    return sqlite3.connect(path, isolation_level=None)


@pytest.fixture(scope="module", params=[connect_bundled, connect_standard])
def connect(request: pytest.FixtureRequest) -> Callable[[Path], Any]:
    """Two versions of SQLite, which must agree."""
    chosen: Callable[[Path], Any] = request.param
    return chosen


@pytest.fixture(
    scope="module", params=["TEXT", "TIMESTAMP", "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM"]
)
def column(
    request: pytest.FixtureRequest,
    connect: Callable[[Path], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Column]:
    connection = connect(tmp_path_factory.mktemp("moments") / "memory.db")
    connection.execute("PRAGMA journal_mode=MEMORY")
    connection.execute("PRAGMA synchronous=OFF")
    yield Column(connection, request.param)
    connection.close()


class TestReading:
    @pytest.mark.parametrize(("text", "moment"), READABLE)
    def test_a_time_has_its_moment(self, text: str, moment: int) -> None:
        assert parse_moment(text) == moment

    @pytest.mark.parametrize("value", NO_TIMES, ids=ascii)
    def test_what_is_no_time_is_unreadable(self, value: object) -> None:
        assert parse_moment(value) == UNREADABLE

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_it_is_python_s_own_time(self, time: datetime) -> None:
        assert from_moment(parse_moment(time.isoformat())) == time

    def test_moments_order_what_spellings_do_not(self) -> None:
        ordered = [
            "junk",
            "2026-01-05T00:00:00+00:00",
            "2026-01-05 01:00",
            "2026-01-05T00:00-02:00",
        ]
        assert all(parse_moment(one) < parse_moment(other) for one, other in pairwise(ordered))

    def test_the_same_time_in_two_spellings_is_one_moment(self) -> None:
        assert parse_moment("2026-01-05") == parse_moment("2026-01-05T01:00:00.000000+01:00")


class TestSQL:
    def test_it_agrees_with_python_on_every_known_value(self, column: Column) -> None:
        for value in [*(text for text, _ in READABLE), *NO_TIMES]:
            stored, moment = column.moment(value)
            assert (value, moment) == (value, parse_moment(stored))

    @given(value=VALUES)
    def test_it_agrees_with_python_on_any_value(self, column: Column, value: object) -> None:
        assume(column.knows_the_year_300 or not str(value).startswith(ODD_DAYS))
        stored, moment = column.moment(value)
        assert type(moment) is int
        assert moment == parse_moment(stored)

    def test_it_agrees_with_python_on_each_day_of_the_year_300(self, column: Column) -> None:
        days = [(date(300, 1, 1) + timedelta(days=day)).isoformat() for day in range(365)]
        read = {day: column.moment(day)[1] for day in [*days, "0300-02-29"]}
        wrong = [day for day in read if read[day] != parse_moment(day)]
        assert wrong == ([] if column.knows_the_year_300 else sorted(ODD_DAYS, reverse=True))

    def test_it_holds_in_utf_16(self, connect: Callable[[Path], Any], tmp_path: Path) -> None:
        connection = connect(tmp_path / "memory.db")
        connection.execute("PRAGMA encoding='UTF-16le'")
        connection.execute('CREATE TABLE seen ("at" TEXT)')
        connection.executemany("INSERT INTO seen VALUES (?)", [(text,) for text, _ in READABLE])
        found = connection.execute(f"SELECT {moment_sql('at')} FROM seen ORDER BY rowid").fetchall()
        connection.close()
        assert [moment for (moment,) in found] == [moment for _, moment in READABLE]

    def test_an_odd_column_name_is_only_a_name(self, tmp_path: Path) -> None:
        connection = sqlite3.connect(tmp_path / "memory.db")
        connection.execute('CREATE TABLE seen ("a@b ""c{}" TEXT)')
        connection.execute("INSERT INTO seen VALUES ('1970-01-01T00:00:01')")
        found = connection.execute("SELECT " + moment_sql('"a@b ""c{}"') + " FROM seen").fetchall()
        connection.close()
        assert found == [(SECOND,)]

    def test_a_page_is_read_from_the_index_alone(self, column: Column) -> None:
        sql = column.sql
        order = f"ORDER BY {sql} DESC, id DESC LIMIT 100"
        first = f"SELECT * FROM seen {order}"
        later = f"SELECT * FROM seen WHERE {sql} <= 5 AND ({sql} < 5 OR id < 7) {order}"
        plans = [
            [row[3] for row in column.connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()]
            for query in (first, later)
        ]
        assert plans == [
            ["SCAN seen USING INDEX seen_moment"],
            ["SEARCH seen USING INDEX seen_moment (<expr><?)"],
        ]


class TestWriting:
    @pytest.mark.parametrize(
        "given_time",
        [
            "2026-01-05T12:00",
            "2026-01-05 14:00:00+02:00",
            "20260105T120000Z",
            "2026-01-05T12:00:00z",
            " 2026-01-05T12:00:00,0Z ",
            datetime(2026, 1, 5, 12),  # noqa: DTZ001
            datetime(2026, 1, 5, 12, tzinfo=UTC),
            datetime(2026, 1, 5, 7, tzinfo=timezone(timedelta(hours=-5))),
        ],
        ids=str,
    )
    def test_every_given_time_gets_the_one_spelling(self, given_time: str | datetime) -> None:
        assert to_text(given_time) == "2026-01-05T12:00:00.000000+00:00"

    def test_a_date_is_its_first_moment(self) -> None:
        assert (
            to_text(date(2026, 1, 5)) == to_text("2026-01-05") == "2026-01-05T00:00:00.000000+00:00"
        )

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_the_spelling_keeps_the_moment(self, time: datetime) -> None:
        text = to_text(time)
        assert len(text) == 32
        assert from_moment(parse_moment(text)) == time
        assert to_text(text) == text

    @pytest.mark.parametrize("text", ["", "now", "2026-02-30", "soon\0", "\udcff", "9" * 100_000])
    def test_a_text_that_is_no_time_is_an_error_that_says_so(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no time; give one like") as caught:
            to_text(text)
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize(
        "given_time",
        [datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "9999-12-31T23:59-01:00"],
        ids=str,
    )
    def test_a_time_outside_the_calendar_in_utc_is_an_error(self, given_time: Any) -> None:
        with pytest.raises(ValueError, match="outside the years 1 to 9999"):
            to_text(given_time)

    def test_now_is_spelled_the_same_way(self) -> None:
        text = now_text()
        assert to_text(text) == text

    def test_a_moment_outside_the_calendar_is_no_datetime(self) -> None:
        assert from_moment(UNREADABLE) is None
        assert from_moment(parse_moment("9999-12-31T23:59-01:00")) is None
        assert from_moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
