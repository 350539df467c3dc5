"""A widget's own style, worked out once."""

from __future__ import annotations

from rich.style import Style

from tui.widgets.bare import Bare


class Plain(Bare):
    """A widget that paints lines in its own style.

    Textual works that style out anew each time that it is asked, which takes longer than a line.
    """

    _plain: Style | None = None
    _parts: dict[str, Style] | None = None

    @property
    def plain(self) -> Style:
        """The style of the widget itself."""
        if self._plain is None:
            self._plain = self.rich_style
        return self._plain

    def style_of(self, part: str) -> Style:
        """The style of one of its component classes."""
        if self._parts is None:
            self._parts = {}
        style = self._parts.get(part)
        if style is None:
            style = self._parts[part] = self.get_component_rich_style(part)
        return style

    def notify_style_update(self) -> None:
        """Paint anew in the styles of another theme or focus."""
        super().notify_style_update()
        self._plain = self._parts = None
