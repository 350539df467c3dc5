"""For a screen reader: one column, words for plots, the cursor on the focused line, and a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
from textual.pilot import Pilot

from tests.terminal import PROGRAM, ROOT, running
from tests.tui.conftest import Browse, lines, press, screen
from tui import glance
from tui.aloud import read_aloud, wants_aloud
from tui.config import Config
from tui.widgets.spoken import Spoken
from tui.wording import meter

# Blocks, boxes' shades and braille: what plots are drawn with.
DRAWN = re.compile("[\u2580-\u259f\u2800-\u28ff\u25cb]")


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    read_aloud(False)


def spoken(pilot: Pilot[None]) -> str:
    """What the line for the reader says, looked at now and not at its next turn."""
    line = pilot.app.screen_stack[0].query_one(Spoken)
    line.look()
    return "".join(part.text for part in line._left).strip()


def test_it_is_wanted_by_configuration_or_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCESSIBLE", raising=False)
    assert not wants_aloud(Config())
    assert wants_aloud(Config(reader=True))
    monkeypatch.setenv("ACCESSIBLE", "0")
    assert not wants_aloud(Config())
    monkeypatch.setenv("ACCESSIBLE", "1")
    assert wants_aloud(Config())


def test_small_plots_are_told_in_words() -> None:
    assert DRAWN.search(meter(0.5, 10) + glance.course_of([0.5, 0.9]))
    read_aloud(True)
    assert meter(0.5, 10) == ""
    assert glance.course_of([0.5, 0.4, 0.9]) == "from .50, between .40 and .90, now"
    assert glance.spread([0, 0, 0, 1, 0, 0, 2, 0, 0, 4]) == "1 below .50, 6 from there on"


async def test_all_stands_in_one_column_in_words_and_what_has_the_focus_is_said(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(140, 40), config=Config(reader=True)) as pilot:
        assert pilot.app.animation_level == "none"
        assert pilot.app.screen.has_class("-narrow")
        assert not pilot.app.screen.has_class("-wide")
        assert spoken(pilot).startswith("Interactions, row 1 of 28: \u25b8 03-01 09:29")
        await press(pilot, "j")
        said = spoken(pilot)
        assert said.startswith("Interactions, row 2 of 28: \u25b8 03-01 09:28")
        assert said.endswith("turn 28")
        assert lines(pilot)[pilot.app.cursor_position.y].startswith("\u25b8")
        await press(pilot, "tab")
        assert spoken(pilot).startswith("Interactions, detail: content turn 28")
        await press(pilot, "escape", "f")
        assert spoken(pilot).startswith("typing, Type to narrow")
        await press(pilot, "escape", "a", "down")
        assert spoken(pilot).startswith("dialog, choice 1 of 7: \u25b81 consolidated_to_working")
        await press(pilot, "escape", "1", "tab", "tab")
        assert "30 interactions, 2 of them archived" in spoken(pilot)
        for pane in "1234785":
            await press(pilot, pane)
            assert not DRAWN.search(screen(pilot)), pane
        assert "point 3 of 4" in screen(pilot)


async def test_patterns_to_be_merged_are_below_each_other(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 50), config=Config(reader=True)) as pilot:
        await press(pilot, "3", "space", "space", "space", "M")
        told = screen(pilot)
        assert told.index("1 stays: pat-7") < told.index("2 goes: pat-5")
        assert not any("pat-7" in line and "pat-5 " in line for line in lines(pilot))
        assert "The same in all" in told
        assert "Tab others" not in told


def test_the_cursor_of_the_terminal_is_seen_and_stands_where_the_focus_is(
    memory_file: Path, tmp_path: Path
) -> None:
    terminal_screen = pyte.Screen(100, 30)
    env = {"PYTHONPATH": str(ROOT), "MEMGLASS_STATE": str(tmp_path / "state")}
    with running(
        [*PROGRAM, "--reader", memory_file], folder=tmp_path, size=(30, 100), env=env
    ) as terminal:
        assert terminal.read_until(b"Help")
        terminal.press(b"2")
        assert terminal.read_until(b"row 1 of 28")
        terminal.press(b"j")
        assert terminal.read_until(b"row 2 of 28")
        terminal.read_until_quiet(0.3)
    pyte.ByteStream(terminal_screen).feed(terminal.written)
    assert b"\x1b[?25h" in terminal.written
    assert terminal_screen.display[terminal_screen.cursor.y].startswith("\u25b8")
