"""Rows of a table as strips: cells cut to their columns, in the styles of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.text import LINE_LIMIT, safe_text
from tui.widgets.cells import fit, fit_apart, wrap
from tui.widgets.columns import GAP, Column, Role, Row, lay_out
from tui.widgets.pages import Loading
from tui.widgets.signs import ELSEWHERE, HERE

if TYPE_CHECKING:
    from textual.widget import Widget

GUTTER: Final = 3
"""Cells on the left that say where the cursor is and what is selected."""

_GAP: Final = " " * GAP
_MARKED: Final = Style(bold=True)
_ROLES: Final[tuple[Role, ...]] = ("text", "dim", "strong", "accent")


class RowState(NamedTuple):
    """How a row stands out from the others.

    Attributes:
        cursor: Whether the cursor is on it.
        marked: Whether it is selected.
        sign: What else there is to say of it, in one cell.
        has_focus: Whether keys go to the table, which the sign of the cursor tells.
    """

    cursor: bool = False
    marked: bool = False
    sign: str = ""
    has_focus: bool = True


class Palette(NamedTuple):
    """The styles of a table.

    Attributes:
        roles: Style of each column role.
        header: Style of the headings.
        quiet: Style of what is not there: rows that load, rows that are gone.
        cursor: Laid over the row under the cursor.
    """

    roles: dict[Role, Style]
    header: Style
    quiet: Style
    cursor: Style


class RowPainter:
    """Paints rows for one width and one palette; remembers what it painted.

    Args:
        columns: The columns, of which those are shown that fit.
        width: Cells of a line, the gutter included.
        palette: The styles.
        sign: Gives one cell on what a person did with a record.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        width: int,
        palette: Palette,
        sign: Callable[[Row], str] | None = None,
    ) -> None:
        self._width = width
        self._sign = sign or note_sign
        self._palette = palette
        # One cell stays free on the right, so that no text touches the scrollbar.
        self._layout = lay_out(columns, max(0, width - GUTTER - 1))
        self._filled = GUTTER + sum(cells for _, cells in self._layout)
        self._filled += GAP * max(0, len(self._layout) - 1)
        self._painted: dict[tuple[int, RowState], Strip] = {}

    def header(self) -> Strip:
        """Paint the headings."""
        cells = [fit(column.title, width, right=column.right) for column, width in self._layout]
        return self._strip([Segment(" " * GUTTER + _GAP.join(cells), self._palette.header)])

    def title_at(self, x: int) -> str:
        """Give the title of the column that stands in a cell of the line; empty between them."""
        start = GUTTER
        for column, width in self._layout:
            if start <= x < start + width:
                return column.title
            start += width + GAP
        return ""

    def row(self, index: int, row: Row | Literal[Loading.LOADING] | None, state: RowState) -> Strip:
        """Paint one row."""
        if isinstance(row, Loading):
            return self._note("\u00b7 \u00b7 \u00b7", state)
        if row is None:
            return self._note("no longer here", state)
        painted = self._painted.get((index, state))
        if painted is None:
            segments = [self._gutter(state, row), *self._cells(row, state)]
            # Every cell fills its column, so that nothing has to be measured again.
            painted = self._fitted(Strip(segments, self._filled), segments[-1].style)
            if len(self._painted) > 1000:
                self._painted.clear()
            self._painted[index, state] = painted
        return painted

    def hint(self, text: str, line: int) -> Strip:
        """Paint one line, from 0, of a text that stands where rows would."""
        width = max(1, self._width - 2 * GUTTER)
        parts = safe_text(text, lines=True).split("\n")
        lines = [piece for part in parts for piece in wrap(part, width)]
        shown = lines[line] if 0 <= line < len(lines) else ""
        return self._strip([Segment(" " * GUTTER + shown, self._palette.quiet)])

    def _cells(self, row: Row, state: RowState) -> list[Segment]:
        segments: list[Segment] = []
        for number, (column, width) in enumerate(self._layout):
            text = safe_text(column.cell(row), LINE_LIMIT)
            if column.apart is None:
                text = fit(text, width, right=column.right)
            else:
                text = fit_apart(text, safe_text(column.apart(row), LINE_LIMIT), width)
            text = _GAP + text if number else text
            segments.append(Segment(text, self._style(self._palette.roles[column.role], state)))
        return segments

    def _note(self, text: str, state: RowState) -> Strip:
        style = self._style(self._palette.quiet, state)
        return self._strip([self._gutter(state), Segment(text, style)], style)

    def _gutter(self, state: RowState, row: Row | None = None) -> Segment:
        cursor = (HERE if state.has_focus else ELSEWHERE) if state.cursor else " "
        mark = "\u25cf" if state.marked else state.sign or " "
        return Segment(
            f"{cursor}{mark}{self._sign(row or {})}",
            self._style(self._palette.roles["accent"], state),
        )

    def _style(self, style: Style, state: RowState) -> Style:
        if not (state.marked or state.cursor):
            return style
        if state.marked:
            style += _MARKED
        return style + self._palette.cursor if state.cursor else style

    def _strip(self, segments: list[Segment], style: Style | None = None) -> Strip:
        return self._fitted(Strip(segments), style or segments[-1].style)

    def _fitted(self, strip: Strip, style: Style | None) -> Strip:
        return strip.adjust_cell_length(self._width, style)


def note_sign(row: Row) -> str:
    """Say whether a person put a tag or only a note on a record."""
    if row.get("tags"):
        return "#"
    return "\u00b6" if row.get("note") else " "


def make_palette(style: dict[str, Style], cursor: Style) -> Palette:
    """Join the styles of a table's component classes to a palette.

    Args:
        style: By role, and `header` and `quiet`.
        cursor: Of the row under the cursor; its text colour counts where it has one.
    """
    roles = {role: style[role] for role in _ROLES}
    return Palette(roles, style["header"], style["quiet"], cursor)


def palette_of(table: Widget) -> Palette:
    """Give the styles of a table: its own, and those of its classes `line-table--…`."""
    names = ("dim", "strong", "accent", "header", "quiet")
    styles = {name: table.get_component_rich_style(f"line-table--{name}") for name in names}
    cursor = table.get_component_rich_style("line-table--cursor", partial=True)
    return make_palette({"text": table.rich_style, **styles}, cursor)
