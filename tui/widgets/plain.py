"""A widget's own style, worked out once."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget


class Plain(Widget):
    """A widget that paints lines in its own style.

    Textual works that style out anew each time that it is asked, which takes longer than a line.
    """

    _plain: Style | None = None

    @property
    def plain(self) -> Style:
        """The style of the widget itself."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    def notify_style_update(self) -> None:
        """Paint anew in the styles of another theme or focus."""
        super().notify_style_update()
        self._plain = None
