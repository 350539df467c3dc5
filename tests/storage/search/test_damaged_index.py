"""An index that is damaged in any way: it is made anew, and a search answers meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import HybridStore
from tests.chance import seed_of
from tests.storage import legacy, outside
from tests.storage.search import damages
from tests.storage.search.asking import answer, found

SCRIPT = Path(damages.__file__)

pytestmark = pytest.mark.usefixtures("cache")


def cut(index: Path) -> None:
    content = index.read_bytes()
    index.write_bytes(content[: len(content) // 2])


def scramble(index: Path) -> None:
    index.write_bytes(random.Random(1).randbytes(index.stat().st_size))


def scramble_the_middle(index: Path) -> None:
    content = index.read_bytes()
    middle = random.Random(1).randbytes(len(content) // 2)
    index.write_bytes(content[:8192] + middle + content[8192 + len(middle) :])


def only_a_header(index: Path) -> None:
    index.write_bytes(index.read_bytes()[:100])


def no_tables(index: Path) -> None:
    index.unlink()
    legacy.execute(index, "PRAGMA user_version=7")


def text(index: Path) -> None:
    index.write_text("not a database at all\n" * 1000)


def another_number(index: Path) -> None:
    """Change the number in the header that says whose file it is."""
    content = bytearray(index.read_bytes())
    content[68:72] = b"none"
    index.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        another_number,
        cut,
        scramble,
        scramble_the_middle,
        only_a_header,
        no_tables,
        text,
        Path.touch,
        Path.unlink,
    ],
)
async def test_a_damaged_index_is_made_anew(
    filled: Path, index: Path, damage: Callable[[Path], None]
) -> None:
    if damage is Path.touch:
        index.unlink()
    damage(index)
    status = await answer(filled)
    assert (status.state, status.missing, status.path) == ("ready", (), index)


@pytest.mark.parametrize("damage", [cut, scramble, text, Path.unlink])
async def test_an_index_that_is_damaged_while_it_is_open_is_made_anew(
    filled: Path, index: Path, damage: Callable[[Path], None]
) -> None:
    async with HybridStore(filled, follow=False) as store:
        await store.wait_for_index()
        damage(index)
        await store.search("zebra")
        await store.add_interaction({"content": "giraffe"})
        await store.wait_for_index()
        assert await found(store, "zz3k") == {"turn-3"}
    status = await answer(filled)
    assert (status.state, status.missing, status.path) == ("ready", (), index)


@pytest.mark.parametrize(
    "value",
    [
        "number = NULL",
        "number = 'x'",
        "source = 99",
        "source = -1",
        "source = NULL",
        "part = x'00'",
    ],
)
async def test_an_index_that_names_no_row_of_the_database_is_made_anew(
    filled: Path, index: Path, value: str
) -> None:
    async with HybridStore(filled, follow=False) as store:
        await store.wait_for_index()
        legacy.execute(index, f"UPDATE docs SET {value} WHERE slot % 3 = 0")
        assert await found(store, "zz3k") == {"turn-3"}
        await store.typeahead("ze")
        await store.find_duplicates("interaction")
        assert (await store.wait_for_index()).state == "ready"
        assert [len(await found(store, f"zz{n}k")) for n in range(60)] == [1] * 60


async def test_a_journal_of_the_index_that_is_lost_loses_nothing(filled: Path, index: Path) -> None:
    async with HybridStore(filled, follow=False) as store:
        await store.add_interaction({"content": "giraffe"})
        await store.wait_for_index()
        assert Path(f"{index}-wal").stat().st_size
        content = index.read_bytes()
    index.write_bytes(content)
    async with HybridStore(filled, follow=False) as store:
        assert (await store.wait_for_index()).missing == ()
        assert len(await found(store, "giraffe")) == 1


def test_an_index_that_lacks_any_of_its_tables_is_made_anew(filled: Path, index: Path) -> None:
    process = outside.python(SCRIPT, "tables", filled)
    told, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    lines = told.splitlines()
    assert len(lines) >= 15
    assert [line for line in lines if not line.endswith(" ready ()")] == []


def flip_bytes(path: Path, first: int, count: int) -> None:
    """Change bytes of an index at random, as often as told; the process must live, and answer."""
    process = outside.python(SCRIPT, "flip", path, str(first), str(count))
    told, errors = process.communicate()
    assert (process.returncode, errors) == (0, ""), told[-200:]
    assert told.splitlines()[-1] == f"{count} answered"


@pytest.mark.parametrize(
    ("first", "count"),
    # At the end of the others an entry tells no row: to a search, and to what follows the database.
    [(0, 25), (3556135930, 6), (166859830, 7)],
)
def test_an_index_with_bytes_changed_at_random_never_keeps_a_search_from_answering(
    filled: Path, first: int, count: int
) -> None:
    flip_bytes(filled, first, count)


@pytest.mark.slow
def test_3_000_indexes_with_bytes_changed_at_random_never_keep_a_search_from_answering(
    filled: Path,
) -> None:
    flip_bytes(filled, seed_of(1), 3000)
