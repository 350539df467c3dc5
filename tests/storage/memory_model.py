"""A memory in plain Python, which says what the store must hold after every step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from storage import RecordExistsError, RecordNotFoundError, TransactionError, UndoConflictError

Row = Mapping[str, Any]
Kind = Literal["interactions", "patterns"]
KEYS: dict[Kind, str] = {"interactions": "interaction_id", "patterns": "id"}


@dataclass(frozen=True)
class Shelved:
    """A record in the archive: under which number, why, and as what."""

    number: int
    record_id: str
    reason: str
    target: str | None
    row: Row


@dataclass(frozen=True)
class Entry:
    """A line of the journal, and what undoing it needs."""

    transaction: str
    operation: Literal["add", "update", "archive", "restore"]
    kind: Kind
    ids: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    shelved: tuple[Shelved, ...] = ()
    before: Row = field(default_factory=dict)


def same(one: object, other: object) -> bool:
    """Say whether two values are stored alike: the order of keys counts."""
    return json.dumps(one) == json.dumps(other)


@dataclass
class Memory:
    """What a store holds. Rows are never changed, only replaced."""

    live: dict[Kind, dict[str, Row]] = field(
        default_factory=lambda: {"interactions": {}, "patterns": {}}
    )
    archive: dict[Kind, dict[int, Shelved]] = field(
        default_factory=lambda: {"interactions": {}, "patterns": {}}
    )
    journal: list[Entry] = field(default_factory=list)
    interactions_made: int = 0
    archived: dict[Kind, int] = field(default_factory=lambda: {"interactions": 0, "patterns": 0})

    def copy(self) -> Memory:
        """Return a copy that changes apart from this one."""
        return Memory(
            {kind: dict(rows) for kind, rows in self.live.items()},
            {kind: dict(rows) for kind, rows in self.archive.items()},
            list(self.journal),
            self.interactions_made,
            dict(self.archived),
        )

    # What an agent does.

    def add(self, transaction: str, kind: Kind, rows: Sequence[Row]) -> None:
        """Add records."""
        ids = tuple(str(row[KEYS[kind]]) for row in rows)
        if len(set(ids)) < len(ids) or any(each in self.live[kind] for each in ids):
            raise RecordExistsError
        if not rows:
            return
        made: list[Row] = []
        for row in rows:
            if kind == "interactions":
                self.interactions_made += 1
                row = {"id": self.interactions_made, **row}
            made.append(row)
        self.live[kind] |= dict(zip(ids, made, strict=True))
        self.journal.append(Entry(transaction, "add", kind, ids, tuple(made)))

    def update(self, transaction: str, kind: Kind, record_id: str, changes: Row) -> None:
        """Change fields of a record."""
        row = self.live[kind].get(record_id)
        if row is None:
            raise RecordNotFoundError
        changed = {name: value for name, value in changes.items() if not same(row[name], value)}
        if not changed:
            return
        after = {**row, **changed}
        self.live[kind][record_id] = after
        before = {name: row[name] for name in changed}
        self.journal.append(
            Entry(transaction, "update", kind, (record_id,), (after,), before=before)
        )

    def shelve(
        self, transaction: str, kind: Kind, ids: Sequence[str], reason: str, target: str | None
    ) -> int:
        """Archive records; those that are not live do not count."""
        found = [each for each in dict.fromkeys(ids) if each in self.live[kind]]
        if found:
            first = self.archived[kind] + 1
            self._move(
                transaction,
                kind,
                [
                    Shelved(first + i, each, reason, target, self.live[kind][each])
                    for i, each in enumerate(found)
                ],
            )
        return len(found)

    def restore(self, transaction: str, kind: Kind, ids: Sequence[str]) -> int:
        """Restore records, each from its newest archive row."""
        newest = {each.record_id: each for _, each in sorted(self.archive[kind].items())}
        found = [newest[each] for each in dict.fromkeys(ids) if each in newest]
        if any(each.record_id in self.live[kind] for each in found):
            raise RecordExistsError
        if found:
            self._put_back(transaction, kind, found)
        return len(found)

    def undo(self, transaction: str, undone: str) -> None:
        """Take back what a transaction changed, the last change first."""
        if transaction == undone:
            raise TransactionError
        entries = [each for each in self.journal if each.transaction == undone]
        if not entries:
            raise RecordNotFoundError
        for entry in reversed(entries):
            getattr(self, f"_undo_{entry.operation}")(transaction, entry)

    # What the journal needs for that.

    def _move(self, transaction: str, kind: Kind, shelved: Sequence[Shelved]) -> None:
        ids = tuple(each.record_id for each in shelved)
        for each in shelved:
            self.archive[kind][each.number] = each
            del self.live[kind][each.record_id]
        self.archived[kind] = max(self.archived[kind], *(each.number for each in shelved))
        self.journal.append(Entry(transaction, "archive", kind, ids, shelved=tuple(shelved)))

    def _put_back(self, transaction: str, kind: Kind, shelved: Sequence[Shelved]) -> None:
        for each in shelved:
            self.live[kind][each.record_id] = each.row
            del self.archive[kind][each.number]
        ids = tuple(each.record_id for each in shelved)
        rows = tuple(each.row for each in shelved)
        self.journal.append(Entry(transaction, "restore", kind, ids, rows, tuple(shelved)))

    def _refuse_changed(self, entry: Entry) -> None:
        for record_id, row in zip(entry.ids, entry.rows, strict=True):
            there = self.live[entry.kind].get(record_id)
            if there is None or not same(there, row):
                raise UndoConflictError("", record_id=record_id)

    def _undo_add(self, transaction: str, entry: Entry) -> None:
        self._refuse_changed(entry)
        self.shelve(transaction, entry.kind, entry.ids, "undone", None)

    def _undo_update(self, transaction: str, entry: Entry) -> None:
        self._refuse_changed(entry)
        self.update(transaction, entry.kind, entry.ids[0], entry.before)

    def _undo_archive(self, transaction: str, entry: Entry) -> None:
        for each in entry.shelved:
            if self.archive[entry.kind].get(each.number) != each:
                raise UndoConflictError("", record_id=each.record_id)
        for each in entry.shelved:
            if each.record_id in self.live[entry.kind]:
                raise UndoConflictError("", record_id=each.record_id)
        self._put_back(transaction, entry.kind, entry.shelved)

    def _undo_restore(self, transaction: str, entry: Entry) -> None:
        self._refuse_changed(entry)
        self._move(transaction, entry.kind, entry.shelved)

    # How it reads.

    def interactions(self) -> list[Row]:
        """Return the live interactions, newest first."""
        rows = self.live["interactions"].values()
        return sorted(rows, key=lambda row: (row["timestamp"], row["id"]), reverse=True)

    def patterns(self) -> list[Row]:
        """Return the live patterns, the most confident first."""
        rows = self.live["patterns"].values()
        return sorted(rows, key=lambda row: (-row["confidence"], row["id"]))

    def shelf(self, kind: Kind) -> list[Shelved]:
        """Return what is archived, what was archived last first."""
        return [each for _, each in sorted(self.archive[kind].items(), reverse=True)]
