"""What undoing would do, found out without writing: the changes are taken back on copies of rows.

The rules are those of `undo`: a record that is no longer what a change left is in the way, and so
is one that lives under an id that would come back, or has another value that SQLite keeps apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from storage import journal, restoring, rows, undo
from storage.errors import RestoreError
from storage.history import decoded, lowered
from storage.history_records import RecordEffect, UndoConflict, UndoPreview
from storage.kinds import Kind, find, id_of
from storage.restoring import Returning
from storage.undo_links import IS_LAST, operations
from storage.view import ROWS_PER_STATEMENT, StoredRow, View
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
    newest = ""
    for entry in journal.between(view, first, last):
        if looked_at and looked_at + len(entry["record_ids"]) > MOST:
            break
        newest = newest or entry["transaction_id"]
        kind = undo.kind_of(entry)
        copies.load(kind, entry)
        _TAKE_BACK[entry["operation"]](copies, kind, entry)
        looked_at += len(entry["record_ids"])
    return UndoPreview(
        tuple(copies.effects()),
        tuple(copies.conflicts),
        _count(view, first, last),
        total,
        looked_at,
        newest,
    )


def _count(view: View, first: int, last: int) -> int:
    if first > last:
        return 0
    sql = f"SELECT count(*) FROM {journal.TABLE} WHERE id BETWEEN ? AND ? AND {IS_LAST}"
    return int(view.fetch(sql, (first, last))[0][0])


@dataclass(slots=True)
class _Copy:
    """A row as it is, and as it would be after what was taken back so far; None where it is not."""

    table: str
    before: _Row | None
    now: _Row | None


@dataclass(slots=True)
class _Copies:
    """The records that undoing comes upon, in that order, and their archive rows by number.

    In a table of an agent that lets ids stand twice, a record may be several rows.
    """

    view: View
    records: dict[tuple[str, str], list[_Copy]] = field(default_factory=dict)
    archived: dict[tuple[str, Any], _Row | None] = field(default_factory=dict)
    # Values that SQLite keeps apart, of rows that came back: table, column and value.
    came_back: dict[tuple[str, str, rows.Value], _Copy] = field(default_factory=dict)
    conflicts: list[UndoConflict] = field(default_factory=list)
    blocked: set[tuple[str, str]] = field(default_factory=set)

    def load(self, kind: Kind, entry: Entry) -> None:
        """Read the records of an entry that were not read yet, and the archive rows it made."""
        unread = [each for each in entry["record_ids"] if (kind.name, each) not in self.records]
        there = find(self.view, kind, unread)
        for each in unread:
            self.records[kind.name, each] = [
                _Copy(row.table.name.lower(), dict(row.values), dict(row.values))
                for row in there.get(each, ())
            ] or [_Copy(entry["table_name"].lower(), None, None)]
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

    def live(self, kind: Kind, record_id: str) -> list[_Copy]:
        """Return the rows of a record that are live by now."""
        return [each for each in self.records[kind.name, record_id] if each.now is not None]

    def unchanged(self, kind: Kind, entry: Entry, place: int, record_id: str) -> _Copy | None:
        """Return a live row if it is what the entry left."""
        live = self.live(kind, record_id)
        for each in live:
            if each.now is not None and rows.digest(each.now).hex() == entry["after_hash"][place]:
                return each
        self.refuse(kind, record_id, undo.CHANGED if live else undo.NOT_LIVE)
        return None

    def put_back(self, kind: Kind, record_id: str, back: Returning) -> None:
        """Make a row live again, in its own place if it has been live."""
        values = self._whole(back)
        there = self.records[kind.name, record_id]
        free = [each for each in there if each.now is None]
        copy = next((each for each in free if each.before == values), None)
        if copy is None:
            copy = free[0] if free else _Copy(back.table.name.lower(), None, None)
        if not free:
            there.append(copy)
        copy.now = values
        for name in restoring.kept_apart(back.table):
            self.came_back[copy.table, name, back.values.get(name)] = copy

    def _whole(self, back: Returning) -> _Row:
        """Return a row with what columns hold in it that came since it was archived."""
        given = {name.lower() for name in back.values}
        others = self.view.defaults(back.table, given)
        by_default = {back.table.spell(name): value for name, value in others.items()}
        return {**dict.fromkeys(back.table.columns), **by_default, **back.values}

    def bring_back(self, kind: Kind, copy: _Copy, record_id: str, columns: _Row) -> None:
        """Give a live row columns as they were, unless another has such a value by now."""
        table = self.view.layout[copy.table]
        nowhere = StoredRow(table, 0, {})
        for _, why in self.taken(kind, [Returning(nowhere, table, columns, record_id)]):
            self.refuse(kind, record_id, why)
            return
        copy.now = (copy.now or {}) | columns
        for name in restoring.kept_apart(table):
            if name in columns:
                self.came_back[copy.table, name, columns[name]] = copy

    def taken(self, kind: Kind, group: Sequence[Returning]) -> Iterator[tuple[Returning, str]]:
        """Yield what cannot come back into its table because a value of its own is taken."""
        for holder in restoring.holders(self.view, group):
            known = self.records.get((kind.name, id_of(kind, holder.row)), ())
            own = [each for each in known if each.before == holder.row.values]
            if not own or _has(own[0], holder.column, holder.row.values[holder.column]):
                yield holder.wanting, holder.why
        table = group[0].table
        for back in group:
            for name in restoring.kept_apart(table):
                value = back.values.get(name)
                copy = self.came_back.get((table.name.lower(), name, value))
                if copy is not None and value is not None and _has(copy, name, value):
                    yield back, restoring.taken(name, value)

    def effects(self) -> list[RecordEffect]:
        """Compare all records with what they would be."""
        return [
            _effect(kind, record_id, copy)
            for (kind, record_id), copies in self.records.items()
            for copy in copies
        ]


def _has(copy: _Copy, column: str, value: rows.Value) -> bool:
    return copy.now is not None and copy.now.get(column) == value


def _effect(kind: str, record_id: str, copy: _Copy) -> RecordEffect:
    if copy.before is None or copy.now is None:
        if copy.before is copy.now:
            return RecordEffect(kind, record_id, "stays")
        return RecordEffect(kind, record_id, "comes back" if copy.before is None else "is archived")
    before, now = (decoded(copy.table, lowered(each)) for each in (copy.before, copy.now))
    changes = field_changes(before, now, in_order=True)
    return RecordEffect(kind, record_id, "changed" if changes else "stays", changes)


def _take_back_add(copies: _Copies, kind: Kind, entry: Entry) -> None:
    for place, record_id in enumerate(entry["record_ids"]):
        if (copy := copies.unchanged(kind, entry, place, record_id)) is not None:
            copy.now = None


def _take_back_update(copies: _Copies, kind: Kind, entry: Entry) -> None:
    copy = copies.unchanged(kind, entry, 0, entry["record_ids"][0])
    if copy is not None and copy.now is not None:
        spelling = {name.lower(): name for name in copy.now}
        before = rows.decode_row(entry["before"])
        if not all(name.lower() in spelling for name in before):
            copies.refuse(kind, entry["record_ids"][0], undo.NO_COLUMN)
            return
        columns = {spelling[name.lower()]: value for name, value in before.items()}
        copies.bring_back(kind, copy, entry["record_ids"][0], columns)


def _take_back_archive(copies: _Copies, kind: Kind, entry: Entry) -> None:
    back = _returning(copies, kind, entry)
    # Looked at before any comes back: several of one entry may share an id.
    beside = undo.left_beside(entry)
    for record_id in [each for each in entry["record_ids"] if copies.live(kind, each)]:
        if record_id not in beside:
            copies.refuse(kind, record_id, undo.ID_TAKEN)
    for group in restoring.by_table([each for _, _, each in back]):
        for wanting, why in copies.taken(kind, group):
            copies.refuse(kind, wanting.record_id, why)
    for number, record_id, each in back:
        if (kind.name, record_id) not in copies.blocked:
            copies.archived[kind.archive, number] = None
            copies.put_back(kind, record_id, each)


def _returning(copies: _Copies, kind: Kind, entry: Entry) -> list[tuple[Any, str, Returning]]:
    """Read what an entry put into the archive: its number there, its id, and what comes back."""
    table = copies.view.layout[kind.archive]
    back = []
    for number, record_id, after in zip(
        entry["before"]["archived_as"], entry["record_ids"], entry["after_hash"], strict=True
    ):
        row = copies.archived.get((kind.archive, number))
        if row is None or rows.digest(row).hex() != after:
            copies.refuse(kind, record_id, undo.NOT_ARCHIVED)
            continue
        try:
            each = restoring.returning(copies.view, kind, StoredRow(table, number, row))
        except RestoreError as error:
            copies.refuse(kind, record_id, restoring.reason_of(error))
        else:
            back.append((number, record_id, each))
    return back


def _take_back_restore(copies: _Copies, kind: Kind, entry: Entry) -> None:
    table = copies.view.layout[kind.archive]
    for place, record_id in enumerate(entry["record_ids"]):
        copy = copies.unchanged(kind, entry, place, record_id)
        if copy is None or copy.now is None:
            continue
        envelope = undo.remembered_envelope(table, entry, place, copy.now)
        if not all(map(table.has, envelope)):
            copies.refuse(kind, record_id, undo.NO_ARCHIVE_COLUMN)
            continue
        number = lowered(envelope).get("id")
        copies.load_archived(kind, [number])
        if copies.archived[kind.archive, number] is not None:
            copies.refuse(kind, record_id, undo.PLACE_TAKEN)
            continue
        copies.archived[kind.archive, number] = envelope
        copy.now = None


_TAKE_BACK: Final = {
    "add": _take_back_add,
    "update": _take_back_update,
    "archive": _take_back_archive,
    "restore": _take_back_restore,
}
