"""A list of what was found: Enter goes to the record, in its own pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui.actions import bindings_for
from tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from textual.binding import BindingType


class Answers(LineTable):
    """The list of a pane whose rows lead to records elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("answers")

    def action_follow(self) -> None:
        """Go to the record."""
        self.action_open()
