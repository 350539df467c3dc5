"""The journal: what every transaction changed, so that it can be told and undone.

The entries of one transaction stand side by side: they are written under the one write lock that
a file has, their ids only grow, and no transaction id is ever used again. So a transaction is
found from the id of its last entry, and the table needs no index on `transaction_id`, which every
change would have to pay for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from storage import json_utils, rows
from storage.cursors import read_cursor
from storage.errors import ValidationError
from storage.fields import check_limit, check_text
from storage.kinds import KINDS
from storage.moments import now_text
from storage.view import Change, View
from storage.where import Where

Operation = Literal["add", "update", "archive", "restore"]

TABLE = "memglass_journal"
# An entry of a bulk add names a thousand records.
_AT_ONCE: Final = 50
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
    view: View,
    limit: int | None = 100,
    before: str | None = None,
    record_id: str | None = None,
    kind: str | None = None,
) -> list[dict[str, Any]]:
    """Return journal entries, newest first.

    Args:
        view: Where to read.
        limit: How many at most; None for all.
        before: `cursor_of` the last entry of the page before.
        record_id: Only changes of this record, also those of a batch that holds it.
        kind: Only changes of this kind: interaction, pattern, world_model_state, snapshot or
            note. Records of two kinds may have the same id.

    Raises:
        ValidationError: There is no such kind.
    """
    if TABLE not in view.layout:
        return []
    where = Where()
    if kind is not None:
        tables = _tables_of(kind)
        where.add(f"lower(table_name) IN ({', '.join('?' * len(tables))})", *tables)
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


def _tables_of(kind: str) -> tuple[str, ...]:
    for each in KINDS:
        if each.name == kind:
            return each.tables
    raise ValidationError(
        f"kind must be one of {', '.join(each.name for each in KINDS)}.", field="kind"
    )


def last_of(view: View, transaction_id: str) -> int | None:
    """Return the id of the last entry of a transaction, or None; the newest are looked at first.

    Raises:
        ValidationError: It is no string, such as the None of an undo that had nothing to do.
    """
    check_text("transaction_id", transaction_id)
    if TABLE not in view.layout:
        return None
    where = Where().equals("transaction_id", transaction_id)
    found = view.fetch(
        f"SELECT id FROM {TABLE} WHERE {where.sql} ORDER BY id DESC LIMIT 1", where.values
    )
    return int(found[0][0]) if found else None


def first_of(view: View, transaction_id: str, last: int) -> int:
    """Return the id of the first entry of the transaction of which the last is `last`."""
    mark, value = rows.bindable(transaction_id)
    found = view.fetch(
        f"SELECT id FROM {TABLE} WHERE id < ? AND transaction_id IS NOT {mark}"
        " ORDER BY id DESC LIMIT 1",
        (last, value),
    )
    return int(found[0][0]) + 1 if found else 1


def newest(view: View) -> int:
    """Return the id of the newest entry; 0 if there is none."""
    if TABLE not in view.layout:
        return 0
    return int(view.fetch(f"SELECT coalesce(max(id), 0) FROM {TABLE}")[0][0])


def between(view: View, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Yield the entries from id `first` to `last`, the last change first, a few at a time."""
    while first <= last:
        found = view.fetch(
            f"SELECT {', '.join(_COLUMNS)} FROM {TABLE} WHERE id BETWEEN ? AND ?"
            f" ORDER BY id DESC LIMIT {_AT_ONCE}",
            (first, last),
        )
        for row in found:
            yield entry(row)
        if len(found) < _AT_ONCE:
            return
        last = found[-1][0] - 1


def _decoded_ids(text: str | bytes) -> list[rows.Value]:
    try:
        return rows.decode_values(text)
    except (TypeError, ValueError):
        # Somebody else damaged our journal: what is left of the entry can still be told.
        return []


def _decoded_before(text: rows.Value) -> Mapping[str, Any]:
    before = json_utils.decode(text)
    if isinstance(before, Mapping):
        return before
    return json_utils.CorruptJSON(rows.exact_bytes(str(text)), "is no object")


def entry(row: Sequence[Any]) -> dict[str, Any]:
    """Turn a row of the journal into an entry: `record_ids` always a list, hashes in hex."""
    told = dict(zip(_COLUMNS, row, strict=True))
    ids = told["record_ids"]
    told["record_ids"] = [told["record_id"]] if ids is None else _decoded_ids(ids)
    told["before"] = _decoded_before(told["before"])
    hashes = told["after_hash"] if isinstance(told["after_hash"], bytes) else b""
    size = rows.DIGEST_BYTES
    told["after_hash"] = [hashes[i : i + size].hex() for i in range(0, len(hashes), size)]
    return told
