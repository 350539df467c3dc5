"""A list of what was found: Enter goes to the record, in its own pane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.actions import bindings_for
from tui.widgets.fresh import Fresh
from tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.widgets.columns import Column


_FLEETING: Final = frozenset({"rank", "moved", "state"})


class Answers(LineTable):
    """The list of a pane whose rows lead to records elsewhere.

    Args:
        columns: As for any list.
        id: As for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("answers")

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(columns, id=id)
        self.fresh = Fresh(_FLEETING)

    def action_follow(self) -> None:
        """Go to the record."""
        self.action_open()
