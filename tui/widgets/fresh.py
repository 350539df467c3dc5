"""Which rows are new, or other than they were, since a person came to look."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui.widgets.pages import Pages

if TYPE_CHECKING:
    from tui.widgets.columns import Row

NEW: Final = "+"
CHANGED: Final = "~"


class Fresh:
    """What became new or different in one table while a person looks.

    Args:
        fleeting: Fields of a row that say something of the list, and nothing of the record.

    Attributes:
        newest: The highest row number that was there before, by the list and the table of a key.
    """

    def __init__(self, fleeting: Collection[str] = ()) -> None:
        self._fleeting = fleeting
        self.newest: Mapping[Hashable, int] = {}
        self._changed: set[Hashable] = set()

    def sign(self, key: Hashable) -> str:
        """Give the sign of a row; empty where it is as it was."""
        if key in self._changed:
            return CHANGED
        if not (isinstance(key, tuple) and len(key) == 2 and isinstance(key[1], tuple)):
            return ""
        kind, (rank, number) = key
        before = self.newest.get((kind, rank))
        return NEW if before is not None and number > before else ""

    def compare(self, old: Pages, new: Pages) -> None:
        """Find the rows that were shown before and are different now."""
        before: dict[Hashable, Any] = dict(old.known())
        self._changed.update(
            key
            for key, row in new.known()
            if self._lasting(before.get(key, row)) not in (self._lasting(row), None)
        )

    def _lasting(self, row: Row | None) -> Row | None:
        if row is None or not self._fleeting:
            return row
        return {name: value for name, value in row.items() if name not in self._fleeting}

    def forget(self) -> None:
        """Take all that is there for seen."""
        self._changed.clear()
