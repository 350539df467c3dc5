"""Tables of an agent whose `id` is not what ours is: text, a number without a key, or NULL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage import RecordExistsError, SQLiteStore, ValidationError, cursor_of

TIME = "2026-01-01T00:00:00+00:00"
# None of these is the rowid, so that SQLite gives no number.
NOT_COUNTED = (
    "TEXT PRIMARY KEY",
    "VARCHAR(36) NOT NULL UNIQUE",
    "INT PRIMARY KEY",
    "INTEGER NOT NULL",
    "BLOB NOT NULL PRIMARY KEY",
    "",
)
TABLES = {
    "interactions": "timestamp TEXT, content TEXT",
    "patterns": "name TEXT",
    "world_model_states": "domain TEXT",
    "world_model_snapshots": "world_model_id TEXT, snapshot_time TEXT, snapshot_data TEXT",
    "archived_interactions": "data TEXT NOT NULL, archived_at TEXT, archive_reason TEXT",
}


def made(folder: Path, table: str, own: str, *rows: str) -> Path:
    """Make a file with one table of an agent, and the rows that are given in SQL."""
    path = folder / "agent.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"CREATE TABLE {table} (id {own}, {TABLES[table]})")
        for row in rows:
            file.execute(f"INSERT INTO {table} VALUES {row}")
    return path


Page = Callable[..., Any]


async def paged(page: Page) -> AsyncIterator[dict[str, Any]]:
    """Yield all records of a list, one on each page."""
    before = None
    while found := await page(limit=1, before=before):
        yield found[0]
        before = cursor_of(found[0])


async def undo_all(store: SQLiteStore) -> None:
    journal = await store.get_journal(limit=None)
    for each in dict.fromkeys(entry["transaction_id"] for entry in journal):
        await store.undo(each)


@pytest.mark.parametrize("own", NOT_COUNTED)
async def test_an_interaction_that_is_added_gets_an_id_and_can_be_undone(
    tmp_path: Path, own: str
) -> None:
    async with SQLiteStore(made(tmp_path, "interactions", own)) as store:
        said = ["one", "two", "three"]
        await store.add_interactions({"content": each, "timestamp": TIME} for each in said)
        found = [each async for each in paged(store.get_recent_interactions)]
        assert sorted(each["content"] for each in found) == sorted(said)
        assert None not in [each["id"] for each in found]
        await undo_all(store)
        assert await store.get_recent_interactions() == []


@pytest.mark.parametrize("own", NOT_COUNTED)
async def test_a_snapshot_gets_an_id(tmp_path: Path, own: str) -> None:
    async with SQLiteStore(made(tmp_path, "world_model_snapshots", own)) as store:
        for name in ("a", "b", "c"):
            state = {"domain": "d", "entities": [{"id": name}], "snapshot_time": TIME}
            await store.add_world_model_state(state)
        found = [each async for each in paged(store.get_world_model_snapshots)]
        assert sorted(each["entities"][0]["id"] for each in found) == ["a", "b", "c"]
        await undo_all(store)
        assert await store.get_world_model_snapshots() == []


async def test_patterns_and_states_get_the_numbers_of_their_tables(tmp_path: Path) -> None:
    async with SQLiteStore(made(tmp_path, "patterns", "INTEGER PRIMARY KEY")) as store:
        assert await store.add_patterns([{"name": "a"}, {"name": "b", "id": "7"}, {}]) == [
            "1", "7", "8",
        ]  # fmt: skip
        assert (await store.get_pattern("7") or {})["name"] == "b"
        await undo_all(store)
    own = tmp_path / "states"
    own.mkdir()
    path = made(own, "world_model_states", "INTEGER PRIMARY KEY NOT NULL")
    async with SQLiteStore(path) as store:
        state_id = await store.add_world_model_state({"domain": "d"})
        assert state_id == await store.add_world_model_state({"domain": "d", "confidence": 0.5})
        assert [each["id"] for each in await store.get_active_world_models()] == [int(state_id)]


async def test_pages_lose_no_interaction_that_has_no_id(tmp_path: Path) -> None:
    rows = [f"(NULL, '{TIME}', '{each}')" for each in range(5)]
    async with SQLiteStore(made(tmp_path, "interactions", "INT PRIMARY KEY", *rows)) as store:
        found = [each async for each in paged(store.get_recent_interactions)]
    assert sorted(each["content"] for each in found) == ["0", "1", "2", "3", "4"]


async def test_pages_lose_no_snapshot_that_has_no_id(tmp_path: Path) -> None:
    rows = [f"(NULL, 'w', '{TIME}', '{{\"at\": {each}}}')" for each in range(5)]
    path = made(tmp_path, "world_model_snapshots", "TEXT", *rows)
    async with SQLiteStore(path) as store:
        found = [each async for each in paged(store.get_world_model_snapshots)]
    assert sorted(each["at"] for each in found) == [0, 1, 2, 3, 4]


async def test_pages_lose_no_archived_record_that_has_no_id(tmp_path: Path) -> None:
    rows = [f"(NULL, '{{\"content\": {each}}}', '{TIME}', 'old')" for each in range(5)]
    path = made(tmp_path, "archived_interactions", "TEXT", *rows)
    async with SQLiteStore(path) as store:
        found = [each async for each in paged(store.get_archived_interactions)]
    assert sorted(each["data"]["content"] for each in found) == [0, 1, 2, 3, 4]


async def test_what_a_table_does_not_take_is_not_said_to_exist(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    with closing(sqlite3.connect(path)) as file:
        for name in ("interactions", "patterns"):
            columns = "name TEXT, timestamp TEXT, action TEXT CHECK (action <> 'rm')"
            file.execute(f"CREATE TABLE {name} (id TEXT, {columns}, UNIQUE (timestamp, action))")
    async with SQLiteStore(path) as store:
        for add in (store.add_interaction, store.add_pattern):
            with pytest.raises(ValidationError, match=r"CHECK constraint .*; nothing was added\.$"):
                await add({"action": "rm"})
            await add({"action": "ls", "timestamp": TIME})
            with pytest.raises(RecordExistsError, match=r"does not take .* UNIQUE constraint"):
                await add({"action": "ls", "timestamp": TIME})
