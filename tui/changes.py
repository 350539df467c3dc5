"""What a person changes: each call is one transaction, remembered so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tui.sources import summaries
from tui.wording import counted

if TYPE_CHECKING:
    from storage import ArchiveRun
    from tui.memory import Memory

Progress = Callable[[int, int], None]
_AT_ONCE: Final = 1000

LISTS: Final = (
    *("interaction", "pattern", "archived_interaction", "archived_pattern"),
    *("world_model_state", "snapshot"),
)
"""The kinds of lists of records."""

PUBLIC_ID: Final = {
    "interaction": "record_id",
    "pattern": "record_id",
    "archived_interaction": "interaction_id",
    "archived_pattern": "pattern_id",
    "world_model_state": "record_id",
    "snapshot": "record_id",
}
"""Where a short row of each kind has the id that its record is known by."""


class NothingToDoError(Exception):
    """A change would change nothing: a sentence that says why."""


async def archive(
    memory: Memory, keys: Sequence[Any], reason: str, progress: Progress
) -> tuple[int, str]:
    """Archive the records of these keys with a reason, all or none.

    Args:
        memory: The memory.
        keys: Keys of interactions and patterns.
        reason: Why.
        progress: Told how many of how many are done.

    Returns:
        How many there were, and a sentence about it.

    Raises:
        StorageError: Nothing was changed.
    """
    store = memory.store
    calls = {"interaction": store.archive_interactions, "pattern": store.archive_patterns}
    done: dict[str, int] = {}
    wanted = await public_ids(memory, keys)
    async with store.transaction(note=f"archived as {reason}") as tx:
        for kind, ids in wanted:
            for part in batches(ids):
                done[kind] = done.get(kind, 0) + await calls[kind](part, reason)
                progress(sum(done.values()), len(keys))
    label = f"archived {_summed(done)} as {reason}"
    return _remember(memory, tx.id, label, sum(done.values()))


async def restore(memory: Memory, keys: Sequence[Any], progress: Progress) -> tuple[int, str]:
    """Bring the records of these archive keys back, all or none.

    Args:
        memory: The memory.
        keys: Keys of archived interactions and patterns.
        progress: Told how many of how many are done.

    Returns:
        How many there were, and a sentence about it.

    Raises:
        StorageError: Nothing was changed.
    """
    store = memory.store
    calls = {
        "archived_interaction": store.restore_interactions,
        "archived_pattern": store.restore_patterns,
    }
    done: dict[str, int] = {}
    wanted = await public_ids(memory, keys)
    async with store.transaction(note="restored") as tx:
        for kind, ids in wanted:
            for part in batches(ids):
                name = kind.removeprefix("archived_")
                done[name] = done.get(name, 0) + await calls[kind](part)
                progress(sum(done.values()), len(keys))
    return _remember(memory, tx.id, f"restored {_summed(done)}", sum(done.values()))


async def merge(memory: Memory, keep: str, others: Sequence[str]) -> tuple[int, str]:
    """Merge patterns into the one that stays; the others are archived as its duplicates.

    Returns:
        How many went, and a sentence about it.

    Raises:
        StorageError: Nothing was changed.
    """
    async with memory.store.transaction(note="merged duplicates") as tx:
        await memory.store.merge_patterns(keep, others)
    label = f"merged {counted(len(others), 'pattern')} into {keep[:60]}"
    return _remember(memory, tx.id, label, len(others))


async def undo_last(memory: Memory) -> str:
    """Take back the change that was made here last.

    Returns:
        What was undone; empty if there was nothing to undo.

    Raises:
        UndoConflictError: A record is no longer what the change left; it is still the last change.
        StorageError: Nothing was undone.
    """
    if not memory.changes:
        return ""
    change = memory.changes[-1]
    await memory.store.undo(change.transaction_id)
    memory.changes.remove(change)
    return change.label


async def redo_last(memory: Memory) -> str:
    """Do again what was undone last, in this visit or an earlier one.

    Returns:
        What was done; empty if there was nothing to do again.

    Raises:
        UndoConflictError: A record is no longer what undoing left; nothing was changed.
        StorageError: Nothing was changed.
    """
    transaction_id = await memory.store.redo()
    if transaction_id is None:
        return ""
    label = await _told(memory, transaction_id)
    memory.remember(transaction_id, label)
    return label


async def _told(memory: Memory, transaction_id: str) -> str:
    """Say what a transaction did."""
    from tui.history_wording import summed_up

    summary = await memory.store.history.get_transaction(transaction_id)
    return "" if summary is None else summed_up(summary["operations"])


async def take_back(memory: Memory, transaction_id: str) -> None:
    """Undo a transaction, whoever made it.

    Raises:
        UndoConflictError: A record is no longer what the transaction left.
        StorageError: Nothing was undone.
    """
    await memory.store.undo(transaction_id)
    await _forget_undone(memory)


async def go_back_to(memory: Memory, transaction_id: str) -> None:
    """Undo all that came after a transaction, whoever made it.

    Raises:
        UndoConflictError: A record is no longer what a change left.
        StorageError: Nothing was undone.
    """
    await memory.store.undo_to(transaction_id)
    await _forget_undone(memory)


async def _forget_undone(memory: Memory) -> None:
    """Leave out of what was changed here what was taken back another way."""
    for change in tuple(memory.changes):
        summary = await memory.store.history.get_transaction(change.transaction_id)
        if summary is None or summary["undone_by"]:
            memory.changes.remove(change)


async def restore_run(memory: Memory, run: ArchiveRun, progress: Progress) -> tuple[int, str]:
    """Bring back all that left in a run of archiving, all or none.

    Returns:
        How many there were, and a sentence about it.

    Raises:
        StorageError: Nothing was changed.
    """
    transaction_id, count = await memory.store.restore_run(
        run, lambda done: progress(done, run.count)
    )
    label = f"restored {counted(count, 'record')} of a run"
    return _remember(memory, transaction_id, label, count)


async def public_ids(memory: Memory, keys: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Give the ids of the records of these keys by kind, without those that are gone."""
    found: dict[str, dict[str, None]] = {}
    for part in batches(keys):
        for row in await summaries(memory.store, part):
            if row is not None:
                kind = str(row["kind"])
                found.setdefault(kind, {})[str(row[PUBLIC_ID[kind]])] = None
    return [(kind, list(ids)) for kind, ids in found.items()]


def batches(items: Iterable[Any]) -> Iterable[list[Any]]:
    """Give the items in lists of a thousand, as many as go into one step of a long change."""
    iterator = iter(items)
    while part := list(islice(iterator, _AT_ONCE)):
        yield part


def _summed(done: dict[str, int]) -> str:
    return " and ".join(counted(count, kind) for kind, count in done.items()) or "nothing"


def _remember(memory: Memory, transaction_id: str, label: str, count: int) -> tuple[int, str]:
    if count:
        memory.remember(transaction_id, label)
    return count, label
