"""The archive: nothing leaves a table without first standing here, whole and with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from storage import fields, journal, rows
from storage.archive_reading import page, read, statistics
from storage.errors import StorageError, ValidationError
from storage.kinds import INTERACTION, PATTERN, Kind, find, id_of, tables_of
from storage.layout import TableLayout
from storage.moments import UNREADABLE, moment_sql, now_text, parse_moment
from storage.restoring import put_back, restore
from storage.rows import quote
from storage.view import ROWS_PER_STATEMENT, Change, StoredRow

__all__ = [
    "archive",
    "archive_before",
    "envelope",
    "move",
    "page",
    "put_back",
    "read",
    "restore",
    "statistics",
]


def archive(
    change: Change,
    kind: Kind,
    ids: Sequence[str],
    reason: str,
    target: str | None,
    archived_at: Any = None,
) -> int:
    """Move live records into their archive.

    Args:
        change: The transaction's connection.
        kind: What they are.
        ids: Their public ids; those that are not live are not counted.
        reason: Why.
        target: What they became, if anything.
        archived_at: When; now if it is None.

    Returns:
        How many rows were archived.

    Raises:
        ValidationError: The reason is blank, or another argument is not what it should be.
        StorageError: A trigger of the file kept rows from being moved; nothing was changed.
    """
    _check_words(kind, reason, target)
    at = fields.moment("archived_at", archived_at) or now_text()
    count = 0
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        change.breathe()
        found = find(change, kind, ids[start : start + ROWS_PER_STATEMENT])
        stored = [row for each in found.values() for row in each]
        for group in _by_table(stored):
            move(change, kind, group, [envelope(kind, row, reason, target, at) for row in group])
        count += len(stored)
    return count


def _check_words(kind: Kind, reason: str, target: str | None) -> None:
    target_name = kind.target or "target"
    fields.required_text("reason", reason)
    fields.text(target_name, target)
    fields.check_writable(("reason", target_name), (reason, target))


def archive_before(change: Change, before: Any, reason: str) -> int:
    """Archive all interactions whose time is readable and strictly before `before`.

    Returns:
        How many rows were archived.

    Raises:
        ValidationError: `before` is no time, or the reason is blank.
    """
    if before is None:
        raise ValidationError("before_date must be a time.", field="before_date")
    limit = parse_moment(fields.moment("before_date", before))
    _check_words(INTERACTION, reason, None)
    at = now_text()
    count = 0
    for table in tables_of(change, INTERACTION):
        moment = moment_sql(table.sql("timestamp"))
        # By row, not by id: of two rows with the same id only one may be old.
        numbers = [
            number
            for (number,) in change.fetch(
                f"SELECT rowid FROM {quote(table.name)} WHERE {moment} < ? AND {moment} > ?",
                (limit, UNREADABLE),
            )
        ]
        for start in range(0, len(numbers), ROWS_PER_STATEMENT):
            change.breathe()
            part = numbers[start : start + ROWS_PER_STATEMENT]
            stored = change.rows(table, f"rowid IN ({', '.join('?' * len(part))})", part)
            envelopes = [envelope(INTERACTION, row, reason, None, at) for row in stored]
            move(change, INTERACTION, stored, envelopes)
        count += len(numbers)
    return count


def move(
    change: Change, kind: Kind, stored: Sequence[StoredRow], envelopes: Sequence[rows.Row]
) -> None:
    """Put live rows of one table into the archive, each in its envelope, and journal it.

    Raises:
        StorageError: A trigger of the file kept rows from being moved; nothing was changed.
    """
    table = change.layout[kind.archive]
    columns = [table.spell(name) for name in envelopes[0]]
    given = [list(each.values()) for each in envelopes]
    if table.row_number != "id" and table.spell("id") not in columns:
        columns = [*columns, table.spell("id")]
        given = [
            [*row, number] for row, number in zip(given, change.free_numbers(table), strict=False)
        ]
    with change.balanced({table.name: len(given), stored[0].table.name: -len(given)}):
        change.insert(table, columns, given)
        numbers = _numbers(change, table, columns, given)
        digests = _digests(change, table, columns, given, numbers)
        change.delete(stored[0].table, [row.rowid for row in stored])
        data = columns.index(table.spell("data"))
        _check_data(change, table, [row[data] for row in given], numbers)
    ids = [id_of(kind, row) for row in stored]
    before: dict[str, Any] = {"archived_as": numbers}
    if beside := _left_beside(change, kind, stored[0].table, ids):
        before["beside"] = beside
    journal.record(change, "archive", stored[0].table.name, ids, digests, before)


def _left_beside(change: Change, kind: Kind, table: TableLayout, ids: Sequence[str]) -> list[str]:
    """Return the ids that rows which stay have as well, beside which undoing may put them back."""
    if table.is_unique(kind.key) and len(tables_of(change, kind)) == 1:
        return []
    return list(find(change, kind, ids))


def _numbers(
    change: Change, table: TableLayout, columns: list[str], given: Sequence[list[rows.Value]]
) -> list[rows.Value]:
    """Return the numbers that archive rows have got, or were given."""
    number = table.spell("id")
    if number in columns:
        at = columns.index(number)
        return [row[at] for row in given]
    last = change.last_rowid()
    return list(range(last - len(given) + 1, last + 1))


def _check_data(
    change: Change,
    table: TableLayout,
    documents: Sequence[rows.Value],
    numbers: Sequence[rows.Value],
) -> None:
    """Make sure that the archive holds the records, where a trigger may have rewritten them.

    Raises:
        StorageError: It does not, so that they must not leave.
    """
    if not change.layout.triggered:
        return
    for number, document in zip(numbers, documents, strict=True):
        held = change.fetch(
            f"SELECT {table.sql('data')} FROM {quote(table.name)} WHERE {table.sql('id')} = ?",
            [number],
        )
        if held != [(document,)]:
            raise StorageError(
                f"A trigger changes what table {table.name} is given; nothing was changed."
            )


def _digests(
    change: Change,
    table: TableLayout,
    columns: list[str],
    given: Sequence[list[rows.Value]],
    numbers: Sequence[rows.Value],
) -> list[bytes]:
    """Return the digests of archive rows as the table holds them.

    They are read back where that may not be as they were given: an affinity, a default or a
    trigger may have changed a value.

    Raises:
        StorageError: One of them is not there, so that its record must not leave.
    """
    number = table.spell("id")
    lower = {name.lower() for name in columns}
    if (
        not change.layout.triggered
        and lower <= table.exact
        and lower | {"id"} == set(table.spelling)
    ):
        return rows.digests(
            [*columns, number], ([*row, at] for row, at in zip(given, numbers, strict=True))
        )
    marks = ", ".join("?" * len(numbers))
    there = {
        row.values[number]: row.values
        for row in change.rows(table, f"{quote(number)} IN ({marks})", numbers)
    }
    if len(there) != len(numbers):
        raise StorageError(
            f"A trigger on table {table.name} kept rows from being archived; nothing was changed."
        )
    return [rows.digest(there[at]) for at in numbers]


def envelope(
    kind: Kind, row: StoredRow, reason: str, target: str | None, at: rows.Value
) -> rows.Row:
    """Return the archive row that takes `row`, without its number."""
    record_id = id_of(kind, row)
    number = row.value("id") if row.table.has("id") else record_id
    special: rows.Row
    if kind is INTERACTION:
        special = {"original_id": str(number), "interaction_id": record_id}
    elif kind is PATTERN:
        special = {
            "original_id": record_id,
            "pattern_name": _as_text(row.value("name")),
            "pattern_type": _as_text(row.value("pattern_type")),
        }
    else:
        special = {"table_name": row.table.name, "record_id": record_id}
    envelope = {
        **special,
        "data": rows.encode_row(row.values).decode(),
        "archived_at": at,
        "archive_reason": reason,
    }
    return envelope if kind.target is None else {**envelope, kind.target: target}


def _as_text(value: rows.Value) -> rows.Value:
    return value if value is None or isinstance(value, str) else str(value)


def _by_table(stored: Sequence[StoredRow]) -> Iterator[list[StoredRow]]:
    for name in dict.fromkeys(row.table.name for row in stored):
        yield [row for row in stored if row.table.name == name]
