"""What every dialog is."""

from __future__ import annotations

from textual.screen import ModalScreen, ScreenResultType

from tui.clicks import Clickable


# Of several parents Textual takes the style of the first alone.
class Modal(ModalScreen[ScreenResultType], Clickable[ScreenResultType]):
    """A dialog over a screen."""
