"""Interactions: one list over `interactions` and, where it exists, `complete_interactions`."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from storage import driver, fields, journal, json_utils, rows
from storage.cursors import read_cursor
from storage.errors import (
    RecordExistsError,
    RecordNotFoundError,
    StorageError,
    ValidationError,
)
from storage.ids import new_id
from storage.json_utils import decode
from storage.kinds import INTERACTION, LEGACY, find, find_one, public_id
from storage.moments import moment_sql, now_text, parse_moment
from storage.records import Record, Shape
from storage.rows import quote
from storage.schema import COMPLETE_INTERACTIONS, INTERACTIONS
from storage.updates import changed_columns, merge, write_update
from storage.view import Change, StoredRow, TableLayout, View

# Columns of `complete_interactions` that read under another name.
_READS_AS: Final = {"user_query": "content", "data": "details"}
_COMPLETE_ACTION: Final = "interaction"

STORES: Final[dict[str, fields.Store]] = {
    "interaction_id": fields.required_text,
    "timestamp": fields.moment,
    "session_id": fields.text,
    "action": fields.text,
    "role": fields.text,
    "content": fields.text,
    "file_path": fields.text,
    "details": fields.mapping,
    "metadata": fields.mapping,
}


@dataclass(frozen=True, slots=True)
class Source:
    """One table of interactions, and how its rows read.

    Attributes:
        rank: Where its rows stand among those of the same moment; also in cursors.
        key: The column that orders rows of the same moment.
    """

    table: TableLayout
    rank: int
    key: str
    read: Callable[[int, Sequence[Any]], Record]

    def condition(self, session_id: str | None, action: str | None) -> tuple[str, list[Any]] | None:
        """Return the SQL of a filter and its values, or None where no row can pass it."""
        parts, values = ["1"], list[Any]()
        if action is not None and not self.table.has("action"):
            if self.rank or action != _COMPLETE_ACTION:
                return None
            action = None
        for column, wanted in (("session_id", session_id), ("action", action)):
            if wanted is not None:
                mark, value = rows.bindable(wanted)
                parts.append(f"{self.table.sql(column)} = {mark}")
                values.append(value)
        return " AND ".join(parts), values

    def moment(self) -> str:
        """Return the SQL of the moment of a row."""
        return moment_sql(self.table.sql("timestamp"))

    def after(self, cursor: Sequence[Any]) -> tuple[str, list[Any]]:
        """Return the SQL of what comes after a cursor (moment, rank, key) in this table."""
        moment, rank, key = cursor
        if rank != self.rank:
            sign = "<=" if self.rank < rank else "<"
            return f"{self.moment()} {sign} ?", [moment]
        mark, value = rows.bindable(key)
        own = self.table.sql(self.key)
        return (
            f"{self.moment()} <= ? AND ({self.moment()} < ? OR {own} < {mark})",
            [moment, moment, value],
        )


def sources(view: View) -> list[Source]:
    """Return the tables of interactions that this file has."""
    found = []
    if (table := view.layout.get(INTERACTIONS.name)) is not None:
        shape = Shape(INTERACTIONS, table, INTERACTION.key)
        found.append(Source(table, 1, "id", shape.record))
    if (table := view.layout.get(COMPLETE_INTERACTIONS.name)) is not None:
        found.append(Source(table, 0, "interaction_id", _complete_reader(table)))
    return found


def read_row(row: StoredRow) -> Record:
    """Return the record of a whole stored row of either table."""
    values = list(row.values.values())
    if row.table.name.lower() == COMPLETE_INTERACTIONS.name:
        return _complete_reader(row.table)(row.rowid, values)
    return Shape(INTERACTIONS, row.table, INTERACTION.key).record(row.rowid, values)


def _complete_reader(table: TableLayout) -> Callable[[int, Sequence[Any]], Record]:
    declared = {column.name for column in COMPLETE_INTERACTIONS.columns}
    names = [name.lower() if name.lower() in declared else name for name in table.columns]

    def read(rowid: int, values: Sequence[Any]) -> Record:
        row = dict(zip(names, values, strict=False))
        key = row.pop("interaction_id", None)
        return {
            "interaction_id": public_id(key, rowid),
            "timestamp": row.pop("timestamp", None),
            "session_id": row.pop("session_id", None),
            "action": _COMPLETE_ACTION,
            "role": None,
            "content": row.pop("user_query", None),
            "file_path": None,
            "details": decode(row.pop("data", None), dict),
            "metadata": row,
        }

    return read


def get(view: View, interaction_id: str) -> Record | None:
    """Return one interaction, or None."""
    row = find_one(view, INTERACTION, interaction_id)
    return None if row is None else read_row(row)


def recent(
    view: View,
    limit: int | None,
    session_id: str | None,
    action: str | None,
    before: str | None,
) -> list[Record]:
    """Return interactions, newest first by (moment, id)."""
    cursor = None if before is None else read_cursor(before, "interaction", 3)
    pages = [
        _page(view, source, fields.check_limit(limit), session_id, action, cursor)
        for source in sources(view)
    ]
    filled = [page for page in pages if page]
    if len(filled) < 2:
        return filled[0] if filled else []
    return list(islice(heapq.merge(*filled, key=_newest_first), limit))


def _newest_first(record: Record) -> tuple[int, int]:
    return -parse_moment(record["timestamp"]), -1 if "id" in record else 0


def _page(
    view: View,
    source: Source,
    limit: int,
    session_id: str | None,
    action: str | None,
    cursor: Sequence[Any] | None,
) -> list[Record]:
    filtered = source.condition(session_id, action)
    if filtered is None:
        return []
    where, values = filtered
    if cursor is not None:
        after, more = source.after(cursor)
        where, values = f"{where} AND {after}", values + more
    names = ", ".join(map(quote, source.table.columns))
    found = view.fetch(
        f"SELECT {names}, rowid FROM {quote(source.table.name)} WHERE {where}"
        f" ORDER BY {source.moment()} DESC, {source.table.sql(source.key)} DESC LIMIT ?",
        [*values, limit],
    )
    read = source.read
    return [read(row[-1], row) for row in found]


class Preparer:
    """Turns given data into rows of `interactions`, as this file has the table.

    Attributes:
        columns: Those that it fills, in the order of the rows.
        is_exact: Whether the table stores these rows as they are: all text, in columns for text.
    """

    def __init__(self, table: TableLayout) -> None:
        self.columns = [column for column in table.columns if column.lower() != "id"]
        self.is_exact = {column.lower() for column in self.columns} <= STORES.keys() & table.exact
        self._number = table.spell("id")
        self._fields = {
            column.lower(): (at, STORES.get(column.lower(), fields.scalar))
            for at, column in enumerate(self.columns)
        }
        self._ids = self._fields["interaction_id"][0]
        self._times = self._fields["timestamp"][0]
        self._metadata = self._fields["metadata"][0]
        self._empty = [self._empty_value(table, column) for column in self.columns]

    @staticmethod
    def _empty_value(table: TableLayout, column: str) -> rows.Value:
        if column.lower() not in table.required:
            return None
        return "{}" if column.lower() in ("details", "metadata") else ""

    def prepare(self, data: Mapping[str, Any]) -> list[rows.Value]:
        """Validate `data` and return its row in the order of `columns`.

        Raises:
            ValidationError: A field holds what it cannot; the error names it.
            JSONEncodeError: A field holds what JSON cannot say.
        """
        row = self._empty.copy()
        extras: dict[str, Any] = {}
        if data.__class__ is not dict:
            fields.check_mapping("interaction", data)
        for key, value in data.items():
            field = self._fields.get(key)
            if field is None:
                extras[key] = value
            elif value is not None:
                at, store = field
                row[at] = store(key, value)
        if extras:
            # A key that is no string is here too: no column has it.
            fields.check_mapping("interaction", extras)
            # `id` is the row's number, which the table gives anew.
            extras.pop("id", None)
            metadata = data.get("metadata")
            row[self._metadata] = json_utils.encode(merge(metadata, extras), "metadata")
        if row[self._ids] is None:
            row[self._ids] = new_id()
        if not row[self._times]:
            row[self._times] = now_text()
        return row

    def digests(self, prepared: Sequence[Sequence[rows.Value]], last: int) -> list[bytes]:
        """Return the digests of rows just inserted, the last of which has rowid `last`."""
        numbers = range(last - len(prepared) + 1, last + 1)
        columns = [self._number, *self.columns]
        return rows.digests(
            columns, ([number, *row] for number, row in zip(numbers, prepared, strict=True))
        )


def add_many(change: Change, batch: Iterable[Mapping[str, Any]]) -> list[str]:
    """Add interactions, with one journal row for all of them.

    Raises:
        RecordExistsError: A live interaction has one of their ids.
        ValidationError: A field holds what it cannot.
    """
    table = change.layout[INTERACTIONS.name]
    preparer = change.layout.made(Preparer, table.name)
    prepared = [preparer.prepare(data) for data in batch]
    if not prepared:
        return []
    key = preparer.columns.index(table.spell("interaction_id"))
    ids = [str(row[key]) for row in prepared]
    _refuse_existing(change, table, ids)
    before = change.connection.total_changes
    try:
        change.insert(table, preparer.columns, prepared)
    except UnicodeEncodeError:
        for row in prepared:
            fields.check_writable(preparer.columns, row)
        raise
    except driver.IntegrityError as error:
        done = change.connection.total_changes - before
        raise _existing(change, ids[done:]) from error
    if preparer.is_exact and not change.layout.triggered:
        digests = preparer.digests(prepared, change.last_rowid())
    else:
        digests = _stored_digests(change, ids)
    journal.record(change, "add", INTERACTIONS.name, ids, digests)
    return ids


def _stored_digests(change: Change, ids: list[str]) -> list[bytes]:
    """Return the digests of what the table made of rows just added.

    Raises:
        StorageError: A trigger of the file kept one from being added.
    """
    there = find(change, INTERACTION, ids)
    if len(there) < len(ids):
        raise StorageError(
            f"A trigger on table {INTERACTIONS.name} kept rows from being added; nothing was added."
        )
    return [rows.digest(there[each][0].values) for each in ids]


def _refuse_existing(change: Change, table: TableLayout, ids: list[str]) -> None:
    """Refuse ids that are live, where no UNIQUE constraint of the table does it."""
    derived = [each for each in ids if each.startswith(LEGACY)]
    if table.is_unique("interaction_id") and COMPLETE_INTERACTIONS.name not in change.layout:
        wanted = derived
    else:
        wanted = ids
    if len(set(ids)) < len(ids) or (wanted and find(change, INTERACTION, wanted)):
        raise _existing(change, ids)


def _existing(change: Change, ids: list[str]) -> RecordExistsError:
    there = find(change, INTERACTION, ids)
    twice = next((each for each in ids if each in there), None)
    if twice is None:
        twice = next((each for each, count in Counter(ids).items() if count > 1), ids[0])
    return RecordExistsError(f"Interaction {twice} exists already; nothing was added.")


def update(change: Change, interaction_id: str, changes: Mapping[str, Any]) -> None:
    """Change fields of one interaction; keys without a column go into metadata.

    Raises:
        RecordNotFoundError: No live interaction has the id.
        ValidationError: A field holds what it cannot, or cannot be changed.
    """
    row = find_one(change, INTERACTION, interaction_id)
    if row is None:
        raise RecordNotFoundError(f"There is no live interaction {interaction_id}.")
    if row.table.name.lower() == COMPLETE_INTERACTIONS.name:
        columns = _complete_columns(row, changes)
    else:
        columns = changed_columns(INTERACTIONS, row, changes, STORES, ("id", "interaction_id"))
    write_update(change, INTERACTION, row, columns)


def _complete_columns(row: StoredRow, changes: Mapping[str, Any]) -> rows.Row:
    stored_as = {name: column for column, name in _READS_AS.items()}
    given = {stored_as.get(key, key): value for key, value in changes.items() if key != "metadata"}
    metadata = fields.check_mapping("metadata", changes.get("metadata") or {})
    current = read_row(row)["metadata"]
    given |= {key: value for key, value in metadata.items() if current.get(key) != value}
    for key in given:
        if not row.table.has(key):
            raise ValidationError(
                f"{row.table.name} has no column for {key}, so it cannot be changed there.",
                field=key,
            )
    stores = {"timestamp": fields.moment, "session_id": fields.text, "data": fields.mapping}
    return changed_columns(
        COMPLETE_INTERACTIONS, row, given, stores | {"user_query": fields.text}, ("interaction_id",)
    )
