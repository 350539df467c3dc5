"""Tables as an agent may have made them: what is changed and taken back leaves no row behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage import (
    RestoreError,
    SchemaError,
    SQLiteStore,
    StorageError,
    UndoConflictError,
    driver,
)
from storage.view import View
from tests.storage import legacy, outside

PATTERNS = "CREATE TABLE patterns (id {key}, name TEXT, pattern_type TEXT, seen TEXT)"
TOUCH = " BEGIN UPDATE patterns SET seen = 'touched' WHERE id = new.id; END"

Change = Callable[[SQLiteStore], Awaitable[object]]


def make(tmp_path: Path, *statements: str, key: str = "TEXT PRIMARY KEY") -> Path:
    """Write a file with the patterns p and q, and run statements in it."""
    path = tmp_path / "memory.db"
    filled = "INSERT INTO patterns VALUES ('p', 'one', 't', 'then'), ('q', 'two', 't', 'then')"
    legacy.execute(path, PATTERNS.format(key=key), filled, *statements)
    return path


def held(path: Path, columns: str = "id, name, seen", table: str = "patterns") -> list[Any]:
    with legacy.opened(path, "ro") as connection:
        return connection.execute(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()


async def restored(store: SQLiteStore) -> None:
    await store.archive_patterns(["q"], "manual")
    legacy.execute(
        store.path, "INSERT INTO patterns (id, name, pattern_type) VALUES ('r', 'two', 't')"
    )
    await store.restore_patterns(["q"])


@pytest.mark.parametrize("clause", ["REPLACE", "IGNORE"])
@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.add_pattern({"name": "two", "pattern_type": "t"}),
        lambda store: store.update_pattern("p", name="two"),
        restored,
    ],
    ids=["added", "edited", "restored"],
)
async def test_a_conflict_clause_neither_takes_a_row_away_nor_keeps_one_out(
    tmp_path: Path, clause: str, change: Change
) -> None:
    path = make(
        tmp_path,
        "ALTER TABLE patterns RENAME TO former",
        "CREATE TABLE patterns (id TEXT, name TEXT, pattern_type TEXT, seen TEXT,"
        f" UNIQUE (name, pattern_type) ON CONFLICT {clause})",
        "INSERT INTO patterns SELECT * FROM former",
        "DROP TABLE former",
    )
    async with SQLiteStore(path) as store:
        with pytest.raises(StorageError, match="ON CONFLICT clause interferes"):
            await change(store)
        archived = [each["original_id"] for each in await store.get_archived_patterns()]
    live = [row[0] for row in held(path, "id") if row[0] != "r"]
    assert sorted(live + archived) == ["p", "q"]


async def test_what_a_trigger_changes_beside_an_edit_stands_in_the_journal(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        f"CREATE TRIGGER t AFTER UPDATE ON patterns WHEN new.seen = old.seen {TOUCH}",
    )
    before = held(path)
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.update_pattern("p", name="other")
        assert held(path)[0] == ("p", "other", "touched")
        (entry,) = await store.get_journal()
        assert entry["before"] == {"name": "one", "seen": "then"}
        await store.undo(tx.id)
    assert held(path) == before


async def test_a_trigger_may_keep_what_an_edit_took_away_in_the_same_table(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        "CREATE TRIGGER t AFTER UPDATE ON patterns BEGIN"
        " INSERT INTO patterns (id, name) VALUES (old.id || '-before', old.name); END",
    )
    async with SQLiteStore(path) as store:
        await store.update_pattern("p", name="other")
    assert held(path, "id, name")[2] == ("p-before", "one")


async def test_a_restored_row_is_as_it_was_though_a_trigger_changed_it(tmp_path: Path) -> None:
    path = make(tmp_path, f"CREATE TRIGGER t AFTER INSERT ON patterns {TOUCH}")
    before = sorted(map(str, held(path)))
    async with SQLiteStore(path) as store:
        await store.archive_patterns(["p", "q"], "manual")
        await store.restore_patterns(["p", "q"])
    assert sorted(map(str, held(path))) == before


async def test_a_trigger_that_takes_rows_from_another_table_of_the_memory_is_stopped(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.add_world_model_state({"domain": "d", "session_id": "s"})
        legacy.execute(
            path,
            "INSERT INTO world_model_snapshots (world_model_id, snapshot_time, snapshot_data)"
            " SELECT id, '2025', '{}' FROM world_model_states",
            "CREATE TRIGGER t AFTER DELETE ON world_model_states BEGIN"
            " DELETE FROM world_model_snapshots WHERE world_model_id = old.id; END",
        )
        with pytest.raises(StorageError, match="rows of table world_model_snapshots"):
            await store.undo(tx.id)
    assert held(path, "count(*)", "world_model_snapshots") == [(2,)]


@pytest.mark.parametrize("number", [5, 2**53 + 1, -7])
async def test_an_id_that_is_a_number_is_found_in_a_column_without_a_type(
    tmp_path: Path, number: int
) -> None:
    path = make(tmp_path, f"UPDATE patterns SET id = {number} WHERE id = 'p'", key="")
    before = held(path, "typeof(id), *")
    async with SQLiteStore(path) as store:
        assert (await store.locate("pattern", [str(number)])).keys() == {str(number)}
        assert await store.archive_patterns([str(number)], "manual") == 1
        assert await store.restore_patterns([str(number)]) == 1
    assert sorted(map(str, held(path, "typeof(id), id, name, pattern_type, seen"))) == sorted(
        map(str, before)
    )


@pytest.mark.parametrize("key", ["TEXT PRIMARY KEY", "INTEGER", "BIGINT PRIMARY KEY", "NOT NULL"])
async def test_an_archive_to_which_sqlite_gives_no_numbers_can_be_undone(
    tmp_path: Path, key: str
) -> None:
    path = make(
        tmp_path,
        f"CREATE TABLE archived_patterns (id {key}, original_id TEXT, data TEXT, archived_at TEXT)",
        "INSERT INTO archived_patterns VALUES (7, 'old', '{}', '2025-01-01')",
    )
    before = held(path)
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.archive_patterns(["q"], "manual")
            await store.archive_patterns(["p"], "manual")
        undone = await store.undo(tx.id)
        assert sorted(map(str, held(path))) == sorted(map(str, before))
        assert held(path, "id + 0", "archived_patterns") == [(7,)]
        again = await store.undo(undone)
        await store.undo(again)
    assert sorted(map(str, held(path))) == sorted(map(str, before))


async def test_a_column_that_is_gone_stands_in_the_way_of_undoing_and_is_named_before(
    tmp_path: Path,
) -> None:
    path = make(tmp_path)
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.update_pattern("p", seen=None)
        legacy.execute(path, "ALTER TABLE patterns DROP COLUMN seen")
        with pytest.raises(UndoConflictError, match="lacks a column"):
            await store.undo(tx.id)
        preview = await store.history.preview_undo(tx.id)
        assert "lacks a column" in str(preview)


async def test_what_sqlite_generates_may_stand_in_the_archive(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        "ALTER TABLE patterns ADD COLUMN long AS (name || '!')",
        "CREATE TABLE archived_patterns (id INTEGER PRIMARY KEY, original_id TEXT, data TEXT)",
        'INSERT INTO archived_patterns VALUES (1, \'r\', \'{"id": "r", "name": "three",'
        ' "long": "three!"}\')',
    )
    async with SQLiteStore(path) as store:
        assert await store.restore_patterns(["r"]) == 1
    assert held(path, "id, long")[2] == ("r", "three!")


async def test_a_row_archived_before_there_were_ids_is_found_in_a_column_without_a_type(
    tmp_path: Path,
) -> None:
    path = make(
        tmp_path,
        "CREATE TABLE archived_interactions (id INTEGER PRIMARY KEY, original_id, data TEXT)",
        'INSERT INTO archived_interactions VALUES (1, 41, \'{"id": 41, "content": "old"}\')',
    )
    async with SQLiteStore(path) as store:
        (archived,) = await store.get_archived_interactions("legacy-41")
        assert archived["record"]["content"] == "old"
        assert await store.restore_interactions(["legacy-41"]) == 1


@pytest.mark.parametrize("value", ["x'00ff'", "9e999", "CAST(x'ff' AS TEXT)"])
async def test_a_state_with_what_no_json_can_say_takes_changes_and_keeps_its_bytes(
    tmp_path: Path, value: str
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        state = {"domain": "d", "session_id": "s", "goals": ["a"]}
        await store.add_world_model_state(state)
        legacy.execute(
            path,
            "ALTER TABLE world_model_states ADD COLUMN vector",
            f"UPDATE world_model_states SET vector = {value}",
        )
        before = held(path, "hex(vector)", "world_model_states")
        await store.add_world_model_state({**state, "goals": ["b"]})
        snapshot, _ = await store.get_world_model_snapshots()
        assert snapshot["goals"] == ["b"]
        assert "vector" not in snapshot
    assert held(path, "hex(vector)", "world_model_states") == before


async def test_a_column_of_another_type_by_now_keeps_out_what_it_would_change(
    tmp_path: Path,
) -> None:
    path = make(tmp_path, "UPDATE patterns SET seen = '007'")
    async with SQLiteStore(path) as store:
        async with store.transaction() as edited:
            await store.update_pattern("p", seen="then")
        async with store.transaction() as archived:
            await store.archive_patterns(["q"], "manual")
        legacy.execute(
            path,
            "ALTER TABLE patterns RENAME COLUMN seen TO former",
            "ALTER TABLE patterns ADD COLUMN seen NUMERIC",
            "UPDATE patterns SET seen = former",
            "ALTER TABLE patterns DROP COLUMN former",
        )
        before = held(path)
        for tx in (edited, archived):
            with pytest.raises(UndoConflictError, match=r"another type for seen.*changes 007"):
                await store.undo(tx.id)
        with pytest.raises(RestoreError, match=r"another type for seen.*nothing was restored"):
            await store.restore_patterns(["q"])
        assert len(await store.get_archived_patterns()) == 1
    assert held(path) == before


async def test_a_record_goes_back_into_its_table_however_many_columns_that_has_by_now(
    tmp_path: Path,
) -> None:
    path = legacy.make(tmp_path / "memory.db", 2)
    async with SQLiteStore(path) as store:
        await store.add_interaction({"interaction_id": "x", "content": "said"})
        await store.archive_interactions(["x"], "manual")
        more = (f"ALTER TABLE interactions ADD COLUMN more_{i} TEXT" for i in range(20))
        legacy.execute(path, *more)
        assert await store.restore_interactions(["x"]) == 1
        restored = await store.get_interaction("x")
    assert restored is not None
    assert restored["content"] == "said"


async def test_a_column_that_an_agent_took_away_meanwhile_is_named(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        legacy.execute(store.path, "ALTER TABLE world_model_snapshots DROP COLUMN trigger_event")
        with pytest.raises(SchemaError, match="no column trigger_event"):
            await store.add_world_model_state({"domain": "d"})
        legacy.execute(store.path, "ALTER TABLE interactions DROP COLUMN metadata")
        with pytest.raises(SchemaError, match="no column metadata"):
            await store.add_interaction({"content": "said"})


def test_wherever_a_reader_is_interrupted_it_knows_of_a_new_column_the_next_time(
    tmp_path: Path,
) -> None:
    path = make(tmp_path)
    with outside.connected(path) as connection:
        view = View(connection)
        view.catch_up()
        for number in count():
            legacy.execute(path, f"ALTER TABLE patterns ADD COLUMN more_{number}")
            was_interrupted = interrupted(connection, view.catch_up, after=number)
            view.catch_up()
            assert view.layout["patterns"].has(f"more_{number}")
            if not was_interrupted:
                break
    assert number > 10


def interrupted(connection: driver.Connection, function: Callable[[], None], *, after: int) -> bool:
    """Interrupt a function after so many looks of SQLite, and say whether it came to that."""
    looks = count()
    connection.set_progress_handler(lambda: next(looks) >= after, 10)
    try:
        function()
    except driver.OperationalError:
        return True
    finally:
        connection.set_progress_handler(None, 0)
    return False
