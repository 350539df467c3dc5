"""One open file: the door to its writer, and its readers."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from storage import driver, fields, inspection, migration
from storage.blocks import Block
from storage.connection import (
    Readers,
    ReadOnlyFile,
    Stop,
    finish,
    holds_bytes,
    open_worker,
)
from storage.errors import FileError, ReadOnlyError, StoreClosedError
from storage.transaction import Door
from storage.view import Change, View

T = TypeVar("T")
log = logging.getLogger("storage")
# Who wants to read it says so; else Python would write warnings to the terminal of the program.
log.addHandler(logging.NullHandler())


class Database:
    """Opens a file, and routes reads and changes to the connection that they belong to.

    Attributes:
        path: The file, as the caller names it.
        place: Where it is, wherever the program's current folder has gone since it was opened.
        actor: Who makes the changes, for the journal.
        read_only: Whether changes are refused; also True where the file demands it.
        read_only_reason: Why they are, if the caller did not ask for it.
        backup: The backup that a migration made on opening.
        identity: What tells the file that was opened from one that is put in its place.
        loop: The event loop that it was opened in; None while it is closed.
    """

    def __init__(
        self, path: Path, *, read_only: bool, migrate: bool, actor: str, patience: float
    ) -> None:
        fields.check_text("actor", actor)
        fields.check_writable(["actor"], [actor])
        self.path = self.place = path
        self.read_only = read_only
        self.read_only_reason: str | None = None
        self.backup: Path | None = None
        self.identity: tuple[int, int] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self._process = 0
        self._migrate = migrate
        self.actor = actor
        self._patience = patience
        self._door: Door | None = None
        self._readers: Readers | None = None
        self._watcher: Readers | None = None
        self._file: ReadOnlyFile | None = None
        self._changing = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the file is open."""
        return self._readers is not None

    @property
    def is_inside(self) -> bool:
        """Whether the task is inside a transaction, which only it can see."""
        return self._door is not None and self._door.owned() is not None

    async def open(self) -> None:
        """Open the file if it is not open, and bring its schema up to date if that is allowed."""
        self.refuse_elsewhere()
        async with self._changing:
            if not self.is_open:
                await self._open()

    async def close(self) -> None:
        """Close every connection, once the transaction that is open has ended.

        Raises:
            TransactionError: The task is inside a transaction, or was started inside one.
        """
        self.check_closable()
        async with self._changing:
            await self._close()

    def check_closable(self) -> None:
        """Refuse to be closed from where that would hang.

        Raises:
            TransactionError: The task is inside a transaction, or was started inside one.
            StoreClosedError: The store is in use in another event loop.
        """
        self.refuse_elsewhere()
        if self._door is not None:
            self._door.refuse_inside()

    async def _open(self) -> None:
        inspection.check_file(self.path, read_only=self.read_only)
        self._process = os.getpid()
        self.place = self.path.absolute()
        self.identity = inspection.identity_of(self.place)
        try:
            if not self.read_only:
                await self._open_door()
            uri = f"{self.place.as_uri()}?mode=ro"
            if self.read_only:
                self._file = ReadOnlyFile(self.path)
                uri = self._file.uri
            busy_ms = int(self._patience * 1000)
            self._readers = Readers(self.path, uri, busy_ms=busy_ms)
            self._watcher = Readers(self.path, uri, busy_ms=busy_ms, count=1)
            # The first query says whether the file can be read at all.
            await self._readers.run(lambda _: None)
            self.identify()
        except driver.Error as error:
            await self._close()
            raise driver.translate(error, self.path) from error
        except BaseException:
            await self._close()
            raise
        self.loop = asyncio.get_running_loop()
        log.info("opened %s%s", self.path, " read-only" if self.read_only else "")

    async def _close(self) -> None:
        if self._door is not None:
            await self._door.shut()
        await finish(self._close_connections())

    async def _close_connections(self) -> None:
        # The writer goes last: SQLite takes the -wal into the file when the last connection goes,
        # and a reader cannot.
        for readers in (self._readers, self._watcher):
            if readers is not None:
                await readers.close()
        if self._door is not None:
            await self._door.close()
        if self._file is not None:
            self._file.close()
        self._door = self._readers = self._watcher = self._file = self.loop = None

    def transaction(self, note: str | None) -> Block:
        """Return the block of a transaction, or of a savepoint inside the task's own.

        Raises:
            ValidationError: The note is no text that the journal could keep.
        """
        if note is not None:
            fields.check_text("note", note)
            fields.check_writable(["note"], [note])
        return Block(self._writable(), note)

    async def change(self, function: Callable[[Change], T]) -> T:
        """Run `function` in the task's open transaction, or in one of its own."""
        return await self._writable().change(function)

    async def read(self, function: Callable[[View], T], stop: Stop | None = None) -> T:
        """Run `function` on a reader; inside a transaction on the writer, to see its changes.

        Args:
            function: What to run.
            stop: Interrupts what it asks beside this file, if the task is cancelled.
        """
        readers = self._open_readers()
        if self._door is not None and self.is_inside:
            return await self._door.read(function, stop)
        return await readers.run(function, stop)

    async def read_committed(self, function: Callable[[View], T]) -> T:
        """Run `function` on a reader, which sees only what is committed."""
        return await self._open_readers().run(function)

    async def foreign_version(self) -> int:
        """Return a number that changes with every commit that this store did not make."""
        self._open_readers()
        if self._door is None:
            return await self.data_version()
        return await self._door.foreign_version()

    async def maintain(self, function: Callable[[driver.Connection], T]) -> T:
        """Run what SQLite forbids inside a transaction and what changes no data."""
        return await self._writable().maintain(function)

    async def data_version(self) -> int:
        """Return a number that changes with every commit, whoever makes it.

        It comes from one connection, because SQLite counts for each apart.
        """
        self._open_readers()
        watcher = self._watcher
        if watcher is None:
            raise self.closed()
        return await watcher.run(lambda view: int(view.fetch("PRAGMA data_version")[0][0]))

    async def _open_door(self) -> None:
        views: list[View] = []

        def prepare(connection: driver.Connection) -> None:
            driver.prepare_writer(connection)
            view = View(connection)
            if migration.is_newer(connection, view.layout):
                return
            self.backup = migration.ensure_schema(
                connection, self.path, migrate=self._migrate, patience=self._patience
            )
            view.refresh()
            connection.execute(f"PRAGMA busy_timeout={driver.BUSY_SLICE_MS}")
            views.append(view)

        uri = f"{self.place.as_uri()}?mode=rwc"
        if holds_bytes(self.path, "-wal") and await asyncio.to_thread(
            migration.look_first, self.path, migrate=self._migrate
        ):
            self._refuse_newer()
            return
        worker = await open_worker(uri, prepare, busy_ms=int(self._patience * 1000))
        if not views:
            await worker.close()
            self._refuse_newer()
            return
        self._door = Door(
            self.path,
            worker,
            views[0],
            actor=self.actor,
            patience=self._patience,
            check=self._refuse_lost,
        )

    def identify(self) -> None:
        """See what tells the file by now: it may have been made just now, or have got another.

        A file of the lower layer of an overlay, as in a container, is copied when it is opened to
        be written.
        """
        now = inspection.identity_of(self.place)
        if self.identity is None or (
            now not in (None, self.identity) and inspection.open_files()[now]
        ):
            self.identity = now

    def _refuse_lost(self) -> None:
        """Refuse to commit into a file that nobody finds any more: SQLite would do it all the same.

        Raises:
            FileError: The file was deleted, moved or replaced since it was opened.
        """
        if self.identity is not None and inspection.is_elsewhere(self.place, self.identity):
            raise FileError(
                f"{self.path} was deleted, moved or replaced while it was open, so nothing was"
                " changed; open it again."
            )

    def _refuse_newer(self) -> None:
        self.read_only = True
        self.read_only_reason = (
            f"{self.path} was made by a newer memglass, so it is open read-only; update memglass"
            " to change it."
        )

    def _open_readers(self) -> Readers:
        if self._readers is None:
            raise self.closed()
        self.refuse_elsewhere()
        return self._readers

    def refuse_elsewhere(self) -> None:
        """Refuse another event loop or process: whoever waits for a turn there is never woken.

        Raises:
            StoreClosedError: The loop that it was opened in is another, and is running; or this
                is a fork of the process that has opened it.
        """
        self.refuse_fork()
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self.loop is not None and self.loop is not here and self.loop.is_running():
            raise StoreClosedError(
                f"{self.path}: the store is open in another event loop, which it cannot leave; open"
                " the file once more in this one, or use `storage.adapters.running()`."
            )

    def refuse_fork(self) -> None:
        """Refuse a fork of the process that has opened it: no thread of it is there.

        Raises:
            StoreClosedError: This is one.
        """
        if self.is_open and os.getpid() != self._process:
            raise StoreClosedError(
                f"{self.path}: the store was opened in the process that this one was forked from;"
                " open the file once more in this one, with a store of its own."
            )

    def _writable(self) -> Door:
        self._open_readers()
        if self._door is None:
            raise ReadOnlyError(
                self.read_only_reason or f"{self.path} is open read-only; nothing was changed."
            )
        return self._door

    def closed(self) -> StoreClosedError:
        """Return the error for a store that is not open."""
        return StoreClosedError(
            f"{self.path}: the store is not open; call `await store.initialize()` first, or use"
            " `async with`."
        )
