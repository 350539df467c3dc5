"""A database in whose place another one was put, while somebody has the old one open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import HybridStore, SQLiteStore


async def fill(path: Path, name: str, count: int) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            {"interaction_id": f"{name}{n}", "content": f"figs of {name}"} for n in range(count)
        )


async def found(store: HybridStore) -> set[str]:
    return {hit.record_id for hit in await store.search("figs", by="words")}


@pytest.fixture
async def replaced(path: Path, tmp_path: Path) -> AsyncIterator[tuple[HybridStore, Path]]:
    """A store that has an old file open, and its path, where another one stands by now."""
    await fill(path, "old", 5)
    store = HybridStore(path, follow=False)
    await store.initialize()
    await store.wait_for_index()
    await fill(tmp_path / "new.db", "new", 7)
    (tmp_path / "new.db").replace(path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    yield store, path
    await store.close()


async def test_who_has_the_old_one_open_writes_nothing_into_the_index_of_the_new_one(
    replaced: tuple[HybridStore, Path],
) -> None:
    old, path = replaced
    new_ids = {f"new{n}" for n in range(7)}
    async with HybridStore(path, follow=False) as new:
        await new.wait_for_index()
        assert await found(new) == new_ids
        status = await old.wait_for_index()
        assert "open it again" in " ".join(status.missing)
        assert await found(old) == {f"old{n}" for n in range(5)}
        await new.wait_for_index()
        assert await found(new) == new_ids
    await old.close()
    async with HybridStore(path, follow=False) as later:
        await later.wait_for_index()
        assert await found(later) == new_ids


async def test_who_opens_it_again_searches_the_new_one(
    replaced: tuple[HybridStore, Path],
) -> None:
    store, _ = replaced
    await store.close()
    await store.initialize()
    assert (await store.wait_for_index()).missing == ()
    assert await found(store) == {f"new{n}" for n in range(7)}
