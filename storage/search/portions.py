"""Rows in portions, so that some of megabytes do not fill the memory; damaged ones are passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from storage import driver, rows
from storage.findings import is_damage
from storage.search.documents import TABLES
from storage.search.index_file import Place, selections
from storage.view import View

T = TypeVar("T")

BYTES_PER_READ: Final = 8_000_000
"""How many bytes of rows are read at once; more only of a single row."""
ROWS_PER_SWEEP: Final = 1000
"""How many rows are compared at once."""
_LAST: Final = 2**63 - 1
_LENGTH: Final = (
    "octet_length({})" if driver.SQLITE_VERSION >= (3, 43) else "length(CAST({} AS BLOB))"
)


class Step(NamedTuple, Generic[T]):
    """What was read of the next rows of a table.

    Attributes:
        found: What the caller made of them; None where there is damage, or no more rows.
        up_to: The rowid after which to go on; None at the end.
        size: How many bytes the rows hold.
        is_damaged: Whether the rows up to there cannot be read.
    """

    found: T | None
    up_to: int | None
    size: int = 0
    is_damaged: bool = False


def read_around(
    view: View, table: int, above: int, most: int, read: Callable[[str, tuple[int, int]], T]
) -> Step[T]:
    """Read the next rows of a table: up to damage, if there is some; behind it, if it is next.

    Args:
        view: Where to read.
        table: Which of `documents.TABLES`.
        above: The rowid after which to begin.
        most: How many rows at most.
        read: Is given the SQL that chooses the rows, and its values.
    """
    while True:
        # Without the limit SQLite would look at the page behind them, too.
        where = f"rowid BETWEEN ? AND ? ORDER BY rowid LIMIT {most}"
        try:
            up_to, size = next_portion(view, table, above, most)
            found = None if up_to is None else read(where, (above + 1, up_to))
            return Step(found, up_to, size)
        except driver.DatabaseError as error:
            if not is_damage(error):
                raise
        if most == 1:
            return Step(None, _behind_damage(view, table, above), is_damaged=True)
        most //= 2


def _behind_damage(view: View, table: int, above: int) -> int | None:
    """Return the rowid before the first row that can be read again; None where no more can."""
    layout = view.layout[TABLES[table]]
    sql = (
        f"SELECT {rows.names(layout.columns)} FROM {rows.quote(layout.name)}"
        " WHERE rowid >= ? ORDER BY rowid LIMIT 1"
    )

    def is_sound(number: int) -> bool:
        try:
            view.fetch(sql, (number,))
        except driver.DatabaseError as error:
            if not is_damage(error):
                raise
            return False
        return True

    # In strides that grow, since a page holds few rows and a damaged branch of the tree many.
    bad, stride = above + 1, 1
    sound = max(above + 2, 0)
    while not is_sound(sound):
        if sound == _LAST:
            return None
        bad, stride = sound, 2 * stride
        sound = min(bad + stride, _LAST)
    while sound - bad > 1:
        middle = (sound + bad) // 2
        bad, sound = (bad, middle) if is_sound(middle) else (middle, sound)
    return sound - 1


def next_portion(view: View, table: int, above: int, most: int) -> tuple[int | None, int]:
    """Return up to which rowid to read on, and how many bytes that is.

    Args:
        view: Where to read.
        table: Which of `documents.TABLES`.
        above: The rowid after which to begin.
        most: How many rows at most.

    Returns:
        The last rowid, None where there are no more rows; and the bytes.
    """
    last, size = None, 0
    if above == _LAST:
        return last, size
    # `rowid > above` would look at the page of that row, which may be a damaged one.
    where = f"rowid >= ? ORDER BY rowid LIMIT {most}"
    for number, length in _lengths(view, table, where, [above + 1]):
        size += length
        if last is not None and size > BYTES_PER_READ:
            return last, size - length
        last = number
    return last, size


def portions(view: View, places: Sequence[Place]) -> list[list[Place]]:
    """Divide places into parts that can be read at once."""
    lengths: dict[Place, int] = {}
    for table, where, numbers in selections(places):
        each = _lengths(view, table, where, numbers)
        lengths.update(((table, number), length) for number, length in each)
    found: list[list[Place]] = []
    size = BYTES_PER_READ
    for place in places:
        size += lengths.get(place, 0)
        if size >= BYTES_PER_READ or len(found[-1]) == ROWS_PER_SWEEP:
            found.append([])
            size = lengths.get(place, 0)
        found[-1].append(place)
    return found


def _lengths(view: View, table: int, where: str, values: Sequence[int]) -> list[tuple[int, int]]:
    """Return how many bytes some rows hold, by their rowids."""
    layout = view.layout.get(TABLES[table])
    if layout is None:
        return []
    total = " + ".join(f"ifnull({_LENGTH.format(rows.quote(name))}, 0)" for name in layout.columns)
    return view.fetch(f"SELECT rowid, {total} FROM {rows.quote(layout.name)} WHERE {where}", values)
