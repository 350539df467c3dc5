"""The transactions of a memory as a list: who changed what, why, and what became of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from storage import fields, journal, json_utils, rows, undo_links
from storage.archive_reading import rows_of
from storage.diff_records import MISSING, FieldChange
from storage.history_records import TransactionEntry, TransactionSummary
from storage.kinds import BY_TABLE, Kind, find_one
from storage.schema import BY_NAME
from storage.undo_links import IS_LAST, UndoLink, UndoLinks
from storage.view import ROWS_PER_STATEMENT, StoredRow, View
from storage.where import Where
from storage.world_model import field_changes

_LATER: Final = 200


class _Row(NamedTuple):
    """What the last entry of a transaction says of all of it."""

    number: int
    transaction_id: Any
    at: Any
    actor: Any
    note: Any


def numbers(
    view: View, limit: int | None, after: int, wanted: Where | None = None
) -> Sequence[int]:
    """Return the number of each transaction, newest first: the id of its last journal entry.

    Args:
        view: Where to read.
        limit: How many at most; None for all. 8 bytes each.
        after: Only those with a greater number, for who has the others already.
        wanted: What the last entry has to be like, as `history_filters` says it.
    """
    if journal.TABLE not in view.layout:
        return array("q")
    fields.check_number("after", after)
    most = fields.check_limit(limit)
    where = Where() if wanted is None else wanted
    ((listed,),) = view.fetch(
        f"SELECT group_concat(id) FROM (SELECT id FROM {journal.TABLE} WHERE {where.sql}"
        f" AND id > ? AND {IS_LAST} ORDER BY id DESC LIMIT {most})",
        (*where.values, after),
    )
    return array("q", orjson.loads(f"[{listed or ''}]"))


def summaries(
    view: View, wanted: Sequence[int], links: UndoLinks
) -> list[TransactionSummary | None]:
    """Return what the transactions of these numbers did, in their order; None where one is gone.

    Args:
        view: Where to read.
        wanted: Numbers, as `numbers()` gives them.
        links: What is known of the links between transactions; more is read as it is needed.
    """
    if not wanted or journal.TABLE not in view.layout:
        return [None for _ in wanted]
    links.look(view, min(wanted))
    found: dict[int, _Row] = {}
    for start in range(0, len(wanted), ROWS_PER_STATEMENT):
        part = wanted[start : start + ROWS_PER_STATEMENT]
        marks = ", ".join("?" * len(part))
        for row in view.fetch(
            f"SELECT id, transaction_id, at, actor, note FROM {journal.TABLE}"
            f" WHERE id IN ({marks})",
            part,
        ):
            found[row[0]] = _Row(*row)
    return [
        None if number not in found else _summary(view, found[number], links) for number in wanted
    ]


def find(view: View, transaction_id: str, links: UndoLinks) -> TransactionSummary | None:
    """Return what one transaction did, or None."""
    number = journal.last_of(view, transaction_id)
    return None if number is None else summaries(view, [number], links)[0]


def _summary(view: View, row: _Row, links: UndoLinks) -> TransactionSummary:
    first = journal.first_of(view, row.transaction_id, row.number)
    done = undo_links.operations(view, first, row.number)
    own, over = links.at(row.number), links.taken_back_by(row.number)
    return {
        "number": row.number,
        "first": first,
        "transaction_id": row.transaction_id,
        "at": row.at,
        "actor": row.actor,
        "note": row.note,
        "records": sum(done.values()),
        "operations": [
            {"operation": operation, "kind": _kind_name(table), "records": count}
            for (operation, table), count in done.items()
        ],
        "record_id": _single(view, first, row.number),
        "role": _role(own),
        "takes_back": None if own is None else own.target,
        "undone_by": None if over is None else over.transaction_id,
    }


def _role(link: UndoLink | None) -> str:
    if link is None:
        return "change"
    return "redo" if link.is_redo else "undo back to" if link.is_range else "undo"


def _kind_name(table: Any) -> str:
    kind = BY_TABLE.get(table) if isinstance(table, str) else None
    return str(table) if kind is None else kind.name


def _single(view: View, first: int, last: int) -> Any:
    """Return the id of the record, if the transaction has a single entry about a single one."""
    if first != last:
        return None
    ((record_id,),) = view.fetch(f"SELECT record_id FROM {journal.TABLE} WHERE id = ?", (last,))
    return record_id


def entries(view: View, number: int, limit: int | None) -> list[TransactionEntry]:
    """Return what a transaction did, first change first, updates with what they changed.

    Args:
        view: Where to read.
        number: The number of the transaction.
        limit: How many entries at most, from the first on.
    """
    if journal.TABLE not in view.layout:
        return []
    fields.check_number("number", number)
    most = fields.check_limit(limit)
    told = list(journal.between(view, number, number))
    if not told:
        return []
    first = journal.first_of(view, told[0]["transaction_id"], number)
    last = number if most < 0 else min(number, first + most - 1)
    found = [explained(view, entry) for entry in journal.between(view, first, last)]
    return found[::-1]


def explained(view: View, entry: Mapping[str, Any]) -> TransactionEntry:
    """Return a journal entry with its kind, and the fields that it changed, old and new."""
    table = entry["table_name"]
    kind = BY_TABLE.get(table.lower()) if isinstance(table, str) else None
    changes: tuple[FieldChange, ...] = ()
    before = entry["before"]
    if entry["operation"] == "update" and kind is not None and isinstance(before, dict) and before:
        changes = _changes(view, kind, entry)
    name = _kind_name(table.lower() if isinstance(table, str) else table)
    reason, target = (None, None) if kind is None else _why(view, kind, entry)
    return {
        **entry,  # type: ignore[typeddict-item]
        "kind": name,
        "changes": changes,
        "reason": reason,
        "target": target,
    }


def _why(view: View, kind: Kind, entry: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the reason and the target of the first record that an entry archived or restored."""
    before = entry["before"]
    number, remembered = _first(before, "archived_as"), _first(before, "archive_rows")
    if number is not None and rows.is_storable(number):
        table = view.layout[kind.archive]
        found = view.rows(table, f"{table.sql('id')} = ?", [number])
        return (None, None) if not found else reason_and_target(kind, lowered(found[0].values))
    if isinstance(remembered, dict):
        return reason_and_target(kind, lowered(rows.decode_row(remembered)))
    return None, None


