"""What a person changes: each call is one transaction, remembered so that it can be undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tui.moves import (
    Progress,
    Wanted,
    archive_records,
    batches,
    count_live,
    done_or_not,
    restore_records,
)
from tui.sources import PUBLIC_ID, is_nameless, summaries
from tui.told_keys import key_for
from tui.wording import counted

if TYPE_CHECKING:
    from storage import ArchiveRun
    from tui.memory import Memory

# What makes two patterns duplicates, or none; evidence and counts are united as they are.
_SAID: Final = ("name", "description", "pattern_type", "sequence")

# Of more records than these the ids are not looked for before it is asked.
_AT_ONCE: Final = 1000

NO_ID: Final = "An archive row without an id stays where it is: nothing says which record it was."


class NothingToDoError(Exception):
    """A change would change nothing: a sentence that says why."""


async def archive(
    memory: Memory, wanted: Wanted, reason: str, progress: Progress
) -> tuple[int, str]:
    """Archive records with a reason, all or none.

    Args:
        memory: The memory.
        wanted: Ids of interactions and patterns.
        reason: Why.
        progress: Told how many of how many are done.

    Returns:
        How many there were, and a sentence about it.

    Raises:
        StorageError: Nothing was changed.
    """
    moved = await archive_records(memory.store, wanted, reason, progress=progress)
    label = f"archived {moved.summed} as {reason}"
    return _remember(memory, moved.transaction_id, label, moved.total)


async def restore(memory: Memory, wanted: Chosen, progress: Progress) -> tuple[int, str]:
    """Bring archived interactions and patterns back, all or none.

    Args:
        memory: The memory.
        wanted: What it was asked about.
        progress: Told how many of how many are done.

    Returns:
        How many there were, and a sentence about it.

    Raises:
        NothingToDoError: None of them has an id.
        StorageError: Nothing was changed.
    """
    ids = await wanted.ids()
    if not ids and await has_nameless(memory, wanted.keys):
        raise NothingToDoError(NO_ID)
    moved = await restore_records(memory.store, ids, progress=progress)
    return _remember(memory, moved.transaction_id, f"restored {moved.summed}", moved.total)


async def merge(
    memory: Memory, kept: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
) -> tuple[int, str]:
    """Merge patterns into the one that stays; the others are archived as its duplicates.

    Args:
        memory: The memory.
        kept: The pattern that stays, as it was looked at.
        others: Those that go, as they were looked at.

    Returns:
        How many went, and a sentence about it.

    Raises:
        NothingToDoError: One of them says something else by now, so that it may be no duplicate.
        StorageError: Nothing was changed.
    """
    from tui.editing import is_same

    keep, *going = (str(each["id"]) for each in (kept, *others))
    async with memory.store.transaction(note="merged duplicates") as tx:
        for seen in (kept, *others):
            now = await memory.store.get_pattern(str(seen["id"]))
            # One that is gone is for the merge to refuse.
            if now is not None and not all(is_same(now[name], seen[name]) for name in _SAID):
                named = f"Pattern {str(seen['id'])[:60]}"
                raise NothingToDoError(
                    f"{named} says something else by now; nothing was merged. Look at them again."
                )
        await memory.store.merge_patterns(keep, going)
    label = f"merged {counted(len(going), 'pattern')} into {keep[:60]}"
    return _remember(memory, tx.id, label, len(going))


async def undo_last(memory: Memory, progress: Progress) -> str:
    """Take back the change that was made here last.

    Args:
        memory: The memory.
        progress: Told how many of how many records are done.

    Returns:
        What was undone; empty if there was nothing to undo.

    Raises:
        UndoConflictError: A record is no longer what the change left; it is still the last change.
        NothingToDoError: Somebody else has undone it by now; it is no change of this visit then.
        StorageError: Nothing was undone.
    """
    from storage import UndoConflictError

    if not memory.changes:
        return ""
    change = memory.changes[-1]
    try:
        async with done_or_not(memory.store):
            await memory.store.undo(change.transaction_id, progress)
    except UndoConflictError:
        await _forget_undone(memory)
        if change in memory.changes:
            raise
        raise NothingToDoError(
            f"Somebody else has undone this already: {change.label}. {key_for('undo')} goes on with"
            " the change before."
        ) from None
    memory.changes.remove(change)
    return change.label


async def redo_last(memory: Memory, progress: Progress) -> str:
    """Do again what was undone last, in this visit or an earlier one.

    Args:
        memory: The memory.
        progress: Told how many of how many records are done.

    Returns:
        What was done; empty if there was nothing to do again.

    Raises:
        UndoConflictError: A record is no longer what undoing left; nothing was changed.
        StorageError: Nothing was changed.
    """
    async with done_or_not(memory.store):
        transaction_id = await memory.store.redo(progress)
    if transaction_id is None:
        return ""
    label = await _told(memory, transaction_id)
    memory.remember(transaction_id, label)
    return label


async def _told(memory: Memory, transaction_id: str) -> str:
    """Say what a transaction did, and why: what takes back an undo did it for the first reason."""
    from tui.history_wording import summed_up, with_note

    get = memory.store.history.get_transaction
    summary = first = await get(transaction_id)
    if summary is None:
        return ""
    while first is not None and first["role"] in ("redo", "undo") and first["takes_back"]:
        first = await get(first["takes_back"])
    note = None if first is None or first["role"] != "change" else first["note"]
    return with_note(summed_up(summary["operations"]), note)


async def take_back(memory: Memory, transaction_id: str, progress: Progress) -> bool:
    """Undo a transaction, whoever made it.

    Returns:
        Whether that did again what had been undone, so that it is undone and not done again.

    Raises:
        UndoConflictError: A record is no longer what the transaction left.
        StorageError: Nothing was undone.
    """
    async with done_or_not(memory.store):
        undone_by = await memory.store.undo(transaction_id, progress)
    await _forget_undone(memory)
    summary = await memory.store.history.get_transaction(undone_by)
    if summary is None or summary["role"] != "redo":
        return False
    memory.remember(undone_by, await _told(memory, undone_by))
    return True


async def go_back_to(memory: Memory, transaction_id: str, progress: Progress, newest: str) -> None:
    """Undo all that came after a transaction, whoever made it.

    Args:
        memory: The memory.
        transaction_id: The last that stays.
        progress: Told how many of how many records are done.
        newest: The newest that was looked at.

    Raises:
        UndoConflictError: A record is no longer what a change left.
        StorageError: Nothing was undone, such as where something was changed since.
    """
    async with done_or_not(memory.store):
        await memory.store.undo_to(transaction_id, progress, newest=newest)
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
    async with done_or_not(memory.store):
        transaction_id, count = await memory.store.restore_run(
            run, lambda done: progress(done, run.count)
        )
    label = f"restored {counted(count, 'record')} of a run"
    return _remember(memory, transaction_id, label, count)


@dataclass(frozen=True)
class Chosen:
    """Records that it is asked about, known by their ids from the question to the answer.

    A row that an agent deletes meanwhile may hold another record by the time of the answer.

    Attributes:
        memory: Where they are.
        keys: In which rows they stood.
        known: Their ids; None of very many, which are looked for only with the answer.
    """

    memory: Memory
    keys: Sequence[Any]
    known: Wanted | None

    async def ids(self) -> Wanted:
        """Give the ids of those that are still there."""
        if self.known is None:
            return await public_ids(self.memory, self.keys)
        store = self.memory.store
        return [(kind, list(await store.locate(kind, ids))) for kind, ids in self.known]

    async def count_beside(self) -> int:
        """Count the live records that go along because they share an id; none of very many."""
        if self.known is None:
            return 0
        return max(0, await count_live(self.memory.store, self.known) - len(self.keys))


async def chosen(memory: Memory, keys: Sequence[Any]) -> Chosen:
    """Look for the ids of the records of these keys before it is asked what to do with them."""
    known = await public_ids(memory, keys) if len(keys) <= _AT_ONCE else None
    return Chosen(memory, keys, known)


async def public_ids(memory: Memory, keys: Sequence[Any]) -> list[tuple[str, list[str]]]:
    """Give the ids of the records of these keys by kind, where they are there and have one."""
    found: dict[str, dict[str, None]] = {}
    for part in batches(keys):
        for row in await summaries(memory.store, part):
            if row is not None and not is_nameless(row):
                kind = str(row["kind"])
                found.setdefault(kind, {})[str(row[PUBLIC_ID[kind]])] = None
    return [(kind, list(ids)) for kind, ids in found.items()]


async def has_nameless(memory: Memory, keys: Sequence[Any]) -> bool:
    """Say whether one of the records of these keys has no id."""
    for part in batches(keys):
        rows = await summaries(memory.store, part)
        if any(row is not None and is_nameless(row) for row in rows):
            return True
    return False


def _remember(memory: Memory, transaction_id: str, label: str, count: int) -> tuple[int, str]:
    if count:
        memory.remember(transaction_id, label)
    return count, label
