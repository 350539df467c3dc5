"""A full text lies in many parts while it is built, and in one afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import HybridStore
from storage.search import full_text, reading
from storage.search.following import Follower
from tests.storage import outside
from tests.storage.search.asking import found
from tests.storage.search.test_index_file import document, opened

PARTS = "SELECT count(DISTINCT segid) FROM words_idx"


def test_each_batch_is_a_part_of_its_own_until_they_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path / "memory.db.index")
    for number in range(20):
        with index.change():
            words = " ".join(f"w{number}x{each}" for each in range(2000))
            index.put([document(number, text=f"zebra {words}")], None)
    assert index.connection.execute(PARTS).fetchone() == (20,)
    monkeypatch.setattr(full_text, "_PAGES", 2)
    full_text.begin_merging(index.connection)
    assert index.connection.execute(PARTS).fetchone()[0] > 1
    while full_text.go_on_merging(index.connection):
        pass
    assert index.connection.execute(PARTS).fetchone() == (1,)
    told = dict(index.connection.execute("SELECT k, v FROM words_config").fetchall())
    assert (told["automerge"], told["crisismerge"]) == (4, 16)
    matching = index.connection.execute("SELECT count(*) FROM words WHERE words MATCH 'zebra'")
    assert matching.fetchone() == (20,)
    index.close()


async def test_a_build_that_was_broken_off_before_the_merging_is_merged_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenOffError(Exception):
        pass

    async def broken(_: Follower) -> None:
        raise BrokenOffError

    path, at = tmp_path / "memory.db", tmp_path / "memory.index"
    monkeypatch.setattr(reading, "_ROWS_PER_BATCH", 100)
    async with HybridStore(path, index_path=at, follow=False) as store:
        await store.add_interactions([{"content": f"zebra {number}"} for number in range(1000)])
        with monkeypatch.context() as patch:
            patch.setattr(Follower, "_merge", broken)
            with pytest.raises(BrokenOffError):
                await store.wait_for_index()
        assert "zebra" in {word for hit in await store.search("zebra") for word in hit.why.words}
    async with HybridStore(path, index_path=at, follow=False) as store:
        await store.wait_for_index()
        assert len(await found(store, "zebra")) == 20
    with outside.connected(at) as index:
        assert index.execute(PARTS).fetchone() == (1,)
