"""Giving the focus to a widget before the next key is looked at."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.dom import NoScreen

if TYPE_CHECKING:
    from textual.widget import Widget


def focus_now(widget: Widget) -> None:
    """Give a mounted widget the focus at once.

    `Widget.focus` leaves that for later: the key that a quick typist presses next would still be
    taken for the widget that had it before. What cannot have it gives it to what it holds.
    """
    held = (each for each in widget.query("*") if each.can_focus)
    # Once the program is being left there is no screen to have a focus.
    with suppress(NoScreen):
        widget.screen.set_focus(widget if widget.can_focus else next(held, widget))
