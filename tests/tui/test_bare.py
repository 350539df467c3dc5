"""Lines that are kept between updates: always those that Textual would draw anew."""

from __future__ import annotations

from pathlib import Path

from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.conftest import Browse, press
from tests.tui.waiting import settled
from tui.screens.browser import BrowserScreen
from tui.widgets.bare import Bare

_KEYS = (
    *("2", "j", "pagedown", "space", "v", "G", "escape", "enter", "j", "escape", "g"),
    *("z", "z", "greater_than_sign", "1", "6", "slash", "=turn", "escape"),
)


def cells(strips: list[Strip]) -> list[list[tuple[str, Style | None]]]:
    """Each character with its style."""
    return [[(char, part.style) for part in strip for char in part.text] for strip in strips]


def differing(pilot: Pilot[None]) -> list[str]:
    """Name the widgets whose kept lines are not what Textual draws of them now."""
    found, seen = [], 0
    for widget, (region, _) in pilot.app.screen._compositor.visible_widgets.items():
        if isinstance(widget, Bare):
            seen += 1
            crop = Region(0, 0, region.width, region.height)
            kept = cells(widget.render_lines(crop))
            widget._styles_cache.clear()
            if kept != cells(Widget.render_lines(widget, crop)):
                found.append(repr(widget))
    assert seen
    return found


async def test_what_is_kept_of_every_pane_is_what_would_be_drawn(
    demo_memory: Path, browse: Browse
) -> None:
    async with browse(demo_memory, read_only=True, size=(120, 36)) as pilot:
        for key in _KEYS:
            await press(pilot, key)
            if isinstance(pilot.app.screen, BrowserScreen):
                assert differing(pilot) == [], key
        for theme in ("memglass-light", "nord", "memglass-dark"):
            pilot.app.theme = theme
            await settled(pilot)
            assert differing(pilot) == [], theme
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert differing(pilot) == []


class Numbers(ScrollView, Bare):
    """Counts how often each line is painted."""

    DEFAULT_CSS = "Numbers { height: 5; } Numbers.framed { border: round red; }"

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[int] = []

    def on_mount(self) -> None:
        self.virtual_size = Size(10, 5)

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return Strip.blank(self.size.width)


class Holder(App[None]):
    def compose(self) -> ComposeResult:
        yield Numbers()


async def test_only_lines_that_changed_are_painted_anew() -> None:
    async with Holder().run_test() as pilot:
        numbers = pilot.app.query_one(Numbers)
        whole = Region(0, 0, numbers.size.width, 5)
        numbers.render_lines(whole)
        numbers.painted.clear()
        numbers.render_lines(whole)
        assert numbers.painted == []
        numbers.refresh(Region(0, 2, 10, 2))
        numbers.render_lines(whole)
        assert numbers.painted == [2, 3]
        numbers.painted.clear()
        numbers.refresh()
        numbers.render_lines(whole)
        assert numbers.painted == [0, 1, 2, 3, 4]


async def test_a_border_that_a_style_sheet_gives_is_drawn() -> None:
    async with Holder().run_test() as pilot:
        numbers = pilot.app.query_one(Numbers)
        numbers.add_class("framed")
        await settled(pilot)
        [top, *_] = numbers.render_lines(Region(0, 0, numbers.outer_size.width, 5))
        assert top.text.startswith("\u256d")
        numbers.remove_class("framed")
        await settled(pilot)
        [top, *_] = numbers.render_lines(Region(0, 0, numbers.outer_size.width, 5))
        assert not top.text.strip()
