"""Tags and notes that a person puts on a record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

from storage import fields, journal, rows
from storage.errors import ValidationError
from storage.kinds import NOTE, id_of
from storage.moments import now_text
from storage.records import Record, stored_record
from storage.schema import NOTES
from storage.updates import changed_columns, write_update
from storage.view import ROWS_PER_STATEMENT, Change, View
from storage.where import Where

_STORES: Final[dict[str, fields.Store]] = {
    "tags": fields.array,
    "text": fields.text,
    "updated_at": fields.moment,
    "actor": fields.text,
}

ID_IN_LIST: Final = {
    "interaction": "record_id",
    "pattern": "record_id",
    "archived_interaction": "interaction_id",
    "archived_pattern": "pattern_id",
    "world_model_state": "record_id",
    "snapshot": "record_id",
}
"""Where the short rows of a list have the public id, by which notes know a record."""

_KINDS: Final = ("interaction", "pattern", "world_model_state", "snapshot")
_EXCERPT: Final = 300


class Addition(NamedTuple):
    """What many notes get in addition to what they have.

    Attributes:
        tags: Come behind the tags that are there.
        without: Tags that go.
        text: Comes in a line of its own behind the text that is there, if it is not in it.
    """

    tags: Iterable[str] = ()
    without: Iterable[str] = ()
    text: str = ""


def noted_as(kind: str) -> str:
    """Return under which kind the records of a list have their notes, archived ones included."""
    return kind.removeprefix("archived_")


def put(change: Change, kind: str, record_id: str, tags: Any, text: str | None) -> None:
    """Set the tags, the text, or both, of one record; what is None stays as it is.

    Raises:
        ValidationError: There is no such kind, a tag is not a string, or a name is empty.
    """
    _check_kind(kind)
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


def add(change: Change, kind: str, ids: Sequence[str], more: Addition) -> int:
    """Add to the notes of many records; return how many are other than before.

    Raises:
        ValidationError: There is no such kind, a tag is not a string, or a name is empty.
    """
    _check_kind(kind)
    coming, going = _check_tags(more.tags), frozenset(_check_tags(more.without))
    text = str(fields.text("text", more.text) or "")
    changed = 0
    for record_id in ids:
        change.breathe()
        before = next(iter(read(change, kind, record_id)), None) or {"tags": [], "text": None}
        own = before["tags"] if isinstance(before["tags"], list) else []
        tags = [tag for tag in dict.fromkeys([*own, *coming]) if tag not in going]
        said = str(before["text"] or "")
        if text and text not in said:
            said = f"{said}\n{text}" if said else text
        if (tags, said) != (own, before["text"] or ""):
            put(change, kind, record_id, tags, said)
            changed += 1
    return changed


def _check_kind(kind: Any) -> None:
    if kind not in _KINDS:
        known = ", ".join(_KINDS)
        raise ValidationError(f"kind must be one of {known}, not {kind!r}.", field="kind")


def _check_tags(tags: Any) -> list[str]:
    tags = tags if isinstance(tags, str | bytes) or not isinstance(tags, Iterable) else list(tags)
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag.strip() for tag in tags):
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


def tags(view: View, kind: str | None) -> dict[str, int]:
    """Return how many records have each tag, the most frequent tag first."""
    counts: dict[str, int] = {}
    for note in read(view, kind, None):
        for tag in _plain_tags(note):
            counts[tag] = counts.get(tag, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def tagged(view: View, kind: str, record_id: str, tag: str) -> tuple[str, list[Any]]:
    """Return the SQL of the records of a list that have a tag, and what it binds.

    Args:
        view: Where to read.
        kind: The kind of the list.
        record_id: The SQL of a record's public id.
        tag: The tag.
    """
    if NOTES.name not in view.layout:
        return "0", []
    having_it, value = _having(tag)
    noted = f"SELECT record_id FROM {NOTES.name} WHERE kind = ? AND {having_it}"
    return f"CAST({record_id} AS TEXT) IN ({noted})", [noted_as(kind), value]


def tagging(view: View, record_id: str, tag: str) -> tuple[str, list[Any]]:
    """Return the SQL of the notes themselves that hold a tag, and what it binds.

    Args:
        view: Where to read.
        record_id: The SQL of a note's own public id.
        tag: The tag.
    """
    if NOTES.name not in view.layout:
        return "0", []
    having_it, value = _having(tag)
    noted = f"SELECT CAST(id AS TEXT) FROM {NOTES.name} WHERE {having_it}"
    return f"CAST({record_id} AS TEXT) IN ({noted})", [value]


def _having(tag: str) -> tuple[str, Any]:
    mark, value = rows.bindable(tag)
    # json_valid guards json_each, which raises on what is no JSON.
    return (
        f"json_valid(tags) AND EXISTS (SELECT 1 FROM json_each(tags) WHERE value = {mark})",
        value,
    )


def having(view: View, wanted: Collection[str]) -> frozenset[tuple[str, str]]:
    """Return kind and public id of all records that have any of some tags."""
    return frozenset(
        (str(note["kind"]), str(note["record_id"]))
        for note in read(view, None, None)
        if not set(wanted).isdisjoint(_plain_tags(note))
    )


def put_beside(view: View, kind: str, found: Iterable[Record]) -> None:
    """Put tags and an excerpt of the text into the short rows of records that have a note."""
    table = view.layout.get(NOTES.name)
    if table is None or not view.fetch(f"SELECT 1 FROM {NOTES.name} LIMIT 1"):
        return
    by_id: dict[str, list[Record]] = {}
    for row in found:
        by_id.setdefault(str(row[ID_IN_LIST[kind]]), []).append(row)
    ids = list(by_id)
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        marks, values = rows.listed(ids[start : start + ROWS_PER_STATEMENT])
        for noted in view.rows(
            table, f"kind = ? AND record_id IN ({marks})", [noted_as(kind), *values]
        ):
            note = stored_record(NOTES, noted)
            own, text = _plain_tags(note), str(note["text"] or "")[:_EXCERPT]
            for row in by_id[note["record_id"]] if own or text else ():
                row["tags"], row["note"] = own, text


def _plain_tags(note: Record) -> list[str]:
    own = note["tags"]
    return [tag for tag in own if isinstance(tag, str)] if isinstance(own, list) else []
