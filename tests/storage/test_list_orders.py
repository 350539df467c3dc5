"""Lists in other orders, narrowed by time and text, and the values that there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from storage import SQLiteStore, ValidationError, read_time
from tests.storage import outside

NOW = datetime(2026, 10, 9, 15, 30, tzinfo=timezone(timedelta(hours=2)))


async def fill(store: SQLiteStore) -> None:
    await store.add_interactions(
        {
            "interaction_id": f"i{number}",
            "timestamp": datetime(2026, 10, number, tzinfo=UTC),
            "session_id": "odd" if number % 2 else "even",
            "content": "Ship IT 50%" if number == 3 else "",
            "details": {"tool": "Pytest_x"} if number == 4 else {},
        }
        for number in range(1, 6)
    )
    await store.add_patterns(
        {
            "id": f"p{number}",
            "name": name,
            "pattern_type": "a",
            "frequency": number,
            "confidence": 0.5 - number / 10,
            "created_at": datetime(2026, 1, number, tzinfo=UTC),
            "last_seen": datetime(2026, 2, 4 - number, tzinfo=UTC),
        }
        for number, name in ((1, "beta"), (2, "Alpha"), (3, "gamma"))
    )


async def ids(store: SQLiteStore, kind: str, **wanted: str) -> list[str]:
    keys = await store.list_keys(kind, **wanted)  # type: ignore[arg-type]
    rows = await store.get_summaries(kind, keys)
    return [row["record_id"] for row in rows if row is not None]


async def test_interactions_are_listed_the_oldest_first_too(store: SQLiteStore) -> None:
    await fill(store)
    assert await ids(store, "interaction", order="oldest") == ["i1", "i2", "i3", "i4", "i5"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("frequency", ["p3", "p2", "p1"]),
        ("last_seen", ["p1", "p2", "p3"]),
        ("created", ["p3", "p2", "p1"]),
        ("name", ["p2", "p1", "p3"]),
    ],
)
async def test_patterns_are_listed_by_what_is_asked(
    store: SQLiteStore, order: str, expected: list[str]
) -> None:
    await fill(store)
    assert await ids(store, "pattern", order=order) == expected


async def test_archives_are_listed_by_reason_and_by_record(store: SQLiteStore) -> None:
    await fill(store)
    for record_id, reason in (("i2", "b"), ("i1", "a"), ("i3", "a")):
        await store.archive_interactions([record_id], reason)
    for order, expected in (("reason", ["i3", "i1", "i2"]), ("record", ["i1", "i2", "i3"])):
        keys = await store.list_keys("archived_interaction", order=order)
        rows = await store.get_summaries("archived_interaction", keys)
        assert [row["interaction_id"] for row in rows if row] == expected


async def test_an_order_that_a_list_has_not_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError, match="order must be one of oldest"):
        await store.list_keys("interaction", order="name")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"after": "2026-10-04"}, ["i5", "i4"]),
        ({"before": "2026-10-02"}, ["i1"]),
        ({"after": "2026-10-02", "before": "2026-10-04"}, ["i3", "i2"]),
        ({"text": "ship it"}, ["i3"]),
        ({"text": "50%"}, ["i3"]),
        ({"text": "pytest_X"}, ["i4"]),
        ({"text": "Ship", "session_id": "even"}, []),
    ],
)
async def test_a_list_is_narrowed_by_time_and_text(
    store: SQLiteStore, wanted: dict[str, str], expected: list[str]
) -> None:
    await fill(store)
    assert await ids(store, "interaction", **wanted) == expected


async def test_a_text_of_bad_bytes_is_only_a_text(store: SQLiteStore) -> None:
    await fill(store)
    assert await ids(store, "interaction", text="\udcff") == []
    with pytest.raises(ValidationError):
        await store.list_keys("interaction", after="soon")


@pytest.mark.parametrize("length", [3, 5000])
async def test_an_archived_text_of_bad_bytes_is_listed_as_it_was(path: Path, length: int) -> None:
    async with SQLiteStore(path) as store:
        turn = await store.add_interaction({"content": ""})
    with outside.connected(path) as connection:
        text = b"\xff" + b"a" * length
        connection.execute("UPDATE interactions SET content = CAST(? AS TEXT)", (text,))
    async with SQLiteStore(path) as store:
        await store.archive_interactions([turn], "wrong")
        keys = await store.list_keys("archived_interaction")
        (row,) = await store.get_summaries("archived_interaction", keys)
    assert row is not None
    assert row["excerpt"][:4] == "\udcffaaa"
    assert set(row["excerpt"][1:]) == {"a"}


async def test_the_values_of_a_filter_are_counted(store: SQLiteStore) -> None:
    await fill(store)
    assert await store.get_values("interaction", "session_id") == {"odd": 3, "even": 2}
    assert await store.get_values("interaction", "session_id", 1) == {"odd": 3}
    with pytest.raises(ValidationError, match="field must be one of pattern_type"):
        await store.get_values("pattern", "session_id")


async def test_a_longer_excerpt_is_given_where_it_is_asked_for(store: SQLiteStore) -> None:
    await store.add_interaction({"content": "x" * 5000, "session_id": "y" * 5000})
    keys = await store.list_keys("interaction")
    (row,) = await store.get_summaries("interaction", keys, excerpt=4000)
    assert row is not None
    assert (len(row["excerpt"]), len(row["session_id"])) == (4000, 300)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-10-02", "2026-10-02T00:00:00+02:00"),
        ("2026-10-02 14:05", "2026-10-02T14:05:00+02:00"),
        ("10-02 14:05", "2026-10-02T14:05:00+02:00"),
        ("10-02", "2026-10-02T00:00:00+02:00"),
        ("9:05", "2026-10-09T09:05:00+02:00"),
        ("2026-10", "2026-10-01T00:00:00+02:00"),
        ("2026", "2026-01-01T00:00:00+02:00"),
        ("3d", "2026-10-06T15:30:00+02:00"),
        ("yesterday", "2026-10-08T00:00:00+02:00"),
        ("2026-10-02T14:05Z", "2026-10-02T14:05:00+00:00"),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, expected: str) -> None:
    assert read_time(typed, NOW).isoformat() == expected


@pytest.mark.parametrize("typed", ["", "soon", "13-45", "25:00", "99999d ago x", "9999y"])
def test_what_is_no_time_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError, match="is no time"):
        read_time(typed, NOW)
