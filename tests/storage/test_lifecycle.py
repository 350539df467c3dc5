"""Opening and closing: at the same time, again, never, halfway, and in the middle of work."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from storage import (
    ArchiveRun,
    FileError,
    HealthFinding,
    SQLiteStore,
    StoreClosedError,
    Transaction,
    propose_repair,
)
from tests.storage import outside
from tests.storage.blocks import add, texts
from tests.storage.cancelling import assert_usable, cancelled

Operation = Callable[[SQLiteStore], Awaitable[Any]]


async def _all_of(store: SQLiteStore) -> list[Any]:
    return [each async for each in store.iter_interactions()]


async def _health_of(store: SQLiteStore) -> list[Any]:
    return [each async for each in store.check_health()]


BROKEN = HealthFinding("corrupt", "patterns", "a", "metadata", "is cut off")


async def _leads_of(store: SQLiteStore) -> object:
    return [each async for each in store.find_leads()]


async def _block_of(store: SQLiteStore) -> None:
    async with store.transaction():
        pytest.fail("the store is not open")


OPERATIONS: dict[str, Operation] = {
    "transaction": _block_of,
    "add_interaction": lambda s: s.add_interaction({}),
    "add_interactions": lambda s: s.add_interactions([{}]),
    "get_interaction": lambda s: s.get_interaction("a"),
    "get_recent_interactions": lambda s: s.get_recent_interactions(),
    "iter_interactions": _all_of,
    "update_interaction": lambda s: s.update_interaction("a", content="b"),
    "add_pattern": lambda s: s.add_pattern({}),
    "add_patterns": lambda s: s.add_patterns([{}]),
    "get_pattern": lambda s: s.get_pattern("a"),
    "get_patterns": lambda s: s.get_patterns(),
    "get_patterns_by_type": lambda s: s.get_patterns_by_type("a"),
    "get_pattern_types": lambda s: s.get_pattern_types(),
    "update_pattern": lambda s: s.update_pattern("a", name="b"),
    "update_pattern_confidence": lambda s: s.update_pattern_confidence("a", 0.1),
    "archive_interactions": lambda s: s.archive_interactions(["a"], "manual"),
    "archive_old_interactions": lambda s: s.archive_old_interactions("2025-01-01", "manual"),
    "archive_patterns": lambda s: s.archive_patterns(["a"], "manual"),
    "get_archived_interactions": lambda s: s.get_archived_interactions(),
    "get_archived_patterns": lambda s: s.get_archived_patterns(),
    "get_archive_statistics": lambda s: s.get_archive_statistics(),
    "restore_interactions": lambda s: s.restore_interactions(["a"]),
    "restore_patterns": lambda s: s.restore_patterns(["a"]),
    "add_world_model_state": lambda s: s.add_world_model_state({"domain": "a"}),
    "get_world_model_snapshots": lambda s: s.get_world_model_snapshots(),
    "get_active_world_models": lambda s: s.get_active_world_models(),
    "get_entity_history": lambda s: s.get_entity_history("a"),
    "get_lineage": lambda s: s.get_lineage("pattern", "a"),
    "get_patterns_naming": lambda s: s.get_patterns_naming("pattern", ["a"]),
    "find_leads": _leads_of,
    "get_overview": lambda s: s.get_overview(),
    "get_activity": lambda s: anext(s.get_activity()),
    "get_values": lambda s: s.get_values("interaction", "action"),
    "get_last_keys": lambda s: s.get_last_keys("interaction"),
    "get_newest_between": lambda s: s.get_newest_between(date(2026, 1, 1), date(2026, 1, 2)),
    "get_journal": lambda s: s.get_journal(),
    "undo": lambda s: s.undo("a"),
    "undo_to": lambda s: s.undo_to("a"),
    "redo": lambda s: s.redo(),
    "restore_run": lambda s: s.restore_run(ArchiveRun("a", None, 0, 0)),
    "set_note": lambda s: s.set_note("pattern", "a", text="b"),
    "get_notes": lambda s: s.get_notes(),
    "get_tags": lambda s: s.get_tags(),
    "add_notes": lambda s: s.add_notes("pattern", ["a"], add_tags=["b"]),
    "get_records": lambda s: s.get_records("pattern", []),
    "merge_patterns": lambda s: s.merge_patterns("a", ["b"]),
    "preview_merge": lambda s: s.preview_merge("a", ["b"]),
    "list_keys": lambda s: s.list_keys("interaction"),
    "count_live": lambda s: s.count_live("interaction", ["x"]),
    "get_summaries": lambda s: s.get_summaries("interaction", []),
    "get_record": lambda s: s.get_record("interaction", "a"),
    "get_row": lambda s: s.get_row("interaction", "a"),
    "locate": lambda s: s.locate("pattern", ["a"]),
    "get_data_version": lambda s: s.get_data_version(),
    "read_field": lambda s: s.read_field(BROKEN),
    "are_broken": lambda s: s.are_broken([BROKEN]),
    "propose_repair": lambda s: s.propose_repair(BROKEN),
    "repair_field": lambda s: s.repair_field(BROKEN, propose_repair(b"{")),
    "archive_found": lambda s: s.archive_found([BROKEN], "corrupt"),
    "get_file_size": lambda s: s.get_file_size(),
    "check_health": _health_of,
    "get_statistics": lambda s: s.get_statistics(),
    "vacuum_database": lambda s: s.vacuum_database(),
}


async def threads_come_down_to(count: int) -> bool:
    """Wait for threads that have been told to end."""
    for _ in range(1000):
        if threading.active_count() <= count:
            return True
        await asyncio.sleep(0.005)
    return False


def test_the_list_of_operations_is_complete() -> None:
    public = {
        name
        for name, member in inspect.getmembers(SQLiteStore, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public - {"initialize", "close"} == OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_store_that_is_not_open_says_so(tmp_path: Path, name: str) -> None:
    store = SQLiteStore(tmp_path / "memory.db")
    with pytest.raises(StoreClosedError, match=r"initialize\(\)"):
        await OPERATIONS[name](store)
    assert not store.path.exists()
    await store.initialize()
    await store.close()
    with pytest.raises(StoreClosedError, match=r"initialize\(\)"):
        await OPERATIONS[name](store)


# At the same time, and again.


async def test_a_store_that_many_tasks_open_at_once_is_opened_once(tmp_path: Path) -> None:
    threads = threading.active_count()
    store = SQLiteStore(tmp_path / "memory.db")
    await asyncio.gather(*(store.initialize() for _ in range(8)))
    await add(store, "one")
    await asyncio.gather(*(store.close() for _ in range(8)))
    assert await threads_come_down_to(threads)
    assert outside.is_free(store.path)


async def test_a_closed_store_can_be_opened_again(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "memory.db")
    for _ in range(3):
        async with store:
            await add(store, "one")
    async with store:
        assert await texts(store) == ["one"] * 3


async def test_a_store_is_closed_when_its_block_fails(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "memory.db")

    async def work() -> None:
        async with store, store.transaction():
            await add(store, "lost")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await work()
    with pytest.raises(StoreClosedError):
        await texts(store)
    assert outside.fetch(store.path, "SELECT * FROM interactions") == []


# In the middle of work.


async def test_closing_waits_for_the_transaction_of_another_task(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "memory.db")
    await store.initialize()
    opened = asyncio.Event()

    async def work() -> None:
        async with store.transaction():
            opened.set()
            for text in "abc":
                await asyncio.sleep(0.01)
                await add(store, text)
                assert len(await texts(store)) > 0

    working = asyncio.create_task(work())
    await opened.wait()
    await store.close()
    assert working.done()
    await working
    assert len(outside.fetch(store.path, "SELECT * FROM interactions")) == 3


async def test_those_who_wait_for_their_turn_are_told_that_the_store_was_closed(
    tmp_path: Path,
) -> None:
    store = SQLiteStore(tmp_path / "memory.db")
    await store.initialize()
    opened, go = asyncio.Event(), asyncio.Event()
    told: list[str] = []

    async def late(operation: Operation) -> None:
        await go.wait()
        await asyncio.sleep(0)
        with pytest.raises(StoreClosedError) as error:
            await operation(store)
        told.append(str(error.value))

    async def closing() -> None:
        await opened.wait()
        await store.close()

    names = ("add_interaction", "transaction", "add_interactions", "vacuum_database", "undo")
    tasks = [asyncio.create_task(late(OPERATIONS[name])) for name in names]
    tasks.append(asyncio.create_task(closing()))
    async with store.transaction():
        opened.set()
        await asyncio.sleep(0)
        go.set()
        await asyncio.sleep(0.01)
        await add(store, "one")
    await asyncio.gather(*tasks)
    assert len(told) == len(names)
    assert outside.fetch(store.path, "SELECT content FROM interactions") == [("one",)]


async def test_a_block_that_outlived_its_store_says_so(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        block = store.transaction()
    with pytest.raises(StoreClosedError):
        await block.__aenter__()


async def test_opening_that_is_cancelled_leaves_nothing_open(tmp_path: Path) -> None:
    threads = threading.active_count()
    for ticks in (0, 1, 2, 3, 5, 8, 20, 50, 100, 200, 400, 1000):
        store = SQLiteStore(tmp_path / f"{ticks}.db")
        if await cancelled(store.initialize(), ticks=ticks):
            assert await threads_come_down_to(threads)
            with pytest.raises(StoreClosedError):
                await texts(store)
        async with store:
            await add(store, "one")
            assert_usable(store)
        assert await threads_come_down_to(threads)


async def test_closing_that_is_cancelled_closes_all_the_same(tmp_path: Path) -> None:
    threads = threading.active_count()
    for ticks in (1, 2, 3, 5, 8, 20, 50, 100, 200):
        store = SQLiteStore(tmp_path / f"{ticks}.db")
        await store.initialize()
        await asyncio.gather(*(texts(store) for _ in range(5)))
        await cancelled(store.close(), ticks=ticks)
        assert await threads_come_down_to(threads)
        with pytest.raises(StoreClosedError):
            await texts(store)
        await store.close()


# Programs that end without closing.

UNCLOSED = """
import asyncio, sys
from storage import SQLiteStore

