"""Items in batches, made in a thread, one batch ahead of whoever takes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Final

from storage.connection import finish
from storage.importers.model import Item

_MOST_ITEMS: Final = 1000
_MOST_BYTES: Final = 4 * 2**20


async def batches(items: Iterator[Item]) -> AsyncGenerator[list[Item]]:
    """Yield the items of a generator that blocks, about a thousand or four megabytes at a time."""
    ahead = asyncio.ensure_future(asyncio.to_thread(_take, items))
    try:
        while batch := await ahead:
            ahead = asyncio.ensure_future(asyncio.to_thread(_take, items))
            yield batch
    finally:
        # The thread still reads the file that is about to be closed.
        await finish(asyncio.wait([ahead]))
        if not ahead.cancelled():
            ahead.exception()


def _take(items: Iterator[Item]) -> list[Item]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size
        if len(batch) == _MOST_ITEMS or size >= _MOST_BYTES:
            break
    return batch
