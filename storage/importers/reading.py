"""Items in batches, made in a thread, one batch ahead of whoever takes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, Final, TypeVar

from storage.connection import finish
from storage.importers.model import Item

T = TypeVar("T")
R = TypeVar("R")
_MOST_ITEMS: Final = 1000
_MOST_BYTES: Final = 4 * 2**20


async def batches(items: Iterator[Item]) -> AsyncGenerator[list[Item]]:
    """Yield the items of a generator that blocks, about a thousand or four megabytes at a time."""
    ahead = asyncio.ensure_future(asyncio.to_thread(_take, items))
    try:
        while batch := await asyncio.shield(ahead):
            ahead = asyncio.ensure_future(asyncio.to_thread(_take, items))
            yield batch
    finally:
        await _ended(ahead)


async def in_thread(function: Callable[[T], R], given: T) -> R:
    """Call a function in a thread, and wait for its end even when this is cancelled."""
    running = asyncio.ensure_future(asyncio.to_thread(function, given))
    try:
        return await asyncio.shield(running)
    finally:
        await _ended(running)


async def _ended(running: asyncio.Future[Any]) -> None:
    """Wait for a thread that still reads a file that is about to be closed."""
    await finish(asyncio.wait([running]))
    # What went wrong was raised already, or nobody waits for it any more.
    running.exception()


def _take(items: Iterator[Item]) -> list[Item]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size
        if len(batch) == _MOST_ITEMS or size >= _MOST_BYTES:
            break
    return batch
