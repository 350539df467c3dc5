"""How sure the agent was of a domain, snapshot by snapshot, with a cursor that leads to each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.widget import Widget

from tui.actions import bindings_for
from tui.aloud import is_read_aloud
from tui.moments import short_time
from tui.navigation import Followed
from tui.text import content, lines_of_spans, safe_text
from tui.widgets.cells import fit
from tui.wording import confidence
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.content import Content

    from tui.glance import Course, Told
    from tui.plots import Plot

_LEAST_WIDTH: Final = 24
_HEADING: Final = 1
_NAME: Final = 40


class CourseChart(Widget, can_focus=True):
    """Draws the confidence in one domain over its snapshots.

    Args:
        id: As for any widget.
    """

    DEFAULT_CSS = """
    CourseChart { height: 14; width: 1fr; padding: 1 1 0 1; display: none; }
    CourseChart.-any { display: block; }
    CourseChart:focus { background-tint: $foreground 3%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("course")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._courses: Sequence[Course] = ()
        self._domain = ""
        self._at: int | None = None
        self._plot: Plot | None = None

    def show(self, courses: Sequence[Course]) -> None:
        """Show other courses, and stay with the domain and the snapshot that were shown."""
        before = self.chosen
        self._courses = courses
        self.set_class(bool(courses), "-any")
        points = () if self._course is None else self._course.points
        # One that looks at the newest goes on with it.
        self._at = points.index(before) if self._at is not None and before in points else None
        self._draw_soon()

    @property
    def _course(self) -> Course | None:
        same = (each for each in self._courses if each.domain == self._domain)
        return next(same, next(iter(self._courses), None))

    @property
    def chosen(self) -> Told | None:
        """The snapshot under the cursor."""
        course = self._course
        return None if course is None else course.points[self._number]

    @property
    def _number(self) -> int:
        last = 0 if self._course is None else len(self._course.points) - 1
        return last if self._at is None else max(0, min(self._at, last))

    # Drawing

    def on_resize(self) -> None:
        """Draw in the new size."""
        self._draw_soon()

    def on_focus(self) -> None:
        """Say what can be done here."""
        self.refresh()

    def on_blur(self) -> None:
        """Say no longer what can be done here."""
        self.refresh()

    def _draw_soon(self) -> None:
        begin(self, self._draw, group="plot", exclusive=True)

    async def _draw(self) -> None:
        course = self._course
        width, height = self.size.width, self.size.height - _HEADING
        if course is None or width < _LEAST_WIDTH or is_read_aloud():
            self._plot = None
        else:
            values = [each.confidence for each in course.points]
            ends = short_time(course.points[0].at), short_time(course.points[-1].at)
            plots = await asyncio.to_thread(import_module, "tui.plots")
            # In a thread: a large plot takes longer than a key press may wait.
            self._plot = await asyncio.to_thread(
                plots.course, values, self._number, ends, width, height
            )
        self.refresh()

    def render(self) -> Content:
        """Give the heading and the plot."""
        if self._course is None:
            return content("")
        lines = [[(fit(self._heading(), max(1, self.size.width)).rstrip(), "bold")]]
        if self._plot is not None:
            lines += [[(safe_text(line), "")] for line in self._plot.lines]
        return lines_of_spans(lines)

    def _heading(self) -> str:
        course, chosen = self._course, self.chosen
        if course is None or chosen is None:
            return ""
        sign = "\u25b8 " if self.has_focus else ""
        name = safe_text(course.domain, _NAME)
        place = f"snapshot {self._number + 1:,} of {len(course.points):,}"
        told = f"{confidence(chosen.confidence)} at {short_time(chosen.at)}, {place}"
        others = len(self._courses)
        more = (
            f"  ({self._courses.index(course) + 1:,} of {others:,} domains)" if others > 1 else ""
        )
        return f"{sign}Confidence in {name}: {told}{more}"

    # Moving

    def action_step(self, steps: int) -> None:
        """Go to an earlier or a later snapshot."""
        if self._course is not None:
            self._at = max(0, min(self._number + steps, len(self._course.points) - 1))
            self._draw_soon()

    def action_first_bar(self) -> None:
        """Go to the first snapshot."""
        self.action_step(-self._number)

    def action_last_bar(self) -> None:
        """Go to the last snapshot."""
        self._at = None
        self._draw_soon()

    def action_domain(self, steps: int) -> None:
        """Show another domain."""
        course = self._course
        if course is not None:
            at = self._courses.index(course) + steps
            self._domain = self._courses[at % len(self._courses)].domain
            self._at = None
            self._draw_soon()

    def action_open_snapshot(self) -> None:
        """Go to the snapshot in its own pane."""
        if self.chosen is not None and self.chosen.key is not None:
            self.post_message(Followed("snapshot", self.chosen.key))

    def on_click(self, event: events.Click) -> None:
        """Choose the snapshot nearest to what was clicked; twice goes to it."""
        plot, course = self._plot, self._course
        if plot is None or course is None:
            return
        event.stop()
        across = max(1, plot.right - plot.left - 1)
        share = (event.x - 1 - plot.left) / across
        self.action_step(round(share * (len(course.points) - 1)) - self._number)
        if event.chain == 2:
            self.action_open_snapshot()
