"""Keys that come in one burst do what they do when they come one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from tests.tui.conftest import Browse, press, screen, settled, stored
from tui.screens.browser import BrowserScreen

KEYS = {"/": "slash", "?": "question_mark", " ": "space", "\r": "enter", "\x1b": "escape"}


async def burst(pilot: Pilot[None], typed: str) -> None:
    """Send keys as a program that writes to the terminal does: all at once."""
    for character in typed:
        printable = character if character.isprintable() else None
        pilot.app.post_message(Key(KEYS.get(character, character), printable))
    await settled(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait for what a dialog that closes makes the keys wait for."""
    for _ in range(200):
        if holds():
            break
        await pilot.pause(0.02)
    assert holds(), screen(pilot)
    await settled(pilot)


async def test_a_question_typed_in_one_burst_is_asked_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "/deploy a friday")
        await until(pilot, lambda: "deploy a friday" in screen(pilot))
        assert isinstance(pilot.app.screen, BrowserScreen)


async def test_a_reason_typed_in_one_burst_is_taken_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "aworn out\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowserScreen))
        await settled(pilot)
    archived = await stored(
        memory_file, lambda store: store.get_archived_interactions(archive_reason="worn out")
    )
    assert [each["interaction_id"] for each in archived] == ["int-0029"]


async def test_keys_after_one_that_closes_a_dialog_go_where_it_was_opened(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "?\x1b3")
        await until(pilot, lambda: "[3 Pat" in screen(pilot))
        await press(pilot, "2")
        assert "[2 Int" in screen(pilot)
