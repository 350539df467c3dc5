"""What undoing would do, found out without writing: the changes are taken back on copies of rows.

The rules are those of `undo`: a record that is no longer what a change left is in the way, and so
is one that lives under an id that would come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from storage import journal, json_utils, rows, undo
from storage.history import decoded, lowered
from storage.history_records import RecordEffect, UndoConflict, UndoPreview
from storage.kinds import Kind, find
from storage.undo_links import IS_LAST, operations
from storage.view import ROWS_PER_STATEMENT, View
from storage.world_model import field_changes

MOST: Final = 20_000
"""Changes of records that are looked at, which takes about a second."""

Entry = Mapping[str, Any]
_Row = dict[str, rows.Value]


def of_transaction(view: View, transaction_id: str) -> UndoPreview:
    """Return what undoing a transaction would do.

    Raises:
        RecordNotFoundError: The journal has no such transaction.
        StorageError: An entry of the journal is damaged.
    """
    last = undo.last_of(view, transaction_id)
    return _preview(view, journal.first_of(view, transaction_id, last), last)


def back_to(view: View, transaction_id: str) -> UndoPreview:
    """Return what undoing everything after a transaction would do.

    Raises:
        RecordNotFoundError: The journal has no such transaction.
        StorageError: An entry of the journal is damaged.
    """
    return _preview(view, undo.last_of(view, transaction_id) + 1, journal.newest(view))


def _preview(view: View, first: int, last: int) -> UndoPreview:
    total = sum(operations(view, first, last).values())
    copies = _Copies(view)
    looked_at = 0
    for entry in journal.between(view, first, last):
        if looked_at and looked_at + len(entry["record_ids"]) > MOST:
            break
        kind = undo.kind_of(entry)
        copies.load(kind, entry)
        for place, record_id in enumerate(entry["record_ids"]):
            _TAKE_BACK[entry["operation"]](copies, kind, entry, place, record_id)
        looked_at += len(entry["record_ids"])
    return UndoPreview(
        tuple(copies.effects()),
        tuple(copies.conflicts),
        _count(view, first, last),
        total,
        looked_at,
    )


def _count(view: View, first: int, last: int) -> int:
    if first > last:
        return 0
    sql = f"SELECT count(*) FROM {journal.TABLE} WHERE id BETWEEN ? AND ? AND {IS_LAST}"
    return int(view.fetch(sql, (first, last))[0][0])


@dataclass(slots=True)
class _Copy:
    """A record as it is, and as it would be after what was taken back so far."""

    table: str
    before: _Row | None
    now: _Row | None


@dataclass(slots=True)
class _Copies:
    """The records that undoing comes upon, in that order, and their archive rows by number."""

    view: View
    records: dict[tuple[str, str], _Copy] = field(default_factory=dict)
    archived: dict[tuple[str, Any], _Row | None] = field(default_factory=dict)
    conflicts: list[UndoConflict] = field(default_factory=list)
    blocked: set[tuple[str, str]] = field(default_factory=set)

    def load(self, kind: Kind, entry: Entry) -> None:
        """Read the records of an entry that were not read yet, and the archive rows it made."""
        unread = [each for each in entry["record_ids"] if (kind.name, each) not in self.records]
        there = find(self.view, kind, unread)
        for each in unread:
            live = dict(there[each][0].values) if each in there else None
            self.records[kind.name, each] = _Copy(entry["table_name"].lower(), live, live)
        if entry["operation"] == "archive":
            self.load_archived(kind, entry["before"]["archived_as"])

    def load_archived(self, kind: Kind, numbers: Sequence[Any]) -> None:
        """Read the archive rows of these numbers that were not read yet."""
        table = self.view.layout[kind.archive]
        unread = [each for each in numbers if (kind.archive, each) not in self.archived]
        self.archived |= {(kind.archive, each): None for each in unread}
        for start in range(0, len(unread), ROWS_PER_STATEMENT):
            part = unread[start : start + ROWS_PER_STATEMENT]
            where = f"{table.sql('id')} IN ({', '.join('?' * len(part))})"
            for row in self.view.rows(table, where, part):
                self.archived[kind.archive, row.value("id")] = dict(row.values)

    def refuse(self, kind: Kind, record_id: str, why: str) -> None:
        """Note what is in the way; of each record only what comes first."""
        if (kind.name, record_id) not in self.blocked:
            self.blocked.add((kind.name, record_id))
            self.conflicts.append(UndoConflict(kind.name, record_id, why))

    def unchanged(self, kind: Kind, entry: Entry, place: int, record_id: str) -> _Copy | None:
        """Return a live record if it is what the entry left."""
        copy = self.records[kind.name, record_id]
        if copy.now is None:
            self.refuse(kind, record_id, undo.NOT_LIVE)
            return None
        if rows.digest(copy.now).hex() != entry["after_hash"][place]:
            self.refuse(kind, record_id, undo.CHANGED)
            return None
        return copy

    def effects(self) -> list[RecordEffect]:
        """Compare all records with what they would be."""
        return [_effect(kind, record_id, copy) for (kind, record_id), copy in self.records.items()]


def _effect(kind: str, record_id: str, copy: _Copy) -> RecordEffect:
    if copy.before is None or copy.now is None:
        if copy.before is copy.now:
            return RecordEffect(kind, record_id, "stays")
        return RecordEffect(kind, record_id, "comes back" if copy.before is None else "is archived")
    changes = field_changes(
        decoded(copy.table, lowered(copy.before)), decoded(copy.table, lowered(copy.now))
    )
    return RecordEffect(kind, record_id, "changed" if changes else "stays", changes)


def _take_back_add(copies: _Copies, kind: Kind, entry: Entry, place: int, record_id: str) -> None:
    if (copy := copies.unchanged(kind, entry, place, record_id)) is not None:
        copy.now = None


def _take_back_update(
    copies: _Copies, kind: Kind, entry: Entry, place: int, record_id: str
) -> None:
    if (copy := copies.unchanged(kind, entry, place, record_id)) is not None and copy.now:
        spelling = {name.lower(): name for name in copy.now}
        before = rows.decode_row(entry["before"])
        copy.now = copy.now | {
            spelling.get(name.lower(), name): value for name, value in before.items()
        }


def _take_back_archive(
    copies: _Copies, kind: Kind, entry: Entry, place: int, record_id: str
) -> None:
    number = (kind.archive, entry["before"]["archived_as"][place])
    row = copies.archived.get(number)
    if row is None or rows.digest(row).hex() != entry["after_hash"][place]:
        copies.refuse(kind, record_id, undo.NOT_ARCHIVED)
        return
    copy = copies.records[kind.name, record_id]
    if copy.now is not None:
        copies.refuse(kind, record_id, undo.ID_TAKEN)
        return
    document = json_utils.decode(lowered(row).get("data"), dict)
    if not isinstance(document, dict):
        copies.refuse(kind, record_id, undo.NOT_ARCHIVED)
        return
    copies.archived[number] = None
    copy.now = rows.decode_row(document)


def _take_back_restore(
    copies: _Copies, kind: Kind, entry: Entry, place: int, record_id: str
) -> None:
    if (copy := copies.unchanged(kind, entry, place, record_id)) is None or copy.now is None:
        return
    envelope = undo.remembered_envelope(copies.view.layout[kind.archive], entry, place, copy.now)
    number = lowered(envelope).get("id")
    copies.load_archived(kind, [number])
    if copies.archived[kind.archive, number] is not None:
        copies.refuse(kind, record_id, undo.PLACE_TAKEN)
        return
    copies.archived[kind.archive, number] = envelope
    copy.now = None


_TAKE_BACK: Final = {
    "add": _take_back_add,
    "update": _take_back_update,
    "archive": _take_back_archive,
    "restore": _take_back_restore,
}
