"""Clicks on what is not there any more."""

from __future__ import annotations

from textual import events
from textual.screen import Screen, ScreenResultType


class Clickable(Screen[ScreenResultType]):
    """A screen that lets clicks pass on a widget that was just taken out of it, and its last ones.

    Until it is drawn anew, such a widget still stands under the pointer. Textual begins to select
    text there, asks for the container that it no longer has, and ends the program. What a click on
    a screen that closes asks to be done afterwards, such as forgetting a selection, is never done,
    and Python complains of that in the terminal once the program has left it.
    """

    def _forward_event(self, event: events.Event) -> None:
        if isinstance(event, events.MouseEvent) and (self._closing or self._closed):
            return
        if isinstance(event, events.MouseDown) and self._is_removed(event.x, event.y):
            return
        super()._forward_event(event)

    def _is_removed(self, x: int, y: int) -> bool:
        widget, _ = self.get_widget_and_offset_at(x, y)
        return widget is not None and widget is not self and widget.parent is None
