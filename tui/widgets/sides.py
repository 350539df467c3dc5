"""A list and its detail, beside or above each other, with a divider that can be moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual.containers import Container

from tui.widgets.bare import Bare

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

LEAST: Final = 0.15
"""The smallest share of the space that either side is left with."""

_STEP: Final = 0.05
_WIDE: Final = "wide"
_STACKED: Final = "stacked"


class Sides(Container, Bare):
    """Shares the space between two widgets: as the style sheet says, until a person moves it.

    Args:
        first: Left or above.
        second: Right or below; its border is the divider.

    Attributes:
        shares: The share of the first, from 0 to 1, of each way to lay them out that was changed.
    """

    def __init__(self, first: Widget, second: Widget) -> None:
        super().__init__(classes="sides")
        self.first = first
        self.second = second
        self.shares: dict[str, float] = {}
        self._way = ""
        self._is_dragged = False

    def compose(self) -> ComposeResult:
        """Lay out both."""
        yield self.first
        yield self.second

    def recall(self, shares: Mapping[str, Any]) -> None:
        """Share the space as it was before; what is no share counts as none."""
        self.shares = {
            way: _limited(share)
            for way, share in shares.items()
            if way in (_WIDE, _STACKED) and isinstance(share, float)
        }

    def move(self, steps: int) -> None:
        """Give the first more space, or less.

        Args:
            steps: How many steps of a twentieth; less than 0 for less.
        """
        # Keys may come quicker than what they do is laid out.
        share = self.shares.get(self._way_now())
        self._share((self._share_of_first() if share is None else share) + steps * _STEP)

    def on_resize(self) -> None:
        """Share the space anew when they come to stand another way."""
        if self._way != self._way_now():
            self._apply()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the divider."""
        if event.button == 1 and self._is_divider(event):
            event.stop()
            self._is_dragged = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Have the divider follow the mouse."""
        if self._is_dragged:
            event.stop()
            region = self.region
            if self._way_now() == _WIDE:
                self._share((event.screen_x - region.x) / max(1, region.width))
            else:
                self._share((event.screen_y - region.y) / max(1, region.height))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the divider."""
        if self._is_dragged:
            event.stop()
            self._is_dragged = False
            self.release_mouse()

    def _is_divider(self, event: events.MouseDown) -> bool:
        if not (self.first.display and self.second.display):
            return False
        region = self.second.region
        if self._way_now() == _WIDE:
            return int(event.screen_x) == region.x
        return int(event.screen_y) == region.y

    def _way_now(self) -> str:
        return _WIDE if self.screen.has_class("-wide") else _STACKED

    def _share_of_first(self) -> float:
        first, second = self.first.outer_size, self.second.outer_size
        if self._way_now() == _WIDE:
            return first.width / max(1, first.width + second.width)
        return first.height / max(1, first.height + second.height)

    def _share(self, share: float) -> None:
        if self.first.display and self.second.display:
            self.shares[self._way_now()] = _limited(share)
            self._apply()

    def _apply(self) -> None:
        self._way = self._way_now()
        share = self.shares.get(self._way)
        for widget, part in ((self.first, share), (self.second, share and 1 - share)):
            across, along = ("height", "width") if self._way == _WIDE else ("width", "height")
            widget.styles.clear_rule(across)
            if part is None:
                widget.styles.clear_rule(along)
            else:
                setattr(widget.styles, along, f"{part * 100:.2f}fr")


def _limited(share: float) -> float:
    return round(min(1 - LEAST, max(LEAST, share)), 3)
