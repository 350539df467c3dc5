"""Restoring: an archived record back in its table, exactly as it was."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from storage import driver, journal, json_utils, rows
from storage.archive_reading import archived_id, newest
from storage.errors import RecordExistsError, RestoreError, StorageError
from storage.json_utils import CorruptJSON
from storage.kinds import LEGACY, Kind, find, legacy_rowid, public_id, tables_of
from storage.layout import TableLayout
from storage.rows import quote
from storage.schema import ARCHIVED_ROWS, NOTES
from storage.updates import is_kept, is_stored
from storage.view import ROWS_PER_STATEMENT, Change, StoredRow, View
from storage.where import Where

_NOTED: Final = "record_id"
_NOTHING_DONE: Final = "; nothing was restored."


def restore(change: Change, kind: Kind, ids: Sequence[str]) -> int:
    """Give archived records back as they were, each from its newest archive row.

    Returns:
        How many were restored; ids that are not in the archive are not counted.

    Raises:
        RecordExistsError: A live record has one of the ids.
        RestoreError: An archive row is corrupt or does not fit its table.
    """
    count = 0
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        change.breathe()
        found = newest(change, kind, ids[start : start + ROWS_PER_STATEMENT])
        count += put_back(change, kind, found)
    return count


def refusal(view: View, kind: Kind, ids: Sequence[str]) -> str | None:
    """Say why `restore` would refuse these records, as far as it can be told without writing."""
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        try:
            _checked(view, kind, newest(view, kind, ids[start : start + ROWS_PER_STATEMENT]))
        except StorageError as error:
            return f"{reason_of(error)}."
    return None


def reason_of(error: StorageError) -> str:
    """Return why something cannot come back, as the rest of a sentence."""
    return str(error).replace(_NOTHING_DONE, "").rstrip(".")


@dataclass(slots=True)
class Returning:
    """A record on its way back.

    Attributes:
        archived: The archive row that it comes from.
        table: Where it goes.
        record_id: Its public id.
        number: The rowid from which its id is derived, if it has no key and no number of its own.
    """

    archived: StoredRow
    table: TableLayout
    values: rows.Row
    record_id: str
    number: int | None = None


class Holder(NamedTuple):
    """A live row that has what a record on its way back wants for itself."""

    wanting: Returning
    column: str
    row: StoredRow

    @property
    def why(self) -> str:
        """Why the record cannot come back."""
        if self.row.table.name == NOTES.name and self.column == _NOTED:
            return "what it is on has another note by now"
        return taken(self.column, self.row.values[self.column])


def taken(column: str, value: rows.Value) -> str:
    """Say that another record has a value of its own that comes only once."""
    return f"its {column}, {value!s:.100}, is taken by another record"


class TakenError(RecordExistsError):
    """A live row has a value that a record on its way back wants for itself.

    Attributes:
        record_id: The record on its way back.
        why: What the other one has of it.
    """

    def __init__(self, table: str, holder: Holder) -> None:
        super().__init__(f"A row cannot be restored into {table}: {holder.why}{_NOTHING_DONE}")
        self.record_id = holder.wanting.record_id
        self.why = holder.why


def put_back(
    change: Change,
    kind: Kind,
    archived: Sequence[StoredRow],
    beside: Container[str] = (),
) -> int:
    """Restore these archive rows and remove them, and journal it.

    Args:
        change: The transaction's connection.
        kind: What they are.
        archived: The rows.
        beside: Ids that may come back though another record has them, as it had when they left.

    Raises:
        RecordExistsError: A live record has one of the ids.
        RestoreError: An archive row is corrupt or does not fit its table.
    """
    for group in _checked(change, kind, archived, beside):
        _insert_group(change, kind, group)
    return len(archived)


def _checked(
    view: View, kind: Kind, archived: Sequence[StoredRow], beside: Container[str] = ()
) -> list[list[Returning]]:
    """Read what archive rows give back, by table, and make sure that there is space for it.

    Raises:
        RecordExistsError: A live record has one of the ids, or another value that is unique.
        RestoreError: An archive row is corrupt or does not fit its table.
    """
    back = [returning(view, kind, row) for row in archived]
    ids = (each.record_id for each in back if each.number is None)
    known = [each for each in ids if each not in beside]
    if live := next(iter(find(view, kind, known)), None):
        raise RecordExistsError(
            f"{kind.noun} {live} is live; archive it first, then restore the older one."
        )
    groups = by_table(back)
    for group in groups:
        for holder in holders(view, group):
            raise TakenError(group[0].table.name, holder)
    return groups


def by_table(back: Sequence[Returning]) -> list[list[Returning]]:
    """Part what is on its way back by the table that it goes into."""
    names = dict.fromkeys(each.table.name for each in back)
    return [[each for each in back if each.table.name == name] for name in names]


def kept_apart(table: TableLayout) -> list[str]:
    """Return the columns of which SQLite itself keeps values apart, as the table spells them."""
    # What is kept apart may also be an expression, or a column that is computed.
    return [table.spell(column) for column in sorted(table.unique & set(table.spelling))]


def holders(view: View, group: Sequence[Returning]) -> Iterator[Holder]:
    """Yield the live rows that have a value which something on its way back wants for itself.

    Args:
        view: Where to read.
        group: What goes into one table.
    """
    table = group[0].table
    for name in kept_apart(table):
        wanted = {each.values.get(name): each for each in group}
        values = [value for value in wanted if value is not None]
        for start in range(0, len(values), ROWS_PER_STATEMENT):
            bound = [rows.bindable(each) for each in values[start : start + ROWS_PER_STATEMENT]]
            where = f"{quote(name)} IN ({', '.join(mark for mark, _ in bound)})"
            for row in view.rows(table, where, [value for _, value in bound]):
                # A column may take another spelling for the same: `A` for `a`.
                yield Holder(wanted.get(row.values[name], group[0]), name, row)
    if table.name == NOTES.name:
        yield from _noted(view, group)


def _noted(view: View, group: Sequence[Returning]) -> Iterator[Holder]:
    """Yield the notes on records that notes want to come back to: each has one at most."""
    table = group[0].table
    for each in group:
        if _NOTED not in each.values:
            continue
        where = Where().equals("kind", each.values.get("kind"))
        where.equals(_NOTED, each.values.get(_NOTED))
        for row in view.rows(table, where.sql, where.values):
            yield Holder(each, _NOTED, row)


def _insert_group(change: Change, kind: Kind, group: Sequence[Returning]) -> None:
    table = group[0].table
    try:
        _insert(change, table, group)
    except driver.IntegrityError as error:
        raise _refused(table, error) from error
    ids = [each.record_id for each in group]
    live = _set_right(change, table, group, _paired(group, find(change, kind, ids)))
    if live is None:
        raise RestoreError(
            f"A trigger on table {table.name} kept rows from being restored; nothing was changed."
        )
    _refuse_distorted(change, table, group, live)
    change.delete(group[0].archived.table, [each.archived.rowid for each in group])
    journal.record(
        change,
        "restore",
        table.name,
        ids,
        [rows.digest(row.values) for row in live],
        {
            "archive_rows": [
                _remembered(each.archived, row) for each, row in zip(group, live, strict=True)
            ],
            "columns": list(table.columns),
        },
    )


def _paired(
    group: Sequence[Returning], found: Mapping[str, list[StoredRow]]
) -> list[StoredRow] | None:
    """Give the live row that each has become, or None where one of them is not there.

    In a table of an agent that lets ids stand twice, several may come back under one.
    """
    table = group[0].table
    left = {
        record_id: [row for row in there if row.table.name == table.name]
        for record_id, there in found.items()
    }
    paired: list[StoredRow] = []
    for each in group:
        there = left.get(each.record_id, [])
        if not there:
            return None
        same = (row for row in there if each.values.items() <= row.values.items())
        paired.append(next(same, there[0]))
        there.remove(paired[-1])
    return paired


def _set_right(
    change: Change, table: TableLayout, group: Sequence[Returning], live: list[StoredRow] | None
) -> list[StoredRow] | None:
    """Write what rows held once more, where a trigger changed what they were given.

    One that also changes what is updated, such as the time of the last change, has its way.
    """
    if live is None or table.name.lower() not in change.layout.triggered:
        return live
    wanted: dict[int, rows.Row] = {}
    for each, row in zip(group, live, strict=True):
        other = {
            name: value
            for name, value in each.values.items()
            if not is_stored(row.values[name], value)
        }
        if other:
            wanted[row.rowid] = other
    if not wanted:
        return live
    # All at once, because what triggers take away is found by counting the table.
    change.update(table, wanted)
    return [
        change.rows(table, "rowid = ?", [row.rowid])[0] if row.rowid in wanted else row
        for row in live
    ]


def _refuse_distorted(
    change: Change, table: TableLayout, group: Sequence[Returning], live: Sequence[StoredRow]
) -> None:
    """Refuse values that a column of another type than they came from has made other ones.

    Raises:
        RestoreError: There is one.
    """
    if table.name.lower() in change.layout.triggered:
        return
    for each, row in zip(group, live, strict=True):
        if each.values.items() <= row.values.items():
            continue
        for name, value in each.values.items():
            if not is_kept(row.values[name], value):
                raise RestoreError(
                    f"{each.record_id} cannot come back as it was: {other_type(name, value)}"
                    f"{_NOTHING_DONE}"
                )


def other_type(column: str, value: rows.Value) -> str:
    """Say that a column cannot hold a value as it was."""
    return f"its table has another type for {column} by now, which changes {value!s:.100}"


def _insert(change: Change, table: TableLayout, group: Sequence[Returning]) -> None:
    # First those that want a certain rowid, before others are given it.
    for each in group:
        if each.number is not None:
            is_taken = change.fetch(
                f"SELECT 1 FROM {quote(table.name)} WHERE rowid = ?", (each.number,)
            )
            own = {} if is_taken else {"rowid": each.number}
            each.record_id = f"{LEGACY}{change.insert_one(table, each.values | own)}"
    numbered = [each for each in group if each.number is None]
    for columns in dict.fromkeys(tuple(each.values) for each in numbered):
        alike = [list(each.values.values()) for each in numbered if tuple(each.values) == columns]
        change.insert(table, columns, alike)


def _refused(table: TableLayout, error: driver.IntegrityError) -> StorageError:
    message = f"A row cannot be restored into {table.name}: {error}{_NOTHING_DONE}"
    is_taken = "UNIQUE" in str(error) or "PRIMARY KEY" in str(error)
    return RecordExistsError(message) if is_taken else RestoreError(message)


def _remembered(row: StoredRow, live: StoredRow) -> dict[str, Any]:
    """Return the archive row for the journal; `data` only where the live row does not give it."""
    kept = dict(row.values)
    data = row.table.spell("data")
    if kept[data] == rows.encode_row(live.values).decode():
        del kept[data]
    return rows.wrapped(kept)


def returning(view: View, kind: Kind, row: StoredRow) -> Returning:
    """Read what an archive row gives back.

    Raises:
        RestoreError: The row is corrupt, or has a value that its table cannot take.
    """
    where = f"row {row.rowid} of {row.table.name}"
    document = json_utils.decode(row.value("data"), dict)
    if isinstance(document, CorruptJSON):
        raise RestoreError(f"{where} holds corrupt data ({document.error}); repair it first.")
    if not isinstance(document, Mapping) or not document:
        raise RestoreError(f"{where} holds no row in its data{_NOTHING_DONE}")
    values = rows.decode_row(document)
    table = _home(view, kind, row, values)
    # An agent may have archived all that it read of a row, also what SQLite generates anew.
    values = {name: value for name, value in values.items() if name.lower() not in table.computed}
    for name, value in values.items():
        if not table.has(name):
            raise RestoreError(
                f"{where} has a value for {name}, a column that {table.name} lacks by now"
                f"{_NOTHING_DONE}"
            )
        if not rows.is_storable(value):
            raise RestoreError(
                f"{where} has a number for {name} that no column can hold; repair it first."
            )
    spelled = {table.spell(name): value for name, value in values.items()}
    return _known(kind, row, table, spelled)


def _home(view: View, kind: Kind, row: StoredRow, values: rows.Row) -> TableLayout:
    if kind.archive == ARCHIVED_ROWS.name:
        return view.layout[str(row.value("table_name"))]
    names = {name.lower() for name in values}

    def misfit(table: TableLayout) -> tuple[int, int]:
        # An agent may have given the table any number of columns since.
        return len(names - set(table.spelling) - table.computed), len(names ^ set(table.spelling))

    return min(tables_of(view, kind), key=misfit)


def _known(kind: Kind, row: StoredRow, table: TableLayout, values: rows.Row) -> Returning:
    """Give the row what makes it known by its public id again."""
    record_id = archived_id(kind, row)
    key = table.spell(kind.key)
    number = legacy_rowid(record_id)
    if isinstance(values.get(key), str | int):
        return Returning(row, table, values, public_id(values[key], number))
    if number is None:
        # An agent may archive a row without the key, which stands beside it.
        return Returning(row, table, {**values, key: record_id}, record_id)
    is_numbered = isinstance(values.get(table.spelling.get("id", "")), int)
    return Returning(row, table, values, record_id, None if is_numbered else number)
