"""How an index follows its embedder: another one, one that fails, and one that comes back."""

from __future__ import annotations

import itertools
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import HybridStore, IndexStatus, SQLiteStore, ValidationError
from storage.search import following, reading
from tests.storage import embedding_server as server
from tests.storage import outside
from tests.storage.search.asking import execute, found, until

MEMORY = """
import asyncio, resource, sys
from storage import HybridStore

async def main():
    async with HybridStore(sys.argv[1], follow=False) as store:
        await store.search("cat")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await store.wait_for_index()
        await store.update_interaction("x5", role="me")
        store._finder.index.distrust()
        status = await store.wait_for_index()
        print(status.done, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)

asyncio.run(main())
"""


class Lengths:
    """Makes vectors of how long texts are."""

    def __init__(self, name: str, dimension: int = 3) -> None:
        self.name = name
        self.dimension = dimension

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.ones((len(texts), self.dimension), np.float32)
        vectors[:, 0] = [len(text) for text in texts]
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


async def catch_up(path: Path, embedder: Lengths | None = None) -> IndexStatus:
    """Open, catch up and close."""
    async with HybridStore(path, embedder=embedder, follow=False) as store:
        return await store.wait_for_index()


def dimension(index: Path) -> int:
    [(sql,)] = outside.fetch(index, "SELECT sql FROM sqlite_schema WHERE name = 'vectors'")
    return int(sql.partition("float[")[2].partition("]")[0])


def made_by(index: Path) -> str:
    [(name,)] = outside.fetch(index, "SELECT value FROM meta WHERE key = 'embedder'")
    return str(name)


@pytest.fixture
async def filled(path: Path) -> Path:
    """A database with a few turns."""
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"the zebra said zz{n}k"} for n in range(9))
    return path


async def test_another_embedder_has_the_index_made_anew(filled: Path) -> None:
    first = await catch_up(filled, Lengths("one", 3))
    assert (first.embedder, first.missing) == ("one", ())
    second = await catch_up(filled, Lengths("other", 5))
    assert (second.embedder, second.missing, second.path) == ("other", (), first.path)
    assert second.path is not None
    assert (dimension(second.path), made_by(second.path)) == (5, "other")


async def test_vectors_too_long_for_an_index_leave_it_to_words(filled: Path) -> None:
    async with HybridStore(filled, embedder=Lengths("long", 9000), follow=False) as store:
        status = await store.wait_for_index()
        assert status.state == "ready"
        assert "9,000 dimensions" in status.missing[0]
        assert await found(store, "zz3k") != set()


@pytest.mark.parametrize(
    "embedder",
    ["a name", object(), Lengths(""), Lengths("a\ud800"), type("Named", (), {"name": "n"})],
)
def test_what_is_no_embedder_is_refused_at_once(path: Path, embedder: Lengths) -> None:
    with pytest.raises(ValidationError, match=r"^embedder must have a `name`"):
        HybridStore(path, embedder=embedder)


@pytest.mark.usefixtures("cache")
async def test_programs_with_different_embedders_do_not_take_the_index_from_each_other(
    filled: Path,
) -> None:
    agent, person = Lengths("the agent's"), Lengths("the person's")
    async with HybridStore(filled, embedder=agent) as theirs:
        first = await theirs.wait_for_index()
        assert first.path is not None
        number = first.path.stat().st_ino
        async with HybridStore(filled, embedder=person) as ours:
            second = await ours.wait_for_index()
            assert (second.embedder, second.is_whole) == ("the person's", True)
            assert second.path is not None
            assert second.path.name != first.path.name
            [sentence] = second.missing
            assert "a program that is running keeps another one" in sentence
            await ours.rebuild_index()
            await ours.add_interaction({"content": "a heron came"})
            for store, status in ((theirs, first), (ours, second)):
                now = await store.wait_for_index()
                assert (now.embedder, now.path) == (status.embedder, status.path)
                assert len(await store.search("heron", by="meaning")) == 10
        assert first.path.stat().st_ino == number


async def test_two_memories_do_not_take_one_place_for_their_index_from_each_other(
    filled: Path, tmp_path: Path
) -> None:
    index = tmp_path / "shared.index"
    async with HybridStore(filled, index_path=index) as one:
        await one.wait_for_index()
        number = index.stat().st_ino
        async with HybridStore(tmp_path / "other.db", index_path=index) as other:
            await other.add_interaction({"interaction_id": "it", "content": "another zebra"})
            status = await other.wait_for_index()
            assert status.state == "off"
            assert "a program that is running keeps another one" in status.missing[0]
            assert [hit.record_id for hit in await other.search("zebra")] == ["it"]
            assert (await one.wait_for_index()).state == "ready"
        assert index.stat().st_ino == number


