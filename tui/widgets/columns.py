"""The columns of a table: what each shows, and how wide it is in the space there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

Row = Mapping[str, Any]
Role = Literal["text", "dim", "strong", "accent"]

GAP = 2
"""Empty cells between two columns."""


class Column(NamedTuple):
    """One column.

    Attributes:
        title: Its heading, written by us.
        cell: Gives what a row shows in it; it goes through `safe_text` afterwards.
        width: Cells, or the least number of cells of a flexible column.
        weight: Share of the space left over; 0 keeps the width.
        role: How it is drawn.
        right: Whether it is aligned to the right.
        needs: The table must be this wide, in cells, for the column to appear.
        apart: Gives what its text is to be told from, also where both are cut.
    """

    title: str
    cell: Callable[[Row], object]
    width: int
    weight: int = 0
    role: Role = "text"
    right: bool = False
    needs: int = 0
    apart: Callable[[Row], object] | None = None


def lay_out(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Choose the columns that fit into `width` cells, each with its own width.

    The space that is left over goes to the flexible columns by weight, to the last cell.
    """
    shown = [column for column in columns if column.needs <= width]
    spare = width - sum(column.width for column in shown) - GAP * max(0, len(shown) - 1)
    weights = sum(column.weight for column in shown)
    widths: list[tuple[Column, int]] = []
    for column in shown:
        extra = 0
        if weights and column.weight:
            extra = spare * column.weight // weights
            weights -= column.weight
            spare -= extra
        widths.append((column, max(0, column.width + extra)))
    return widths
