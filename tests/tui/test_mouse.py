"""With the mouse alone: tabs, rows, titles of columns, the divider, and what dialogs offer."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.tui.conftest import Browse, lines, screen, stored, toasts
from tests.tui.waiting import settled


async def click(pilot: Pilot[None], text: str, *, line: int | None = None, times: int = 1) -> None:
    """Click on a text of the screen, the first that there is, or on a line."""
    found = [
        (row.index(text), y)
        for y, row in enumerate(lines(pilot))
        if text in row and line in (None, y)
    ]
    assert found, (text, screen(pilot))
    await pilot.click(offset=found[0], times=times)
    await settled(pilot)


async def test_a_person_who_never_touches_the_keyboard_gets_about(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await click(pilot, "3 Patterns", line=0)
        assert "[3 Patterns]" in lines(pilot)[0]
        # Titles sort: by name, by confidence, and back by type.
        await click(pilot, "name", line=2)
        assert "by name" in lines(pilot)[1]
        assert "Pattern 2" in lines(pilot)[3]
        await click(pilot, "conf", line=2)
        assert "Pattern 7" in lines(pilot)[3]
        await click(pilot, "2 Interactions", line=0)
        await click(pilot, "time", line=2)
        assert "oldest first" in lines(pilot)[1]
        assert "turn 0 " in lines(pilot)[3]
        await click(pilot, "time", line=2)
        assert "newest first" in lines(pilot)[1]
        # A row; its left edge selects it, twice goes to its detail.
        await click(pilot, "turn 27")
        assert lines(pilot)[5].startswith("\u25b8")
        await pilot.click(offset=(1, 6))
        await settled(pilot)
        assert lines(pilot)[6].startswith("\u25b8\u25cf")
        assert "1 selected" in lines(pilot)[1]
        await click(pilot, "turn 25", times=2)
        assert pilot.app.query_one("#record-text").has_focus
        # Views of the record, the divider, the keys below.
        await click(pilot, "JSON", line=2)
        assert "[JSON]" in lines(pilot)[2]
        at = lines(pilot)[3].index("\u2502")
        await pilot.mouse_down(offset=(at, 10))
        await pilot.mouse_up(offset=(at - 20, 10))
        await settled(pilot)
        assert abs(lines(pilot)[3].index("\u2502") - (at - 20)) <= 1


async def test_what_dialogs_offer_can_be_clicked(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await click(pilot, "Filter", line=39)
        await click(pilot, "leave as it is")
        assert "Type to narrow" not in screen(pilot)
        await click(pilot, "Filter", line=39)
        await click(pilot, "action:deploy")
        assert "action:deploy \u00d7" in lines(pilot)[1]
        await click(pilot, "\u00d7", line=1)
        assert "\u00d7" not in lines(pilot)[1]
        await click(pilot, "Archive", line=39)
        await click(pilot, "Esc")
        assert "why?" not in screen(pilot)
        await click(pilot, "Archive", line=39)
        await click(pilot, "wrong")
        assert "Archived 1 interaction as wrong" in toasts(pilot)
        await click(pilot, "4 Archive", line=0)
        await click(pilot, "Restore", line=39)
        await click(pilot, "Leave in the archive")
        await click(pilot, "Restore", line=39)
        await click(pilot, "Enter Restore")
        assert "Restored 1" in toasts(pilot)
        await click(pilot, "Help", line=39)
        await click(pilot, "Esc Close")
        assert "Go from the question" not in screen(pilot)
    assert await stored(memory_file, lambda store: store.get_pattern("pat-1"))


async def test_titles_between_which_nothing_stands_answer_nothing(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        before = lines(pilot)
        await pilot.click(offset=(1, 2))
        await click(pilot, "what", line=2)
        assert lines(pilot)[1:] == before[1:]
