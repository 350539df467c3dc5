"""Cancellation inside an open transaction: a step is taken back, a block rolled back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SQLiteStore, Transaction, TransactionError, interactions
from storage.view import Change
from tests.storage.blocks import add, failing, texts
from tests.storage.cancelling import TICKS, assert_usable, cancelled, expiring


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


async def test_a_cancelled_step_is_taken_back_and_the_transaction_goes_on(
    store: SQLiteStore,
) -> None:
    kept: list[str] = []
    async with store.transaction():
        for ticks in TICKS:
            text = str(ticks)
            try:
                async with expiring(ticks):
                    await add(store, text)
            except TimeoutError:
                assert text not in await texts(store)
            else:
                kept.append(text)
    assert await texts(store) == kept
    assert 0 < len(kept) < len(TICKS)
    assert len(await store.get_journal(None)) == len(kept)
    assert_usable(store)


async def test_a_step_that_was_done_when_its_task_was_cancelled_is_taken_back(
    store: SQLiteStore,
) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def late() -> None:
        # Meanwhile the step ends in its thread.
        time.sleep(0.2)
        task.cancel()

    def step(change: Change) -> None:
        interactions.add_many(change, [{"content": "done"}])
        loop.call_soon_threadsafe(late)

    async with store.transaction():
        await add(store, "kept")
        with pytest.raises(asyncio.CancelledError):
            await store.database.change(step)
        task.uncancel()
    assert await texts(store) == ["kept"]


async def test_an_inner_block_that_is_cancelled_anywhere_is_taken_back(
    store: SQLiteStore,
) -> None:
    kept: list[str] = []
    async with store.transaction():
        for ticks in TICKS:
            text = str(ticks)
            try:
                async with expiring(ticks), store.transaction():
                    await add(store, text, text)
            except TimeoutError:
                assert text not in await texts(store)
            else:
                kept += [text, text]
            await add(store, "between")
    found = await texts(store)
    assert [each for each in found if each != "between"] == kept
    assert found.count("between") == len(TICKS)
    assert 0 < len(kept) < 2 * len(TICKS)


async def test_a_cancelled_step_is_taken_back_from_within_an_inner_block(
    store: SQLiteStore,
) -> None:
    async with failing(store):
        async with store.transaction():
            await add(store, "one")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await add(store, "two")
            await add(store, "three")
        assert await texts(store) == ["one", "three"]
    assert await texts(store) == []


async def test_a_cancelled_block_says_that_it_rolled_back(store: SQLiteStore) -> None:
    opened: asyncio.Future[Transaction] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        async with store.transaction() as tx:
            await add(store, "one")
            opened.set_result(tx)
            await asyncio.sleep(3600)

    task = asyncio.create_task(work())
    tx = await opened
    assert await cancelled(task, ticks=5)
    assert tx.state == "rolled_back"
    assert await texts(store) == []
    assert_usable(store)


async def test_a_task_that_is_cancelled_again_and_again_still_cleans_up(
    store: SQLiteStore,
) -> None:
    async def work() -> None:
        async with store.transaction():
            await add(store, "one", "two")

    for _ in range(30):
        task = asyncio.create_task(work())
        for _ in range(6):
            await asyncio.sleep(0)
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert_usable(store)
    assert set(Counter(await texts(store)).values()) <= {len(await texts(store)) // 2}


async def test_a_transaction_that_ended_by_cancellation_refuses_nobody(
    store: SQLiteStore,
) -> None:
    opened, go = asyncio.Event(), asyncio.Event()

    async def child() -> None:
        with pytest.raises(TransactionError):
            await add(store, "too early")
        opened.set()
        await go.wait()
        await add(store, "in time")

    async def work() -> None:
        async with store.transaction():
            children.append(asyncio.create_task(child()))
            await asyncio.sleep(3600)

    children: list[asyncio.Task[None]] = []
    task = asyncio.create_task(work())
    await opened.wait()
    assert await cancelled(task, ticks=0)
    go.set()
    await asyncio.gather(*children)
    assert await texts(store) == ["in time"]
