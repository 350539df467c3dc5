"""What a search does with less than all: it answers, and the status says what is missing."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import HybridStore, IndexUnavailableError, SQLiteStore
from tests.storage import legacy, outside
from tests.storage.search import damages
from tests.storage.search.asking import answer, execute, found

SCRIPT = Path(damages.__file__)

pytestmark = pytest.mark.usefixtures("cache")


# Without a part of what makes vectors.


def without(module: str, path: Path) -> list[str]:
    """Search in a Python that lacks a module; return what is missing, then who was found."""
    process = outside.python(SCRIPT, "without", module, path)
    told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    return told.splitlines()


@pytest.mark.parametrize("is_indexed", [True, False])
@pytest.mark.parametrize("module", ["sqlite_vec", "wordllama"])
def test_without_a_package_search_goes_by_words_and_says_so(
    path: Path, module: str, is_indexed: bool
) -> None:
    asyncio.run(damages.fill(path, is_indexed=is_indexed))
    missing, *hits = without(module, path)
    assert module.replace("_", "-") in missing
    assert "pip install" in missing
    assert hits == ["None ready", "turn-3", "new", "turn-3 words"]


async def test_what_was_indexed_without_vectors_gets_them_later(filled: Path) -> None:
    without("sqlite_vec", filled)
    async with HybridStore(filled, follow=False) as store:
        assert (await store.wait_for_index()).missing == ()
        [hit] = await store.search("they said new zz77k", by="meaning", limit=1)
        assert hit.record_id == "new"


# Where the index cannot lie beside the database.


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder for a memory, and one for a cache, that every user may come to."""
    with tempfile.TemporaryDirectory(prefix="memglass-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "memory").mkdir()
        (folder / "cache").mkdir()
        (folder / "cache").chmod(0o777)
        yield folder
        (folder / "memory").chmod(0o755)


@pytest.mark.parametrize("has_cache", [True, False])
def test_a_read_only_file_in_a_read_only_folder_is_searched(
    public: Path, filled: Path, has_cache: bool
) -> None:
    there = public / "memory" / "memory.db"
    shutil.copyfile(filled, there)
    there.chmod(0o444)
    there.parent.chmod(0o555)
    cache = public / "cache" if has_cache else public / "memory"
    process = outside.python(SCRIPT, "as-nobody", there, cache, filled)
    told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    lines = told.splitlines()
    assert "cannot be kept" in lines[0]
    assert lines[1:] == ["ready", "turn-3"]
    assert [each.name for each in there.parent.iterdir()] == ["memory.db"]
    assert bool(list((public / "cache").rglob("*.index"))) == has_cache


async def test_an_index_that_has_no_place_at_all_is_done_without(
    filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    status = await answer(filled, tmp_path / "file" / "memory.index")
    assert (status.state, status.path, status.size) == ("off", None, 0)
    [sentence] = status.missing
    assert "There is no index" in sentence


async def test_without_an_index_filters_and_exclusion_hold_all_the_same(
    filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    async with HybridStore(
        filled, index_path=tmp_path / "file" / "memory.index", follow=False
    ) as store:
        assert await store.search("zebra -zz3k session:s1", limit=100)
        for hit in await store.search("zebra -zz3k session:s1", limit=100):
            assert hit.record["session_id"] == "s1"
            assert "zz3k" not in hit.snippet
        assert {hit.kind for hit in await store.search("zebra", kinds=["entity"])} == {"entity"}


async def test_without_an_index_case_accents_and_endings_make_no_difference_either(
    path: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    async with HybridStore(path, index_path=tmp_path / "file" / "i", follow=False) as store:
        await store.add_interaction({"interaction_id": "it", "content": "Deploying the Caf\u00e9s"})
        for asked in ("deploys", "CAFE", '"deployed the cafe"', "deployin*"):
            assert await found(store, asked) == {"it"}, asked
        assert {hit.record_id for hit in await store.typeahead("deploys caf")} == {"it"}
        assert await store.search("-deploys") == []


async def test_a_folder_where_the_index_should_lie_is_left_alone(
    filled: Path, index: Path, cache: Path
) -> None:
    index.unlink()
    (index / "kept").mkdir(parents=True)
    status = await answer(filled)
    assert (index / "kept").is_dir()
    assert status.path is not None
    assert status.path.is_relative_to(cache)
    [sentence] = status.missing
    assert str(index) in sentence


async def test_a_database_of_another_program_is_neither_changed_nor_deleted(
    filled: Path, index: Path
) -> None:
    index.unlink()
    shutil.copyfile(legacy.make(filled.with_name("other.db"), 1), index)
    before = legacy.digests(index)
    status = await answer(filled)
    assert legacy.digests(index) == before
    assert status.path != index


@pytest.mark.parametrize("name", ["notes.txt", "one line.txt", "other.db-wal", "pipe"])
async def test_what_is_no_index_is_not_deleted_to_make_one(
    filled: Path, tmp_path: Path, name: str
) -> None:
    named = tmp_path / name
    text = b"what somebody wrote\n" * (50 if name == "notes.txt" else 1)
    os.mkfifo(named) if name == "pipe" else named.write_bytes(text)
    status = await answer(filled, named)
    assert (status.state, status.path) == ("off", None)
    assert name in status.missing[0]
    assert named.is_fifo() or named.read_bytes() == text


async def test_a_damaged_index_of_any_name_is_known_by_its_header(
    filled: Path, tmp_path: Path
) -> None:
    named = tmp_path / "index.sqlite"
    await answer(filled, named)
    raw = named.read_bytes()
    named.write_bytes(raw[:100] + bytes(3000) + raw[3100:])
    status = await answer(filled, named)
    assert (status.state, status.path) == ("ready", named)
    assert status.missing == ()


async def test_the_database_itself_is_never_taken_for_its_index(filled: Path) -> None:
    before = legacy.picture(filled)
    status = await answer(filled, filled)
    assert (status.state, status.path) == ("off", None)
    legacy.check_nothing_lost(before, filled)


@pytest.mark.parametrize("place", ["notes.txt", "another.db", "the memory itself"])
async def test_throwing_the_index_away_deletes_nothing_that_is_none(
    filled: Path, tmp_path: Path, place: str
) -> None:
    named = filled if place == "the memory itself" else tmp_path / place
    if place == "notes.txt":
        named.write_bytes(b"what somebody wrote\n" * 50)
    elif place == "another.db":
        shutil.copyfile(legacy.make(filled.with_name("first.db"), 1), named)
    before = named.read_bytes()
    async with HybridStore(filled, index_path=named, follow=False) as store:
        with pytest.raises(IndexUnavailableError, match=r"name another place\.$"):
            await store.rebuild_index()
        assert (await store.wait_for_index()).state == "off"
        with pytest.raises(IndexUnavailableError):
            await store.rebuild_index()
    assert named.read_bytes() == before


async def test_a_full_disk_keeps_the_index_from_growing_and_says_so(
    filled: Path, index: Path
) -> None:
    async with HybridStore(filled, follow=False) as store:
        await store.wait_for_index()
        number = index.stat().st_ino
        assert store._finder is not None
        file = store._finder.index.file
        assert file is not None
        [(pages,)] = file.connection.execute("PRAGMA page_count").fetchall()
        file.connection.execute(f"PRAGMA max_page_count={pages}")
        await store.add_interactions({"content": f"giraffe {'x' * 5000}"} for _ in range(500))
        [sentence] = (await store.wait_for_index()).missing
        assert "full" in sentence
        assert await found(store, "zz3k") == {"turn-3"}
        assert index.stat().st_ino == number
        file.connection.execute("PRAGMA max_page_count=1073741823")
        assert (await store.wait_for_index()).missing == ()
        assert await found(store, "giraffe")


# What it looks like from outside.


async def test_an_index_is_for_its_owner_only(path: Path) -> None:
    await damages.fill(path)
    umask = os.umask(0)
    try:
        Path(f"{path}.index").unlink()
        async with HybridStore(path, follow=False) as store:
            await store.wait_for_index()
            files = [each for each in path.parent.iterdir() if ".index" in each.name]
            modes = {stat.S_IMODE(each.stat().st_mode) for each in files}
    finally:
        os.umask(umask)
    assert len(files) == 3
    assert modes == {0o600}


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_files_of_older_agents_are_searched_without_being_changed(
    tmp_path: Path, generation: int
) -> None:
    path = legacy.make(tmp_path / "old.db", generation, rows=30)
    before = legacy.digests(path)
    async with HybridStore(path, read_only=True, follow=False) as store:
        status = await store.wait_for_index()
        assert (status.state, status.missing, status.done) == ("ready", (), status.total)
        assert status.total >= 30
        for query in ("agent", "query", "login bug", "kind:pattern", "archived:yes", "caf"):
            await store.search(query)
        assert len(await store.search("kind:interaction archived:no", limit=1000)) >= 30
    assert legacy.digests(path) == before


async def test_a_file_that_is_no_longer_read_only_brings_its_index_along(filled: Path) -> None:
    async with HybridStore(filled, read_only=True, follow=False) as store:
        first = await store.wait_for_index()
    async with SQLiteStore(filled) as plain:
        await plain.add_interaction({"content": "giraffe"})
    execute(filled, "DELETE FROM interactions WHERE interaction_id = 'turn-3'")
    async with HybridStore(filled, follow=False) as store:
        assert (await store.wait_for_index()).path == first.path
        assert len(await found(store, "giraffe")) == 1
        assert await found(store, "zz3k") == set()