async def write(store):
    while True:
        async with store.transaction():
            await store.add_interaction({"session_id": "a"})
            await store.add_interaction({"session_id": "a"})

async def main(how):
    store = SQLiteStore(sys.argv[1])
    await store.initialize()
    await store.add_interactions([{"session_id": "a"}, {"session_id": "a"}])
    await store.get_recent_interactions()
    if how == "transaction":
        await store.transaction().__aenter__()
        await store.add_interaction({"session_id": "lost"})
    if how == "tasks":
        tasks = [asyncio.create_task(write(store)) for _ in range(5)]
        await asyncio.sleep(0.05)
    if how == "error":
        raise RuntimeError("out of ideas")
    if how == "exit":
        sys.exit(3)
    print("end")

asyncio.run(main(sys.argv[2]))
"""


@pytest.mark.parametrize("how", ["idle", "transaction", "tasks", "error", "exit"])
def test_a_program_that_never_closes_its_store_ends(tmp_path: Path, how: str) -> None:
    path = tmp_path / "memory.db"
    process = outside.python("-c", UNCLOSED, path, how)
    told, errors = process.communicate(timeout=60)
    assert process.returncode == {"error": 1, "exit": 3}.get(how, 0), errors
    assert told == ("" if how in ("error", "exit") else "end\n")
    assert ("out of ideas" in errors) == (how == "error")
    assert outside.is_free(path)
    assert outside.integrity(path) == [("ok",)]
    [(rows,)] = outside.fetch(path, "SELECT count(*) FROM interactions WHERE session_id = 'a'")
    assert rows % 2 == 0
    assert outside.fetch(path, "SELECT * FROM interactions WHERE session_id = 'lost'") == []


def test_transactions_that_the_end_of_the_loop_cancels_know_their_outcome(tmp_path: Path) -> None:
    async def write(store: SQLiteStore, known: dict[str, Transaction]) -> None:
        while True:
            async with store.transaction() as tx:
                known[tx.id] = tx
                await add(store, tx.id, tx.id)

    async def main(store: SQLiteStore, known: dict[str, Transaction], turns: int) -> None:
        await store.initialize()
        tasks = [asyncio.create_task(write(store, known)) for _ in range(3)]
        while len(known) < 3:  # noqa: ASYNC110 - any moment after will do
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        # Cancelled before, they wait for their thread when run() cancels everything once more.
        for task in tasks:
            task.cancel()
        await asyncio.sleep(0)

    for turns in range(20):
        store, known = SQLiteStore(tmp_path / f"{turns}.db"), dict[str, Transaction]()
        asyncio.run(main(store, known, turns))
        assert_usable(store)
        asyncio.run(store.close())
        found = outside.fetch(store.path, "SELECT content FROM interactions ORDER BY id")
        committed = [tx.id for tx in known.values() if tx.state == "committed"]
        assert [text for (text,) in found] == [each for each in committed for _ in range(2)]
        assert {tx.state for tx in known.values()} <= {"committed", "rolled_back"}


async def test_a_memory_without_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError, match="A memory is kept in a file"):
        await SQLiteStore(":memory:").initialize()
    assert list(tmp_path.iterdir()) == []
