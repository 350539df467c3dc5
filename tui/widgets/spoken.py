"""The line for a screen reader: where the focus is and what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.geometry import Offset
from textual.widgets import Input

from tui.aloud import HasLine
from tui.panes.sides import Pane
from tui.widgets.bar import Bar, Part
from tui.widgets.record_view import RecordView

if TYPE_CHECKING:
    from textual.widget import Widget

_EVERY: Final = 0.1


class Spoken(Bar):
    """Says what has the focus as soon as that changes, and puts the terminal's cursor there.

    A screen reader of a terminal reads what is written and the line of the cursor; Textual hides
    the cursor, and leaves it in a corner.
    """

    def on_mount(self) -> None:
        """Begin to look."""
        self._said = ""
        self.set_interval(_EVERY, self.look)

    def look(self) -> None:
        """Say where the focus is, unless that was said already."""
        widget = self.app.screen.focused
        if widget is None or isinstance(widget, Input):
            # A line to type in has the terminal's cursor already.
            said = "" if widget is None else f"typing, {widget.placeholder}"
        else:
            line = widget.line_of_cursor() if isinstance(widget, HasLine) else 0
            said = _said(widget, line)
            self.app.cursor_position = widget.region.offset + Offset(0, max(0, line))
        if said != self._said:
            self._said = said
            # What is painted anew brings the cursor to its place, too.
            self.show([Part(f" {said}", "strong")])


def _said(widget: Widget, line: int) -> str:
    where = [_pane_of(widget)]
    if any(isinstance(each, RecordView) for each in widget.ancestors):
        where.append("detail")
    if isinstance(widget, HasLine) and (place := widget.told_place()):
        where.append(place)
    text = " ".join(widget.render_line(line).text.split()) if widget.size.height > line else ""
    return f"{', '.join(each for each in where if each)}: {text}"


def _pane_of(widget: Widget) -> str:
    pane = next((each for each in widget.ancestors if isinstance(each, Pane)), None)
    return "dialog" if pane is None else (pane.id or "").replace("_", " ").capitalize()
