"""Leaving the program: the file is closed, and what was agreed to is done first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.conftest import press, stored, toasts
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.memory import Memory


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what comes while work is under way, which `settled` waits for."""
    for _ in range(5000):
        if is_so():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not come")


async def turns(path: Path, count: int) -> MemglassApp:
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"turn {n}"} for n in range(count))
    return MemglassApp(Memory(path), start="interactions")


async def test_quitting_closes_the_file(memory_file: Path) -> None:
    memory = Memory(memory_file)
    app = MemglassApp(memory, start="interactions")
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("q")
    assert not memory.is_open
    assert app.return_code == 0


@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
async def test_what_was_agreed_to_is_done_before_the_program_leaves_unless_it_is_told_twice(
    tmp_path: Path, times: int
) -> None:
    path = tmp_path / "large.db"
    app = await turns(path, 5000)
    async with app.run_test() as pilot:
        await settled(pilot)
        await pilot.press("*", "a")
        await pilot.pause()
        for key in ("4", *["q"] * times):
            app.simulate_key(key)
        await until(lambda: app.return_code is not None)
    counts = await stored(path, lambda store: store.get_archive_statistics())
    assert sum(counts["interactions"].values()) in {1: (5000,), 2: (0, 5000)}[times]


async def test_the_program_stays_where_what_was_agreed_to_fails(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    app = await turns(path, 1)
    async with app.run_test() as pilot:
        await settled(pilot)
        await press(pilot, "a")
        async with app.memory.lock:
            app.simulate_key("4")
            app.simulate_key("q")
            await until(lambda: app.is_leaving)
            path.rename(tmp_path / "elsewhere.db")
        await settled(pilot)
        assert app.return_code is None
        assert "Nothing was changed" in toasts(pilot)
