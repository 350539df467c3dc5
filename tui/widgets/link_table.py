"""A list of records that belong to another: Enter goes to one of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.message import Message

from tui.actions import bindings_for
from tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from textual.binding import BindingType


class LinkTable(LineTable, inherit_bindings=False):
    """A table in a detail view, of which each row leads to another record.

    Args:
        columns: The columns.
        id: As for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("links")

    @dataclass
    class LinkFollowed(Message):
        """A person wants to go to what a row names."""

        key: Hashable

    def action_follow(self) -> None:
        """Go to the record under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.LinkFollowed(self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Move to the row that was clicked; twice goes to it. There is nothing to select here."""
        event.stop()
        event.prevent_default()
        index = self.row_of_line(event.y)
        if index is not None:
            self.cursor = index
            if event.chain == 2:
                self.action_follow()

    @on(LineTable.Moved)
    @on(LineTable.Marked)
    def _kept(self, event: LineTable.Moved | LineTable.Marked) -> None:
        # What happens in a detail is no business of the list beside it.
        event.stop()
