"""A search whose task is cancelled stops at once, in the index and in the database."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from storage import HybridStore, rows
from storage.search.searcher import Searcher
from storage.view import View
from tests.storage.search.asking import found

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def _endless_in_the_index(reading: Searcher) -> Any:
    return rows.fetch(reading._connection, ENDLESS)


def _endless_in_the_database(view: View, _found: object) -> Any:
    return view.fetch(ENDLESS)


@pytest.mark.parametrize("is_inside", [False, True])
async def test_what_is_asked_of_the_index_stops(path: Path, *, is_inside: bool) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        index = (await store._searching()).index
        async with store.transaction() if is_inside else nullcontext():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await index.search(_endless_in_the_index, _endless_in_the_database)
        assert await found(store, "zebra") == {turn}


async def test_what_is_asked_of_the_database_stops(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        index = (await store._searching()).index
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await index.search(lambda _reading: None, _endless_in_the_database)
        assert await found(store, "zebra") == {turn}


async def test_who_is_interrupted_at_the_end_of_taking_in_what_is_new_is_no_damage(
    path: Path,
) -> None:
    def interrupted(reading: Searcher) -> None:
        reading._connection.execute("BEGIN")
        reading._version = -2

    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        index = (await store._searching()).index
        await index.search(interrupted, lambda _view, _found: None)
        file = index.file
        assert await found(store, "zebra") == {turn}
        assert index.file is file