@pytest.mark.usefixtures("cache")
async def test_a_program_of_another_version_keeps_its_index_while_it_runs(filled: Path) -> None:
    index = (await catch_up(filled)).path
    assert index is not None
    execute(index, "UPDATE meta SET value = '0' WHERE key = 'version'")
    with outside.connected(index) as theirs:
        theirs.execute("SELECT * FROM meta").fetchall()
        elsewhere = await catch_up(filled)
    assert (elsewhere.state, elsewhere.is_whole) == ("ready", True)
    assert elsewhere.path not in (None, index)
    assert (await catch_up(filled)).path == index


async def test_an_embedder_that_makes_longer_vectors_has_the_index_made_anew(filled: Path) -> None:
    await catch_up(filled, Lengths("one", 3))
    async with HybridStore(filled, embedder=Lengths("one", 5), follow=False) as store:
        await store.wait_for_index()
        hits = await store.search("the zebra said zz3k", by="meaning")
        assert [hit.why.by for hit in hits] == ["meaning"] * 9


async def test_the_same_embedder_leaves_the_index_as_it_is(filled: Path) -> None:
    index = (await catch_up(filled, Lengths("one"))).path
    assert index is not None
    number = index.stat().st_ino
    await catch_up(filled, Lengths("one"))
    assert index.stat().st_ino == number


async def test_an_index_of_another_version_is_made_anew(filled: Path) -> None:
    index = (await catch_up(filled)).path
    assert index is not None
    execute(index, "UPDATE meta SET value = '0' WHERE key = 'version'")
    execute(index, "CREATE TABLE later (x)")
    status = await catch_up(filled)
    assert (status.state, status.missing, status.path) == ("ready", (), index)
    assert outside.fetch(index, "SELECT * FROM sqlite_schema WHERE name = 'later'") == []


async def test_an_index_of_another_database_is_made_anew(filled: Path, tmp_path: Path) -> None:
    index = (await catch_up(filled)).path
    other = tmp_path / "other.db"
    async with SQLiteStore(other) as store:
        turn = await store.add_interaction({"content": "giraffe"})
    other.replace(filled)
    async with HybridStore(filled, follow=False) as searched:
        assert (await searched.wait_for_index()).path == index
        assert await found(searched, "giraffe") == {turn}
        assert await found(searched, "zebra") == set()


async def test_while_the_endpoint_is_gone_words_are_found_and_the_status_says_why(
    filled: Path,
) -> None:
    async with (
        server.serving(server.fails(400)) as (_, embedder),
        HybridStore(filled, embedder=embedder, follow=False) as store,
    ):
        status = await store.wait_for_index()
        assert len(await found(store, "zz3k")) == 1
        [sentence] = status.missing
        assert "400" in sentence


async def test_an_endpoint_that_fails_half_way_and_comes_back_gives_meaning_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ROWS_PER_BATCH", 100)
    monkeypatch.setattr(following, "_RETRY_SECONDS", 0.0)
    async with SQLiteStore(path) as plain:
        await plain.add_interactions({"content": f"the zebra said zz{n}k"} for n in range(300))
    replies = [server.good, *[server.fails(400)] * 2, server.good]
    async with (
        server.serving(*replies) as (_, embedder),
        HybridStore(path, embedder=embedder) as store,
    ):
        index = Path(f"{path}.index")

        async def is_whole() -> bool:
            status = await store.index_status()
            return (status.state, status.missing) == ("ready", ()) and status.done == 300

        await until(is_whole)
        assert outside.fetch(index, "SELECT count(*) FROM unembedded") == [(0,)]
        assert outside.fetch(index, "SELECT count(*) FROM vectors_rowids") == [(300,)]
        assert outside.fetch(index, "SELECT count(*) FROM docs") == [(300,)]


async def test_an_endpoint_that_comes_back_another_day_gives_meaning_then(filled: Path) -> None:
    async with server.serving(server.fails(400)) as (there, embedder):
        async with HybridStore(filled, embedder=embedder, follow=False) as store:
            index = (await store.wait_for_index()).path
        assert index is not None
        assert outside.fetch(index, "SELECT count(*) FROM unembedded") == [(9,)]
        there.replies = [server.good]
        async with HybridStore(filled, embedder=embedder, follow=False) as store:
            assert (await store.wait_for_index()).missing == ()
            hits = await store.search("the zebra said zz3k", by="meaning", limit=1)
            assert [hit.record["content"] for hit in hits] == ["the zebra said zz3k"]
        assert outside.fetch(index, "SELECT count(*) FROM unembedded") == [(0,)]


