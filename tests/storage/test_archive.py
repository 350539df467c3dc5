"""Archiving: with a reason, counted, strictly by time, and never without an archive row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from storage import (
    SQLiteStore,
    StorageError,
    UndoConflictError,
    ValidationError,
)
from tests.storage.stored import COMPLETE_INTERACTIONS, Text, outside, snapshot, write
from tests.storage.turns import add, live

LIVE = ("interactions", "complete_interactions", "patterns")
EVERYTHING = (*LIVE, "archived_interactions", "archived_patterns", "memglass_journal")
OLD = "2026-01-05 10:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    return path


async def test_an_archived_record_is_in_the_archive_alone(store: SQLiteStore) -> None:
    await add(store, "a", "b")
    before = await store.get_interaction("a")
    assert await store.archive_interactions(["a"], "consolidated_to_working", "p1") == 1
    assert await live(store) == {"b"}
    (archived,) = await store.get_archived_interactions("a")
    assert archived["archive_reason"] == "consolidated_to_working"
    assert archived["consolidated_to"] == "p1"
    assert archived["original_id"] == "1"
    assert archived["record"] == before


async def test_ids_that_are_unknown_or_repeated_are_not_counted(store: SQLiteStore) -> None:
    await add(store, "a", "b", "c")
    assert await store.archive_interactions(["a", "nobody", "a", "b"], "manual") == 2
    assert await store.archive_interactions(["a", "nobody"], "manual") == 0
    assert await store.restore_interactions(["b", "nobody", "b", "c"]) == 1
    assert await store.archive_interactions([], "manual") == 0
    assert await store.restore_interactions([]) == 0
    assert await live(store) == {"b", "c"}


@pytest.mark.parametrize("reason", ["", "  ", "\n", None, 5, "\ud800"])
async def test_a_reason_that_says_nothing_is_refused(store: SQLiteStore, reason: Any) -> None:
    await add(store, "a")
    pattern = await store.add_pattern({"name": "n"})
    for call in (
        store.archive_interactions(["a"], reason),
        store.archive_interactions([], reason),
        store.archive_patterns([pattern], reason),
        store.archive_old_interactions("2027-01-01", reason),
        store.archive_old_interactions("1999-01-01", reason),
    ):
        with pytest.raises(ValidationError) as caught:
            await call
        assert caught.value.field == "reason"
    assert await live(store) == {"a"}


@pytest.mark.parametrize("ids", ["a", b"a", None, 5, [5], [None], [["a"]], ["a", "\ud800"]])
async def test_what_is_no_list_of_ids_is_refused(store: SQLiteStore, ids: Any) -> None:
    await add(store, "a")
    for call in (store.archive_interactions, store.archive_patterns):
        with pytest.raises(ValidationError, match="_ids"):
            await call(ids, "manual")
    for undo in (store.restore_interactions, store.restore_patterns):
        with pytest.raises(ValidationError, match="_ids"):
            await undo(ids)
    assert await live(store) == {"a"}


async def test_the_target_must_be_text(store: SQLiteStore) -> None:
    await add(store, "a")
    for target in (5, "\ud800"):
        with pytest.raises(ValidationError) as caught:
            await store.archive_interactions(["a"], "manual", target)  # type: ignore[arg-type]
        assert caught.value.field == "consolidated_to"
    assert await live(store) == {"a"}


async def test_archived_data_is_json_with_a_value_for_each_column(
    store: SQLiteStore, path: Path
) -> None:
    write(
        path,
        "interactions",
        interaction_id="a",
        timestamp=OLD,
        content=Text(b"caf\xe9"),
        details=Text(b'{"price": 1.10}'),
        metadata=b"\x00",
    )
    await store.archive_interactions(["a"], "manual")
    with outside(path) as connection:
        (data,) = connection.execute("SELECT data FROM archived_interactions").fetchone()
    assert json.loads(data) == {
        "id": 1,
        "interaction_id": "a",
        "timestamp": OLD,
        "session_id": None,
        "action": None,
        "role": None,
        "content": {"$memglass": "text", "base64": "Y2Fm6Q=="},
        "file_path": None,
        "details": '{"price": 1.10}',
        "metadata": {"$memglass": "blob", "base64": "AA=="},
    }


async def test_a_trigger_that_swallows_archive_rows_keeps_the_records(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "a", "b")
    with outside(path) as connection:
        connection.execute(
            "CREATE TRIGGER swallow BEFORE INSERT ON archived_interactions"
            " WHEN NEW.interaction_id = 'a' BEGIN SELECT RAISE(IGNORE); END"
        )
    with pytest.raises(StorageError, match="trigger"):
        await store.archive_interactions(["a", "b"], "manual")
    assert await live(store) == {"a", "b"}


async def test_archiving_is_undone_where_the_archive_keeps_ids_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(
            "CREATE TABLE Archived_Interactions (ID INTEGER PRIMARY KEY, Original_Id INTEGER,"
            " interaction_id TEXT, Data TEXT NOT NULL, archived_at TEXT, archive_reason TEXT)"
        )
    async with SQLiteStore(path) as store:
        await add(store, "a", "b")
        before = snapshot(path, "interactions")
        async with store.transaction() as tx:
            await store.archive_interactions(["a", "b"], "manual")
        await store.undo(tx.id)
        assert snapshot(path, "interactions") == before


async def test_archiving_cannot_be_undone_once_its_archive_row_has_changed(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "a")
    async with store.transaction() as tx:
        await store.archive_interactions(["a"], "manual")
    with outside(path) as connection:
        connection.execute("UPDATE archived_interactions SET archive_reason = 'other'")
    with pytest.raises(UndoConflictError):
        await store.undo(tx.id)


TIMES = {
    "before": "2026-01-05T09:59:59.999999+00:00",
    "zone before": "2026-01-05T11:30:00+02:00",
    "date": "2026-01-05",
    "space": "2026-01-05 09:00",
    "exactly": "2026-01-05T10:00:00Z",
    "exactly elsewhere": "2026-01-05T12:00:00+02:00",
    "after": "2026-01-05 10:00:00.000001",
    "later by text only": "2026-01-05T08:30:00-02:00",
    "null": None,
    "words": "yesterday",
    "empty": "",
    "number": 5,
    "blob": b"2020-01-01",
    "bad day": "2020-02-30",
    "bytes": Text(b"2020-01-01\xff"),
    "trailing NUL": Text(b"2020-01-01\0"),
}


@pytest.mark.parametrize(
    "limit",
    [
        OLD,
        "2026-01-05T10:00:00+00:00",
        "2026-01-05T12:00:00+02:00",
        datetime(2026, 1, 5, 10, tzinfo=UTC),
        datetime(2026, 1, 5, 10),  # noqa: DTZ001 - naive means UTC
    ],
)
async def test_only_what_is_readably_and_strictly_older_is_archived(
    store: SQLiteStore, path: Path, limit: Any
) -> None:
    for name, timestamp in TIMES.items():
        write(path, "interactions", interaction_id=name, timestamp=timestamp)
        if timestamp is not None:
            row = {"timestamp": timestamp, "data": "{}"}
            write(path, "complete_interactions", interaction_id=f"c {name}", **row)
    old = {"before", "zone before", "date", "space"}
    expected = {*old, *(f"c {name}" for name in old)}
    everyone = await live(store)
    assert await store.archive_old_interactions(limit, "consolidated_to_working") == len(expected)
    assert everyone - await live(store) == expected
    assert await store.archive_old_interactions(limit, "consolidated_to_working") == 0


async def test_a_date_is_the_beginning_of_its_day(store: SQLiteStore) -> None:
    await store.add_interactions(
        [
            {"interaction_id": "eve", "timestamp": "2026-01-04T23:59:59.999999"},
            {"interaction_id": "day", "timestamp": "2026-01-05"},
        ]
    )
    assert await store.archive_old_interactions(date(2026, 1, 5), "manual") == 1
    assert await live(store) == {"day"}


@pytest.mark.parametrize("limit", [None, "", "soon", 5, b"2026-01-01"])
async def test_a_limit_that_is_no_time_archives_nothing(store: SQLiteStore, limit: Any) -> None:
    await add(store, "a")
    with pytest.raises(ValidationError, match="before_date"):
        await store.archive_old_interactions(limit, "manual")
    assert await live(store) == {"a"}


async def test_of_two_rows_with_one_id_only_the_old_one_is_archived(
    store: SQLiteStore, path: Path
) -> None:
    write(path, "interactions", interaction_id="a", timestamp="2030-01-01")
    write(path, "complete_interactions", interaction_id="a", timestamp="2020-01-01", data="{}")
    assert await store.archive_old_interactions("2025-01-01", "manual") == 1
    assert len(snapshot(path, "interactions")["interactions"]) == 1


async def test_archiving_many_old_ones_is_one_transaction(store: SQLiteStore) -> None:
    await store.add_interactions({"timestamp": "2020-01-01"} for _ in range(1200))
    assert await store.archive_old_interactions("2021-01-01", "manual") == 1200
    (transaction,) = {
        entry["transaction_id"]
        for entry in await store.get_journal()
        if entry["operation"] == "archive"
    }
    await store.undo(transaction)
    assert len(await store.get_recent_interactions(None)) == 1200


async def test_the_statistics_count_by_table_and_reason(store: SQLiteStore, path: Path) -> None:
    await add(store, "a", "b", "c")
    patterns = await store.add_patterns([{"name": "x"}, {"name": "y"}])
    await store.archive_interactions(["a", "b"], "manual")
    await store.archive_interactions(["c"], "wrong")
    await store.archive_patterns(patterns, "promoted_to_semantic", "s")
    for reason in (None, "", b"\xff", Text(b"\xff"), 5):
        write(path, "archived_patterns", data="{}", archived_at=OLD, archive_reason=reason)
    await store.undo(
        next(e["transaction_id"] for e in await store.get_journal() if e["operation"] == "archive")
    )
    await store.add_world_model_state({"domain": "d"})
    await store.undo((await store.get_journal())[0]["transaction_id"])
    assert await store.get_archive_statistics() == {
        "interactions": {"manual": 2, "wrong": 1},
        "patterns": {"": 2, "\udcff": 2, "5": 1},
        "rows": {"undone": 2},
    }


async def test_the_archive_is_filtered_by_id_and_reason(store: SQLiteStore) -> None:
    await add(store, "a", "b")
    await store.archive_interactions(["a"], "manual")
    await store.archive_interactions(["b"], "wrong")
    for id_, reason, expected in (
        (None, None, ["b", "a"]),
        ("a", None, ["a"]),
        (None, "wrong", ["b"]),
        ("a", "wrong", []),
        ("nobody", None, []),
        ("legacy-1", None, []),
    ):
        found = await store.get_archived_interactions(id_, reason)
        assert [each["interaction_id"] for each in found] == expected
    with pytest.raises(ValidationError, match="lone surrogate"):
        await store.get_archived_interactions(archive_reason="\ud800")


async def test_the_number_of_an_archive_row_is_never_given_again(store: SQLiteStore) -> None:
    await store.add_patterns({"id": each, "name": each} for each in ("p", "q"))
    await store.archive_patterns(["p"], "manual")
    [first] = await store.get_archived_patterns()
    await store.restore_patterns(["p"])
    await store.archive_patterns(["q"], "manual")
    [second] = await store.get_archived_patterns()
    assert second["id"] > first["id"]
