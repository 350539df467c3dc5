"""Pages after `cursor_of` the last record seen: in order, with nothing lost and nothing twice."""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import SQLiteStore, ValidationError, cursor_of
from tests.chance import examples
from tests.storage.stored import COMPLETE_INTERACTIONS, Text, outside, put

Page = Callable[[int | None, str | None], Awaitable[list[dict[str, Any]]]]
LAWS = settings(max_examples=examples(30), deadline=None)

# Spellings that mean few moments, so that ties are the rule; and what means none.
MOMENTS: list[tuple[Any, datetime | None]] = [
    ("2026-01-05T10:00:00.000000+00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
    ("2026-01-05 10:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
    ("2026-01-05T12:00:00+02:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
    ("2026-01-05T09:59:59.999999Z", datetime(2026, 1, 5, 9, 59, 59, 999999, tzinfo=UTC)),
    ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
    ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ("yesterday", None),
    ("", None),
    (Text(b"2026-01-05\xff"), None),
    (b"2026-01-05", None),
    (5, None),
]
EARLIEST = datetime.min.replace(tzinfo=UTC)
TIMES = st.sampled_from(MOMENTS)
KEYS = st.lists(
    st.sampled_from([b"a", b"A", b"b", b"a\0", b"\xff", "é".encode(), b"10", b"9", b"", b" "]),
    unique=True,
)
SIZES = st.integers(1, 4)


def newest_first(moment: datetime | None) -> tuple[bool, datetime]:
    """A sort key that is smaller for what is newer; the unreadable comes last."""
    return moment is not None, moment or EARLIEST


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("paging") / "memory.db"

    async def migrate() -> None:
        async with SQLiteStore(path):
            return

    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    asyncio.run(migrate())
    with outside(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


def with_rows(
    template: Path,
    rows: list[tuple[str, dict[str, Any]]],
    work: Callable[[SQLiteStore], Awaitable[None]],
) -> None:
    async def open_and_work(path: Path) -> None:
        async with SQLiteStore(path, read_only=True) as store:
            await work(store)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "memory.db"))
        with outside(path) as connection:
            connection.execute("BEGIN")
            for table, row in rows:
                put(connection, table, row)
            connection.execute("COMMIT")
        asyncio.run(open_and_work(path))


async def walk(page: Page, size: int) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    before: str | None = None
    while found := await page(size, before):
        assert len(found) <= size
        seen += found
        before = cursor_of(found[-1])
    return seen


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


@LAWS
@given(numbered=st.lists(TIMES), keyed=st.data(), keys=KEYS, size=SIZES)
def test_interactions_of_both_tables_are_one_list(
    template: Path, numbered: list[Any], keyed: st.DataObject, keys: list[bytes], size: int
) -> None:
    times = [keyed.draw(TIMES.filter(lambda time: time[0] is not None)) for _ in keys]
    rows: list[tuple[str, dict[str, Any]]] = [
        ("interactions", {"interaction_id": f"i{i}", "timestamp": spelling})
        for i, (spelling, _) in enumerate(numbered)
    ]
    rows += [
        ("complete_interactions", {"interaction_id": Text(key), "timestamp": time[0], "data": "{}"})
        for key, time in zip(keys, times, strict=True)
    ]
    # Of one moment, rows of `interactions` come first, by number, then the others by key.
    order = [((*newest_first(m), 1, i, b""), f"i{i}") for i, (_, m) in enumerate(numbered)]
    order += [
        ((*newest_first(time[1]), 0, 0, key), text_of(key))
        for key, time in zip(keys, times, strict=True)
    ]
    expected = [record_id for _, record_id in sorted(order, reverse=True)]

    async def work(store: SQLiteStore) -> None:
        whole = await store.get_recent_interactions(None)
        paged = await walk(
            lambda limit, before: store.get_recent_interactions(limit, before=before), size
        )
        keys = await store.list_keys("interaction")
        listed = await store.get_summaries("interaction", keys)
        assert [each["interaction_id"] for each in whole] == expected
        assert [each["interaction_id"] for each in paged] == expected
        assert [each["record_id"] for each in listed if each] == expected
        assert [e["interaction_id"] async for e in store.iter_interactions()] == expected

    with_rows(template, rows, work)


CONFIDENCES = st.sampled_from(
    [None, "high", "", b"\x01", 0, 0.5, 0.5, 1, 1.0, -1, float("inf"), float("-inf"), 1e308, -1e308]
)


@LAWS
@given(keys=KEYS, drawn=st.data(), size=SIZES)
def test_patterns_are_in_the_order_of_confidence_then_id(
    template: Path, keys: list[bytes], drawn: st.DataObject, size: int
) -> None:
    confidences = [drawn.draw(CONFIDENCES) for _ in keys]
    types = [drawn.draw(st.sampled_from("tu")) for _ in keys]
    told = list(zip(keys, confidences, types, strict=True))
    rows: list[tuple[str, dict[str, Any]]] = [
        (
            "patterns",
            {
                "id": Text(key),
                "confidence": confidence,
                "name": "n",
                "pattern_type": type_,
                "sequence": "[]",
            },
        )
        for key, confidence, type_ in told
    ]

    def rank(confidence: Any) -> float:
        return float(confidence) if isinstance(confidence, int | float) else -1e308

    ordered = sorted(told, key=lambda each: (-rank(each[1]), each[0]))
    expected = [text_of(key) for key, _, _ in ordered]
    typed = [text_of(key) for key, _, type_ in ordered if type_ == "t"]

    async def work(store: SQLiteStore) -> None:
        paged = await walk(
            lambda limit, before: store.get_patterns_by_type("t", limit, before), size
        )
        listed = await store.get_summaries("pattern", await store.list_keys("pattern"))
        assert [each["id"] for each in await store.get_patterns()] == expected
        assert [each["id"] for each in paged] == typed
        assert [each["record_id"] for each in listed if each] == expected

    with_rows(template, rows, work)


@pytest.mark.parametrize("table", ["archived_interactions", "archived_patterns"])
@LAWS
@given(times=st.lists(TIMES, max_size=12), size=SIZES)
def test_the_archive_is_newest_first(
    template: Path, table: str, times: list[Any], size: int
) -> None:
    rows: list[tuple[str, dict[str, Any]]] = [
        (table, {"data": "{}", "archived_at": spelling, "archive_reason": "ab"[i % 2]})
        for i, (spelling, _) in enumerate(times)
    ]
    order = [((*newest_first(moment), i + 1)) for i, (_, moment) in enumerate(times)]
    expected = [number for *_, number in sorted(order, reverse=True)]

    async def work(store: SQLiteStore) -> None:
        kind = table.rstrip("s")
        get = getattr(store, f"get_{table}")
        paged = await walk(lambda limit, before: get(limit=limit, before=before), size)
        some = await walk(
            lambda limit, before: get(archive_reason="a", limit=limit, before=before), size
        )
        listed = await store.get_summaries(kind, await store.list_keys(kind))
        assert [each["id"] for each in paged] == expected
        assert [each["id"] for each in some] == [each for each in expected if each % 2]
        assert [each["record_id"] for each in listed if each] == expected

    with_rows(template, rows, work)


@LAWS
@given(times=st.lists(TIMES, max_size=12), size=SIZES)
def test_snapshots_are_newest_first(template: Path, times: list[Any], size: int) -> None:
    # What the agent believes may have keys that other records have too.
    data = '{"domain":"d","transaction_id":1,"archived_at":"x","interaction_id":"y","record":1}'
    rows: list[tuple[str, dict[str, Any]]] = [
        (
            "world_model_snapshots",
            {"world_model_id": "w", "snapshot_time": spelling, "snapshot_data": data},
        )
        for spelling, _ in times
    ]
    order = [((*newest_first(moment), i + 1)) for i, (_, moment) in enumerate(times)]
    expected = [number for *_, number in sorted(order, reverse=True)]

    async def work(store: SQLiteStore) -> None:
        paged = await walk(
            lambda limit, before: store.get_world_model_snapshots(limit, before=before), size
        )
        listed = await store.get_summaries("snapshot", await store.list_keys("snapshot"))
        assert [each["id"] for each in paged] == expected
        assert [each["record_id"] for each in listed if each] == expected

    with_rows(template, rows, work)


async def test_the_journal_is_paged_newest_first(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        for i in range(7):
            await store.add_interaction({"interaction_id": f"i{i}"})
        expected = [f"i{i}" for i in reversed(range(7))]
        for size in (1, 2, 3, 7, 8):
            found = await walk(store.get_journal, size)
            assert [entry["record_id"] for entry in found] == expected


async def test_rows_that_arrive_between_two_pages_double_nothing(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interactions({"interaction_id": f"i{i}"} for i in range(4))
        first = await store.get_recent_interactions(2)
        await store.add_interaction({"interaction_id": "new"})
        await store.archive_interactions([first[-1]["interaction_id"]], "manual")
        rest = await store.get_recent_interactions(before=cursor_of(first[-1]))
        assert [each["interaction_id"] for each in first + rest] == ["i3", "i2", "i1", "i0"]


async def test_columns_of_the_agent_do_not_confuse_a_cursor(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(
            "CREATE TABLE interactions (id INTEGER PRIMARY KEY, timestamp TEXT,"
            " archived_at TEXT, transaction_id TEXT, snapshot_time TEXT, pattern_type TEXT)"
        )
        connection.execute(
            "CREATE TABLE patterns (id TEXT PRIMARY KEY, interaction_id TEXT, timestamp TEXT)"
        )
    async with SQLiteStore(path) as store:
        await store.add_interactions({"interaction_id": f"i{i}"} for i in range(3))
        await store.add_patterns({"id": f"p{i}", "pattern_type": "t"} for i in range(3))
        interactions = await walk(
            lambda limit, before: store.get_recent_interactions(limit, before=before), 1
        )
        patterns = await walk(
            lambda limit, before: store.get_patterns_by_type("t", limit, before), 1
        )
    assert [each["interaction_id"] for each in interactions] == ["i2", "i1", "i0"]
    assert [each["id"] for each in patterns] == ["p0", "p1", "p2"]


def made(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


def forged(name: str) -> list[Any]:
    """What `cursor_of` never made for this list."""
    too_large = 2**64 - 1
    held: list[list[Any]] = [[], ["x"], [None], [too_large], ["x", "y"], [None, None], [[1], {}]]
    held += [[too_large] * 3, [1, 2, 3, 4]]
    return ["", "x", "é", "\ud800", 5, b"x", made(), *(made(name, *each) for each in held)]


async def test_a_cursor_of_another_list_is_refused(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        record_id = await store.add_interaction({})
        pattern = await store.add_pattern({"pattern_type": "t"})
        await store.add_world_model_state({"domain": "d"})
        pages: dict[str, Any] = {
            "interaction": store.get_recent_interactions,
            "pattern": partial(store.get_patterns_by_type, "t"),
            "snapshot": store.get_world_model_snapshots,
            "journal": store.get_journal,
            "archived_interactions": store.get_archived_interactions,
            "archived_patterns": store.get_archived_patterns,
        }
        cursors = {}
        for name, get in pages.items():
            if name == "archived_interactions":
                await store.archive_interactions([record_id], "manual")
                await store.archive_patterns([pattern], "manual")
            cursors[name] = cursor_of((await get())[0])
        for name, get in pages.items():
            assert isinstance(await get(before=cursors[name]), list)
            wrong = [cursor for kind, cursor in cursors.items() if kind != name]
            for cursor in [*wrong, record_id, *forged(name)]:
                with pytest.raises(ValidationError) as caught:
                    await get(before=cursor)
                assert caught.value.field == "before"


@pytest.mark.parametrize(
    "record",
    [{}, {"id": 1}, {"id": "w", "domain": "d", "confidence": 0.5}, {"kind": "pattern", "tags": []}],
)
def test_what_has_no_pages_has_no_cursor(record: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="no list that has pages"):
        cursor_of(record)
