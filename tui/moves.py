"""Records on their way into the archive and out of it: many at once, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.wording import counted

if TYPE_CHECKING:
    from storage import Outcome, Store

Progress = Callable[[int, int], None]
Wanted = Sequence[tuple[str, Sequence[str]]]
"""Kinds of lists, and the public ids of records in each."""

_AT_ONCE: Final = 1000


async def count_live(store: Store, wanted: Wanted) -> int:
    """Count the live records that have one of these ids, which several may share."""
    return sum([await store.count_live(kind, ids) for kind, ids in wanted])


class Moved(NamedTuple):
    """What was moved.

    Attributes:
        transaction_id: What undoes it.
        counts: Kind → how many there were.
    """

    transaction_id: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many records there were altogether."""
        return sum(self.counts.values())

    @property
    def summed(self) -> str:
        """How many there were, in words: `2 interactions and 1 pattern`."""
        told = [counted(count, kind) for kind, count in self.counts.items()]
        return " and ".join(told) or "nothing"


async def archive_records(
    store: Store,
    wanted: Wanted,
    reason: str,
    *,
    note: str = "",
    progress: Progress = lambda _done, _total: None,
) -> Moved:
    """Archive interactions and patterns with a reason, all or none.

    Args:
        store: Where they are.
        wanted: Their ids.
        reason: Why.
        note: For the journal; what is done, if empty.
        progress: Told how many of how many are done.

    Raises:
        StorageError: Nothing was changed.
    """
    calls: dict[str, Callable[[list[str]], Awaitable[int]]] = {
        "interaction": lambda ids: store.archive_interactions(ids, reason),
        "pattern": lambda ids: store.archive_patterns(ids, reason),
    }
    return await _move(store, wanted, calls, note or f"archived as {reason}", progress)


async def restore_records(
    store: Store,
    wanted: Wanted,
    *,
    note: str = "",
    progress: Progress = lambda _done, _total: None,
) -> Moved:
    """Bring archived interactions and patterns back, all or none.

    Args:
        store: Where they are.
        wanted: Their ids.
        note: For the journal; what is done, if empty.
        progress: Told how many of how many are done.

    Raises:
        StorageError: Nothing was changed.
    """
    calls: dict[str, Callable[[list[str]], Awaitable[int]]] = {
        "archived_interaction": store.restore_interactions,
        "archived_pattern": store.restore_patterns,
    }
    return await _move(store, wanted, calls, note or "restored", progress)


async def _move(
    store: Store,
    wanted: Wanted,
    calls: dict[str, Callable[[list[str]], Awaitable[int]]],
    note: str,
    progress: Progress,
) -> Moved:
    total = sum(len(ids) for _, ids in wanted)
    counts: dict[str, int] = {}
    async with done_or_not(store, note) as tx:
        for kind, ids in wanted:
            name = kind.removeprefix("archived_")
            for part in batches(ids):
                counts[name] = counts.get(name, 0) + await calls[kind](part)
                progress(sum(counts.values()), total)
    return Moved(tx.id, counts)


@asynccontextmanager
async def done_or_not(store: Store, note: str | None = None) -> AsyncIterator[Outcome]:
    """Make a change in one transaction; what is stopped only while it is committed was done.

    Args:
        store: What is changed.
        note: For the journal; None where what is done in it says why.

    Raises:
        CancelledError: It was stopped in time: nothing was changed.
    """
    import asyncio

    outcome: Outcome | None = None
    try:
        async with store.transaction(note=note) as outcome:
            yield outcome
    except asyncio.CancelledError:
        if outcome is None or outcome.state != "committed":
            raise


def batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Give the items in lists of a thousand, as many as go into one step of a long change."""
    iterator = iter(items)
    while part := list(islice(iterator, _AT_ONCE)):
        yield part
