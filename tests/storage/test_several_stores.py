"""Several stores in one program, on one file or on two, and locks that others hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SQLiteStore, StoreBusyError, TransactionError
from tests.storage import outside
from tests.storage.blocks import add, failing, texts


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


async def test_stores_of_two_files_do_not_disturb_each_other(
    store: SQLiteStore, tmp_path: Path
) -> None:
    async with SQLiteStore(tmp_path / "second.db") as second:
        async with failing(store):
            await add(store, "lost")
            async with second.transaction():
                await add(second, "kept")
                await add(store, "lost too")
            await asyncio.create_task(add(second, "from a child"))
            assert await texts(second) == ["kept", "from a child"]
        assert await texts(store) == []
        assert await texts(second) == ["kept", "from a child"]


async def test_a_second_store_on_the_file_waits_for_the_first(store: SQLiteStore) -> None:
    async with SQLiteStore(store.path, busy_timeout=30) as second:
        async with store.transaction():
            await add(store, "first")
            waiting = asyncio.create_task(add(second, "second"))
            await asyncio.sleep(0.1)
            assert not waiting.done()
        await waiting
        assert await texts(second) == ["first", "second"]


async def test_a_second_store_on_the_file_gives_up_after_its_timeout(store: SQLiteStore) -> None:
    async with SQLiteStore(store.path, busy_timeout=0.1) as second:
        async with store.transaction():
            await add(store, "first")
            with pytest.raises(StoreBusyError, match="nothing was changed"):
                await second.add_interactions([{"content": "a"}, {"content": "b"}])
            with pytest.raises(StoreBusyError):
                await add(second, "c")
            with pytest.raises(StoreBusyError):
                await second.vacuum_database()
            assert await texts(second) == []
        await add(second, "later")
        assert await texts(store) == ["first", "later"]


async def test_another_programs_lock_is_waited_for_and_then_named(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db", busy_timeout=0.1) as store:
        await add(store, "one")
        with outside.connected(store.path) as agent:
            agent.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusyError, match=str(store.path)):
                async with store.transaction():
                    pytest.fail("the lock is not ours")
            agent.execute("ROLLBACK")
        assert outside.is_free(store.path)
        await add(store, "two")
        assert await texts(store) == ["one", "two"]


async def test_vacuum_waits_for_another_programs_lock(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db", busy_timeout=30) as store:
        with outside.connected(store.path) as agent:
            agent.execute("BEGIN IMMEDIATE")
            vacuuming = asyncio.create_task(store.vacuum_database())
            await asyncio.sleep(0.2)
            assert not vacuuming.done()
            agent.execute("ROLLBACK")
        await vacuuming


async def test_vacuum_inside_a_transaction_is_refused(store: SQLiteStore) -> None:
    async with store.transaction():
        with pytest.raises(TransactionError):
            await store.vacuum_database()
        await add(store, "one")
    assert await texts(store) == ["one"]


async def test_a_commit_that_cannot_have_the_lock_rolls_back(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await add(store, "one")
    with outside.connected(path) as plain:
        plain.execute("PRAGMA journal_mode=DELETE")
    # Outside WAL mode a commit waits for readers.
    async with SQLiteStore(path, busy_timeout=0.1) as store:
        with outside.connected(path) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM interactions").fetchall()
            with pytest.raises(StoreBusyError):
                async with store.transaction() as tx:
                    await add(store, "two")
            reader.execute("COMMIT")
        assert tx.state == "rolled_back"
        await add(store, "three")
        assert await texts(store) == ["one", "three"]
