"""A few lines below a heading, as high as they are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from tui.text import content, lines_of_spans

if TYPE_CHECKING:
    from textual.content import Content

    from tui.glance import Line


class Panel(Widget):
    """Shows lines of parts, each with a style, below a heading.

    Args:
        title: The heading, written by us.
        id: As for any widget.
    """

    DEFAULT_CSS = "Panel { height: auto; padding: 1 1 0 1; }"

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        self._lines = lines
        self.refresh(layout=True)

    def render(self) -> Content:
        """Give the heading, and the lines once there are some."""
        if not self._lines:
            return content("")
        return lines_of_spans([[(self._title, "bold underline")], *self._lines])
