"""MemoryHistory: what happened in a memory, as far as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial

from storage import (
    conversation,
    fields,
    history,
    history_filters,
    record_history,
    restoring,
    runs,
    undo_preview,
)
from storage.database import Database
from storage.history_records import (
    RecordEvent,
    TransactionEntry,
    TransactionSummary,
    UndoPreview,
)
from storage.kinds import INTERACTION, PATTERN
from storage.moments import Time
from storage.undo_links import UndoLinks


class MemoryHistory:
    """The journal as transactions, the archive as runs, what undoing and restoring would do.

    What is read here is committed, also inside an open transaction.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._links = UndoLinks()

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
        """Return the number of each transaction, newest first, 8 bytes each.

        Args:
            limit: How many at most; None for all.
            after: Only those with a greater number, for who has the others already.
            actor: Only those of somebody.
            operation: Only those that did this to some record: `add`, `update`, `archive` or
                `restore`.
            since: Only those made at that time or later.
            before: Only those made before that time.
            tag: Only those that changed a record which has this tag now, or its note.

        Raises:
            ValidationError: A time cannot be read.
        """
        wanted = partial(
            history_filters.conditions,
            actor=actor, operation=operation, since=since, before=before, tag=tag,
        )  # fmt: skip
        return await self._database.read_committed(
            lambda view: history.numbers(view, limit, after, wanted(view))
        )

    async def count_transactions(self) -> int:
        """Return how many transactions there are."""
        return await self._database.read_committed(history_filters.count)

    async def get_values(self, field: str) -> dict[str, int]:
        """Return how many transactions each `actor` made, or did each `operation`; most first."""
        return await self._database.read_committed(lambda view: history_filters.values(view, field))

    async def get_transactions(self, numbers: Iterable[int]) -> list[TransactionSummary | None]:
        """Return what these transactions did, in their order; None where one is gone."""
        wanted = fields.check_numbers("numbers", numbers)
        return await self._database.read_committed(
            lambda view: history.summaries(view, wanted, self._links)
        )

    async def get_transaction(self, transaction_id: str) -> TransactionSummary | None:
        """Return what one transaction did, or None; the newest are looked at first."""
        return await self._database.read_committed(
            lambda view: history.find(view, transaction_id, self._links)
        )

    async def get_entries(self, number: int, limit: int | None = 100) -> list[TransactionEntry]:
        """Return the journal entries of a transaction, first change first."""
        return await self._database.read_committed(
            lambda view: history.entries(view, number, limit)
        )

    async def get_turns(self, session_id: str) -> conversation.Turns:
        """Return kind and key of each turn of a session, archived ones among them, oldest first."""
        return await self._database.read_committed(
            lambda view: conversation.turns(view, session_id)
        )

    async def get_record_history(
        self, kind: str, record_id: str, limit: int | None = 100
    ) -> list[RecordEvent]:
        """Return what happened to one record, newest first: journal, archive and snapshots.

        Kinds are interaction, pattern, world_model_state, snapshot and note.
        """
        (own,) = fields.check_ids("record_id", [record_id])
        return await self._database.read_committed(
            lambda view: record_history.of_record(view, kind, own, limit)
        )

    async def preview_undo(self, transaction_id: str) -> UndoPreview:
        """Return what `undo()` would do and what is in its way, without writing.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            StorageError: An entry of the journal is damaged.
        """
        return await self._database.read_committed(
            lambda view: undo_preview.of_transaction(view, transaction_id)
        )

    async def preview_undo_to(self, transaction_id: str) -> UndoPreview:
        """Return what `undo_to()` would do and what is in its way, without writing.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            StorageError: An entry of the journal is damaged.
        """
        return await self._database.read_committed(
            lambda view: undo_preview.back_to(view, transaction_id)
        )

    async def why_not_restored(self, kind: str, record_ids: Iterable[str]) -> str | None:
        """Return why these archived records could not be restored, or None.

        Kinds are interaction and pattern. Nothing is written; what a trigger would do, or what a
        table checks for itself, shows only in restoring.
        """
        ids = fields.check_ids("record_ids", record_ids)
        known = PATTERN if kind == PATTERN.name else INTERACTION
        return await self._database.read_committed(lambda view: restoring.refusal(view, known, ids))

    async def find_runs(self, limit: int | None = 1000) -> AsyncIterator[runs.ArchiveRun]:
        """Yield the runs of archiving as they are found, the one that ended last first."""
        async for run in runs.find(self._database.read_committed, limit):
            yield run

    async def get_run_members(
        self, run: runs.ArchiveRun, limit: int | None = 100
    ) -> list[runs.RunMember]:
        """Return the records of a run that are in the archive still."""
        fields.check_class("run", run, runs.ArchiveRun)
        return await self._database.read_committed(lambda view: runs.members(view, run, limit))

    async def get_tagged_runs(
        self, found: Sequence[runs.ArchiveRun], tag: str
    ) -> list[runs.ArchiveRun]:
        """Return those of some runs whose archive still holds a record with a tag, in order."""
        those = fields.check_classes("found", found, runs.ArchiveRun)
        fields.check_text("tag", tag)
        return await self._database.read_committed(lambda view: runs.tagged(view, those, tag))
