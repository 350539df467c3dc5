"""Lines of a text that is written once and read on the screen, in a shell or on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

from tui.text import PAGE_LIMIT, named_value, safe_text
from tui.widgets.cells import cells_of, fit, wrap

TextRole = Literal["text", "dim", "strong", "accent", "added", "removed", "bad"]

_LABEL_WIDTH: Final = 15
_LABEL_LIMIT: Final = 200
_RULE: Final = " \u2502 "
_ON_PAPER: Final = 100


class Line(NamedTuple):
    """One entry of a text.

    Attributes:
        text: Any value; it goes through `safe_text`, and line breaks in it stay.
        label: Stands to the left of its first line, or above it where it is long.
        role: How it is drawn.
        limit: Characters of the text that are shown.
        full: Whether the text begins at the left edge, over the labels of other lines.
    """

    text: object = ""
    label: str = ""
    role: TextRole = "text"
    limit: int = PAGE_LIMIT
    full: bool = False


class Piece(NamedTuple):
    """A part of a line that stands in one row of the screen.

    Attributes:
        label: What stands to the left, padded to the width of all labels.
        text: The text, safe to show.
        role: How it is drawn.
    """

    label: str
    text: str
    role: TextRole


def indent_of(lines: Sequence[Line], width: int) -> int:
    """Say how many cells the labels of a text take, with the gap behind them.

    Args:
        lines: The text.
        width: Cells that there are altogether.
    """
    labels = [cells_of(line.label) for line in lines if line.label]
    return min(max(labels, default=-2), _LABEL_WIDTH, width // 3) + 2


def pieces_of(line: Line, indent: int, width: int | None) -> Iterator[Piece]:
    """Lay out one line.

    Args:
        line: The line.
        indent: Cells that labels take.
        width: Cells to wrap to, or None to break the text only where it has breaks of its own.
    """
    indent = 0 if line.full else indent
    blank = " " * indent
    label = safe_text(line.label, _LABEL_LIMIT)
    if cells_of(label) > indent - 2 and indent:
        yield Piece(label if width is None else fit(label, width), "", line.role)
        label = ""
    first = fit(label, indent) if indent else ""
    said = named_value(line.label, line.text)
    for text in safe_text(said, line.limit, lines=True).split("\n"):
        for piece in [text] if width is None else wrap(text, width - indent):
            yield Piece(first, piece, line.role)
            first = blank


def in_two_columns(
    left: Sequence[Line], right: Sequence[Line], width: int
) -> Iterator[tuple[Piece, ...]]:
    """Lay out two texts beside each other.

    Args:
        left: One of them.
        right: The other.
        width: Cells for both, and for the rule between them.
    """
    half = (width - len(_RULE)) // 2
    columns = [
        [piece for line in lines for piece in pieces_of(line, indent_of(lines, half), half)]
        for lines in (left, right)
    ]
    for one, other in zip_longest(*columns, fillvalue=Piece("", "", "text")):
        text = fit(one.text, max(0, half - cells_of(one.label)))
        yield one._replace(text=text), Piece("", _RULE, "dim"), other


def plain(lines: Sequence[Line]) -> str:
    """Write a text as it is copied: not wrapped, the labels in a column of their own."""
    indent = indent_of(lines, _ON_PAPER)
    pieces = (piece for line in lines for piece in pieces_of(line, indent, None))
    return "\n".join(f"{piece.label}{piece.text}".rstrip() for piece in pieces)
