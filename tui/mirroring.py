"""A mirror that is open: it is brought up to date again and again, and says how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from tui.mirrors import Mirror, make_place

if TYPE_CHECKING:
    from pathlib import Path

    from storage import Divergence, Explained, ImportProgress, ImportReport, SQLiteStore

ACTOR: Final = "mirror"
"""Who makes the changes of a synchronisation, as the journal has it."""

_MUCH: Final = 10_000

State = Literal["opening", "reading", "current", "stopped", "missing", "trouble"]


class Mirroring:
    """Follows one source.

    It has a store of its own beside the one that is looked at, so that the journal tells its
    changes from a person's. While a person changes something it waits between two batches.

    Args:
        mirror: Which mirror.
        lock: Held while a person changes something.

    Attributes:
        mirror: Which mirror.
        title: What people call the format; empty until it is known.
        state: `reading` while there is much to take over, `current` once all of it is here.
        done: How much of what there is to read is done, from 0 to 1; None where that is not known.
        records: How many records were seen by the reading that goes on.
        trouble: Why the source cannot be followed now, as a sentence; empty if it can.
        synced_at: When it was the same as the source last.
        diverged: What was changed here and is other than in the source, by kind and id.
        when_told: Called whenever any of these changes.
    """

    def __init__(self, mirror: Mirror, lock: asyncio.Lock) -> None:
        self.mirror = mirror
        self.title = mirror.title
        self.state: State = "missing" if mirror.is_missing else "opening"
        self.done: float | None = None
        self.records = 0
        self.trouble = ""
        self.synced_at: str | None = None
        self.diverged: dict[tuple[str, str], Divergence] = {}
        self.when_told: Callable[[], None] = lambda: None
        self._lock = lock
        self._store: SQLiteStore | None = None
        self._is_stopped = self._is_closing = False
        self._one_at_a_time = asyncio.Lock()

    @property
    def source(self) -> Path:
        """What it is a mirror of."""
        return self.mirror.source

    async def open(self) -> None:
        """Make the memory where there is none yet, and bring an older one up to date.

        Raises:
            StorageError: It cannot be made or opened.
        """
        from storage import SQLiteStore, get_sources

        if self._store is not None:
            return
        self._is_closing = False
        await asyncio.to_thread(make_place, self.mirror)
        store = SQLiteStore(self.mirror.file, actor=ACTOR)
        await store.initialize()
        self._store = store
        for each in await get_sources(store):
            self.title = each.title
            self.synced_at = each.synced_at

    async def close(self) -> None:
        """Let go of the memory, once what is being written is written."""
        self._is_closing = True
        async with self._one_at_a_time:
            store, self._store = self._store, None
        if store is not None:
            await store.close()

    async def sync(self, *, follows: bool = True) -> bool:
        """Bring it up to date with what the source holds now; say whether anything is other.

        What keeps it from that is told in `state` and `trouble`.

        Args:
            follows: Whether it is called again soon, while somebody may be writing to the source.
        """
        from storage import StorageError, StoreBusyError

        if self._is_stopped or self._store is None or self._one_at_a_time.locked():
            return False
        async with self._one_at_a_time:
            changed = 0
            try:
                while not self._is_to_end():
                    # A change of the person's comes first.
                    async with self._lock:
                        pass
                    report = await self._sync(follows)
                    changed += report.changed
                    if report.is_complete:
                        self._is_now("current")
                        break
            except StoreBusyError:
                # Somebody writes, to the source or to the mirror: the next time will do.
                self._is_now("reading" if self.synced_at is None else self.state)
            except StorageError as error:
                is_there = await asyncio.to_thread(self.source.exists)
                self._is_now("trouble" if is_there else "missing", str(error))
            return changed > 0

    async def look_for_diverged(self) -> None:
        """Find out what is other than in the source, because it was changed here.

        Raises:
            StorageError: It could not be read.
        """
        from storage import get_diverged

        if self._store is None:
            return
        found = await get_diverged(self._store, but_by=ACTOR)
        diverged = {(each.kind, each.record_id): each for each in found}
        if diverged != self.diverged:
            self.diverged = diverged
            self.when_told()

    def differing(self, kind: str) -> list[str]:
        """Give the ids of what is other than in the source, of a kind of list."""
        own = kind.removeprefix("archived_")
        how = "edited" if own == kind else "archived"
        return [
            each.record_id for each in self.diverged.values() if (each.kind, each.how) == (own, how)
        ]

    async def explain(self, divergence: Divergence) -> Explained:
        """Say what the source says of a record, and how it is changed there.

        Raises:
            StorageError: The source cannot be read, or the memory is closed.
        """
        from storage import StoreClosedError, explain_divergence

        if self._store is None:
            raise StoreClosedError("The mirror is not open.")
        return await explain_divergence(self._store, divergence)

    async def _sync(self, follows: bool) -> ImportReport:
        from storage import sync_source

        assert self._store is not None  # noqa: S101 - asked by the caller
        self.records = 0
        report = await sync_source(
            self._store, self.source, progress=self._progressed, cancel=self, follows=follows
        )
        self.title = report.title or self.title
        if report.is_complete:
            self.synced_at = datetime.now(UTC).isoformat()
        return report

    def is_set(self) -> bool:
        """Say whether the reading that goes on is to stop, for now or for good."""
        return self._is_to_end() or self._lock.locked()

    def _is_to_end(self) -> bool:
        return self._is_stopped or self._is_closing

    def stop(self) -> bool:
        """Stop what is being taken over; say whether there was anything to stop."""
        if self.state != "reading":
            return False
        self._is_stopped = True
        self._is_now("stopped")
        return True

    def resume(self) -> None:
        """Go on with what was stopped."""
        self._is_stopped = False

    def _progressed(self, progress: ImportProgress) -> None:
        self.records = progress.records
        self.done = progress.done / progress.total if progress.done and progress.total else None
        # What is always read anew is told only where it takes long.
        if not self._is_stopped and (self.synced_at is None or progress.records > _MUCH):
            self._is_now("reading")

    def _is_now(self, state: State, trouble: str = "") -> None:
        self.state, self.trouble = state, trouble
        self.when_told()
