"""Where a person is when they ask for something, to know whether they have gone on since."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.panes.sides import Pane


class Standing:
    """The pane that a person looks at, what has the focus in it, and the record under the cursor.

    Args:
        pane: The pane.
    """

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._focus = pane.screen.focused
        self._key = pane.table.cursor_key

    @property
    def is_left(self) -> bool:
        """Whether the person went to another pane, or to something else in this one."""
        # Of a terminal that is not in front nothing has the focus.
        return not self._pane.display or self._pane.screen.focused not in (None, self._focus)

    @property
    def is_other(self) -> bool:
        """Whether they are elsewhere, in a dialog, or look at another record."""
        pane = self._pane
        is_asked = pane.app.screen is not pane.screen
        return self.is_left or is_asked or pane.table.cursor_key != self._key
