"""A click may come when what is under the pointer has just gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseDown
from textual.widgets import Static

from tests.tui.conftest import Browse
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
