"""Filters in a memory where what is asked for stands in thousands of records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from storage import HybridStore, SearchHit, driver, rows
from storage.search import searcher

OLD = 20
NEW = 5600


def ids(hits: list[SearchHit]) -> set[str]:
    return {hit.record_id for hit in hits}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty old turns under thousands of newer ones that say the same, with an index."""
    path = tmp_path_factory.mktemp("filtered") / "memory.db"
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {"interaction_id": f"old{n}", "content": "figs", "timestamp": "2024-05-01"}
            for n in range(OLD)
        )
        await store.add_interactions(
            {"interaction_id": f"new{n}", "content": "figs figs", "timestamp": "2026-05-01"}
            for n in range(NEW)
        )
        await store.add_notes("interaction", [f"new{n}" for n in range(NEW)], add_tags=["seen"])
        await store.archive_interactions([f"new{n}" for n in range(NEW - 1500, NEW)], "manual")
        await store.archive_interactions([f"old{n}" for n in range(3)], "wrong")
        await store.wait_for_index()


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ("before:2025", OLD),
        ("-after:2025", OLD),
        ("-tag:seen", OLD),
        ("reason:wrong", 3),
        ("archived:yes -reason:manual", 3),
        ("archived:no before:2025", OLD - 3),
    ],
)
async def test_what_filters_leave_is_found_however_many_others_hold_the_same_words(
    memory: Path, filters: str, count: int
) -> None:
    async with HybridStore(memory, follow=False) as store:
        expected = {f"old{n}" for n in range(OLD)}
        for hits in (
            await store.search(f"figs {filters}", by="words", limit=50),
            await store.search(f"figs {filters}", limit=50),
            await store.search(filters, limit=50),
            await store.typeahead(f"fig {filters} fi", limit=50),
        ):
            assert len(hits) == count
            assert ids(hits) <= expected


async def test_as_many_as_are_asked_for_are_found_by_a_word_of_thousands(memory: Path) -> None:
    async with HybridStore(memory, follow=False) as store:
        for limit in (NEW + OLD, 2**63 - 1, 10**30):
            assert len(await store.search("figs", by="words", limit=limit)) == NEW + OLD
        assert len(await store.typeahead("figs before:2025", limit=10**30)) == OLD
        assert (await store.index_status()).missing == ()


async def test_no_statement_gets_more_values_than_any_sqlite_takes(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 0

    def counted(connection: driver.Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        nonlocal most
        most = max(most, len(values))
        return rows.fetch(connection, sql, values)

    monkeypatch.setattr(searcher, "fetch", counted)
    async with HybridStore(memory, follow=False) as store:
        assert len(await store.search("figs", limit=2000)) == 2000
    assert 0 < most <= 999
