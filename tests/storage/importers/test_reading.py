"""Items are made in a thread, a batch ahead, and the thread is never left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from storage.importers.model import Item
from storage.importers.reading import batches, in_thread


def _item(number: int, size: int = 1) -> Item:
    return Item(str(number), {}, b"", number, size=size)


async def test_batches_are_bounded_by_number_and_by_bytes() -> None:
    async with aclosing(batches(_item(n) for n in range(2500))) as found:
        assert [len(each) async for each in found] == [1000, 1000, 500]
    async with aclosing(batches(_item(n, 3 * 2**20) for n in range(5))) as found:
        assert [len(each) async for each in found] == [2, 2, 1]


async def test_what_goes_wrong_in_the_thread_is_raised_where_it_is_awaited() -> None:
    def failing() -> Iterator[Item]:
        yield from map(_item, range(1500))
        raise OSError("the disk is gone")

    async with aclosing(batches(failing())) as found:
        assert len(await anext(found)) == 1000
        with pytest.raises(OSError, match="the disk is gone"):
            await anext(found)


async def test_a_cancelled_reading_waits_for_its_thread() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> Iterator[Item]:
        begun.set()
        may_end.wait(20)
        ended.set()
        yield _item(1)

    async def read() -> None:
        async with aclosing(batches(slow())) as found:
            async for _ in found:
                pass
        assert ended.is_set()

    task = asyncio.create_task(read())
    await asyncio.to_thread(begun.wait)
    task.cancel()
    asyncio.get_running_loop().call_later(0.1, may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_cancelled_call_waits_for_its_thread_too() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(number: int) -> int:
        begun.set()
        may_end.wait(20)
        ended.set()
        return number

    task = asyncio.create_task(in_thread(slow, 7))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    asyncio.get_running_loop().call_later(0.1, may_end.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    assert await in_thread(slow, 7) == 7
