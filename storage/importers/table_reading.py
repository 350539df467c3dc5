"""The rows of a table in the order of their numbers, as many as its damage leaves to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from storage import driver
from storage.rows import quote

PAGE: Final = 1000
"""Rows that are read at once."""
# How many numbers are asked for one by one where something is wrong.
_CAREFUL: Final = 256
_LAST: Final = 2**63 - 1
_OUT_OF_ORDER: Final = "rows stand out of their order"

Row = tuple[Any, ...]


class Hole:
    """Rows that are too damaged to be read.

    Attributes:
        first: The number of the first of them.
        last: The number of the last; None if there is no telling.
        error: What SQLite says.
    """

    __slots__ = ("error", "first", "last")

    def __init__(self, first: int, last: int | None, error: str) -> None:
        self.first = first
        self.last = last
        self.error = error

    @property
    def at(self) -> int:
        """The number behind which to go on; what has no end known is looked at again."""
        return self.first - 1 if self.last is None else self.last


class TableReader:
    """Reads a table, a page at a time.

    A table is a tree of pages. Where one is damaged, SQLite fails, or gives rows out of order; then
    the rows there are asked for one by one, because others beside them can still be found.

    Args:
        page: Reads all rows of a query at once; raises driver.Error where the file is damaged.
        table: The table.
        columns: What to read of each row.
    """

    def __init__(
        self,
        page: Callable[[str, Sequence[Any]], list[Any]],
        table: str,
        columns: Sequence[str],
    ) -> None:
        self._page = page
        select = f"SELECT {', '.join(['rowid', *map(quote, columns)])} FROM {quote(table)}"
        # A seek to what is greater than a number would go through the page of that number.
        self._many = f"{select} WHERE rowid >= ? ORDER BY rowid LIMIT ?"
        self._one = f"{select} WHERE rowid = ?"

    def rows(self, after: int) -> Iterator[Row | Hole]:
        """Yield the rows behind a number, and a hole where rows cannot be read."""
        step = _CAREFUL
        while after < _LAST:
            hidden: list[range] = []
            try:
                found = self._page(self._many, (after + 1, PAGE))
                trouble = "" if _in_order(after, found) else _OUT_OF_ORDER
                if trouble:
                    hidden = _hidden(after, found)
            except driver.Error as error:
                trouble = str(error)
            if not trouble:
                # The end is where nothing is behind it: damage may hide more.
                if not found:
                    return
                yield from found
                after = found[-1][0]
                step = _CAREFUL
                continue
            end = min(after + _CAREFUL, _LAST)
            found = list(self._one_by_one(after, end, hidden))
            if any(not isinstance(each, Hole) for each in found):
                yield from found
                # What comes behind is looked at anew, as it will be the next time.
                after, step = _number_of(found[-1]), _CAREFUL
                continue
            beyond = self._beyond(end, step)
            yield Hole(after + 1, None if beyond is None else beyond - 1, trouble)
            if beyond is None:
                return
            after, step = beyond - 1, step * 2

    def _one_by_one(self, after: int, end: int, hidden: Sequence[range]) -> Iterator[Row | Hole]:
        """Yield what can be read of the rows up to a number, each asked for alone.

        Args:
            after: The number before the first.
            end: The last one.
            hidden: Numbers in whose place others stand: what is not there was not deleted.
        """
        hole: Hole | None = None
        for number in range(after + 1, end + 1):
            try:
                found = self._page(self._one, (number,))
                is_hidden = not found and any(number in each for each in hidden)
                trouble = _OUT_OF_ORDER if is_hidden else ""
            except driver.Error as error:
                trouble = str(error)
            if trouble:
                if hole is not None and hole.last == number - 1 and hole.error == trouble:
                    hole.last = number
                    continue
                if hole is not None:
                    yield hole
                hole = Hole(number, number, trouble)
            # Any other number that is not there was deleted, or stands where damage put it.
            elif found:
                if hole is not None:
                    yield hole
                hole = None
                yield found[0]
        if hole is not None:
            yield hole

    def _beyond(self, after: int, step: int) -> int | None:
        """Return a number behind damage from which rows can be read again, or None."""
        bad = after
        while True:
            start = min(after + step, _LAST)
            try:
                found = self._page(self._many, (start, 1))
                break
            except driver.Error:
                bad = start
                if start == _LAST:
                    return None
                step *= 2
        good = start if found else None
        while good is not None and good - bad > 1:
            middle = (good + bad) // 2
            try:
                if not self._page(self._many, (middle, 1)):
                    return None
            except driver.Error:
                bad = middle
            else:
                good = middle
        return good


def _number_of(found: Row | Hole) -> int:
    return found.at if isinstance(found, Hole) else int(found[0])


def _hidden(after: int, found: Sequence[Row]) -> list[range]:
    """Return the numbers in whose place rows stand that are out of their order."""
    hidden: list[range] = []
    strange = 0
    for row in found:
        if not _in_order(after, [row]):
            strange += 1
            continue
        if strange and row[0] > after + 1:
            hidden.append(range(after + 1, row[0]))
        after, strange = row[0], 0
    if strange:
        hidden.append(range(after + 1, after + 1 + strange))
    return hidden


def _in_order(after: int, found: Sequence[Row]) -> bool:
    for row in found:
        if row.__class__ is not tuple or row[0].__class__ is not int or row[0] <= after:
            return False
        after = row[0]
    return True
