"""What lists on screen need: the keys of all rows in order, and short rows for a few of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple, cast, overload

import orjson

from storage import fields, notes, rows
from storage.errors import ValidationError
from storage.list_filters import conditions
from storage.lists import EXCERPT, cut, list_of, terms_of
from storage.records import Record
from storage.rows import quote
from storage.view import ROWS_PER_STATEMENT, View

_CHARACTERS_AT_ONCE: Final = 100_000
_DIGITS: Final = bytes.maketrans(b"0123456789", bytes(range(10)))


class Key(NamedTuple):
    """Where a row of a list stands: the rank of its table among the list's, and its rowid."""

    rank: int
    rowid: int


def checked(keys: Iterable[Key]) -> list[Key]:
    """Return keys as a list.

    Raises:
        ValidationError: They are none.
    """
    try:
        return [Key(*each) for each in keys]
    except TypeError:
        raise ValidationError(
            "keys must be keys of a list, as list_keys() gives them.", field="keys"
        ) from None


class Keys(Sequence[Key]):
    """The keys of a list in order, 9 bytes a row."""

    __slots__ = ("_ranks", "_rowids")

    def __init__(self, ranks: array[int], rowids: array[int]) -> None:
        self._ranks = ranks
        self._rowids = rowids

    def __len__(self) -> int:
        return len(self._rowids)

    @overload
    def __getitem__(self, at: int) -> Key: ...
    @overload
    def __getitem__(self, at: slice) -> Keys: ...
    def __getitem__(self, at: int | slice) -> Key | Keys:
        if isinstance(at, slice):
            return Keys(self._ranks[at], self._rowids[at])
        return Key(self._ranks[at], self._rowids[at])

    def __iter__(self) -> Iterator[Key]:
        # A named tuple is made in Python, which takes three times as long.
        pairs = zip(self._ranks, self._rowids, strict=True)
        return cast("Iterator[Key]", map(tuple.__new__, repeat(Key), pairs))

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return where `value` stands.

        Raises:
            ValueError: It is not among the keys.
        """
        if not (isinstance(value, tuple) and len(value) == 2):
            raise ValueError(f"{value!r} is no key of a list.")
        first, end, _ = slice(start, stop).indices(len(self))
        while True:
            at = self._rowids.index(value[1], first, end)
            if self._ranks[at] == value[0]:
                return at
            first = at + 1

    def __contains__(self, value: object) -> bool:
        try:
            self.index(value)
        except ValueError:
            return False
        return True


def keys(
    view: View, kind: str, limit: int | None, filters: dict[str, Any], order: str | None = None
) -> Keys:
    """Return the keys of a list in its order, or in another one.

    Raises:
        ValidationError: There is no such kind, order or filter.
    """
    wanted = list_of(kind)
    selects, values = [], list[Any]()
    terms = 0
    for rank, name in enumerate(wanted.tables):
        table = view.layout.get(name)
        if table is None:
            continue
        where, more = conditions(view, table, kind, filters)
        by_terms = terms_of(view, table, kind, order)
        terms = len(by_terms)
        sorted_by = ", ".join(
            f"{term.removesuffix(' DESC')} AS k{i}" for i, term in enumerate(by_terms)
        )
        selects.append(
            f"SELECT {rank} AS rank, rowid AS number, {sorted_by}"
            f" FROM {quote(table.name)} WHERE {where}"
        )
        values += more
        directions = ["DESC" if term.endswith(" DESC") else "" for term in by_terms]
    if not selects:
        return Keys(array("B"), array("q"))
    by = [f"k{i} {directions[i]}" for i in range(terms)]
    # A row of a later table comes after one of the same moment in the first.
    ties = [f"rank {'DESC' if order == 'oldest' else ''}"] if len(selects) > 1 else []
    clause = ", ".join([by[0], *ties, *by[1:]])
    sql = f"SELECT rank, number FROM ({' UNION ALL '.join(selects)}) ORDER BY {clause}"
    if limit is not None:
        sql += f" LIMIT {fields.check_limit(limit)}"
    return gathered(view, sql, values)


def gathered(view: View, sql: str, values: Sequence[Any]) -> Keys:
    """Return the ranks, from 0 to 9, and numbers that a query gives, in its order.

    One text with all of them leaves SQLite several times faster than a row for each. It is read
    in parts, because nobody else can run in Python meanwhile.
    """
    ((ranks, numbers),) = view.fetch(
        f"SELECT group_concat(rank, ''), group_concat(number) FROM ({sql})", values
    )
    rowids = array("q")
    at = 0
    while numbers is not None and at < len(numbers):
        end = numbers.find(",", at + _CHARACTERS_AT_ONCE)
        end = len(numbers) if end < 0 else end
        rowids.extend(orjson.loads(f"[{numbers[at:end]}]"))
        at = end + 1
    return Keys(array("B", (ranks or "").encode().translate(_DIGITS)), rowids)


def last_keys(view: View, kind: str) -> list[Key]:
    """Return the key with the highest row number in each table of a list that has rows."""
    found = []
    for rank, name in enumerate(list_of(kind).tables):
        table = view.layout.get(name)
        if table is not None:
            ((number,),) = view.fetch(f"SELECT max(rowid) FROM {quote(table.name)}")
            found.append(Key(rank, number or 0))
    return found


def values(view: View, kind: str, field: str, limit: int | None) -> dict[str, int]:
    """Return the values of a field that a list can be filtered by, the most frequent first.

    Args:
        view: Where to read.
        kind: The kind of list.
        field: The filter.
        limit: How many values at most.

    Returns:
        Value → how many rows have it. What is no text is left out.

    Raises:
        ValidationError: There is no such kind or filter.
    """
    wanted = list_of(kind)
    selects = []
    for name in wanted.tables:
        table = view.layout.get(name)
        if table is not None:
            known = wanted.filters(view, table)
            fields.check_choice("field", field, known)
            selects.append(f"SELECT {known[field]} AS held FROM {quote(table.name)}")
    if not selects:
        return {}
    return dict(
        view.fetch(
            f"SELECT held, count(*) FROM ({' UNION ALL '.join(selects)})"
            " WHERE typeof(held) = 'text' GROUP BY held ORDER BY 2 DESC, held"
            f" LIMIT {fields.check_limit(limit)}"
        )
    )


def summaries(
    view: View, kind: str, keys: Sequence[Key], excerpt: int = EXCERPT
) -> list[Record | None]:
    """Return a short row for each key, in their order; None where the row is gone."""
    wanted = list_of(kind)
    found: dict[Key, Record] = {}
    for rank, name in enumerate(wanted.tables):
        table = view.layout.get(name)
        numbers = [key.rowid for key in keys if key.rank == rank]
        if table is None or not numbers:
            continue
        columns = wanted.columns(view, table)
        if excerpt != EXCERPT:
            columns["excerpt"] = cut(wanted.told(view, table), excerpt)
        listed = ", ".join(f"{sql} AS {quote(column)}" for column, sql in columns.items())
        for start in range(0, len(numbers), ROWS_PER_STATEMENT):
            part = numbers[start : start + ROWS_PER_STATEMENT]
            marks = ", ".join("?" * len(part))
            for number, *row in view.fetch(
                f"SELECT rowid, {listed} FROM {quote(table.name)} WHERE rowid IN ({marks})", part
            ):
                key = Key(rank, number)
                shown = dict(zip(columns, (_shown(each, excerpt) for each in row), strict=True))
                if kind.startswith("archived"):
                    shown["excerpt"] = rows.marked_text(shown["excerpt"])
                found[key] = {"key": key, **shown}
    notes.put_beside(view, kind, found.values())
    return [found.get(key) for key in keys]


def _shown(value: rows.Value, limit: int) -> rows.Value:
    return rows.tolerant_text(value)[:limit] if isinstance(value, bytes) else value
