"""A store that is closed while somebody still asks it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from storage import HybridStore, SQLiteStore
from storage.errors import StoreClosedError, TransactionError


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


async def test_the_index_of_a_store_that_is_not_open_is_not_followed(path: Path) -> None:
    with pytest.raises(StoreClosedError, match=r"initialize\(\)"):
        await HybridStore(path).resume_index()


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


async def test_closing_that_is_refused_inside_a_transaction_leaves_the_store_searched(
    path: Path,
) -> None:
    async with HybridStore(path) as store:
        async with store.transaction():
            turn = await store.add_interaction({"content": "figs"})
            with pytest.raises(TransactionError):
                await store.close()
        await store.wait_for_index()
        assert [hit.record_id for hit in await store.search("figs")] == [turn]
        assert (await store.index_status()).state == "ready"


def test_a_store_goes_on_and_is_closed_in_the_loop_after_the_one_it_was_opened_in(
    path: Path,
) -> None:
    store = HybridStore(path)
    asyncio.run(store.initialize())
    turn = asyncio.run(store.add_interaction({"content": "figs"}))
    asyncio.run(store.wait_for_index())
    assert [hit.record_id for hit in asyncio.run(store.search("figs"))] == [turn]
    asyncio.run(store.close())


@pytest.mark.parametrize(
    "call",
    [lambda store: store.add_interaction({}), lambda store: store.search("x"), HybridStore.close],
    ids=["changing", "searching", "closing"],
)
async def test_a_loop_beside_the_one_it_was_opened_in_is_refused_and_told_the_way(
    path: Path, call: Callable[[HybridStore], Coroutine[Any, Any, object]]
) -> None:
    async with HybridStore(path) as store:
        with pytest.raises(StoreClosedError, match=r"another event loop.*running\(\)"):
            await asyncio.to_thread(lambda: asyncio.run(call(store)))
        await store.add_interaction({"content": "figs"})
        await store.wait_for_index()
        assert len(await store.search("figs")) == 1
