"""A store that is closed while somebody still asks it."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from storage import HybridStore, SQLiteStore
from storage.errors import StoreClosedError


@pytest.mark.parametrize("turns", [0, 1, 5, 20])
async def test_a_search_that_comes_while_the_store_is_closed_leaves_nothing_open(
    path: Path, turns: int
) -> None:
    async with SQLiteStore(path) as filled:
        await filled.add_interaction({"content": "figs"})
    store = HybridStore(path, follow=False)
    await store.initialize()
    search = asyncio.create_task(store.search("figs"))
    for _ in range(turns):
        await asyncio.sleep(0)
    await store.close()
    with contextlib.suppress(StoreClosedError):
        await search
    # Who closes a file of SQLite last takes its journal away.
    assert not Path(f"{path}.index-wal").exists()


async def test_a_store_that_was_closed_can_be_opened_and_searched_again(path: Path) -> None:
    store = HybridStore(path, follow=False)
    for _ in range(2):
        await store.initialize()
        await store.add_interaction({"content": "figs"})
        await store.wait_for_index()
        assert await store.search("figs")
        await store.close()
        with pytest.raises(StoreClosedError):
            await store.search("figs")


@pytest.mark.parametrize("turns", [1, 5, 20])
async def test_an_index_that_is_to_be_made_anew_while_the_store_is_closed_is_not_opened_again(
    path: Path, turns: int
) -> None:
    store = HybridStore(path, follow=False)
    await store.initialize()
    await store.add_interaction({"content": "figs"})
    await store.search("figs")
    asked = [asyncio.create_task(each) for each in (store.wait_for_index(), store.rebuild_index())]
    for _ in range(turns):
        await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*asked, return_exceptions=True)
    assert not Path(f"{path}.index-wal").exists()
