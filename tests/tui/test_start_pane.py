"""The pane that the program begins with."""

from __future__ import annotations

from pathlib import Path

from tests.tui.conftest import Browse, lines, press, screen


async def test_the_program_begins_with_the_pane_that_is_asked_for(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        assert "[3 Patterns]" in lines(pilot)[0]
        assert "Pattern 7" in screen(pilot)
        await press(pilot, "2")
        assert "turn 29" in screen(pilot)
