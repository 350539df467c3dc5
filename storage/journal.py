"""The journal: what every transaction changed, so that it can be told and undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from storage import json_utils, rows
from storage.cursors import read_cursor
from storage.fields import check_limit
from storage.moments import now_text
from storage.view import Change, View
from storage.where import Where

Operation = Literal["add", "update", "archive", "restore"]

TABLE = "memglass_journal"
_COLUMNS = (
    "id",
    "transaction_id",
    "at",
    "actor",
    "operation",
    "table_name",
    "record_id",
    "record_ids",
    "before",
    "after_hash",
    "note",
)


def record(
    change: Change,
    operation: Operation,
    table: str,
    ids: Sequence[str],
    digests: Sequence[bytes],
    before: Mapping[str, Any] | None = None,
) -> None:
    """Write one row for a change of one or many records.

    Args:
        change: The transaction's connection.
        operation: What was done.
        table: The table of the live records.
        ids: Their public ids, in the order of the change.
        digests: For each id, `rows.digest` of what the change left: of the live row, or of the
            archive row if the operation is `archive`.
        before: What the change took away: columns of an update, as JSON can hold them; where
            archived rows stand; the archive rows that a restore removed.
    """
    one = len(ids) == 1
    encoded = None if before is None else json_utils.encode(before)
    row: rows.Row = {
        "transaction_id": change.stamp.transaction_id,
        "at": now_text(),
        "actor": change.stamp.actor,
        "operation": operation,
        "table_name": table,
        "record_id": ids[0] if one else None,
        "record_ids": None if one else rows.encode_values(ids),
        "before": encoded,
        "after_hash": b"".join(digests),
        "note": change.stamp.note,
    }
    rows.insert(change.connection, TABLE, list(row), [list(row.values())])


def read(
    view: View, limit: int | None = 100, before: str | None = None, record_id: str | None = None
) -> list[dict[str, Any]]:
    """Return journal entries, newest first.

    Args:
        view: Where to read.
        limit: How many at most; None for all.
        before: `cursor_of` the last entry of the page before.
        record_id: Only changes of this record, also those of a batch that holds it.
    """
    if TABLE not in view.layout:
        return []
    where = Where()
    if before is not None:
        where.add("id < ?", *read_cursor(before, "journal", 1))
    if record_id is not None:
        mark, value = rows.bindable(record_id)
        # The quotes keep `int-1` from matching `int-10` inside a batch.
        inside = rows.encode_values([record_id])[1:-1]
        where.add(
            f"(record_id = {mark} OR (record_id IS NULL AND instr(record_ids, ?)))", value, inside
        )
    found = view.fetch(
        f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} WHERE {where.sql} ORDER BY id DESC LIMIT ?",
        [*where.values, check_limit(limit)],
    )
    return [entry(row) for row in found]


def since(view: View, last: int, limit: int) -> list[tuple[int, str, list[rows.Value]]]:
    """Return the id, the table and the records of the entries after one, oldest first."""
    if TABLE not in view.layout:
        return []
    return [
        (number, table, [record_id] if ids is None else _decoded_ids(ids))
        for number, table, record_id, ids in view.fetch(
            f"SELECT id, table_name, record_id, record_ids FROM {TABLE} WHERE id > ?"
            " ORDER BY id LIMIT ?",
            (last, limit),
        )
    ]


def of_transaction(view: View, transaction_id: str) -> list[dict[str, Any]]:
    """Return the entries of one transaction, last change first."""
    if TABLE not in view.layout:
        return []
    return [
        entry(row)
        for row in view.fetch(
            f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} WHERE transaction_id = ? ORDER BY id DESC",
            (transaction_id,),
        )
    ]


def _decoded_ids(text: str | bytes) -> list[rows.Value]:
    try:
        return rows.decode_values(text)
    except (TypeError, ValueError):
        # Somebody else damaged our journal: what is left of the entry can still be told.
        return []


def entry(row: Sequence[Any]) -> dict[str, Any]:
    """Turn a row of the journal into an entry: `record_ids` always a list, hashes in hex."""
    told = dict(zip(_COLUMNS, row, strict=True))
    ids = told["record_ids"]
    told["record_ids"] = [told["record_id"]] if ids is None else _decoded_ids(ids)
    told["before"] = json_utils.decode(told["before"])
    hashes = told["after_hash"] or b""
    size = rows.DIGEST_BYTES
    told["after_hash"] = [hashes[i : i + size].hex() for i in range(0, len(hashes), size)]
    return told
