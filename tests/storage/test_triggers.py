"""Triggers of the agent's own: they may do what they like, except lose a row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, StorageError
from storage.driver import connect

LOSING = {
    "an archive that rewrites what it is given": (
        "CREATE TRIGGER t AFTER INSERT ON archived_interactions"
        " BEGIN UPDATE archived_interactions SET data = '{}' WHERE id = NEW.id; END"
    ),
    "a delete that empties the archive": (
        "CREATE TRIGGER t AFTER DELETE ON interactions BEGIN DELETE FROM archived_interactions; END"
    ),
    "a delete that takes its neighbours along": (
        "CREATE TRIGGER t AFTER DELETE ON interactions"
        " BEGIN DELETE FROM interactions WHERE id = OLD.id + 1; END"
    ),
    "a delete that does not happen": (
        "CREATE TRIGGER t BEFORE DELETE ON interactions BEGIN SELECT RAISE(IGNORE); END"
    ),
    "an archive that takes nothing": (
        "CREATE TRIGGER t BEFORE INSERT ON archived_interactions BEGIN SELECT RAISE(IGNORE); END"
    ),
}


def run_outside(path: Path, sql: str) -> list[Any]:
    connection = connect(path.as_uri(), busy_ms=1000)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interactions({"interaction_id": f"int-{i}"} for i in range(9))
        yield store


@pytest.mark.parametrize("trigger", LOSING.values(), ids=LOSING)
async def test_a_trigger_that_loses_rows_stops_the_archiving(
    store: SQLiteStore, trigger: str
) -> None:
    run_outside(store.path, trigger)
    with pytest.raises(StorageError, match="trigger"):
        await store.archive_interactions(["int-1", "int-4"], "manual")
    assert len(await store.get_recent_interactions()) == 9
    assert await store.get_archived_interactions() == []


async def test_a_trigger_that_swallows_what_is_added_is_reported(store: SQLiteStore) -> None:
    run_outside(
        store.path,
        "CREATE TRIGGER t BEFORE INSERT ON interactions BEGIN SELECT RAISE(IGNORE); END",
    )
    with pytest.raises(StorageError, match="trigger"):
        await store.add_interaction({"content": "x"})


async def test_a_trigger_that_keeps_a_log_is_left_alone(store: SQLiteStore) -> None:
    run_outside(store.path, "CREATE TABLE log (what TEXT)")
    run_outside(
        store.path,
        "CREATE TRIGGER t AFTER DELETE ON interactions"
        " BEGIN INSERT INTO log VALUES (OLD.interaction_id); END",
    )
    assert await store.archive_interactions(["int-1"], "manual") == 1
    assert run_outside(store.path, "SELECT what FROM log") == [("int-1",)]


async def test_a_restore_that_a_trigger_had_changed_is_set_right_and_can_be_undone(
    store: SQLiteStore,
) -> None:
    run_outside(
        store.path,
        "CREATE TRIGGER t AFTER INSERT ON interactions"
        " BEGIN UPDATE interactions SET content = 'seen' WHERE id = NEW.id; END",
    )
    before = await store.get_interaction("int-1")
    await store.archive_interactions(["int-1"], "manual")
    async with store.transaction() as tx:
        await store.restore_interactions(["int-1"])
    assert await store.get_interaction("int-1") == before
    await store.undo(tx.id)
    assert await store.get_interaction("int-1") is None


async def test_an_archiving_whose_reason_a_trigger_rewrites_can_be_undone(
    store: SQLiteStore,
) -> None:
    run_outside(
        store.path,
        "CREATE TRIGGER t AFTER INSERT ON archived_interactions"
        " BEGIN UPDATE archived_interactions SET archive_reason = 'seen' WHERE id = NEW.id; END",
    )
    async with store.transaction() as tx:
        await store.archive_interactions(["int-1"], "manual")
    [archived] = await store.get_archived_interactions()
    assert archived["archive_reason"] == "seen"
    await store.undo(tx.id)
    assert len(await store.get_recent_interactions()) == 9
