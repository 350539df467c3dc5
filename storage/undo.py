"""Taking back what a transaction changed: the last change first, none that was built upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from storage import archive, journal, rows
from storage.errors import (
    RecordExistsError,
    RecordNotFoundError,
    RestoreError,
    SchemaError,
    StorageError,
    TransactionError,
    UndoConflictError,
    ValidationError,
)
from storage.json_utils import CorruptJSON
from storage.kinds import BY_TABLE, Kind, find
from storage.layout import TableLayout
from storage.moments import now_text
from storage.restoring import (
    Returning,
    TakenError,
    holders,
    other_type,
    reason_of,
    returning,
)
from storage.undo_links import operations
from storage.updates import is_kept, write_update
from storage.view import ROWS_PER_STATEMENT, Change, StoredRow, View

UNDONE: Final = "undone"
_TOLD_EVERY: Final = 200

NOT_LIVE: Final = "it is no longer live"
CHANGED: Final = "it has changed since"
NOT_ARCHIVED: Final = "its archived row is no longer there as it was"
ID_TAKEN: Final = "another record with its id is live"
NO_COLUMN: Final = "its table lacks a column by now that was changed"
NO_ARCHIVE_COLUMN: Final = "the archive lacks a column by now that its archived row had"
PLACE_TAKEN: Final = "another row took the place of its archived row"

Entry = Mapping[str, Any]
Progress = Callable[[int, int], None]


def undo(change: Change, transaction_id: str, progress: Progress | None = None) -> None:
    """Take back every change of a transaction.

    An add is archived as `undone`, an archive restored, a restore archived again with its own
    reason and time, an update reversed. All of it is journalled like any change, so that an undo
    can be undone.

    Args:
        change: The transaction's connection.
        transaction_id: What is taken back.
        progress: Told now and then how many of how many records are done.

    Raises:
        RecordNotFoundError: The journal has no such transaction.
        TransactionError: It is the very transaction that is open.
        UndoConflictError: A record is no longer what the transaction left.
        StorageError: An entry of the journal is damaged.
    """
    if transaction_id == change.stamp.transaction_id:
        raise TransactionError("A transaction that is still open cannot undo itself.")
    last = last_of(change, transaction_id)
    _take_back(change, journal.first_of(change, transaction_id, last), last, progress)


def undo_to(
    change: Change,
    transaction_id: str,
    progress: Progress | None = None,
    newest: str | None = None,
) -> bool:
    """Take back every change that came after a transaction, the last one first.

    Args:
        change: The transaction's connection.
        transaction_id: The last that stays.
        progress: Told now and then how many of how many records are done.
        newest: The newest that is taken back; None for whatever that is.

    Returns:
        Whether there was any.

    Raises:
        RecordNotFoundError: The journal has no such transaction.
        TransactionError: The open transaction has changed something itself, or something was
            changed after `newest`.
        UndoConflictError: A record is no longer what a transaction left.
    """
    after, last = last_of(change, transaction_id), journal.newest(change)
    # What the open transaction has changed so far would be the newest.
    own = change.stamp.transaction_id
    if any(entry["transaction_id"] == own for entry in journal.between(change, last, last)):
        raise TransactionError(
            "A transaction that has changed something itself cannot go back to before that; undo"
            " in a transaction of its own."
        )
    if newest is not None and last_of(change, newest) != last:
        raise TransactionError(
            "Something else was changed meanwhile, which would be undone, too; nothing was undone."
            " Look at it again."
        )
    _take_back(change, after + 1, last, progress)
    return last > after


def last_of(view: View, transaction_id: str) -> int:
    """Return the id of the last entry of a transaction.

    Raises:
        RecordNotFoundError: The journal has no such transaction.
    """
    last = journal.last_of(view, transaction_id)
    if last is None:
        raise RecordNotFoundError(f"The journal has no transaction {transaction_id}.")
    return last


def _take_back(change: Change, first: int, last: int, progress: Progress | None) -> None:
    total = sum(operations(change, first, last).values()) if progress else 0
    done = told = 0
    for entry in journal.between(change, first, last):
        change.breathe()
        kind = kind_of(entry)
        _UNDO[entry["operation"]](change, kind, entry)
        done += len(entry["record_ids"])
        if progress is not None and done - told >= _TOLD_EVERY:
            told = done
            progress(done, total)


def kind_of(entry: Entry) -> Kind:
    """Return the kind of the records of an entry that can be taken back.

    Raises:
        StorageError: The entry is damaged.
        SchemaError: It speaks of a table that we do not know.
    """
    _refuse_damaged(entry)
    kind = BY_TABLE.get(entry["table_name"].lower())
    if kind is None:
        raise SchemaError(f"The journal speaks of table {entry['table_name']}, which is unknown.")
    return kind


def _can_be_stored(row: Any) -> bool:
    return isinstance(row, dict) and all(map(rows.is_storable, rows.decode_row(row).values()))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_IS_WHOLE: Final[dict[str, Callable[[Any], bool]]] = {
    # The numbers of an agent's own archive may be text.
    "archived_as": rows.is_storable,
    "archive_rows": lambda row: _can_be_stored(row) and "id" in map(str.lower, row),
}
"""Whether what an entry says of one record can be what was done."""


def _refuse_damaged(entry: Entry) -> None:
    """Refuse an entry that something outside has damaged.

    Raises:
        StorageError: It does not say what was changed, or not for every record.
    """
    ids, before = entry["record_ids"], entry["before"]
    wanted = {"archive": "archived_as", "restore": "archive_rows"}.get(entry["operation"])
    listed = ids if wanted is None else before.get(wanted)
    is_whole = (
        isinstance(entry["table_name"], str)
        and entry["operation"] in _UNDO
        and not isinstance(before, CorruptJSON)
        and isinstance(listed, list)
        and (wanted is None or all(map(_IS_WHOLE[wanted], listed)))
        and (entry["operation"] != "update" or _can_be_stored(before))
        and (wanted != "archive_rows" or _are_names(before.get("columns")))
        and len(listed) == len(ids) == len(entry["after_hash"]) > 0
    )
    if not is_whole:
        raise StorageError(
            f"Entry {entry['id']} of memglass_journal is damaged, so that it cannot be undone."
        )


def _undo_add(change: Change, kind: Kind, entry: Entry) -> None:
    stored = _unchanged(change, kind, entry)
    at = now_text()
    envelopes = [archive.envelope(kind, row, UNDONE, None, at) for row in stored]
    archive.move(change, kind, stored, envelopes)


def _undo_update(change: Change, kind: Kind, entry: Entry) -> None:
    row = _unchanged(change, kind, entry)[0]
    before = rows.decode_row(entry["before"])
    if not all(row.table.has(name) for name in before):
        raise _conflict(kind, entry["record_ids"][0], NO_COLUMN)
    columns = {row.table.spell(name): old for name, old in before.items()}
    try:
        after = write_update(change, kind, row, columns)
    except (RecordExistsError, ValidationError) as error:
        why = _why_not_taken(change, row, columns, error)
        raise _conflict(kind, entry["record_ids"][0], why) from error
    if row.table.name.lower() in change.layout.triggered:
        return
    for name, old in columns.items():
        if not is_kept(after.values[name], old):
            raise _conflict(kind, entry["record_ids"][0], other_type(name, old))


def _why_not_taken(change: Change, row: StoredRow, columns: rows.Row, error: StorageError) -> str:
    for holder in holders(change, [Returning(row, row.table, columns, "")]):
        if holder.row.rowid != row.rowid:
            return holder.why
    return f"its table does not take what it was, {error.__cause__}"


def _undo_archive(change: Change, kind: Kind, entry: Entry) -> None:
    table = change.layout[kind.archive]
    archived: list[StoredRow] = []
    for record_id, number, after in zip(
        entry["record_ids"], entry["before"]["archived_as"], entry["after_hash"], strict=True
    ):
        found = change.rows(table, f"{table.sql('id')} = ?", [number])
        if not found or rows.digest(found[0].values).hex() != after:
            raise _conflict(kind, record_id, NOT_ARCHIVED)
        archived.append(found[0])
    beside = left_beside(entry)
    ids = [each for each in entry["record_ids"] if each not in beside]
    if live := next(iter(find(change, kind, ids)), None):
        raise _conflict(kind, live, ID_TAKEN)
    try:
        archive.put_back(change, kind, archived, beside)
    except TakenError as error:
        raise _conflict(kind, error.record_id, error.why) from error
    except (RecordExistsError, RestoreError) as error:
        record_id = _misfit(change, kind, entry["record_ids"], archived)
        raise _conflict(kind, record_id, reason_of(error)) from error


def _misfit(change: Change, kind: Kind, ids: Sequence[str], archived: Sequence[StoredRow]) -> str:
    """Return the first of some records that cannot be read back; the first where all can."""
    for record_id, row in zip(ids, archived, strict=True):
        try:
            returning(change, kind, row)
        except RestoreError:
            return record_id
    return ids[0]


def left_beside(entry: Entry) -> frozenset[str]:
    """Return the ids of what was archived that others, which stayed, had as well."""
    beside = entry["before"].get("beside")
    return frozenset(map(str, beside)) if isinstance(beside, list) else frozenset()


def _undo_restore(change: Change, kind: Kind, entry: Entry) -> None:
    stored = _unchanged(change, kind, entry)
    table = change.layout[kind.archive]
    envelopes = [
        remembered_envelope(table, entry, place, row.values) for place, row in enumerate(stored)
    ]
    for record_id, envelope in zip(entry["record_ids"], envelopes, strict=True):
        if not all(map(table.has, envelope)):
            raise _conflict(kind, record_id, NO_ARCHIVE_COLUMN)
    _refuse_taken(change, kind, entry["record_ids"], envelopes)
    archive.move(change, kind, stored, envelopes)


def remembered_envelope(
    archive_table: TableLayout, entry: Entry, place: int, live: rows.Row
) -> rows.Row:
    """Return the archive row that a restore removed, made whole from the row that it gave back."""
    envelope = rows.decode_row(entry["before"]["archive_rows"][place])
    # A column that came since is NULL, and was not in the archive.
    kept = {name: live[name] for name in entry["before"]["columns"] if name in live}
    envelope.setdefault(archive_table.spell("data"), rows.encode_row(kept).decode())
    return dict(sorted(envelope.items()))


def _refuse_taken(
    change: Change, kind: Kind, ids: Sequence[str], envelopes: Sequence[rows.Row]
) -> None:
    """Refuse a number that another archive row has by now, as it may without AUTOINCREMENT."""
    table = change.layout[kind.archive]
    own = {envelope[table.spell("id")]: each for each, envelope in zip(ids, envelopes, strict=True)}
    numbers = list(own)
    for start in range(0, len(numbers), ROWS_PER_STATEMENT):
        part = numbers[start : start + ROWS_PER_STATEMENT]
        for (number,) in change.fetch(
            f"SELECT {table.sql('id')} FROM {rows.quote(table.name)}"
            f" WHERE {table.sql('id')} IN ({', '.join('?' * len(part))})",
            part,
        ):
            raise _conflict(kind, own[number], PLACE_TAKEN)


_UNDO: Final = {
    "add": _undo_add,
    "update": _undo_update,
    "archive": _undo_archive,
    "restore": _undo_restore,
}


def _unchanged(change: Change, kind: Kind, entry: Entry) -> list[StoredRow]:
    """Read the live rows of an entry, in its order; refuse if one is not what it left."""
    found = find(change, kind, entry["record_ids"])
    stored = []
    for record_id, after in zip(entry["record_ids"], entry["after_hash"], strict=True):
        there = found.get(record_id)
        if not there:
            raise _conflict(kind, record_id, NOT_LIVE)
        # An agent's own table may hold an id more than once.
        left = next((row for row in there if rows.digest(row.values).hex() == after), None)
        if left is None:
            raise _conflict(kind, record_id, CHANGED)
        there.remove(left)
        stored.append(left)
    return stored


def _conflict(kind: Kind, record_id: str, why: str) -> UndoConflictError:
    return UndoConflictError(
        f"{kind.noun} {record_id} stands in the way of undoing: {why}; undo first what"
        " did that, if the journal has it.",
        record_id=record_id,
        kind=kind.name,
    )
