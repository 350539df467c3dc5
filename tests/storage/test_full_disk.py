"""A full disk: a clear error, nothing half done, and a store that works once there is space."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SQLiteStore, StorageError, Transaction, driver
from tests.storage import outside
from tests.storage.blocks import add, texts
from tests.storage.cancelling import assert_usable
from tests.storage.full_disk import full

LARGE = "x" * 2_000_000

LIMITED = """
import asyncio, resource, sys
from storage import SQLiteStore, StorageError

async def main():
    async with SQLiteStore(sys.argv[1]) as store:
        await store.add_interaction({"content": "before"})
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        try:
            async with store.transaction() as tx:
                await store.add_interaction({"content": "small"})
                await store.add_interaction({"content": "x" * 2_000_000})
        except StorageError as error:
            print(tx.state, error)
        try:
            await store.add_interaction({"content": "x" * 2_000_000})
        except StorageError as error:
            print("alone", error)
        print(len(await store.get_recent_interactions()))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        await store.add_interaction({"content": "after"})

asyncio.run(main())
"""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


async def test_a_full_disk_in_a_transaction_is_named_and_changes_nothing(
    store: SQLiteStore,
) -> None:
    known: list[Transaction] = []

    async def work() -> None:
        async with store.transaction() as tx:
            known.append(tx)
            await add(store, "small", LARGE)

    with full(store), pytest.raises(StorageError, match="the disk is full; nothing was changed"):
        await work()
    assert known[0].state == "rolled_back"
    assert await texts(store) == []
    assert_usable(store)
    await add(store, "after")
    assert await texts(store) == ["after"]


async def test_a_full_disk_in_a_single_call_is_named_and_changes_nothing(
    store: SQLiteStore,
) -> None:
    await add(store, "before")
    with full(store), pytest.raises(StorageError, match=f"{store.path}: the disk is full"):
        await store.add_patterns([{"id": "p"}, {"id": "q", "description": LARGE}])
    assert await store.get_patterns() == []
    assert_usable(store)
    await add(store, "after")
    assert await texts(store) == ["before", "after"]


@pytest.mark.parametrize("size", [100_000, 300_000, 2_000_000])
async def test_a_block_that_swallows_a_full_disk_still_knows_its_outcome(
    store: SQLiteStore, size: int
) -> None:
    known: list[Transaction] = []

    async def work() -> None:
        async with store.transaction() as tx:
            known.append(tx)
            await add(store, "small")
            with pytest.raises(StorageError, match="disk is full"):
                await store.add_interactions({"content": "x" * size} for _ in range(3))
            await add(store, "more")

    try:
        with full(store):
            await work()
    except StorageError:
        assert known[0].state == "rolled_back"
    expected = ["small", "more"] if known[0].state == "committed" else []
    assert await texts(store) == expected
    assert_usable(store)


async def test_a_file_that_may_not_grow_is_as_good_as_a_full_disk(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    path = tmp_path / "memory.db"
    told, errors = outside.python("-c", LIMITED, path).communicate(timeout=60)
    assert errors == ""
    in_block, alone, count = told.splitlines()
    assert in_block.startswith(f"rolled_back {path}: the disk ")
    assert alone.startswith(f"alone {path}: the disk ")
    assert count == "1"
    assert outside.integrity(path) == [("ok",)]
    assert outside.fetch(path, "SELECT content FROM interactions") == [("before",), ("after",)]


@pytest.mark.parametrize(("free", "told"), [(0, "the disk is full"), (2**20, "failed to read")])
def test_a_disk_without_space_for_the_shared_memory_is_called_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: str
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    error = driver.OperationalError("disk I/O error")
    assert told in str(driver.translate(error, tmp_path / "memory.db"))
