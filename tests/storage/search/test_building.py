"""How an index is built and goes on: stopped, killed, thrown away, and beside another."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage import HybridStore, SQLiteStore
from storage.search import following, reading
from tests.storage import outside
from tests.storage.search import truth
from tests.storage.search.asking import found, until

PROCESS = Path(__file__).with_name("index_process.py")
RECORDS = 6000


def entries(index: Path) -> dict[int, int]:
    """Return the row of each slot of the interactions in an index."""
    return dict(outside.fetch(index, "SELECT slot, number FROM docs WHERE source = 0"))


@pytest.fixture
def many(path: Path) -> Path:
    """A database that takes several steps to index."""
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"said zz{n}k"} for n in range(RECORDS))


async def test_two_stores_that_build_one_index_at_once_make_one(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ROWS_PER_BATCH", 200)
    async with HybridStore(many, follow=False) as one, HybridStore(many, follow=False) as other:
        await asyncio.gather(one.wait_for_index(), other.wait_for_index())
        for store in (one, other):
            await truth.check_all(store, many, ["zz3k", f"zz{RECORDS - 1}k"])


async def test_an_index_that_is_deleted_while_it_is_built_is_made_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up = following.Follower.catch_up

    async def deleted_at_first(self: following.Follower, *, sweep: bool, is_alone: bool) -> None:
        await catch_up(self, sweep=sweep, is_alone=is_alone)
        if not deleted:
            deleted.append(Path(f"{path}.index"))
            deleted[0].unlink()

    deleted: list[Path] = []
    monkeypatch.setattr(following.Follower, "catch_up", deleted_at_first)
    async with HybridStore(path, follow=False) as store:
        await store.add_interaction({"content": "zz1k"})
        await truth.check_all(store, path, ["zz1k"])
    assert deleted[0].exists()


async def test_a_build_that_was_killed_goes_on_where_it_stopped(many: Path) -> None:
    builder = outside.Listener(outside.python(PROCESS, "build", many))

    async def has_begun() -> bool:
        return bool(builder.lines) and builder.lines[-1].split()[1] != "0"

    await until(has_begun)
    assert builder.kill() == ""
    index = Path(f"{many}.index")
    before = entries(index)
    assert before
    async with HybridStore(many, follow=False) as store:
        status = await store.wait_for_index()
        assert (status.done, status.total) == (RECORDS, RECORDS)
        assert entries(index).items() >= before.items()
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])


async def test_a_wait_that_is_cancelled_keeps_what_was_done(many: Path) -> None:
    async with HybridStore(many, follow=False) as store:
        waiting = asyncio.create_task(store.wait_for_index())

        async def has_begun() -> bool:
            return (await store.index_status()).done > 0

        await until(has_begun)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        status = await store.index_status()
        assert status.path is not None
        before = entries(status.path)
        assert before
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])
        assert entries(status.path).items() >= before.items()


async def test_a_search_while_the_index_is_built_finds_what_is_there_so_far(many: Path) -> None:
    async with HybridStore(many) as store:

        async def is_found() -> bool:
            return bool(await found(store, "zz5k"))

        await until(is_found)


async def test_a_store_that_is_closed_while_it_builds_leaves_a_good_index(many: Path) -> None:
    async with HybridStore(many) as store:
        await store.index_status()
    async with HybridStore(many, follow=False) as store:
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])


async def test_a_paused_index_stays_as_it_is_until_it_is_resumed(path: Path) -> None:
    async with HybridStore(path) as store:
        await store.wait_for_index()
        await store.pause_index()
        turn = await store.add_interaction({"content": "zebra"})
        await asyncio.sleep(0.5)
        assert (await store.index_status()).state == "paused"
        assert await found(store, "zebra") == set()
        await store.resume_index()

        async def is_ready() -> bool:
            return (await store.index_status()).state == "ready"

        await until(is_ready)
        assert await found(store, "zebra") == {turn}


async def test_an_index_that_is_thrown_away_is_made_again(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})
        first = await store.wait_for_index()
        assert first.path is not None
        number = first.path.stat().st_ino, first.path.stat().st_mtime_ns
        await store.rebuild_index()

        async def is_found() -> bool:
            return await found(store, "zebra") == {turn}

        await until(is_found)
        assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) != number


async def test_an_index_that_somebody_deletes_is_made_again_in_the_background(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})
        index = (await store.wait_for_index()).path
        assert index is not None
        index.unlink()

        async def is_back() -> bool:
            return index.exists() and (await store.index_status()).state == "ready"

        await until(is_back)
        assert await found(store, "zebra") == {turn}


async def test_searches_never_fail_while_the_index_is_thrown_away(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})

        async def search() -> None:
            for _ in range(30):
                assert await found(store, "zebra") <= {turn}

        async def rebuild() -> None:
            for _ in range(10):
                await store.rebuild_index()

        await asyncio.gather(search(), search(), rebuild())
        await store.wait_for_index()
        assert await found(store, "zebra") == {turn}


async def test_a_search_that_is_cancelled_disturbs_no_other(many: Path) -> None:
    async with HybridStore(many, follow=False) as store:
        status = await store.wait_for_index()
        assert status.path is not None
        for number in range(30):
            tasks = [asyncio.create_task(found(store, f"zz{number}k said")) for _ in range(4)]
            await asyncio.sleep(0.0005 * (number % 5))
            for task in tasks[:3]:
                task.cancel()
            assert await tasks[3]
            await asyncio.gather(*tasks, return_exceptions=True)
        assert (await store.index_status()).missing == ()
        assert len(entries(status.path)) == RECORDS
