"""A search in a database that is damaged in places: what can be read is found."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from storage import HybridStore, SQLiteStore
from tests.storage.search.asking import execute

PAGE = 4096
LEAF = 0x0D
TURNS = 400
SENTENCE = "a part of interactions cannot be read"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("damaged") / "memory.db"
    asyncio.run(_fill(path))
    execute(path, "PRAGMA journal_mode = DELETE")
    return path


async def _fill(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            {"interaction_id": f"turn-{n}", "content": f"zebra {'x' * 400} zz{n}k"}
            for n in range(TURNS)
        )
        await store.add_pattern({"id": "pat", "description": "zebras"})


@pytest.fixture
def memory(whole: Path, path: Path) -> Path:
    return Path(shutil.copy(whole, path))


def damage(path: Path, places: Sequence[int]) -> set[str]:
    """Write over leaves of the table of interactions, and return which turns stood there."""
    raw = bytearray(path.read_bytes())
    leaves = [
        start
        for start in range(0, len(raw), PAGE)
        if raw[start] == LEAF and b"zebra xxx" in raw[start : start + PAGE]
    ]
    assert len(leaves) > 40
    lost: set[str] = set()
    for place in places:
        page = bytes(raw[leaves[place] : leaves[place] + PAGE])
        lost |= {f"turn-{n}" for n in range(TURNS) if f" zz{n}k".encode() in page}
        raw[leaves[place] : leaves[place] + PAGE] = b"\xa5" * PAGE
    path.write_bytes(raw)
    return lost


async def all_found(store: HybridStore) -> set[str]:
    return {hit.record_id for hit in await store.search("zebra*", limit=TURNS + 9, by="words")}


def everything() -> set[str]:
    return {"pat", *(f"turn-{n}" for n in range(TURNS))}


@pytest.mark.parametrize("places", [[20], [0], [-1], [0, 1, 7, 9, -1]])
async def test_all_that_can_be_read_is_found_and_the_status_says_what_cannot(
    memory: Path, places: list[int]
) -> None:
    lost = damage(memory, places)
    assert lost
    # The second one finds the index as the first has left it.
    for _ in range(2):
        async with HybridStore(memory, read_only=True, follow=False) as store:
            status = await store.wait_for_index()
            assert await all_found(store) == everything() - lost
            assert (status.state, status.done) == ("ready", TURNS + 1 - len(lost))
            assert [SENTENCE in each for each in status.missing] == [True]


async def test_a_row_whose_rest_lies_on_a_damaged_page_is_lost_alone(path: Path) -> None:
    async with SQLiteStore(path) as plain:
        for text in ("zebra", f"zebra {'y' * 3 * PAGE}", "zebra"):
            await plain.add_interaction({"content": text})
    execute(path, "PRAGMA journal_mode = DELETE")
    raw = bytearray(path.read_bytes())
    at = next(at for at in range(0, len(raw), PAGE) if raw[at + 4 : at + PAGE] == b"y" * (PAGE - 4))
    raw[at : at + 4] = b"\xff" * 4
    path.write_bytes(raw)
    async with HybridStore(path, read_only=True, follow=False) as store:
        status = await store.wait_for_index()
        assert len(await store.search("zebra", by="words")) == 2
        assert len(status.missing) == 1


async def test_damage_that_comes_later_takes_only_its_rows_away_and_they_come_back(
    memory: Path,
) -> None:
    good = memory.read_bytes()
    async with HybridStore(memory, read_only=True, follow=False) as store:
        assert (await store.wait_for_index()).missing == ()
    lost = damage(memory, [3, 30])
    async with HybridStore(memory, read_only=True, follow=False) as store:
        status = await store.wait_for_index()
        assert await all_found(store) == everything() - lost
        assert len(status.missing) == 1
    memory.write_bytes(good)
    async with HybridStore(memory, read_only=True, follow=False) as store:
        assert (await store.wait_for_index()).missing == ()
        assert await all_found(store) == everything()
