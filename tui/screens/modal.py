"""What every dialog is."""

from __future__ import annotations

from textual import events, on
from textual.screen import ModalScreen, ScreenResultType

from tui.clicks import Clickable


# Of several parents Textual takes the style of the first alone.
class Modal(ModalScreen[ScreenResultType], Clickable[ScreenResultType]):
    """A dialog over a screen."""

    @on(events.Mount)
    def _forget_messages(self) -> None:
        """Let go of messages, which would cover what is asked, and tell of what was done before."""
        self.app.clear_notifications()
