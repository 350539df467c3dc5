"""Tasks that are started inside a transaction, which do not share it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, TransactionError
from tests.storage.blocks import add, texts

Starter = Callable[[Awaitable[Any]], Awaitable[Any]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


async def by_gather(work: Awaitable[Any]) -> Any:
    return (await asyncio.gather(work))[0]


async def by_wait_for(work: Awaitable[Any]) -> Any:
    # Since Python 3.12 wait_for() makes no task of a coroutine; here it always has one.
    return await asyncio.wait_for(asyncio.ensure_future(work), 30)


async def by_task_group(work: Awaitable[Any]) -> Any:
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_awaited(work))
    except* TransactionError as errors:
        raise errors.exceptions[0] from None
    return task.result()


async def by_create_task(work: Awaitable[Any]) -> Any:
    return await asyncio.create_task(_awaited(work))


async def by_grandchild(work: Awaitable[Any]) -> Any:
    return await asyncio.create_task(by_gather(work))


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


every_starter = pytest.mark.parametrize(
    "start", [by_gather, by_wait_for, by_task_group, by_create_task, by_grandchild]
)


@every_starter
async def test_a_task_started_inside_may_not_write(store: SQLiteStore, start: Starter) -> None:
    async with store.transaction():
        await add(store, "owner")
        with pytest.raises(TransactionError, match="started inside a transaction"):
            await start(store.add_interaction({"content": "child"}))
        await add(store, "owner again")
    assert await texts(store) == ["owner", "owner again"]


@every_starter
async def test_a_task_started_inside_may_not_begin(store: SQLiteStore, start: Starter) -> None:
    async def begin() -> None:
        async with store.transaction():
            pytest.fail("a transaction inside another")

    async with store.transaction():
        with pytest.raises(TransactionError, match="started inside a transaction"):
            await start(begin())
        async with store.transaction():
            with pytest.raises(TransactionError, match="started inside a transaction"):
                await start(begin())
        await add(store, "owner")
    assert await texts(store) == ["owner"]


@every_starter
async def test_a_task_started_inside_reads_what_is_committed(
    store: SQLiteStore, start: Starter
) -> None:
    await add(store, "committed")
    async with store.transaction():
        await add(store, "pending")
        assert await start(texts(store)) == ["committed"]


async def test_a_task_started_inside_may_write_once_the_transaction_has_ended(
    store: SQLiteStore,
) -> None:
    ended = asyncio.Event()

    async def child() -> None:
        with pytest.raises(TransactionError):
            await add(store, "too early")
        await ended.wait()
        await add(store, "in time")
        async with store.transaction():
            await add(store, "in a block")

    async with store.transaction():
        task = asyncio.create_task(child())
        await asyncio.sleep(0)
        await add(store, "owner")
    ended.set()
    await task
    assert await texts(store) == ["owner", "in time", "in a block"]


async def test_a_task_group_whose_child_is_refused_rolls_the_transaction_back(
    store: SQLiteStore,
) -> None:
    with pytest.raises(ExceptionGroup):  # noqa: PT012 - the block is what is tested
        async with store.transaction() as tx, asyncio.TaskGroup() as group:
            await add(store, "owner")
            group.create_task(store.add_interaction({"content": "child"}))
    assert tx.state == "rolled_back"
    assert await texts(store) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="wait_for() makes a task there")
async def test_wait_for_of_a_coroutine_stays_in_the_owners_task(store: SQLiteStore) -> None:
    async with store.transaction():
        await asyncio.wait_for(add(store, "owner"), 30)
    assert await texts(store) == ["owner"]


async def test_closing_in_a_task_started_inside_is_refused(store: SQLiteStore) -> None:
    async with store.transaction():
        with pytest.raises(TransactionError):
            await asyncio.create_task(store.close())
        await add(store, "owner")
    assert await texts(store) == ["owner"]


async def test_a_block_that_its_task_never_left_is_named_and_can_still_be_left(
    store: SQLiteStore,
) -> None:
    block = store.transaction()

    async def enter() -> None:
        await block.__aenter__()
        await add(store, "one")

    await asyncio.create_task(enter())
    with pytest.raises(TransactionError, match="has ended without leaving"):
        await add(store, "two")
    await block.__aexit__(None, None, None)
    await add(store, "three")
    assert await texts(store) == ["one", "three"]
