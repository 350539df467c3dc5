"""What the tests of cancellation share: cancelling at any moment, and looking at what is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from storage import SQLiteStore
from tests.storage import outside

# Turns of the loop, from before a call reaches its thread to long after it came back.
TICKS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 10**9)


def assert_usable(store: SQLiteStore) -> None:
    """Check that no transaction and no lock is left."""
    door = store._database._door
    assert door is not None
    assert not door._turn.locked()
    connection = door._view.connection
    assert not connection.in_transaction
    assert not connection.may_write
    assert outside.is_free(store.path)


async def cancelled(work: Awaitable[Any], *, ticks: int) -> bool:
    """Cancel `work` after some turns of the loop; say whether it ended by that."""
    task = asyncio.ensure_future(work)
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


@asynccontextmanager
async def expiring(ticks: int) -> AsyncIterator[None]:
    """Time out after some turns of the loop, as `asyncio.timeout()` does after some seconds."""
    loop = asyncio.get_running_loop()
    ended = False

    def tick(left: int) -> None:
        if ended:
            return
        if left:
            loop.call_soon(tick, left - 1)
        else:
            limit.reschedule(loop.time())

    async with asyncio.timeout(None) as limit:
        loop.call_soon(tick, ticks)
        try:
            yield
        finally:
            ended = True
