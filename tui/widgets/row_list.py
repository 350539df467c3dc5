"""A list of rows that are all there already: for panels and dialogs, with nothing to select."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from textual import on
from textual.containers import Vertical
from textual.message import Message

from tui.widgets.columns import Column, Row
from tui.widgets.line_table import LineTable
from tui.widgets.unmarked_table import UnmarkedTable

if TYPE_CHECKING:
    from textual.app import ComposeResult


class RowSource:
    """Rows that are all there.

    Args:
        rows: The rows.
        keys: What each is known by; its number if None.
    """

    def __init__(self, rows: Sequence[Row], keys: Sequence[Hashable] | None = None) -> None:
        self.keys: Sequence[Hashable] = range(len(rows)) if keys is None else keys
        self._rows = dict(zip(self.keys, rows, strict=True))

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of these keys."""
        return [self._rows[key] for key in keys]


class RowTable(UnmarkedTable):
    """The table of a row list."""

    @property
    def columns_shown(self) -> Sequence[Column]:
        """The columns."""
        return self._columns

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show the rows in other columns."""
        self._columns = columns
        self._forget_paint()


class RowList(Vertical):
    """A table of rows with a cursor; what its table says stays inside.

    Args:
        columns: The columns.
        id: As for any widget.

    Attributes:
        table: The table.
        rows: What it shows.
    """

    DEFAULT_CSS = "RowList { height: 1fr; }"

    @dataclass
    class Chosen(Message):
        """A person chose a row with Enter or twice with the mouse."""

        rows: RowList
        row: Row

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        rows: RowList
        row: Row

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.table = RowTable(columns, id=f"{id}-table" if id else None)
        self.rows: Sequence[Row] = ()

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield self.table

    def focus(self, scroll_visible: bool = True) -> Self:
        """Put the focus on the table."""
        self.table.focus(scroll_visible)
        return self

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.table.cursor] if self.table.cursor < len(self.rows) else None

    async def show(self, rows: Sequence[Row], hint: str = "", *, from_top: bool = True) -> None:
        """Show other rows.

        Args:
            rows: The rows.
            hint: What to say where there are none.
            from_top: Whether to go to the first one.
        """
        self.rows = rows
        await self.table.show(RowSource(rows), from_top=from_top)
        # Rows are known by their number: another row in its place is no change of the first.
        self.table.fresh.forget()
        self.table.set_hint(hint)

    @on(LineTable.Opened)
    def _opened(self, event: LineTable.Opened) -> None:
        event.stop()
        if self.row is not None:
            self.post_message(self.Chosen(self, self.row))

    @on(LineTable.Moved)
    def _moved(self, event: LineTable.Moved) -> None:
        event.stop()
        if self.row is not None:
            self.post_message(self.Moved(self, self.row))

    @on(LineTable.Marked)
    def _marked(self, event: LineTable.Marked) -> None:
        event.stop()
