"""Adding interactions and changing them, whichever of two tables they stand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from storage import driver, fields, journal, json_utils, rows
from storage.errors import (
    RecordExistsError,
    RecordNotFoundError,
    StorageError,
    ValidationError,
)
from storage.ids import new_id
from storage.interaction_reading import READS_AS, read_row
from storage.kinds import INTERACTION, LEGACY, find, find_one
from storage.layout import TableLayout
from storage.moments import now_text
from storage.schema import COMPLETE_INTERACTIONS, INTERACTIONS
from storage.updates import changed_columns, merge, not_added, write_update
from storage.view import Change, StoredRow, View

_NOT_STORED: Final = ("action", "role", "file_path")

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


class Preparer:
    """Turns given data into rows of `interactions`, as this file has the table.

    Attributes:
        columns: Those that it fills, in the order of the rows.
        is_exact: Whether the table stores these rows as they are: all text, in columns for text.
    """

    def __init__(self, table: TableLayout) -> None:
        given = "id" if table.row_number == "id" else ""
        self.columns = [column for column in table.columns if column.lower() != given]
        self.is_exact = {column.lower() for column in self.columns} <= STORES.keys() & table.exact
        self._number = table.spell("id")
        self._fields = {
            column.lower(): (at, STORES.get(column.lower(), fields.scalar))
            for at, column in enumerate(self.columns)
            if column.lower() != "id"
        }
        self._ids, self._times, self._metadata = (
            self.columns.index(table.spell(name))
            for name in ("interaction_id", "timestamp", "metadata")
        )
        self._empty = [self._empty_value(table, column) for column in self.columns]
        self._table = table

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
                is_text = store is fields.text and value.__class__ is str
                row[at] = value if is_text else store(key, value)
        if extras:
            # A key that is no string is here too: no column has it.
            fields.check_mapping("interaction", extras)
            if any(map(self._has, extras)):
                return self.prepare(fields.by_column(data, self._has))
            # `id` is the row's number, which the table gives anew.
            extras.pop("id", None)
        if extras:
            metadata = data.get("metadata")
            row[self._metadata] = json_utils.encode(merge(metadata, extras), "metadata")
        if row[self._ids] is None:
            row[self._ids] = new_id()
        if not row[self._times]:
            row[self._times] = now_text()
        return row

    def _has(self, name: str) -> bool:
        return name.lower() in self._fields

    def fill(self, change: Change, prepared: Sequence[list[rows.Value]]) -> None:
        """Put what the agent's own columns hold by default where nothing was given."""
        for name, value in change.defaults(self._table, ("id", *STORES)).items():
            at = self._fields[name][0]
            for row in prepared:
                if row[at] is None:
                    row[at] = value

    def number(self, change: Change, prepared: Sequence[list[rows.Value]]) -> None:
        """Give rows an `id` in a table of an agent where SQLite gives none."""
        if self._number in self.columns:
            at = self.columns.index(self._number)
            if self._number.lower() in self._table.exact:
                for row in prepared:
                    row[at] = row[self._ids]
            else:
                for row, number in zip(prepared, change.free_numbers(self._table), strict=False):
                    row[at] = number

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
    return add_digested(change, batch)[0]


def add_digested(
    change: Change, batch: Iterable[Mapping[str, Any]]
) -> tuple[list[str], list[bytes]]:
    """Add interactions as `add_many` does; return their ids and the digests of their rows."""
    table = change.layout[INTERACTIONS.name]
    preparer = change.layout.made(Preparer, table.name)
    prepared = [preparer.prepare(data) for data in batch]
    if not prepared:
        return [], []
    preparer.fill(change, prepared)
    preparer.number(change, prepared)
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
        if (existing := _existing(change, ids[done:])) is not None:
            raise existing from error
        raise not_added(table, "an interaction", error) from error
    if preparer.is_exact and not change.layout.triggered:
        digests = preparer.digests(prepared, change.last_rowid())
    else:
        digests = _stored_digests(change, ids)
    journal.record(change, "add", INTERACTIONS.name, ids, digests)
    return ids, digests


def check(view: View, data: Mapping[str, Any]) -> None:
    """Refuse what cannot be an interaction.

    Raises:
        ValidationError: A field holds what it cannot; the error names it.
        JSONEncodeError: A field holds what JSON cannot say.
    """
    preparer = view.layout.made(Preparer, INTERACTIONS.name)
    fields.check_writable(preparer.columns, preparer.prepare(data))


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
    is_twice = len(set(ids)) < len(ids)
    if (is_twice or wanted) and (existing := _existing(change, ids if is_twice else wanted)):
        raise existing


def _existing(change: Change, ids: list[str]) -> RecordExistsError | None:
    there = find(change, INTERACTION, ids)
    twice = next((each for each in ids if each in there), None)
    if twice is None:
        twice = next((each for each, count in Counter(ids).items() if count > 1), None)
    if twice is None:
        return None
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
    stored_as = {name: column for column, name in READS_AS.items()}
    current = read_row(row)
    given = {
        stored_as.get(key, key): value
        for key, value in changes.items()
        # What has no column of its own there, such as `action`, may be given as it reads.
        if key != "metadata" and not (key in _NOT_STORED and current[key] == value)
    }
    metadata = fields.check_mapping("metadata", changes.get("metadata") or {})
    given |= {
        key: value for key, value in metadata.items() if current["metadata"].get(key) != value
    }
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
