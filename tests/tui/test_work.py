"""Work that waits until something is on screen goes on whatever becomes of the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.tui.conftest import Browse
from tests.tui.waiting import settled
from tui import work
from tui.screens.moment import MomentScreen
from tui.work import drawn


async def test_what_is_drawn_is_not_waited_for_any_longer(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        async with asyncio.timeout(work._DRAWN_WITHIN / 2):
            await drawn(pilot.app.screen)


async def test_a_dialog_that_is_closed_takes_nobodys_turn_with_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        behind = pilot.app.screen
        pilot.app.push_screen(dialog := MomentScreen())
        await settled(pilot)
        waiting = asyncio.create_task(drawn(behind))
        await asyncio.sleep(0)
        dialog._callbacks.clear()
        dialog.dismiss()
        await waiting
        await settled(pilot)
        assert len(pilot.app.screen_stack) == 1
