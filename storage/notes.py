"""Tags and notes that a person puts on a record."""

from __future__ import annotations

from typing import Any, Final

from storage import fields, journal, rows
from storage.errors import ValidationError
from storage.kinds import NOTE, id_of
from storage.moments import now_text
from storage.records import Record, stored_record
from storage.schema import NOTES
from storage.updates import changed_columns, write_update
from storage.view import Change, View
from storage.where import Where

_STORES: Final[dict[str, fields.Store]] = {
    "tags": fields.array,
    "text": fields.text,
    "updated_at": fields.moment,
    "actor": fields.text,
}


def put(change: Change, kind: str, record_id: str, tags: Any, text: str | None) -> None:
    """Set the tags, the text, or both, of one record; what is None stays as it is.

    Raises:
        ValidationError: A tag is not a string, or a name is empty.
    """
    fields.required_text("kind", kind)
    fields.required_text("record_id", record_id)
    changes: dict[str, Any] = {"updated_at": now_text(), "actor": change.stamp.actor}
    if tags is not None:
        changes["tags"] = _check_tags(tags)
    if text is not None:
        changes["text"] = fields.text("text", text)
    table = change.layout[NOTES.name]
    where = Where().equals("kind", kind).equals("record_id", record_id)
    found = change.rows(table, where.sql, where.values)
    if found:
        columns = changed_columns(NOTES, found[0], changes, _STORES, ("id", "kind", "record_id"))
        if columns.keys() & {"tags", "text"}:
            write_update(change, NOTE, found[0], columns)
        return
    row: rows.Row = {"kind": kind, "record_id": record_id}
    row |= {name: _STORES[name](name, value) for name, value in changes.items()}
    fields.check_writable(list(row), list(row.values()))
    number = change.insert_one(table, row)
    stored = change.rows(table, "rowid = ?", [number])[0]
    journal.record(change, "add", table.name, [id_of(NOTE, stored)], [rows.digest(stored.values)])


def _check_tags(tags: Any) -> list[str]:
    is_list = isinstance(tags, list | tuple)
    if not is_list or not all(isinstance(tag, str) and tag.strip() for tag in tags):
        raise ValidationError("tags must be a list of strings that are not empty.", field="tags")
    return list(dict.fromkeys(tag.strip() for tag in tags))


def read(view: View, kind: str | None, record_id: str | None) -> list[Record]:
    """Return notes, the one changed last first."""
    table = view.layout.get(NOTES.name)
    if table is None:
        return []
    where = Where().equals("kind", kind).equals("record_id", record_id)
    found = view.rows(table, f"{where.sql} ORDER BY updated_at DESC, id DESC", where.values)
    return [stored_record(NOTES, row) for row in found]
