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
        newest: The highest row number that was there before, by the list and the table of a key,
            or by the list alone where its keys are of one table.
    """

    def __init__(self, fleeting: Collection[str] = ()) -> None:
        self._fleeting = fleeting
        self.newest: Mapping[Hashable, int] = {}
        self._changed: set[Hashable] = set()
        # Ids that were shown, and keys under which one of them came back.
        self._seen: set[tuple[Hashable, Hashable]] = set()
        self._returned: set[Hashable] = set()

    def sign(self, key: Hashable) -> str:
        """Give the sign of a row; empty where it is as it was."""
        if key in self._changed:
            return CHANGED
        match key:
            case (kind, (rank, int() as number)):
                before = self.newest.get((kind, rank))
            case (kind, int() as number):
                before = self.newest.get(kind)
            case _:
                return ""
        is_new = before is not None and number > before and key not in self._returned
        return NEW if is_new else ""

    def compare(self, old: Pages, new: Pages) -> None:
        """Find the rows that were shown before and are different now, or came back since."""
        before: dict[Hashable, Any] = dict(old.known())
        self._seen.update(own for row in before.values() if (own := _id_of(row)) is not None)
        # Where ids may stand twice, one that is there still has not come back.
        away = self._seen - {_id_of(row) for key, row in new.known() if key in before}
        self._returned.update(
            key for key, row in new.known() if key not in before and _id_of(row) in away
        )
        now = dict(new.known())
        # Some agents write a record anew into another row, which only its key tells.
        gone = {
            _id_of(row): row
            for key, row in before.items()
            if key not in now and "key" in (row or ())
        }
        for key, row in now.items():
            was = before.get(key)
            if was is None and row is not None and (elsewhere := gone.get(_id_of(row))):
                was = {**elsewhere, "key": row.get("key")}
            if self._lasting(was) not in (self._lasting(row), None):
                self._changed.add(key)

    def _lasting(self, row: Row | None) -> Row | None:
        if row is None or not self._fleeting:
            return row
        return {name: value for name, value in row.items() if name not in self._fleeting}

    def forget(self) -> None:
        """Take all that is there for seen."""
        self._changed.clear()
        self._seen.clear()
        self._returned.clear()


def _id_of(row: Row | None) -> tuple[Hashable, Hashable] | None:
    """Give by what a record is known, whatever row of its table it stands in."""
    return None if row is None or "record_id" not in row else (row.get("kind"), row["record_id"])
