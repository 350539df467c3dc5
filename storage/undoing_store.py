"""UndoingStore: the one door for every change, and the ways back through it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from storage import fields, undo, undo_links
from storage.blocks import Block
from storage.store_reader import StoreReader
from storage.undo import Progress

if TYPE_CHECKING:
    from storage.runs import ArchiveRun


class UndoingStore(StoreReader):
    """A memory whose changes are transactions, each of which can be taken back."""

    def transaction(self, note: str | None = None) -> Block:
        """Return a block that commits when it ends and rolls back on any exception.

        It belongs to the task that opens it. Inside it, a further `transaction()` is a savepoint,
        and the note is that of the outermost that has one.
        """
        return self._database.transaction(note)

    async def undo(self, transaction_id: str, progress: Progress | None = None) -> str:
        """Take back what a transaction changed; return the id of the transaction that did it.

        Args:
            transaction_id: What is taken back.
            progress: Told now and then how many of how many records are done, in the thread that
                writes; what it raises ends the undo, and nothing is undone.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            TransactionError: It is the very transaction that is open.
            UndoConflictError: A record is no longer what the transaction left; nothing is undone.
            StorageError: An entry of the journal is damaged; nothing is undone.
            ValidationError: The id is no string, such as the None of an undo without an effect.
        """
        async with self.transaction(note=undo_links.undo_note(transaction_id)) as tx:
            await self._database.change(
                partial(undo.undo, transaction_id=transaction_id, progress=progress)
            )
        return tx.id

    async def undo_to(
        self,
        transaction_id: str,
        progress: Progress | None = None,
        *,
        newest: str | None = None,
    ) -> str | None:
        """Take back all that was changed after a transaction, the last change first.

        Args:
            transaction_id: The last that stays.
            progress: As for `undo()`.
            newest: The newest that is taken back, as a preview names it; None for whatever that is.

        Returns:
            The id of the one transaction that did it, which `undo()` takes; None if nothing came
            after.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            TransactionError: Something was changed after `newest`; nothing is undone.
            UndoConflictError: A record is no longer what a change left; nothing is undone.
        """
        async with self.transaction(note=undo_links.undo_to_note(transaction_id)) as tx:
            has_undone = await self._database.change(
                partial(
                    undo.undo_to, transaction_id=transaction_id, progress=progress, newest=newest
                )
            )
        return tx.id if has_undone else None

    async def redo(self, progress: Progress | None = None) -> str | None:
        """Take back the newest undo of this actor that still holds, so that its change is there.

        There is nothing to redo once the actor has changed something else since. It is found in the
        journal, so that it also works after a restart.

        Args:
            progress: As for `undo()`.

        Returns:
            The id of the transaction that did it; None if there was nothing to redo.

        Raises:
            UndoConflictError: A record is no longer what the undo left; nothing is changed.
        """
        undone = await self._database.read(
            lambda view: undo_links.redoable(view, self._database.actor)
        )
        return None if undone is None else await self.undo(undone, progress)

    async def restore_run(
        self, run: ArchiveRun, progress: Callable[[int], None] | None = None
    ) -> tuple[str, int]:
        """Give back every record of a run of archiving, exactly as it was, in one transaction.

        Args:
            run: The run, as `history.find_runs()` gives it.
            progress: Told now and then how many are back.

        Returns:
            The id of the transaction, and how many records there were.

        Raises:
            RecordExistsError: A live record has the id of one of them; nothing is restored.
            RestoreError: An archive row is corrupt or no longer fits; nothing is restored.
        """
        from storage import runs

        fields.check_class("run", run, runs.ArchiveRun)
        count = 0
        async with self.transaction(note=runs.restore_note(run)) as tx:
            while some := await self._database.change(partial(runs.restore_some, run=run)):
                count += some
                if progress is not None:
                    progress(count)
        return tx.id, count
