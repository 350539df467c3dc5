"""What happened in a memory, as far as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from storage.history_records import (
        RecordEvent,
        TransactionEntry,
        TransactionSummary,
        UndoPreview,
    )
    from storage.listing import Key
    from storage.moments import Time
    from storage.runs import ArchiveRun, RunMember


class History(Protocol):
    """The journal as transactions, the archive as runs, and what undoing would do.

    What is read here is committed, also inside an open transaction.
    """

    async def list_transactions(
        self,
        limit: int | None = None,
        after: int = 0,
        *,
        actor: str | None = None,
        operation: str | None = None,
        since: Time | None = None,
        before: Time | None = None,
        tag: str | None = None,
    ) -> Sequence[int]:
        """Return the number of each transaction, newest first; only those above `after`.

        Args:
            limit: How many at most; None for all.
            after: Only those with a greater number, for who has the others already.
            actor: Only those of somebody.
            operation: Only those that did this to some record: `add`, `update`, `archive` or
                `restore`.
            since: Only those made at that time or later.
            before: Only those made before that time.
            tag: Only those that changed a record which has this tag now, or its note.
        """

    async def count_transactions(self) -> int:
        """Return how many transactions there are."""

    async def get_values(self, field: str) -> dict[str, int]:
        """Return how many transactions each `actor` made, or did each `operation`; most first."""

    async def get_transactions(self, numbers: Iterable[int]) -> list[TransactionSummary | None]:
        """Return what these transactions did, in their order; None where one is gone."""

    async def get_transaction(self, transaction_id: str) -> TransactionSummary | None:
        """Return what one transaction did, or None."""

    async def get_entries(self, number: int, limit: int | None = 100) -> list[TransactionEntry]:
        """Return the journal entries of a transaction, first change first."""

    async def get_turns(self, session_id: str) -> Sequence[tuple[str, Key]]:
        """Return kind and key of each turn of a session, archived ones among them, oldest first."""

    async def get_record_history(
        self, kind: str, record_id: str, limit: int | None = 100
    ) -> list[RecordEvent]:
        """Return what happened to one record, newest first: journal, archive and snapshots."""

    async def preview_undo(self, transaction_id: str) -> UndoPreview:
        """Return what `undo()` would do and what is in its way, without writing.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
        """

    async def preview_undo_to(self, transaction_id: str) -> UndoPreview:
        """Return what `undo_to()` would do and what is in its way, without writing.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
        """

    async def why_not_restored(self, kind: str, record_ids: Iterable[str]) -> str | None:
        """Return why these archived interactions or patterns could not be restored, or None."""

    def find_runs(self, limit: int | None = 1000) -> AsyncIterator[ArchiveRun]:
        """Yield the runs of archiving as they are found, the one that ended last first."""

    async def get_run_members(self, run: ArchiveRun, limit: int | None = 100) -> list[RunMember]:
        """Return the records of a run that are in the archive still."""

    async def get_tagged_runs(self, found: Sequence[ArchiveRun], tag: str) -> list[ArchiveRun]:
        """Return those of some runs whose archive still holds a record with a tag, in order."""