async def test_what_no_vector_could_be_had_for_and_is_gone_waits_for_none(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_RETRY_SECONDS", 0.0)
    async with (
        server.serving(server.fails(400)) as (_, embedder),
        HybridStore(filled, embedder=embedder, follow=False) as store,
    ):
        await store.wait_for_index()
        execute(filled, "DELETE FROM interactions")
        status = await store.wait_for_index()
        assert (status.missing, await store.search("zebra")) == ((), [])
        assert (await store.wait_for_index()).state == "ready"


async def test_rows_of_megabytes_do_not_fill_the_memory(path: Path) -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
    async with SQLiteStore(path) as store:
        await store.add_interaction({"content": "first"})
    execute(
        path,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
        " INSERT INTO interactions (interaction_id, timestamp, content)"
        " SELECT 'x' || i, '2025-01-01', replace(hex(zeroblob(1500000)), '00', 'ab ') FROM n",
    )
    told, errors = outside.python("-c", MEMORY, path).communicate(timeout=120)
    assert errors == ""
    done, megabytes = map(int, told.split())
    print(f"{megabytes} MB for rows of {path.stat().st_size >> 20} MB")
    assert done == 61
    assert megabytes < 130


class Odd(Lengths):
    """Does not keep what an embedder promises.

    Args:
        makes: What it makes of texts.
    """

    def __init__(self, makes: Callable[[Sequence[str]], object]) -> None:
        super().__init__("odd")
        self._makes = makes

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return cast("NDArray[np.float32]", self._makes(texts))


def fail(texts: Sequence[str]) -> object:
    raise RuntimeError(texts[0])


@pytest.mark.parametrize(
    "makes",
    [
        fail,
        lambda _: None,
        lambda _: np.ones(3, np.float32),
        lambda texts: np.ones((len(texts) + 1, 3), np.float32),
        lambda texts: np.full((len(texts), 3), np.nan, np.float32),
    ],
    ids=["raises", "nothing", "one", "too many", "NaN"],
)
async def test_an_embedder_that_keeps_no_promise_costs_only_the_meaning(
    filled: Path, makes: Callable[[Sequence[str]], object]
) -> None:
    async with HybridStore(filled, embedder=Odd(makes), follow=False) as store:
        status = await store.wait_for_index()
        assert status.state == "ready"
        assert len(status.missing) == 1
        assert "zebra" not in status.missing[0]
        assert len(await store.search("zebra")) == 9


def grows() -> Callable[[Sequence[str]], object]:
    lengths = itertools.count(3)
    return lambda texts: np.ones((len(texts), next(lengths)), np.float32)


@pytest.mark.parametrize(
    ("makes", "dimension", "why"),
    [
        (grows(), 0, "The embedder odd made vectors of 3 dimensions before, and of 4 now"),
        (
            lambda texts: np.ones((len(texts), 3), np.float32),
            7,
            "The embedder odd made vectors of 3 dimensions where its `dimension` is 7",
        ),
        (lambda _: None, 3, "The embedder odd has to be mended. "),
        (fail, 3, "The embedder odd failed (RuntimeError): call its embed() to see why."),
    ],
    ids=["growing", "wrongly declared", "nothing", "raises"],
)
async def test_what_an_embedder_does_wrong_is_said_of_it_and_all_words_are_found(
    filled: Path,
    makes: Callable[[Sequence[str]], object],
    dimension: int,
    why: str,
) -> None:
    embedder = Odd(makes)
    embedder.dimension = dimension
    async with HybridStore(filled, embedder=embedder, follow=False) as store:
        await store.wait_for_index()
        await store.add_interaction({"content": "another zebra"})
        status = await store.wait_for_index()
        [sentence] = status.missing
        assert sentence.startswith(why)
        assert status.state == "ready"
        assert len(await store.search("zebra", by="words")) == 10


async def test_vectors_of_any_length_and_precision_are_made_fit(filled: Path) -> None:
    doubles = Odd(lambda texts: [[float(len(text)), 7.0, 7.0] for text in texts])
    async with HybridStore(filled, embedder=doubles, follow=False) as store:
        assert (await store.wait_for_index()).missing == ()
        hits = await store.search("the zebra said zz3k", by="meaning")
        assert hits[0].why.similarity == pytest.approx(1, abs=1e-3)
