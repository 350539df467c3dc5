"""Changes, each of them in a transaction that the journal remembers and that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from storage.blocks import State
    from storage.moments import Time
    from storage.records import Record
    from storage.runs import ArchiveRun


class Outcome(Protocol):
    """A transaction, as whoever makes changes in it sees it."""

    @property
    def id(self) -> str:
        """What the journal calls it, and what `undo()` takes."""

    @property
    def state(self) -> State:
        """`open`, `committed` or `rolled_back`; true also after a cancellation."""


class Undoing(Protocol):
    """The one door, and the ways back through it."""

    def transaction(self, note: str | None = None) -> AbstractAsyncContextManager[Outcome]:
        """Return a block that commits when it ends and rolls back on any exception.

        It belongs to the task that opens it.
        """

    async def undo(
        self, transaction_id: str, progress: Callable[[int, int], None] | None = None
    ) -> str:
        """Take back what a transaction changed; return the id of the transaction that did it.

        Args:
            transaction_id: What is taken back.
            progress: Told now and then how many of how many records are done, in whatever thread
                does it; what it raises ends the undo, and nothing is undone.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            UndoConflictError: A record is no longer what the transaction left; nothing is undone.
        """

    async def undo_to(
        self,
        transaction_id: str,
        progress: Callable[[int, int], None] | None = None,
        *,
        newest: str | None = None,
    ) -> str | None:
        """Take back all that was changed after a transaction; return the id of what did it.

        Args:
            transaction_id: The last that stays.
            progress: As for `undo()`.
            newest: The newest that is taken back, as a preview names it; None for whatever that is.

        Raises:
            RecordNotFoundError: The journal has no such transaction.
            TransactionError: Something was changed after `newest`; nothing is undone.
            UndoConflictError: A record is no longer what a change left; nothing is undone.
        """

    async def redo(self, progress: Callable[[int, int], None] | None = None) -> str | None:
        """Take back the newest undo of this actor that still holds; None if there is none.

        Raises:
            UndoConflictError: A record is no longer what the undo left; nothing is changed.
        """


class Changes(Protocol):
    """What a person changes in a memory. Archiving always has a reason."""

    async def update_interaction(self, interaction_id: str, /, **changes: Any) -> None:
        """Change fields of one interaction; a field that stays as it reads keeps its bytes."""

    async def update_pattern(self, pattern_id: str, /, **changes: Any) -> None:
        """Change fields of one pattern; a field that stays as it reads keeps its bytes."""

    async def archive_interactions(
        self,
        interaction_ids: Iterable[str],
        reason: str,
        consolidated_to: str | None = None,
        *,
        archived_at: Time | None = None,
    ) -> int:
        """Move interactions into the archive and return how many there were."""

    async def archive_patterns(
        self,
        pattern_ids: Iterable[str],
        reason: str,
        promoted_to: str | None = None,
        *,
        archived_at: Time | None = None,
    ) -> int:
        """Move patterns into the archive and return how many there were."""

    async def restore_interactions(self, interaction_ids: Iterable[str]) -> int:
        """Give archived interactions back exactly as they were; return how many there were."""

    async def restore_patterns(self, pattern_ids: Iterable[str]) -> int:
        """Give archived patterns back exactly as they were; return how many there were."""

    async def restore_run(
        self, run: ArchiveRun, progress: Callable[[int], None] | None = None
    ) -> tuple[str, int]:
        """Give back every record of a run; return the transaction's id, and how many there were."""

    async def add_world_model_state(self, state: Mapping[str, Any]) -> str:
        """Add or update the state of a domain and session, keep a snapshot, return the id."""

    async def merge_patterns(self, keep: str, others: Sequence[str]) -> Record:
        """Merge patterns into one, archive the others as `duplicate`, return the one that stays."""

    async def preview_merge(self, keep: str, others: Sequence[str]) -> Record:
        """Return the pattern that would stay as `merge_patterns()` would leave it."""

    async def set_note(
        self, kind: str, record_id: str, *, tags: list[str] | None = None, text: str | None = None
    ) -> None:
        """Put tags, a text, or both on a record; what is None stays as it is."""

    async def add_notes(
        self,
        kind: str,
        record_ids: Iterable[str],
        *,
        add_tags: Iterable[str] = (),
        remove_tags: Iterable[str] = (),
        text: str = "",
    ) -> int:
        """Add tags and a text to what many records have, take tags off; return how many changed."""
