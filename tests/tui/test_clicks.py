"""What comes when that for which it is meant has just gone, or is not there yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.events import MouseDown, MouseUp
from textual.selection import SELECT_ALL
from textual.widgets import Static

from tests.tui.conftest import Browse, press
from tests.tui.waiting import settled
from tui.screens.moment import MomentScreen


@pytest.mark.parametrize("dialog", [None, MomentScreen])
async def test_a_click_on_what_was_just_removed_does_nothing(
    memory_file: Path, browse: Browse, dialog: type[MomentScreen] | None
) -> None:
    async with browse(memory_file) as pilot:
        if dialog is not None:
            pilot.app.push_screen(dialog())
            await settled(pilot)
        screen = pilot.app.screen
        said = Static("said")
        await screen.mount(said)
        await settled(pilot)
        x, y = said.region.offset
        found, _ = screen.get_widget_and_offset_at(x, y)
        assert found is said
        # As it stands until the screen is drawn anew.
        said._detach()
        screen._forward_event(MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
        said._attach(screen)
        assert screen._select_state is None


async def test_a_click_on_a_screen_that_closes_begins_nothing(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        screen = pilot.app.screen
        pilot.app.screen.selections = {pilot.app.screen.focus_chain[0]: SELECT_ALL}
        await settled(pilot)
        x, y = 60, 12
        screen._forward_event(MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
    screen._forward_event(MouseUp(None, x, y, 0, 0, 1, False, False, False, x, y))
    assert not screen._next_callbacks


async def test_the_second_answer_of_a_dialog_takes_nothing_else_away(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        behind = pilot.app.screen
        answers: list[object] = []
        pilot.app.push_screen(dialog := MomentScreen(), answers.append)
        await settled(pilot)
        dialog.dismiss(None)
        dialog.dismiss(None)
        await settled(pilot)
        assert pilot.app.screen is behind
        assert answers == [None]


async def test_a_page_key_in_a_palette_that_is_not_laid_out_yet_does_nothing(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, ":")
        found = pilot.app.screen.query_one(CommandList)
        found._index_to_line.clear()
        await pilot.app.run_action("command_list('page_up')", pilot.app.screen)
        found.refresh(layout=True)
