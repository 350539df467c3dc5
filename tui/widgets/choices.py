"""A list to choose from, in a dialog: a sign stands before the line that is chosen."""

from __future__ import annotations

from textual.strip import Strip
from textual.widgets import OptionList

from tui.widgets.signs import HERE, with_sign


class Choices(OptionList):
    """Textual's list, whose chosen line differs from the others by its colours alone."""

    def line_of_cursor(self) -> int:
        """Say on which line the one that is chosen begins."""
        places = [at for at, line in enumerate(self._lines) if line == (self.highlighted, 0)]
        return max(0, places[0] - self.scroll_offset.y) if places else 0

    def told_place(self) -> str:
        """Say how far down that is."""
        at = self.highlighted
        return "" if at is None else f"choice {at + 1:,} of {len(self.options):,}"

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        if line >= len(self._lines) or self._lines[line] != (self.highlighted, 0):
            return strip
        return with_sign(strip, HERE)
