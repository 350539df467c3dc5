"""The figures of a memory: a chart of days, and panels with what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.containers import Container, VerticalScroll

from tui import glance as panels
from tui.actions import bindings_for
from tui.aloud import is_read_aloud
from tui.widgets.course_chart import CourseChart
from tui.widgets.day_chart import DayChart
from tui.widgets.panel import Panel

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from storage import Lead
    from tui.memory import Memory

_SEEN: Final = "overview.seen"
_SNAPSHOTS: Final = 2000
_WIDE: Final = 110
_BROAD: Final = 180
_TITLES: Final = {
    "amounts": "How much there is",
    "news": "New since your last visit",
    "types": "Patterns by type and confidence",
    "reasons": "Archive by reason",
    "domains": "World model by domain",
    "health": "Health at a glance",
    "file": "File",
}


class Figures(VerticalScroll, can_focus=True):
    """Shows how much there is, when it happened, and of what it is.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    DEFAULT_CSS = """
    Figures { height: 1fr; scrollbar-size-vertical: 1; }
    Figures > #panels { height: auto; layout: grid; grid-size: 1; grid-rows: auto; }
    Figures.-two > #panels { grid-size: 2; }
    Figures.-three > #panels { grid-size: 3; }
    Figures:focus { background-tint: $foreground 3%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("figures")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._memory = memory
        self._before: Mapping[str, Any] | None = None
        self.chart = DayChart(id="day-chart")
        self.course = CourseChart(id="course-chart")
        self._told: dict[str, Callable[[], Sequence[panels.Line]]] = {}
        self._panels = {name: Panel(title, id=f"panel-{name}") for name, title in _TITLES.items()}

    def compose(self) -> ComposeResult:
        """Lay out the chart, and the panels below it."""
        yield self.chart
        with Container(id="panels"):
            yield from self._panels.values()
        yield self.course

    @property
    def stops(self) -> Sequence[Widget]:
        """What can have the focus here, in order."""
        return [self.chart, *([self.course] if self.course.display else []), self]

    def on_mount(self) -> None:
        """Lay the panels out."""
        self._fit()

    def on_resize(self) -> None:
        """Lay the panels out in the new width."""
        self._fit()

    def _fit(self) -> None:
        """Put as many panels side by side as there is space for."""
        width = 0 if is_read_aloud() else self.screen.size.width
        self.set_class(_WIDE <= width < _BROAD, "-two")
        self.set_class(width >= _BROAD, "-three")

    async def show(self, glance: Mapping[str, Any]) -> None:
        """Show a memory.

        Args:
            glance: What `get_overview()` gives; the rest is read here, in parts.

        Raises:
            StorageError: It could not be read.
        """
        store = self._memory.store
        self._show_seen(glance["counts"])
        self._panel("types", partial(panels.types, glance["types"]))
        self._panel("reasons", partial(panels.reasons, glance["reasons"]))
        self._panel("file", partial(panels.file, glance["file"], self._memory.named.name))
        live, archived, limits = Counter[date](), Counter[date](), list[str]()
        async for part in store.get_activity():
            live.update(part.live)
            archived.update(part.archived)
            limits += [part.limit] * bool(part.limit)
        self.chart.show(live, archived, limits)
        self._panel("amounts", partial(panels.amounts, glance["counts"], live + archived))
        keys = await store.list_keys("snapshot", limit=_SNAPSHOTS)
        found = await store.get_summaries("snapshot", keys)
        courses = panels.courses(found)
        self._panel("domains", partial(panels.domains, courses, panels.silent(found, courses)))
        self.course.show(courses)

    def show_health(self, leads: Sequence[Lead], limits: Sequence[str], *, is_done: bool) -> None:
        """Show what the first look found.

        Args:
            leads: All leads.
            limits: What was left out.
            is_done: Whether the look is over.
        """
        broken, differing = (
            [lead.title for lead in leads if lead.rule == rule] for rule in ("broken", "diverged")
        )
        self._panel("health", partial(panels.health, broken, differing, limits, is_done=is_done))

    def _show_seen(self, counts: Mapping[str, int | None]) -> None:
        """Say what is new since the last visit, and remember this one."""
        if self._before is None:
            self._before = self._memory.state.get(_SEEN, dict[str, Any]())
        self._panel("news", partial(panels.news, self._before, counts))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._memory.state.put(_SEEN, {"at": now, "counts": dict(counts)})

    def _panel(self, name: str, tell: Callable[[], Sequence[panels.Line]]) -> None:
        self._told[name] = tell
        self._panels[name].show(tell())

    def paint_anew(self) -> None:
        """Have all of it go through the door from data to the screen once more."""
        for name, tell in self._told.items():
            self._panels[name].show(tell())
        self.chart.refresh()
        self.course.refresh()

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_relative(y=lines, animate=False)
