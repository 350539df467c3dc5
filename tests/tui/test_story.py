"""Why did Kestrel deploy on a Friday? The demo's story, found and mended by keys alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from storage import SQLiteStore
from tests.storage.photographs import contents
from tests.tui.asking import indexed
from tests.tui.conftest import Browse, press, screen, stored, toasts

SIZE = (140, 44)


@pytest.fixture
def demo(demo_memory: Path, tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    shutil.copyfile(demo_memory, path)
    return path


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is asked of the index, its making would take longer than all else."""
    monkeypatch.setattr("tui.app._SETTLED_AFTER", 3600.0)


def lead(pilot: Pilot[None], name: str) -> list[str]:
    """The keys that go from the first lead to one of a rule."""
    rows = [line[2:].split("  ")[0].strip() for line in screen(pilot).splitlines()[3:11]]
    return ["j"] * rows.index(name)


# What each discovery is called among the leads, the keys from there, and what is then on screen.
DISCOVERIES = {
    "a wrong belief, and the sarcasm that it rests on": (
        "thin evidence", ["enter", "w"], "user sure, just",
    ),
    "a correction that one run buried": ("maybe lost", ["enter"], "That was sarcasm"),
    "a contradiction": ("contradiction", ["enter"], "mysql"),
    "a drift on the same evidence": ("drift", ["w"], "int-a02132"),
    "two JSON values spliced together": ("broken", ["enter"], "int-0412"),
    "a row that drives the terminal": ("control codes", ["enter"], "␛]52"),
}  # fmt: skip


@pytest.mark.parametrize("discovery", DISCOVERIES)
async def test_every_discovery_is_within_six_keys_of_the_start(
    demo: Path, browse: Browse, discovery: str, no_index: None
) -> None:
    name, more, seen = DISCOVERIES[discovery]
    async with browse(demo, start="overview", size=SIZE) as pilot:
        keys = [*lead(pilot, name), *more]
        assert len(keys) <= 6
        await press(pilot, *keys)
        assert seen in screen(pilot)


async def test_the_four_ways_of_saying_tabs_become_one(demo: Path, browse: Browse) -> None:
    async with browse(demo, start="overview", size=SIZE) as pilot:
        await indexed(pilot)
        await press(pilot, *lead(pilot, "duplicates"), "enter", "M", "enter")
        assert "Merged" in toasts(pilot)
    left = await stored(demo, lambda store: store.get_patterns())
    assert len([each for each in left if "tabs" in each["id"]]) == 1


async def test_the_wrong_belief_goes_the_correction_comes_back_and_all_of_it_is_undone(
    demo: Path, browse: Browse, no_index: None
) -> None:
    before = contents(demo)
    async with browse(demo, start="overview", size=SIZE) as pilot:
        await press(pilot, *lead(pilot, "thin evidence"), "enter", "a", "7")
        await press(pilot, "1", "g")
        await press(pilot, *lead(pilot, "maybe lost"), "r", "enter")

        async def mended(store: SQLiteStore) -> tuple[bool, bool]:
            belief = await store.get_pattern("pat-no-approval")
            return belief is None, await store.get_interaction("int-0388") is not None

        assert await stored(demo, mended) == (True, True)
        await press(pilot, "u", "u")
    assert contents(demo) == before
