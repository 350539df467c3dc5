"""The file is lost, or another one opened, while a person is busy with something else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from storage import SQLiteStore
from tests.tui.conftest import Browse, interaction, press, screen, stored, toasts
from tests.tui.test_key_order import until
from tests.tui.test_sides import pane
from tests.tui.waiting import settled
from tui.screens.browser import BrowserScreen
from tui.screens.edit import EditScreen
from tui.screens.lost import LostScreen, begin_reopen
from tui.screens.reason import ReasonScreen
from tui.widgets.line_input import Question


async def replace(path: Path) -> Path:
    """Put another memory in the place of one; give where that one is now."""
    moved = path.with_name("moved.db")
    for end in ("", "-wal", "-shm"):
        if (part := Path(f"{path}{end}")).exists():
            part.rename(f"{moved}{end}")
    async with SQLiteStore(path) as other:
        rows = [interaction(number) for number in range(100, 140)]
        await other.add_interactions(rows)
    return moved


async def look(pilot: Pilot[None]) -> BrowserScreen:
    """Have the program look at the file now."""
    browser = cast("BrowserScreen", pilot.app.screen_stack[0])
    browser.look()
    await settled(pilot)
    return browser


async def test_letters_of_a_question_are_no_answer_to_what_nobody_asked(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "slash", "f")
        await replace(memory_file)
        browser = await look(pilot)
        await press(pilot, "o", "o")
        assert pilot.app.query_one(Question).value == "foo"
        assert browser.memory.lost
        assert "was replaced by another one" in toasts(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, LostScreen))


async def test_an_edit_of_a_lost_file_is_not_said_to_be_saved(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "e")
        moved = await replace(memory_file)
        await press(pilot, "X", "enter")
        assert isinstance(pilot.app.screen, EditScreen)
        assert "Nothing was changed" in screen(pilot)
    record = await stored(moved, lambda store: store.get_interaction("int-0029"))
    assert record is not None
    assert record["content"] == "turn 29"


async def test_what_is_asked_of_one_file_is_not_done_to_another(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        await press(pilot, "2")
        await replace(memory_file)
        browser = await look(pilot)
        await press(pilot, "escape", "a")
        browser.memory.read_only = False
        await press(pilot, "a")
        assert isinstance(pilot.app.screen, ReasonScreen)
        begin_reopen(browser)
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 1
        assert "turn 139" in screen(pilot)
        # Of the file before nothing is left where nobody looks, either.
        assert not pane(pilot, "patterns").table.keys
    assert not await stored(memory_file, lambda store: store.get_archived_interactions())


async def test_of_the_file_before_no_change_and_no_finding_is_left(
    memory_file: Path, browse: Browse
) -> None:
    with closing(sqlite3.connect(memory_file)) as raw, raw:
        raw.execute("UPDATE patterns SET sequence = '[\"cut' WHERE id = 'pat-2'")
    async with browse(memory_file, start="history") as pilot:
        await press(pilot, "7")
        assert "pat-2" in screen(pilot)
        await press(pilot, "2")
        await replace(memory_file)
        await look(pilot)
        await press(pilot, "o", "8")
        assert "added 40 interactions" in screen(pilot)
        assert len(pane(pilot, "history").table.keys) == 1
        await press(pilot, "7")
        assert "pat-2" not in screen(pilot)


async def test_a_change_that_waits_while_another_file_is_opened_is_not_made(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        browser = cast("BrowserScreen", pilot.app.screen_stack[0])
        async with browser.memory.lock:
            await replace(memory_file)
            await pilot.press("f5")
            await pilot.press("a")
            while not isinstance(pilot.app.screen, ReasonScreen):
                await pilot.pause(0.01)
            await pilot.press("6")
            await pilot.pause(0.05)
        await settled(pilot)
        assert "another file was opened meanwhile" in toasts(pilot)
    assert not await stored(memory_file, lambda store: store.get_archived_interactions())
