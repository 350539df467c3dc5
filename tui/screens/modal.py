"""What every dialog is."""

from __future__ import annotations

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType

from tui.clicks import Clickable


# Of several parents Textual takes the style of the first alone.
class Modal(ModalScreen[ScreenResultType], Clickable[ScreenResultType]):
    """A dialog over a screen."""

    @on(events.Mount)
    def _forget_messages(self) -> None:
        """Let go of messages, which would cover what is asked, and tell of what was done before."""
        self.app.clear_notifications()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it with an answer; one that comes when it is closed already is let go of.

        A key and a click may both answer before the first of them has closed it, and Textual takes
        away whatever screen is in front then.
        """
        if self.app.screen is not self:
            return AwaitComplete()
        return super().dismiss(result)
