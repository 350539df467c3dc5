"""Whatever keys are pressed: no crash, no fault on screen, and every change can be taken back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from textual._compositor import Compositor

from storage import SQLiteStore
from tests.chance import examples, seed_of
from tests.storage.outside import integrity
from tests.storage.photographs import contents
from tests.storage.protocol_only import open_only_what_is_named
from tests.tui.monkey import Monkey
from tests.tui.sparing import render_update
from tests.tui.test_hostile import ALL, HOSTILE, make

Place = Callable[[], Path]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory that tries to drive the terminal."""
    path = tmp_path_factory.mktemp("hostile") / "memory.db"
    asyncio.run(make(path, *HOSTILE, ALL))
    return path


async def last_change(path: Path) -> int:
    """The number of the newest entry of the journal."""
    async with SQLiteStore(path, read_only=True) as store:
        return max((entry["id"] for entry in await store.get_journal(limit=1)), default=0)


async def take_back_all(path: Path, since: int) -> int:
    """Undo every transaction after an entry of the journal, the newest first; count them."""
    async with SQLiteStore(path) as store:
        entries = [each for each in await store.get_journal(limit=None) if each["id"] > since]
        made = list(dict.fromkeys(entry["transaction_id"] for entry in entries))
        for transaction_id in made:
            await store.undo(transaction_id)
        return len(made)


async def play(source: Path, folder: Path, seed: int, moves: int) -> None:
    """Let the monkey play with a copy, and prove that nothing is lost."""
    path = folder / "memory.db"
    shutil.copyfile(source, path)
    since, before = await last_change(path), contents(path)
    await Monkey(path, seed).play(moves)
    assert integrity(path) == [("ok",)]
    print(f"{await take_back_all(path, since)} changes taken back")
    assert contents(path) == before


@pytest.fixture(autouse=True)
def only_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the program a store that has no more than the Protocol names."""
    open_only_what_is_named(monkeypatch)


@pytest.fixture(autouse=True)
def all_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw whatever changes, as in a terminal."""
    monkeypatch.setattr(Compositor, "render_update", render_update)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the monkey writes out of everybody's way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


# Of both together about fifteen seconds.
MOVES = examples(40)


async def test_a_monkey_cannot_break_the_demo_memory(demo_memory: Path, tmp_path: Path) -> None:
    await play(demo_memory, tmp_path, seed_of(2026), MOVES)


async def test_a_monkey_cannot_break_a_hostile_memory(hostile: Path, tmp_path: Path) -> None:
    await play(hostile, tmp_path, seed_of(1125), MOVES)


@pytest.mark.slow
@pytest.mark.parametrize("game", range(30))
@pytest.mark.parametrize("kind", ["demo", "hostile"])
async def test_monkeys_for_an_hour(
    game: int, kind: str, demo_memory: Path, hostile: Path, tmp_path: Path
) -> None:
    await play({"demo": demo_memory, "hostile": hostile}[kind], tmp_path, seed_of(game), 3000)
