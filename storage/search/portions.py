"""Rows in portions, so that some of megabytes do not fill the memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from storage import driver, rows
from storage.search.documents import TABLES
from storage.search.index_file import Place, by_table
from storage.view import ROWS_PER_STATEMENT, View

BYTES_PER_READ: Final = 8_000_000
"""How many bytes of rows are read at once; more only of a single row."""
ROWS_PER_SWEEP: Final = 1000
"""How many rows are compared at once."""
_LENGTH: Final = (
    "octet_length({})" if driver.SQLITE_VERSION >= (3, 43) else "length(CAST({} AS BLOB))"
)


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
    for number, length in _lengths(view, table, f"rowid > ? ORDER BY rowid LIMIT {most}", [above]):
        size += length
        if last is not None and size > BYTES_PER_READ:
            return last, size - length
        last = number
    return last, size


def portions(view: View, places: Sequence[Place]) -> list[list[Place]]:
    """Divide places into parts that can be read at once."""
    lengths: dict[Place, int] = {}
    for table, numbers in by_table(places).items():
        for start in range(0, len(numbers), ROWS_PER_STATEMENT):
            part = numbers[start : start + ROWS_PER_STATEMENT]
            where = f"rowid IN ({', '.join('?' * len(part))})"
            each = _lengths(view, table, where, part)
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
