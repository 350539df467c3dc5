"""The line of a timeline: its points, of which two are chosen; each can be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tui.aloud import is_read_aloud
from tui.widgets.bar import Bar, Part
from tui.world.timeline import drawn, sessions_of

if TYPE_CHECKING:
    from tui.world.timeline import Timeline

_TRIGGER = 24
_SESSION = 16


class TimeBar(Bar):
    """Shows the timeline of a domain, and which points A and B are."""

    @dataclass
    class Chosen(Message):
        """A point was clicked.

        Attributes:
            at: Which one.
        """

        at: int

    def show_timeline(self, timeline: Timeline) -> None:
        """Show another timeline, or other points of it."""
        base, point = timeline.base_point, timeline.point
        trigger = f" {str(point.trigger)[:_TRIGGER]}" if point.trigger else ""
        since = "nothing" if base is None else base.when
        sessions = sessions_of(timeline.points)
        session = f"  {sessions[point.model][:_SESSION]}" if len(sessions) > 1 else ""
        right = f"A {since}  B {point.when}{trigger}{session} "
        if is_read_aloud():
            place = f" point {timeline.at + 1} of {len(timeline.points)} "
            self.show([Part(place, "text")], [Part(right, "strong")])
            return
        # On its first visit the line has no width yet.
        width = self.size.width or self.app.size.width
        marks = [
            Part(mark.text, "accent" if mark.is_chosen else "text", str(mark.at))
            if mark.at is not None
            else Part(mark.text, "dim")
            for mark in drawn(timeline, max(12, width - len(right) - 2))
        ]
        self.show([Part(" ", "dim"), *marks], [Part(right, "strong")])

    def press(self, target: str) -> None:
        """Say which point was clicked."""
        self.post_message(self.Chosen(int(target)))
