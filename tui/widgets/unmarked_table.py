"""A table of rows with which nothing could be done together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.widgets.line_table import LineTable
from tui.widgets.row_painter import GUTTER

if TYPE_CHECKING:
    from textual import events

_SELECTING: Final = ("mark", "range", "all")


class UnmarkedTable(LineTable):
    """A table in which nothing is selected, neither by keys nor by the mouse."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer everything but selecting."""
        del parameters
        return action not in _SELECTING

    def on_click(self, event: events.Click) -> None:
        """Move to the row, also where a click would select it in another table."""
        index = self.row_of_line(event.y)
        if index is not None and (event.x < GUTTER or event.ctrl or event.shift):
            event.stop()
            event.prevent_default()
            self.cursor = index
