"""A text to read: labelled, wrapped, scrolled, as long as it has to be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings_for
from tui.aloud import is_read_aloud
from tui.lines import Line, Piece, in_two_columns, indent_of, pieces_of
from tui.widgets.plain import Plain

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.selection import Selection

_TWO: Final = 48
"""Cells from which on two texts stand beside each other."""


class TextView(Plain, ScrollView, can_focus=True):
    """Shows lines of text, wrapped to its width; the mouse can select text in it.

    Args:
        id: As for any widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text-view--text",
        "text-view--dim",
        "text-view--strong",
        "text-view--accent",
        "text-view--added",
        "text-view--removed",
        "text-view--bad",
    }
    # Its colours are here and not in a style sheet, which would be read before the first rows.
    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    TextView > .text-view--text { color: $foreground; }
    TextView > .text-view--dim { color: $foreground-muted; }
    TextView > .text-view--strong { color: $foreground; text-style: bold; }
    TextView > .text-view--accent { color: $accent; }
    TextView > .text-view--added { color: $success; }
    TextView > .text-view--removed { color: $error; }
    TextView > .text-view--bad { color: $error; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("text")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._beside: Sequence[Line] = ()
        self._wrapped: list[tuple[Piece, ...]] = []
        self._tops: list[int] = []
        self._indent = 0
        self.has_more = False

    def show(
        self,
        lines: Sequence[Line],
        *,
        beside: Sequence[Line] = (),
        has_more: bool = False,
        keep_place: bool = False,
    ) -> None:
        """Show other lines.

        Args:
            lines: The text.
            beside: What stands beside it where there is space, else below it.
            has_more: Whether there is more of it than these lines.
            keep_place: Whether to stay where one is instead of going to the beginning.
        """
        self._lines, self._beside = list(lines), beside
        self.has_more = has_more
        self._wrap()
        if not keep_place and self.scroll_offset.y:
            self.scroll_to(y=0, animate=False, force=True)

    def replace(self, number: int, line: Line) -> None:
        """Show another line in the place of one; the others are laid out anew only if they move.

        Args:
            number: Which of the lines.
            line: What stands there from now on, with a label as wide as the one before.
        """
        self._lines[number] = line
        first, end = self.top_of(number), self.top_of(number + 1)
        pieces = [(piece,) for piece in pieces_of(line, self._indent, self._width)]
        if len(pieces) == end - first:
            self._wrapped[first:end] = pieces
            self.refresh()
        else:
            self._wrap()

    def top_of(self, number: int) -> int:
        """Say where one of the lines begins, in lines of the screen; the end for one too many."""
        return self._tops[number] if number < len(self._tops) else len(self._wrapped)

    def number_at(self, y: int) -> int:
        """Say which of the lines stands there, in lines of the screen."""
        return max(0, bisect_right(self._tops, y) - 1)

    @property
    def _width(self) -> int:
        return max(8, self.size.width - 2)

    def _wrap(self) -> None:
        width = self._width
        self._wrapped, self._tops = [], []
        if self._beside and width >= _TWO and not is_read_aloud():
            self._wrapped += in_two_columns(self._lines, self._beside, width)
        else:
            lines = [*self._lines, *self._beside]
            self._indent = indent_of(lines, width)
            for line in lines:
                self._tops.append(len(self._wrapped))
                self._wrapped += [(piece,) for piece in pieces_of(line, self._indent, width)]
        self.virtual_size = Size(self.size.width, len(self._wrapped))
        self.refresh()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is in view."""
        index = self.scroll_offset.y + y
        width = self.size.width
        plain = self.plain
        if index >= len(self._wrapped):
            return Strip.blank(width, plain)
        dim = self.style_of("text-view--dim")
        segments, edge = list[Segment](), " "
        for label, text, role in self._wrapped[index]:
            style = self.style_of(f"text-view--{role}")
            segments += [Segment(f"{edge}{label}", dim), Segment(text, style)]
            edge = ""
        strip = self._selected(Strip(segments), index)
        return strip.adjust_cell_length(width, plain).apply_offsets(0, index)

    # Selecting with the mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Give the text that is selected."""
        return selection.extract(
            "\n".join(
                " " + "".join(f"{label}{text}" for label, text, _ in pieces)
                for pieces in self._wrapped
            )
        ), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        del selection
        self.refresh()

    def _selected(self, strip: Strip, index: int) -> Strip:
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is None:
            return strip
        start, end = span
        end = strip.cell_length if end == -1 else end
        style = self.screen.get_component_rich_style("screen--selection")
        before, chosen, after = strip.crop(0, start), strip.crop(start, end), strip.crop(end)
        return Strip.join([before, chosen.apply_style(style), after])
