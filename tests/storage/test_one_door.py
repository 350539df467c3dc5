"""One door: nothing is written outside `store.transaction()`, whatever one gets hold of."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import storage
from storage import RecordExistsError, SQLiteStore, StorageError, driver
from tests.storage import outside
from tests.storage.blocks import add, failing, texts
from tests.storage.cancelling import cancelled

SOURCES = Path(storage.__file__).parent

WRITES = (
    "INSERT INTO interactions (interaction_id) VALUES ('in by the window')",
    "UPDATE interactions SET content = 'changed'",
    "DELETE FROM interactions",
    "REPLACE INTO patterns (id, name, pattern_type, sequence) VALUES ('p', '', '', '[]')",
    "CREATE TABLE mine (id)",
    "ALTER TABLE patterns ADD COLUMN mine",
    "DROP TABLE memglass_journal",
    "CREATE INDEX mine ON patterns (name)",
    "PRAGMA user_version=99",
    "VACUUM",
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interaction({"interaction_id": "a", "content": "one"})
        yield store


def writer(store: SQLiteStore) -> driver.Connection:
    """Get hold of the writing connection, past every underscore."""
    door = store._database._door
    assert door is not None
    return door._view.connection


def readers(store: SQLiteStore) -> list[driver.Connection]:
    """Get hold of every reading connection."""
    database = store._database
    groups = [each for each in (database._readers, database._watcher) if each is not None]
    held: list[Any] = [worker._conn for group in groups for worker in group._all]
    return held


def assert_shut(connection: driver.Connection) -> None:
    for sql in WRITES:
        with pytest.raises(driver.Error, match=r"readonly|outside store\.transaction"):
            connection.execute(sql)


# The connections.


async def test_no_connection_of_an_open_store_lets_anybody_write(store: SQLiteStore) -> None:
    await asyncio.gather(*(texts(store) for _ in range(8)), store.get_data_version())
    held = [writer(store), *readers(store)]
    assert len(held) == 5
    with outside.connected(store.path) as watcher:
        before = watcher.execute("PRAGMA data_version").fetchone()
        for connection in held:
            assert_shut(connection)
        assert watcher.execute("PRAGMA data_version").fetchone() == before


@pytest.mark.parametrize("name", ["incremental_vacuum", "optimize", "wal_checkpoint"])
async def test_the_writer_refuses_a_pragma_that_writes_with_nothing_given_to_it(
    store: SQLiteStore, name: str
) -> None:
    with pytest.raises(driver.Error, match=r"outside store\.transaction"):
        writer(store).execute(f"PRAGMA {name}")


async def test_readers_cannot_write_even_when_their_pragma_is_turned_off(
    store: SQLiteStore,
) -> None:
    await asyncio.gather(*(texts(store) for _ in range(8)), store.get_data_version())
    for connection in readers(store):
        connection.execute("PRAGMA query_only=OFF")
        assert_shut(connection)


async def test_a_read_cannot_write(store: SQLiteStore) -> None:
    with pytest.raises(StorageError, match="readonly"):
        await store._database.read(lambda view: view.fetch("DELETE FROM interactions"))
    assert await texts(store) == ["one"]


async def test_a_read_only_store_holds_no_connection_that_can_write(store: SQLiteStore) -> None:
    await store.close()
    async with SQLiteStore(store.path, read_only=True) as reading:
        assert reading._database._door is None
        assert await texts(reading) == ["one"]
        for connection in readers(reading):
            connection.execute("PRAGMA query_only=OFF")
            assert_shut(connection)


async def test_nothing_public_leads_to_a_connection(store: SQLiteStore) -> None:
    for name in dir(store):
        if not name.startswith("_"):
            member = getattr(store, name)
            assert not isinstance(member, driver.Connection)
    async with store.transaction() as tx:
        public = {name for name in dir(tx) if not name.startswith("_")}
        reached = [getattr(tx, name) for name in public]
    assert not any(isinstance(each, driver.Connection) for each in reached)
    assert {"id", "state"} <= public


# After whatever happens, the door is shut again.


async def _fails(work: Awaitable[Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        await work


async def _commit(store: SQLiteStore) -> None:
    async with store.transaction():
        await add(store, "two")


async def _roll_back(store: SQLiteStore) -> None:
    async with failing(store):
        await add(store, "two")


async def _inner_roll_back(store: SQLiteStore) -> None:
    async with store.transaction(), failing(store):
        await add(store, "two")


async def _cancel(store: SQLiteStore) -> None:
    for ticks in (0, 1, 5, 20, 50, 100):
        await cancelled(_commit(store), ticks=ticks)
        await cancelled(add(store, "two"), ticks=ticks)


async def _meet_a_lock(store: SQLiteStore) -> None:
    async with SQLiteStore(store.path, busy_timeout=0.05) as second:
        with outside.connected(store.path) as agent:
            agent.execute("BEGIN IMMEDIATE")
            await _fails(_commit(second), StorageError)
            await _fails(add(second, "two"), StorageError)
            await _fails(second.vacuum_database(), StorageError)
        assert_shut(writer(second))


async def _fill_the_disk(store: SQLiteStore) -> None:
    pages = writer(store).execute("PRAGMA page_count").fetchone()[0]
    writer(store).execute(f"PRAGMA max_page_count={pages}")
    await _fails(add(store, "x" * 500_000), StorageError)
    async with store.transaction():
        await add(store, "two")
        await _fails(add(store, "x" * 500_000), StorageError)


EVENTS: dict[str, Callable[[SQLiteStore], Awaitable[Any]]] = {
    "opening": lambda s: s.initialize(),
    "a call": lambda s: add(s, "two"),
    "a call that fails": lambda s: _fails(
        s.add_interaction({"interaction_id": "a"}), RecordExistsError
    ),
    "a commit": _commit,
    "a rollback": _roll_back,
    "an inner rollback": _inner_roll_back,
    "a cancellation": _cancel,
    "a lock of another program": _meet_a_lock,
    "a full disk": _fill_the_disk,
    "an undo": lambda s: _undo(s),
    "a vacuum": lambda s: s.vacuum_database(),
    "an error in maintenance": lambda s: _fails(
        s._database.maintain(lambda raw: raw.execute("no SQL")), StorageError
    ),
}


async def _undo(store: SQLiteStore) -> None:
    await store.undo((await store.get_journal())[0]["transaction_id"])


@pytest.mark.parametrize("event", EVENTS)
async def test_the_writer_is_shut_again_after(store: SQLiteStore, event: str) -> None:
    try:
        await EVENTS[event](store)
    except StorageError:
        assert event == "a full disk"
    assert not writer(store).in_transaction
    assert_shut(writer(store))
    assert outside.is_free(store.path)


async def test_the_writer_is_shut_after_a_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch()
    with outside.connected(path) as agent:
        agent.execute("CREATE TABLE interactions (id INTEGER PRIMARY KEY, timestamp TEXT)")
    async with SQLiteStore(path) as store:
        assert store.backup is not None
        assert_shut(writer(store))


# The sources.

# What these write is the index, a file of their own that goes with them, or a table in memory.
NO_MEMORY = {
    *("full_text", "index_file", "index_opening", "searcher", "stems", "vector_store"),
    *("pairing", "environment"),
}
MAY_SAY = {
    r"may_write = True": {"driver", "locking", "transaction", "migration"},
    r"query_only=OFF": set(),
    r"BEGIN (IMMEDIATE|EXCLUSIVE)": {"locking"},
    r"COMMIT|ROLLBACK|END TRANSACTION": {"locking"},
    r"SAVEPOINT|RELEASE": {"locking", "transaction"},
    r"VACUUM": {"maintenance"},
    r"INSERT": {"rows", "migration"},
    r"UPDATE|REPLACE INTO": {"rows", "migration"},
    r"DELETE FROM": {"view"},
    r"CREATE (TABLE|UNIQUE|INDEX|TRIGGER|VIEW)|ALTER TABLE": {"schema_plan"},
    r"DROP (TABLE|INDEX|TRIGGER|VIEW)|ATTACH|REINDEX": set(),
}
MAY_IMPORT = {
    "sqlite3": {"driver"},
    "pysqlite3": {"driver"},
    "apsw": set(),
    "aiosqlite": {"connection"},
}
MAY_CALL = {
    "executescript": {"driver"},
    "connect": {
        *("driver", "connection", "inspection", "migration"),
        *("index", "index_opening", "searcher", "stems", "pairing", "environment"),
        # Of somebody else, and only to be read.
        "sqlite_file",
    },
    "open_worker": {"connection", "database"},
    "start_worker": {"connection", "index"},
    "prepare_writer": {"database"},
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    paths = sorted(SOURCES.rglob("*.py"))
    return tuple((path.stem, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def strings(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module that is no docstring."""
    spoken = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in spoken and isinstance(node.value, str):
            yield node.value


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def called(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute):
                yield function.attr
            elif isinstance(function, ast.Name):
                yield function.id


@pytest.mark.parametrize("words", MAY_SAY)
def test_only_the_door_and_what_stands_behind_it_speaks_of(words: str) -> None:
    speaking = {
        name
        for name, tree in modules()
        if any(re.search(rf"\b({words})\b", text) for text in strings(tree))
    }
    assert speaking - NO_MEMORY <= MAY_SAY[words]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_one_module_imports_the_driver(package: str) -> None:
    assert {name for name, tree in modules() if package in imported(tree)} <= MAY_IMPORT[package]


@pytest.mark.parametrize("function", MAY_CALL)
def test_few_modules_open_a_connection(function: str) -> None:
    assert {name for name, tree in modules() if function in called(tree)} <= MAY_CALL[function]
