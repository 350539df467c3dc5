"""Opening a memory with its index, and waiting for that with a bar, for commands in a shell."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.progress_line import ProgressLine, bar
from tui.shell import say

if TYPE_CHECKING:
    from storage import Embedder, HybridStore, IndexStatus, OpenAIEmbedder

OFFLINE: Final = "offline"
ENDPOINT: Final = "endpoint"
URL_VARIABLE: Final = "MEMGLASS_EMBEDDINGS_URL"
MODEL_VARIABLE: Final = "MEMGLASS_EMBEDDINGS_MODEL"

RESUMES: Final = "Stopped: the index is not whole yet, and the next run goes on from here."

_BETWEEN_LOOKS: Final = 0.1
_STEP: Final = 10
_ESTIMATE_AFTER: Final = 3.0


@asynccontextmanager
async def opened(file: Path, embedder: str | None = None) -> AsyncIterator[HybridStore]:
    """Open a memory to be searched; not a byte of it is changed.

    Says first where texts go, if they leave this machine.

    Args:
        file: The database.
        embedder: `OFFLINE`, `ENDPOINT`, or None for what the environment asks for.

    Raises:
        StorageError: It cannot be opened, or there is no such embedder.
    """
    from storage import HybridStore

    async with AsyncExitStack() as stack:
        chosen: Embedder | None
        if embedder == OFFLINE:
            from storage import default_embedder

            chosen = default_embedder()
        else:
            endpoint = _endpoint(required=embedder == ENDPOINT)
            if endpoint is not None:
                await stack.enter_async_context(endpoint)
                _say_where_texts_go(endpoint)
            chosen = endpoint
        yield await stack.enter_async_context(
            HybridStore(file, embedder=chosen, follow=False, read_only=True)
        )


def _endpoint(*, required: bool) -> OpenAIEmbedder | None:
    from storage import EmbedderError, embedder_from_environment

    endpoint = embedder_from_environment()
    if required and endpoint is None:
        raise EmbedderError(
            f"No endpoint for embeddings is configured: set {URL_VARIABLE} and {MODEL_VARIABLE}."
        )
    return endpoint


def _say_where_texts_go(endpoint: OpenAIEmbedder) -> None:
    if endpoint.sends_text_to:
        say(
            f"texts of this memory, and what is asked, are sent to {endpoint.sends_text_to}, "
            f"which {URL_VARIABLE} names."
        )


class Progress:
    """Says on standard error how far the index is: a bar in a terminal, lines elsewhere.

    Args:
        lines: Whether to write a line for every tenth where there is no terminal.

    Attributes:
        unfinished: Whether the index was being made and is not whole.
    """

    def __init__(self, *, lines: bool) -> None:
        self.unfinished = False
        self._line = ProgressLine()
        self._lines = lines
        self._first: tuple[float, int] | None = None
        self._step = 0

    def show(self, status: IndexStatus) -> None:
        """Show how far it is now."""
        now = time.monotonic()
        if self._first is None:
            self._first = now, status.done
        percent = 100 * status.done // status.total if status.total else 0
        count = f"{status.done:,} of {status.total:,} records"
        self._line.show(f"Indexing {bar(percent)}  {count}{self._left(now, status)}")
        if not self._line.is_terminal and self._lines and percent // _STEP > self._step:
            self._step = percent // _STEP
            say(f"indexed {percent} %, {count}.")

    def clear(self) -> None:
        """Take the bar away."""
        self._line.clear()

    def when_stopped(self) -> str:
        """Say what it means to stop now."""
        return RESUMES if self.unfinished else "Stopped."

    def _left(self, now: float, status: IndexStatus) -> str:
        """Estimate how long it takes from how long it took, once that says something."""
        since, done = self._first or (now, 0)
        if 0 < status.total <= status.done:
            # All rows are in it, and its parts are being merged.
            return ", merging"
        if now - since < _ESTIMATE_AFTER or status.done <= done:
            return ""
        seconds = (now - since) * (status.total - status.done) / (status.done - done)
        return f", {duration(seconds)} left"


async def caught_up(store: HybridStore, progress: Progress) -> IndexStatus:
    """Wait until the index holds all that the database holds now."""
    progress.unfinished = True
    waiting: asyncio.Task[IndexStatus] = asyncio.create_task(store.wait_for_index())
    try:
        while not (await asyncio.wait({waiting}, timeout=_BETWEEN_LOOKS))[0]:
            progress.show(await store.index_status())
        status = waiting.result()
    finally:
        progress.clear()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    progress.unfinished = False
    return status


def duration(seconds: float) -> str:
    """Give a length of time as a person says it: `8 s`, `2 min`, `3 h`."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{round(seconds / 3600)} h"
