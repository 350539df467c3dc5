"""The open memory: the store, what it says of itself, and what was changed here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from tui.told_keys import key_for

if TYPE_CHECKING:
    from storage import SearchableStore, Searching, Store
    from tui.mirroring import Mirroring
    from tui.mirrors import Mirror
    from tui.state import State
    from tui.under_way import UnderWay

_SMALL_BYTES: Final = 64 * 2**20


class Change(NamedTuple):
    """One transaction that was made here.

    Attributes:
        transaction_id: What undoes it.
        label: What it did, as it follows "Undone:".
    """

    transaction_id: str
    label: str


@dataclass
class Memory:
    """A memory that a person looks at.

    Attributes:
        PATIENCE: Seconds to wait for a lock that another process holds.
        path: The file.
        read_only: Whether nothing may be changed.
        why_read_only: A sentence on it for the person; empty where changes are allowed.
        changes: What was changed here and can be undone, oldest first.
        lock: Held while a change is made; the next one waits for its turn.
        is_followed: Whether the index is built and kept up to date.
        under_way: The change that is being made, if there is one.
        lost: What became of the file while it was open, as a sentence; empty while it is there.
        mirroring: What keeps it up to date with its source; None where it is no mirror.
    """

    PATIENCE: ClassVar[float] = 5.0

    path: Path
    read_only: bool = False
    why_read_only: str = ""
    changes: list[Change] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _store: SearchableStore | None = None
    is_followed: bool = False
    under_way: UnderWay | None = None
    lost: str = ""
    mirroring: Mirroring | None = None
    _identity: tuple[int, int] | None = None
    _is_reopening: bool = False
    _asked: tuple[bool, str] = (False, "")

    @property
    def named(self) -> Path:
        """What a person calls it: the file, or the source that it is a mirror of."""
        return self.path if self.mirroring is None else self.mirroring.source

    def mirrors(self, mirror: Mirror | None) -> None:
        """Have it follow a source, if there is one, from when it is opened."""
        if mirror is None:
            return
        from tui.mirroring import Mirroring

        self.path = mirror.file
        self.mirroring = Mirroring(mirror, self.lock)
        if mirror.is_missing:
            self.read_only = True
            self.why_read_only = (
                f"{mirror.source} is not there any more, and this is its mirror as it was last."
                " Open it again when it is back."
            )

    @property
    def is_open(self) -> bool:
        """Whether there is a store to read from."""
        return self._store is not None

    @property
    def store(self) -> Store:
        """The store, as far as anything on screen needs it.

        Raises:
            RuntimeError: It is not open yet; whoever asks should have looked at `is_open`.
        """
        return self._opened

    @property
    def searching(self) -> Searching:
        """What answers questions about it.

        Raises:
            RuntimeError: As for `store`.
        """
        return self._opened

    @property
    def _opened(self) -> SearchableStore:
        if self._store is None:
            raise RuntimeError(f"{self.path} is not open yet.")
        return self._store

    @cached_property
    def state(self) -> State:
        """What is remembered of this memory between two visits, also of one that is read-only."""
        from tui.state import State

        return State(self.named)

    async def open(self, *, migrate: bool = False, look_only: bool = False) -> None:
        """Open the file as it was asked for.

        Args:
            migrate: Whether an older file may be brought up to date.
            look_only: Whether nothing may be changed in it until it is opened anew.

        Raises:
            MigrationRequiredError: The schema is older and `migrate` is False.
            StorageError: It cannot be opened.
        """
        self._asked = self.read_only, self.why_read_only
        if look_only:
            self.read_only, self.why_read_only = True, _look_only()
        try:
            await self._open(migrate=migrate)
        except BaseException:
            # What was tried in vain does not count for the next try.
            self.read_only, self.why_read_only = self._asked
            raise

    async def _open(self, *, migrate: bool = False) -> None:
        from storage import HybridStore, UnwritableError

        if self.mirroring is not None:
            await self.mirroring.open()
        store = HybridStore(
            self.path,
            read_only=self.read_only,
            migrate=migrate,
            actor="person",
            busy_timeout=self.PATIENCE,
            follow=self.is_followed,
        )
        try:
            await store.initialize()
        except UnwritableError:
            # There is much to look at in what somebody else may change.
            self.read_only = True
            self.why_read_only = (
                f"the file or its folder cannot be written. {key_for('reopen')} tries again."
            )
            await self._open()
            return
        self._identity = await asyncio.to_thread(self._look_at_file)
        self._store = store
        if self.is_followed:
            # Somebody may have wanted to search while it was opened.
            await store.resume_index()
        if store.read_only:
            self.read_only = True
            self.why_read_only = store.read_only_reason or self.why_read_only

    def _look_at_file(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Wait for one's turn to change something, in the file that it was asked for in.

        Raises:
            ReadOnlyError: It is not open yet or no longer there, or another one was opened
                meanwhile: keys of the one would be those of other records in the other.
        """
        from storage import ReadOnlyError

        if not self.is_open:
            raise ReadOnlyError("Nothing was changed: the file is not open yet.")
        asked_in = self._identity
        async with self.lock:
            if self._identity != asked_in:
                raise ReadOnlyError("Nothing was changed: another file was opened meanwhile.")
            now = await asyncio.to_thread(self._look_at_file)
            if self.lost or now != self._identity:
                why = self.lost or "The file is no longer the one that was opened."
                raise ReadOnlyError(f"Nothing was changed: {why}")
            yield

    async def look_for_file(self) -> str:
        """See whether the file is still the one that was opened; if not, write nothing more.

        SQLite goes on with a file that has no name any more, and what is written there is lost.

        Returns:
            What became of it, when that is seen for the first time; empty otherwise.
        """
        opened = self._store
        now = await asyncio.to_thread(self._look_at_file)
        # What is seen while it is opened anew says nothing about the file that is open then.
        if self._is_reopening or self._store is not opened:
            return ""
        if self.lost or now == self._identity or self._identity is None:
            return ""
        gone = "was deleted or moved" if now is None else "was replaced by another one"
        what = f"The file {self.path.name}" if self.mirroring is None else "The mirror's own file"
        self.lost = f"{what} {gone} while it was open."
        self.read_only = True
        self.why_read_only = f"{self.lost} {key_for('reopen')} opens what stands there now."
        return self.lost

    async def reopen(self, *, look_only: bool = False) -> bool:
        """Open the file that stands there now, in the place of the one that was opened.

        Args:
            look_only: Whether nothing may be changed in it; else it is opened as at first.

        Returns:
            Whether it is another file than the one before.

        Raises:
            FileNotFoundError: There is none.
            StorageError: It cannot be opened; what was opened can still be looked at.
        """
        if self.mirroring is not None:
            # It opens with the memory, which it makes anew where that is gone.
            await self.mirroring.close()
        elif await asyncio.to_thread(self._look_at_file) is None:
            raise FileNotFoundError(f"There is no file {self.path}; put it back and try again.")
        as_it_was = self.read_only, self.why_read_only, self.lost
        before, self.lost = self._store, ""
        identity = self._identity
        self.read_only, self.why_read_only = (True, _look_only()) if look_only else self._asked
        self._is_reopening = True
        try:
            await self._open()
        except BaseException:
            self.read_only, self.why_read_only, self.lost = as_it_was
            raise
        finally:
            self._is_reopening = False
        self.changes.clear()
        if before is not None:
            await before.close()
        return self._identity != identity

    async def follow(self, *, asked: bool = True) -> None:
        """Begin to build the index and keep it up to date.

        Args:
            asked: Whether somebody wants to search. Else a big memory is left alone: its index
                takes minutes, memory and a multiple of the file's size on disk.

        Raises:
            StorageError: The file was closed meanwhile.
        """
        if self.is_followed or not (asked or await asyncio.to_thread(self._is_small)):
            return
        self.is_followed = True
        if self._store is not None:
            await self._store.resume_index()

    def _is_small(self) -> bool:
        try:
            return self.path.stat().st_size <= _SMALL_BYTES
        except OSError:
            return False

    async def close(self) -> None:
        """Write what is to be remembered, and close the file if it is open."""
        store, self._store = self._store, None
        try:
            await self.state.save()
        finally:
            if self.mirroring is not None:
                await self.mirroring.close()
            if store is not None:
                await store.close()

    def stop_change(self) -> bool:
        """Stop the change that is being made, if it takes long enough to be seen; say whether.

        Where there is none, what is being taken over into a mirror is stopped.
        """
        if self.under_way is None or not self.under_way.is_shown:
            return self.mirroring is not None and self.mirroring.stop()
        self.under_way.stop()
        return True

    def remember(self, transaction_id: str, label: str) -> None:
        """Keep in mind what was changed here, so that it can be undone.

        Args:
            transaction_id: What undoes it.
            label: What it did, as it follows "Undone:".
        """
        self.changes.append(Change(transaction_id, label))

    @property
    def backup(self) -> Path | None:
        """The backup that bringing the file up to date has made."""
        return self.store.backup


def _look_only() -> str:
    return f"you chose only to look at it. {key_for('reopen')} opens it for changes again."


def why_no_memory(path: Path, *, may_be_empty: bool = False) -> str:
    """Say why a database is nothing to look at; empty if it is a memory.

    Args:
        path: The database.
        may_be_empty: Whether one without a table will do, as what will be filled.

    Raises:
        StorageError: It cannot be read.
    """
    from storage import inspect_file

    kind = inspect_file(path).format
    if kind == "empty":
        return "" if may_be_empty else f"{path} is empty: there is no memory in it yet."
    if kind == "other":
        return f"{path} is a SQLite database, but holds no agent's memory that memglass knows."
    return ""
