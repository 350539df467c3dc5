"""Nothing is told by colour alone: whatever differs on screen differs by its characters, too."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot
from textual.strip import Strip

from storage import SQLiteStore
from tests.tui.asking import look
from tests.tui.conftest import START, Browse, interaction, lines, press, screen, toasts
from tests.tui.test_health import write
from tui.widgets.columns import Column
from tui.widgets.row_painter import RowPainter, RowState, make_palette

STYLES = {name: Style() for name in ("text", "dim", "strong", "accent", "header", "quiet")}


def test_every_state_of_a_row_has_signs_of_its_own() -> None:
    columns = (Column("text", lambda row: row["text"], 10),)
    painter = RowPainter(columns, 20, make_palette(STYLES, Style()))
    seen: dict[str, RowState] = {}
    for cursor, marked, sign, has_focus in product(
        (True, False), (True, False), ("", "+", "~"), (True, False)
    ):
        if has_focus and not cursor:
            continue
        state = RowState(cursor, marked, sign, has_focus)
        text = painter.row(0, {"text": "same"}, state).text
        # A selected row says that and not that it is new: the selection is what keys act upon.
        other = seen.setdefault(text, state)
        assert other == state or (marked and other == state._replace(sign=other.sign)), state


def is_plain(pilot: Pilot[None]) -> None:
    """Nothing that reaches the terminal has a colour, and its characters are the same."""
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in filtered(pilot, strip):
            style = segment.style or Style()
            for colour in (style.color, style.bgcolor):
                assert colour is None or colour.is_default, segment


def filtered(pilot: Pilot[None], strip: Strip) -> Strip:
    """A line as it reaches the terminal."""
    shown = strip
    for each in pilot.app.get_line_filters():
        shown = shown.apply_filter(each, Color(0, 0, 0))
    assert shown.text == strip.text
    return shown


@pytest.fixture
async def telling_file(memory_file: Path) -> Path:
    """A memory with something to warn of, and a world model that changed in every way."""
    write(memory_file, "int-0005", b'{"a":1}{"b":2}')
    async with SQLiteStore(memory_file) as store:
        await store.add_world_model_state(
            {
                "domain": "infra",
                "session_id": "s-1",
                "entities": [
                    {"id": "orders-db", "type": "database", "properties": {"engine": "sqlite"}},
                    {"id": "cache", "type": "service", "properties": {}},
                ],
                "relations": [],
                "confidence": 0.9,
                "snapshot_time": START.replace(day=9),
            }
        )
    return memory_file


async def test_without_colours_every_pane_tells_the_same(
    telling_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with browse(telling_file, size=(120, 40)) as pilot:
        assert pilot.app.no_color
        await look(pilot)
        async with SQLiteStore(telling_file) as agent:
            await agent.add_interaction(interaction(100))
            await agent.update_interaction("int-0029", content="rewritten")
        await look(pilot)
        assert [line[:3] for line in lines(pilot)[3:6]] == [" + ", "\u25b8~ ", "   "]
        await press(pilot, "j", "space")
        assert [line[:2] for line in lines(pilot)[4:7]] == [" ~", " \u25cf", "\u25b8 "]
        # Keys go to the detail: its bar has the sign, and that of the list is hollow.
        await press(pilot, "tab")
        assert lines(pilot)[6].startswith("\u25b9")
        assert "\u25b8int-" in lines(pilot)[2]
        is_plain(pilot)
        for key, name in enumerate(("Overview", "Interactions", "Patterns", "Archive"), 1):
            await press(pilot, str(key))
            assert f"[{key} {name}" in lines(pilot)[0]
            assert "\u25b8" in screen(pilot)
            is_plain(pilot)
        await press(pilot, "3")
        assert ".70" in screen(pilot)
        await press(pilot, "7")
        assert "[7 Health!]" in lines(pilot)[0]
        assert "new" in lines(pilot)[4]
        is_plain(pilot)
        await press(pilot, "5")
        for changed in (" ~  orders-db.properties", " +  cache", " -  orders-db "):
            assert changed in screen(pilot)
        assert ".80" in screen(pilot)
        assert ".90" in screen(pilot)
        is_plain(pilot)
        await press(pilot, "2", "f", "down")
        chosen = [line for line in lines(pilot) if "\u2502 \u25b8" in line]
        assert len(chosen) == 1
        assert "interactions" in chosen[0]
        is_plain(pilot)
        await press(pilot, "escape", "8", "r")
        await press(pilot, "o", "G", "r", "escape", "6", "slash", "escape")
        is_plain(pilot)


async def test_without_colours_it_is_seen_where_one_types(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with browse(memory_file) as pilot:
        await press(pilot, "slash", "d", "e")
        line = filtered(pilot, pilot.app.screen._compositor.render_strips()[2])
        turned = [each.text for each in line if each.style is not None and each.style.reverse]
        assert turned == [" "]


async def test_without_colours_it_is_seen_which_command_is_chosen(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with browse(memory_file) as pilot:
        await press(pilot, "colon", "down")
        marked = [
            each.text.strip()
            for strip in pilot.app.screen._compositor.render_strips()
            for each in filtered(pilot, strip)
            if each.style is not None and each.style.underline and each.text.strip()
        ]
        assert marked[-2:] == ["Archive", "Archive the selected records, with a reason."]


async def test_an_empty_no_color_says_nothing(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    async with browse(memory_file) as pilot:
        assert not pilot.app.no_color


async def test_a_warning_begins_with_a_sign(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, read_only=True) as pilot:
        await press(pilot, "a")
        assert toasts(pilot).startswith("! Nothing can be changed")
