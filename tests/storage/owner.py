"""A task that does what it is told, so that tests can keep its transactions open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

T = TypeVar("T")
Work = Callable[[], Awaitable[T]]


class Owner:
    """A task that lives as long as the example, so that its transactions can stay open."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[tuple[Work[Any], asyncio.Future[Any]]] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._serve())

    @classmethod
    async def start(cls) -> Self:
        """Start the task in the loop that runs."""
        return cls()

    async def do(self, work: Work[T]) -> T:
        """Let the task do some work, and return or raise what comes of it."""
        reply: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._inbox.put((work, reply))
        return await reply

    async def _serve(self) -> None:
        while True:
            work, reply = await self._inbox.get()
            try:
                reply.set_result(await work())
            except Exception as error:  # noqa: BLE001 - raised by `do()`
                reply.set_exception(error)

    async def end(self) -> None:
        """End the task."""
        self._task.cancel()
        await asyncio.wait([self._task])
