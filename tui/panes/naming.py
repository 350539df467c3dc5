"""Which turns became part of a pattern, found out for what is in view."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from tui.sources import StoreSource
from tui.widgets.columns import Column, Row

if TYPE_CHECKING:
    from storage import Store
    from tui.sources import Part


class NotedSource(StoreSource):
    """Lists of a store that say which rows were fetched.

    Args:
        store: The store.
        parts: Kind and keys of each list.
        came: Is told the rows of every page.
    """

    def __init__(
        self, store: Store, *parts: Part, came: Callable[[Sequence[Row | None]], None]
    ) -> None:
        super().__init__(store, *parts)
        self._came = came

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the short rows of these keys, each with its `kind`."""
        rows = await super().fetch(keys)
        self._came(rows)
        return rows


class Naming:
    """The interactions that patterns name as their sources, as far as it was asked for."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._pending: list[str] = []

    def want(self, rows: Sequence[Row | None]) -> None:
        """Ask for these rows at the next reading."""
        self._pending += [str(row["record_id"]) for row in rows if row is not None]

    async def read(self, store: Store) -> bool:
        """Find out what was asked for; say whether anything is other than it was.

        Raises:
            StorageError: It could not be read.
        """
        before = frozenset(self._named)
        while self._pending:
            asked, self._pending = self._pending, []
            named = await store.get_patterns_naming("interaction", asked)
            self._named.difference_update(asked)
            self._named.update(named)
        return before != self._named

    def columns(self, columns: Sequence[Column]) -> Sequence[Column]:
        """Give these columns, and one for the patterns where there is something to say in it."""
        return [*columns, _column(self._cell)] if self._named else columns

    def _cell(self, row: Row) -> str:
        return "\u2192 pattern" if row["record_id"] in self._named else ""


def _column(cell: Callable[[Row], object]) -> Column:
    return Column("became", cell, 9, role="accent", needs=60)