def _first(before: Mapping[str, Any], name: str) -> Any:
    """Return what an entry says under a name of its first record; None where it says no such."""
    listed = before.get(name)
    return listed[0] if isinstance(listed, list) and listed else None


def reason_and_target(kind: Kind, row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return why an archived record left, and what it became, from its archive row."""
    reason, target = row.get("archive_reason"), row.get(kind.target) if kind.target else None
    return None if reason is None else str(reason), None if target is None else str(target)


def _changes(view: View, kind: Kind, entry: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    before = lowered(rows.decode_row(entry["before"]))
    after = _later(view, kind, entry, set(before))
    table = entry["table_name"].lower()
    # What nobody knows any more differs from anything.
    new = {name: after.get(name, MISSING) for name in before}
    return field_changes(decoded(table, before), decoded(table, new), in_order=True)


def decoded(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns, named in lower case, of a table that we know, with their JSON decoded."""
    json_columns = {column.name: column.json for column in BY_NAME[table].json_columns}
    return {
        name: json_utils.decode(value, json_columns[name] or dict)
        if name in json_columns and value is not MISSING
        else value
        for name, value in values.items()
    }


def _later(view: View, kind: Kind, entry: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """Return what columns held after an entry.

    That is what the next update of the record took away, else what stands in it now, live or in
    the archive. Columns that cannot be told are left out.
    """
    record_id, known = entry["record_id"], dict[str, Any]()
    for before in _later_updates(view, entry):
        if before is None:
            # The id was given to another record.
            return known
        for name, value in before.items():
            known.setdefault(name, value)
        if known.keys() >= wanted:
            return known
    if isinstance(record_id, str):
        for name, value in _as_it_is(view, kind, record_id).items():
            known.setdefault(name, value)
    return known


def _later_updates(view: View, entry: Mapping[str, Any]) -> Iterator[dict[str, rows.Value] | None]:
    """Yield what later updates of the record took away, oldest first; None where it ended."""
    mark, record_id = rows.bindable(entry["record_id"])
    last = entry["id"]
    while True:
        found = view.fetch(
            f"SELECT id, operation, before FROM {journal.TABLE} WHERE record_id = {mark}"
            " AND id > ? AND lower(table_name) = ? AND operation IN ('update', 'add')"
            f" ORDER BY id LIMIT {_LATER}",
            (record_id, last, entry["table_name"].lower()),
        )
        for number, operation, before in found:
            last = number
            if operation == "add":
                yield None
                return
            document = json_utils.decode(before)
            if isinstance(document, dict):
                yield lowered(rows.decode_row(document))
        if len(found) < _LATER:
            return


def lowered(row: Mapping[str, rows.Value]) -> dict[str, rows.Value]:
    """Return a row with the names of its columns in lower case."""
    return {name.lower(): value for name, value in row.items()}


def _as_it_is(view: View, kind: Kind, record_id: str) -> dict[str, rows.Value]:
    if (row := find_one(view, kind, record_id)) is not None:
        return lowered(row.values)
    for archived in reversed(archived_rows(view, kind, record_id)):
        document = json_utils.decode(archived.value("data"), dict)
        if isinstance(document, dict):
            return lowered(rows.decode_row(document))
    return {}


def archived_rows(view: View, kind: Kind, record_id: str) -> list[StoredRow]:
    """Return the archive rows of one record, in the order in which they were written."""
    found = [
        row
        for row in rows_of(view, kind, [record_id])
        # One archive holds several kinds, whose records may have the same id.
        if not row.table.has("table_name") or str(row.value("table_name")).lower() in kind.tables
    ]
    return sorted(found, key=lambda row: row.rowid)
