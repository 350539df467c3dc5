"""A chart of how much happened when, with a cursor that leads to what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import bindings_for
from tui.activity import Bar, Bars, bundle, ticks
from tui.aloud import is_read_aloud
from tui.text import safe_text
from tui.widgets.plain import Plain
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.plots import Plot

_MARKS: Final = "\u2588\u2591"
_AXES: Final = 8
_LEAST_WIDTH: Final = 24
_LEAST_HEIGHT: Final = 6
# How many screens of bars one can go back through before they are bundled.
_SCREENS: Final = 3
_CURSOR_LINE: Final = "\u25b2"
_EMPTY: Final = "No interactions yet, so there is nothing to draw."


class DayChart(Plain, can_focus=True):
    """Draws interactions by day, week or month, whatever fits; archived ones stand on top.

    Args:
        id: As for any widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"day-chart--dim", "day-chart--cursor"}
    DEFAULT_CSS = """
    DayChart { height: 11; width: 1fr; }
    DayChart > .day-chart--dim { color: $foreground-muted; }
    DayChart > .day-chart--cursor { color: $accent; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("chart")

    cursor: reactive[int] = reactive(0)

    @dataclass
    class Opened(Message):
        """A person wants to see what happened then."""

        chart: DayChart
        bar: Bar

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._live: Mapping[date, int] = {}
        self._archived: Mapping[date, int] = {}
        self._limits: Sequence[str] = ()
        self._is_known = False
        self._bars = Bars([], "day")
        self._plot: Plot | None = None
        # The bars that are drawn: which is the first of them, and which comes after the last.
        self._window = (0, 0)
        self._was_moved = False

    @property
    def chosen(self) -> Bar | None:
        """The bar under the cursor."""
        bars = self._bars.bars
        return bars[self.cursor] if self.cursor < len(bars) else None

    def show(
        self, live: Mapping[date, int], archived: Mapping[date, int], limits: Sequence[str] = ()
    ) -> None:
        """Show other days.

        Args:
            live: Live interactions by day.
            archived: Archived ones by day.
            limits: What is left out, in sentences.
        """
        self._live, self._archived, self._limits = live, archived, limits
        self._is_known = True
        self._draw_soon()

    def on_resize(self) -> None:
        """Draw in the new size."""
        self._draw_soon()

    def _draw_soon(self) -> None:
        begin(self, self._draw, group="plot", exclusive=True)

    async def _draw(self) -> None:
        width, height = self.size.width - 2, self.size.height - 2
        if width < _LEAST_WIDTH or height < _LEAST_HEIGHT - 2:
            return
        chosen = self.chosen
        room = width - _AXES
        bars = bundle(self._live, self._archived, _SCREENS * room)
        self.set_reactive(DayChart.cursor, self._place(bars.bars, chosen))
        first, end = window(len(bars.bars), self.cursor, room, self._window[0])
        plot: Plot | None = None
        if bars.bars and not is_read_aloud():
            plots = await asyncio.to_thread(import_module, "tui.plots")
            drawn = bars.bars[first:end]
            series = [[bar.live for bar in drawn], [bar.archived for bar in drawn]]
            below = ticks(drawn, bars.unit, width)
            # In a thread: a large plot takes longer than a key press may wait.
            plot = await asyncio.to_thread(plots.bars, series, _MARKS, below, width, height)
        self._bars, self._plot, self._window = bars, plot, (first, end)
        self.refresh()

    def _place(self, bars: Sequence[Bar], chosen: Bar | None) -> int:
        """Keep the cursor on its day; before it was moved, it is on the last."""
        if chosen is None or not self._was_moved:
            return max(0, len(bars) - 1)
        starts = [number for number, bar in enumerate(bars) if bar.start <= chosen.start]
        return starts[-1] if starts else 0

    def watch_cursor(self, cursor: int) -> None:
        """Draw what the cursor comes to."""
        if self._plot is not None and not self._window[0] <= cursor < self._window[1]:
            self._draw_soon()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a bar."""
        return max(0, min(cursor, len(self._bars.bars) - 1))

    # Painting

    def render_line(self, y: int) -> Strip:
        """Paint one line: the heading, the plot, the line with the cursor."""
        width = self.size.width
        if y == 0:
            return self._strip(self._heading(), "day-chart--cursor" if self.has_focus else "")
        plot = self._plot
        if is_read_aloud() and self._bars.bars:
            return self._strip(self._in_words(y - 1), "")
        if plot is None:
            # Days that are not read yet, or have no space to be drawn in, are not none.
            is_empty = self._is_known and not (self._live or self._archived)
            return self._strip(_EMPTY if is_empty and y == 1 else "", "day-chart--dim")
        if y <= len(plot.lines):
            return self._plotted(plot, plot.lines[y - 1])
        if y == len(plot.lines) + 1 and self.has_focus:
            start, _ = self._cells(plot, self.cursor)
            return self._strip(" " * start + _CURSOR_LINE, "day-chart--cursor")
        return Strip.blank(width, self.plain)

    def _in_words(self, line: int) -> str:
        """Tell the days around the cursor, a line each, the newest first."""
        bars, height = self._bars.bars, self.size.height - 1
        newest = min(len(bars) - 1, max(self.cursor + height // 2, height - 1))
        if not 0 <= (number := newest - line) < len(bars):
            return ""
        sign = "\u25b8" if number == self.cursor else " "
        return f"{sign} {_counted(bars[number])}"

    def _heading(self) -> str:
        bar = self.chosen
        if bar is None:
            return "Activity"
        limits = list(self._limits)
        if self._bars.left_out:
            limits.insert(0, f"{self._bars.left_out:,} are left out, years away.")
        if is_read_aloud():
            told = " ".join(limits)
            return _counted(bar) if self.has_focus else f"Activity, by {self._bars.unit}. {told}"
        legend = f"{_MARKS[0]} live {_MARKS[1]} archived"
        if not self.has_focus:
            told = " ".join((legend, *limits))
            return f"Activity, interactions a {self._bars.unit}   {told}"
        return f"{_counted(bar)}   {legend}"

    def _strip(self, text: str, role: str) -> Strip:
        style = self.style_of(role) if role else self.plain
        width = self.size.width
        return Strip([Segment(f" {safe_text(text)}", style)]).adjust_cell_length(width, self.plain)

    def _plotted(self, plot: Plot, line: str) -> Strip:
        start, end = self._cells(plot, self.cursor)
        text = line.ljust(self.size.width)
        plain, chosen = self.plain, self.style_of("day-chart--cursor")
        if not self.has_focus:
            start = end = len(text)
        parts = [(text[:start], plain), (text[start:end], chosen), (text[end:], plain)]
        segments = [Segment(safe_text(part), style) for part, style in parts if part]
        return Strip([Segment(" ", plain), *segments]).adjust_cell_length(self.size.width, plain)

    def _cells(self, plot: Plot, number: int) -> tuple[int, int]:
        """Give the cells of a bar in a line of the plot, from the first to the one after it."""
        first, end = self._window
        width, count = plot.right - plot.left, max(1, end - first)
        number -= first
        start = plot.left + number * width // count
        return start, max(start + 1, plot.left + (number + 1) * width // count)

    # Moving

    def action_step(self, bars: int) -> None:
        """Go to an earlier or a later bar."""
        self._was_moved = True
        self.cursor += bars

    def action_first_bar(self) -> None:
        """Go to the first bar."""
        self.action_step(-len(self._bars.bars))

    def action_last_bar(self) -> None:
        """Go to the last bar."""
        self.action_step(len(self._bars.bars))

    def action_open_bar(self) -> None:
        """Ask for what happened then."""
        if self.chosen is not None:
            self.post_message(self.Opened(self, self.chosen))

    def on_click(self, event: events.Click) -> None:
        """Choose the bar that was clicked; twice opens it."""
        plot = self._plot
        if plot is None:
            return
        event.stop()
        for number in range(*self._window):
            start, end = self._cells(plot, number)
            if start <= event.x - 1 < end:
                self.action_step(number - self.cursor)
        if event.chain == 2:
            self.action_open_bar()


def _counted(bar: Bar) -> str:
    total = bar.live + bar.archived
    return f"{bar.told()}: {counted(total, 'interaction')}, {bar.archived:,} of them archived"


def window(count: int, cursor: int, room: int, first: int) -> tuple[int, int]:
    """Choose `room` of so many bars: those up to the last, or a part in which the cursor is."""
    if cursor >= count - room:
        first = count - room
    elif not first <= cursor < first + room:
        first = cursor - room // 2
    first = max(0, first)
    return first, min(count, first + room)
