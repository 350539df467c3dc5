"""Small questions that tests ask of a store that is searched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from storage import HybridStore, IndexStatus
from tests.storage import outside


async def found(store: HybridStore, word: str) -> set[str]:
    """Return the ids of what holds a word, and not of what is only near it."""
    return {hit.record_id for hit in await store.search(word, by="words") if hit.why.words}


async def answer(path: Path, index_path: Path | None = None) -> IndexStatus:
    """Search what `damages.fill` made before and after the index has caught up; both must answer.

    Returns:
        The status then.
    """
    async with HybridStore(path, index_path=index_path, follow=False) as store:
        # Until it is made, an index that was lost finds less.
        assert await found(store, "zz3k") <= {"turn-3"}
        await store.search("zebra kind:pattern")
        status = await store.wait_for_index()
        assert await found(store, "zz3k") == {"turn-3"}
        return await store.index_status() if status.missing else status


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what comes by itself."""
    for _ in range(3000):
        if await is_so():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def execute(path: Path, sql: str, *values: object) -> None:
    """Run a statement as another program."""
    with outside.connected(path) as connection:
        connection.execute(sql, values)
