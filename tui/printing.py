"""Texts and tables on standard output: laid out for a terminal, plain and uncut for a pipe.

In a terminal a text is wrapped and a table cut to its width, with bold letters and colours unless
`NO_COLOR` says no; what they say stands there in signs as well. In a pipe each entry is one line:
nothing is wrapped or cut, the cells of a table are parted by a tab, and there is no heading.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import click

from tui.lines import Line, Piece, indent_of, pieces_of
from tui.moments import zone_name
from tui.shell import is_emphasised
from tui.text import safe_text
from tui.widgets.cells import fit
from tui.widgets.columns import GAP, Column, Row, lay_out

_STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "dim": {"dim": True},
    "strong": {"bold": True},
    "accent": {"fg": "cyan"},
    "added": {"fg": "green"},
    "removed": {"fg": "red"},
    "bad": {"fg": "red", "bold": True},
}
_WIDEST_TEXT: Final = 100
_LONGEST_CELL: Final = 2000


def is_terminal() -> bool:
    """Whether somebody reads standard output as it is written."""
    return sys.stdout.isatty()


def terminal_width() -> int:
    """Say how many cells a line of the terminal has; 80 where it does not say."""
    return shutil.get_terminal_size().columns or 80


def print_lines(lines: Sequence[Line], indent: int | None = None) -> None:
    """Print a text with its labels.

    Args:
        lines: The text, as documents have it.
        indent: Cells that the labels take; as the longest of them needs, if None.
    """
    width = min(terminal_width(), _WIDEST_TEXT) if is_terminal() else None
    indent = indent_of(lines, width or _WIDEST_TEXT) if indent is None else indent
    emphasised = is_emphasised()
    for line in lines:
        for piece in pieces_of(line, indent, width):
            _print_piece(piece, emphasised=emphasised)


def _print_piece(piece: Piece, *, emphasised: bool) -> None:
    both = f"{piece.label}{piece.text}".rstrip()
    if not emphasised or not both:
        click.echo(safe_text(both, len(both)))
        return
    _say(piece.label, "dim")
    _say(piece.text.rstrip(), piece.role)
    click.echo()


def _say(text: str, role: str) -> None:
    style = _STYLES.get(role)
    if style is not None and text:
        click.secho(safe_text(text, len(text)), nl=False, **style)
    else:
        click.echo(safe_text(text, len(text)), nl=False)


def print_zone() -> None:
    """Say once in a terminal in which zone the times above are; elsewhere each says its offset."""
    if is_terminal():
        print_lines([Line(f"times {zone_name()}", role="dim", full=True)])


def print_table(columns: Sequence[Column], rows: Iterable[Row], *, heading: bool = True) -> None:
    """Print rows.

    Args:
        columns: What is shown of each row, and in how many cells.
        rows: The rows; taken one after the other.
        heading: Whether the names of the columns stand above them in a terminal.
    """
    if not is_terminal():
        for row in rows:
            _print_tabbed([column.cell(row) for column in columns])
        return
    shown = lay_out(columns, terminal_width() - 1)
    if heading:
        _print_cells([(fit(column.title, width), "dim") for column, width in shown])
    for row in rows:
        _print_cells([
            (fit(safe_text(column.cell(row)), width, right=column.right), column.role)
            for column, width in shown
        ])  # fmt: skip


def _print_tabbed(cells: Sequence[object]) -> None:
    for number, cell in enumerate(cells):
        # A tab inside a cell has become spaces, so that this one parts two of them.
        click.echo("\t" if number else "", nl=False)
        click.echo(safe_text(cell, _LONGEST_CELL), nl=False)
    click.echo()


def _print_cells(cells: Sequence[tuple[str, str]]) -> None:
    if not is_emphasised():
        line = (" " * GAP).join(text for text, _ in cells).rstrip()
        click.echo(safe_text(line, len(line)))
        return
    for number, (text, role) in enumerate(cells):
        _say(f"{' ' * GAP if number else ''}{text}", role)
    click.echo()
