"""Mending what is broken: each call is one transaction, remembered so that it can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.changes import NothingToDoError
from tui.moves import Progress, batches, done_or_not
from tui.wording import counted

if TYPE_CHECKING:
    from storage import HealthFinding, Repair, Store
    from tui.memory import Memory

Proposal = tuple["HealthFinding", "Repair"]


async def repair(
    memory: Memory, proposals: Sequence[Proposal], progress: Progress
) -> tuple[int, str]:
    """Write proposals into their fields, all in one transaction.

    A field that changed since it was looked at is left alone, and the label says so.

    Args:
        memory: The memory.
        proposals: Findings and what their fields are to say.
        progress: Told how many of how many are done.

    Returns:
        How many fields were repaired, and a sentence about it.

    Raises:
        NothingToDoError: All of them have changed since.
        StorageError: Nothing was changed.
    """
    transaction_id, done = await repair_fields(memory.store, proposals, progress=progress)
    others = len(proposals) - len(done)
    label = f"repaired {_named(proposals) if not others else counted(len(done), 'field')}"
    if others:
        label += f" ({others:,} had changed meanwhile and were left alone)"
    memory.remember(transaction_id, label)
    return len(done), label


async def repair_fields(
    store: Store,
    proposals: Sequence[Proposal],
    *,
    note: str = "",
    progress: Progress = lambda _done, _total: None,
) -> tuple[str, list[Proposal]]:
    """Write proposals into their fields, all in one transaction.

    Args:
        store: Where they are.
        proposals: Findings and what their fields are to say.
        note: For the journal; what is done, if empty.
        progress: Told how many of how many are done.

    Returns:
        The transaction, and those that were written: a field that changed since is left alone.

    Raises:
        NothingToDoError: All of them have changed since.
        StorageError: Nothing was changed.
    """
    from storage import FieldChangedError

    done: list[Proposal] = []
    async with done_or_not(store, note or f"repaired {_named(proposals)}") as tx:
        for number, each in enumerate(proposals, 1):
            try:
                await store.repair_field(*each)
            except FieldChangedError as error:
                if len(proposals) == 1:
                    raise NothingToDoError(str(error)) from error
            else:
                done.append(each)
            progress(number, len(proposals))
    if not done:
        raise NothingToDoError("These fields have all changed since they were looked at.")
    return tx.id, done


def _named(proposals: Sequence[Proposal]) -> str:
    if len(proposals) == 1:
        finding = proposals[0][0]
        return f"{finding.column} of {finding.record_id[:60]}"
    return counted(len(proposals), "field")


async def archive_found(
    memory: Memory, findings: Sequence[HealthFinding], reason: str, progress: Progress
) -> tuple[int, str]:
    """Archive the records that findings speak of, all in one transaction.

    Args:
        memory: The memory.
        findings: What was found. A record that is no longer broken stays.
        reason: Why.
        progress: Told how many of how many are done.

    Returns:
        How many records there were, and a sentence about it.

    Raises:
        NothingToDoError: None of them is broken any more, or there.
        StorageError: Nothing was changed.
    """
    done = looked_at = 0
    async with memory.store.transaction(note=f"archived as {reason}") as tx:
        for part in batches(findings):
            done += await memory.store.archive_found(part, reason)
            looked_at += len(part)
            progress(looked_at, len(findings))
    if not done:
        raise NothingToDoError("Nothing was archived: these records are no longer broken or gone.")
    label = f"archived {counted(done, 'record')} as {reason}"
    memory.remember(tx.id, label)
    return done, label
