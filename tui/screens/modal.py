"""What every dialog is."""

from __future__ import annotations

from textual.screen import ModalScreen, ScreenResultType

from tui.clicks import Clickable


class Modal(Clickable[ScreenResultType], ModalScreen[ScreenResultType]):
    """A dialog over a screen."""
