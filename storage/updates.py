"""Changing fields of a live row: only those that really change are written and journalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from storage import driver, fields, journal, json_utils, rows
from storage.errors import JSONEncodeError, RecordExistsError, StorageError, ValidationError
from storage.json_utils import CorruptJSON, RawJSON
from storage.kinds import Kind, id_of, public_id
from storage.layout import TableLayout
from storage.schema import Table
from storage.view import Change, StoredRow


def changed_columns(
    table: Table,
    row: StoredRow,
    changes: Mapping[str, Any],
    stores: Mapping[str, fields.Store],
    fixed: Sequence[str],
) -> rows.Row:
    """Return the columns that `changes` really changes, with the values to store.

    A field whose value is what is read already keeps its bytes: huge numbers, duplicate keys and
    the order of keys survive. Keys without a column go into `metadata`.

    Raises:
        ValidationError: A field holds what it cannot, or is one of `fixed`.
    """
    given = fields.by_column(changes, row.table.has)
    extras = {key: given.pop(key) for key in list(given) if not row.table.has(key)}
    if extras:
        given["metadata"] = _with_extras(row, given, extras)
    json_defaults = {column.name: column.json for column in table.json_columns}
    changed: rows.Row = {}
    for name, value in given.items():
        current = row.value(name)
        if _reads_as(current, value, json_defaults.get(name)):
            continue
        if name in fixed and value == public_id(current, row.rowid):
            continue
        stored = stores.get(name, fields.scalar)(name, value)
        if stored is None and name in row.table.required:
            default = json_defaults.get(name)
            stored = json_utils.encode(default()) if default else ""
        if is_stored(current, stored):
            continue
        if name in fixed:
            raise ValidationError(f"{name} cannot be changed.", field=name)
        changed[row.table.spell(name)] = stored
    fields.check_writable(list(changed), list(changed.values()))
    return changed


def _reads_as(current: rows.Value, value: Any, default: Callable[[], Any] | None) -> bool:
    """Say whether a field reads as `value` already, whatever else its bytes may say."""
    if default is None:
        return is_stored(current, value)
    if isinstance(value, RawJSON):
        return is_stored(current, str.__str__(value))
    read = json_utils.decode(current, default)
    if isinstance(read, CorruptJSON) or isinstance(value, CorruptJSON):
        return bool(read == value)
    try:
        return json_utils.encode(read) == json_utils.encode(value)
    except JSONEncodeError:
        # What JSON cannot say is refused where the field is validated.
        return False


def is_stored(current: rows.Value, value: Any) -> bool:
    """Say whether `value` is just what a column holds, storage class included."""
    # 1 and 1.0 are equal, and so are 0.0 and -0.0, but not the same to a column.
    return current.__class__ is value.__class__ and (
        current == value if current.__class__ is not float else repr(current) == repr(value)
    )


def is_kept(current: rows.Value, value: rows.Value) -> bool:
    """Say whether what a column holds says all that `value` does, if in another storage class."""
    if is_stored(current, value):
        return True
    if isinstance(current, int | float) and isinstance(value, int | float):
        return current == value
    return not isinstance(value, bytes) and str(current) == str(value)


def _with_extras(row: StoredRow, given: Mapping[str, Any], extras: Mapping[str, Any]) -> Any:
    if "metadata" in given:
        return merge(given["metadata"], extras)
    current = json_utils.decode(row.value("metadata"), dict)
    if not isinstance(current, dict):
        raise ValidationError(
            "metadata is corrupt or no mapping, so nothing can be added to it; give metadata= as"
            " a whole.",
            field="metadata",
        )
    return {**current, **extras}


def merge(metadata: Any, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Return given `metadata` with the given keys that have no column of their own.

    Raises:
        ValidationError: A key stands in both with different values, or metadata is corrupt.
    """
    if isinstance(metadata, CorruptJSON):
        raise ValidationError(
            "metadata is corrupt, so nothing can be added to it; give metadata= as a whole.",
            field="metadata",
        )
    merged = dict(fields.check_mapping("metadata", metadata or {}))
    for key, value in extras.items():
        if key in merged and merged[key] != value:
            raise ValidationError(f"{key} is given twice, also in metadata.", field=key)
        merged[key] = value
    return merged


def write_update(change: Change, kind: Kind, row: StoredRow, columns: rows.Row) -> StoredRow:
    """Write changed columns into their row, and what they held before into the journal.

    Returns:
        The row as it is now.

    Raises:
        RecordExistsError: Another row has a value that the table keeps apart.
        ValidationError: The table takes no such value.
    """
    if not columns:
        return row
    try:
        change.update(row.table, {row.rowid: columns})
    except driver.IntegrityError as error:
        raise _refused(kind, row, columns, error) from error
    # What stands there now: a column's affinity or a trigger may have changed what was given, and
    # a trigger other columns besides, such as the time of the last change.
    after = change.rows(row.table, "rowid = ?", [row.rowid])[0]
    before = {
        name: value
        for name, value in row.values.items()
        if name in columns or not is_stored(value, after.values[name])
    }
    journal.record(
        change,
        "update",
        row.table.name,
        [id_of(kind, row)],
        [rows.digest(after.values)],
        rows.wrapped(before),
    )
    return after


def _refused(
    kind: Kind, row: StoredRow, columns: rows.Row, error: driver.IntegrityError
) -> StorageError:
    message = (
        f"Table {row.table.name} does not take the change of {kind.noun} {id_of(kind, row)}:"
        f" {error}; nothing was changed."
    )
    return _as_told(message, error, next(iter(columns)))


def not_added(table: TableLayout, what: str, error: driver.IntegrityError) -> StorageError:
    """Return the error for a row that a table does not take, in the words of SQLite.

    Args:
        table: The table.
        what: The record, such as `a pattern`.
        error: What SQLite raised.
    """
    message = f"Table {table.name} does not take {what}: {error}; nothing was added."
    return _as_told(message, error, what)


def _as_told(message: str, error: driver.IntegrityError, field: str) -> StorageError:
    if "UNIQUE" in str(error) or "PRIMARY KEY" in str(error):
        return RecordExistsError(message)
    return ValidationError(message, field=field)
