"""How what happened reads: transactions, entries, what befell one record, what undoing would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from storage.diff_records import FieldChange, WorldModelDiff
from storage.records import JournalEntry


class OperationCount(TypedDict):
    """How many records of a kind a transaction added, updated, archived or restored."""

    operation: str
    kind: str
    records: int


class TransactionSummary(TypedDict):
    """One transaction in short.

    `number` is the id of its last journal entry and `first` that of its first; `record_id` the
    record, if it changed a single one; `role` says whether it is a `change`, an `undo`, an
    `undo back to`, or a `redo`, and `takes_back` of which transaction; `undone_by` is the
    transaction that took it back, as long as that holds.
    """

    number: int
    first: int
    transaction_id: str
    at: str
    actor: str
    note: str | None
    records: int
    operations: list[OperationCount]
    record_id: str | None
    role: str
    takes_back: str | None
    undone_by: str | None


class TransactionEntry(JournalEntry):
    """A journal entry with its kind and, of an update, what each changed field held.

    Of a field that nobody can tell any more, `new` is `MISSING`. `reason` and `target` are those
    with which the first record of the entry was archived, or restored from the archive.
    """

    kind: str
    changes: tuple[FieldChange, ...]
    reason: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Something that happened to one record.

    Attributes:
        at: When, as it is stored.
        what: `add`, `update`, `archive` or `restore`; `snapshot` of a world model; `outside` where
            the record is no longer what the journal left, because somebody else changed it.
        source: Where it stands: in the `journal`, as a `snapshot`, as a row in the `archive` that
            no journal tells of, or nowhere (`outside`).
        actor: Who did it; empty where nobody wrote that down.
        note: Why, or the trigger of a snapshot.
        transaction_id: The transaction; empty where there is none.
        number: The id of the journal entry, or the number of the snapshot or archive row.
        changes: The fields of an update, old and new.
        diff: What a snapshot changed in the one before it.
        reason: Why it was archived.
        target: What it became.
    """

    at: str
    what: str
    source: Literal["journal", "snapshot", "archive", "outside"]
    actor: str = ""
    note: str | None = None
    transaction_id: str = ""
    number: int = 0
    changes: tuple[FieldChange, ...] = ()
    diff: WorldModelDiff | None = None
    reason: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class RecordEffect:
    """What undoing does to one record.

    Attributes:
        kind: Its kind.
        record_id: Its public id.
        effect: It `comes back` from the archive, `is archived`, is `changed`, or `stays`.
        changes: The fields that change: as they are, and as they would be.
    """

    kind: str
    record_id: str
    effect: Literal["comes back", "is archived", "changed", "stays"]
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoConflict:
    """A record that stands in the way of undoing, and why."""

    kind: str
    record_id: str
    why: str


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing would do.

    Attributes:
        effects: What becomes of each record, in the order in which undoing comes upon them.
        conflicts: What stands in the way. With any of these nothing can be undone.
        transactions: How many transactions would be taken back.
        records: How many changes of records they hold.
        looked_at: How many of these were looked at, the newest first.
        newest: The newest transaction that would be taken back, as `undo_to()` takes it.
    """

    effects: tuple[RecordEffect, ...]
    conflicts: tuple[UndoConflict, ...]
    transactions: int
    records: int
    looked_at: int
    newest: str

    @property
    def is_whole(self) -> bool:
        """Whether every change was looked at."""
        return self.looked_at >= self.records
