"""Connections: threads that run whole functions, a few readers, and how a file is only read."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import aiosqlite

from storage import driver
from storage.errors import FileError, StoreBusyError, StoreClosedError
from storage.view import View

T = TypeVar("T")

READERS = 3
ROWS_PER_HOP = 64
_SUFFIXES = ("", "-wal", "-journal")
_COPIES = 5

_INTERRUPT_SECONDS = 0.01
_NO_SHM = re.compile("unable to open|readonly|read-only|disk I/O error|is full")

Stop = Callable[[], None]
"""Interrupts what runs in another thread, and can be called again and again."""


class Call(Generic[T]):
    """One function that runs in a connection's thread, and what became of it.

    The function asks `is_cancelled()` where it can still stop. Its outcome is known even when
    the task that waits for it is cancelled, because cancelling an await stops no statement.

    What it returns or raises stays in here: aiosqlite and asyncio log what passes through them,
    and that may hold the content of a record.
    """

    __slots__ = ("_error", "_function", "_result", "cancelled", "succeeded")

    _result: T

    def __init__(self, function: Callable[[Call[T]], T]) -> None:
        self._function = function
        self._error: BaseException | None = None
        self.cancelled = False
        self.succeeded = False

    def is_cancelled(self) -> bool:
        """Say whether the task that waits for this call has been cancelled."""
        return self.cancelled

    def __call__(self) -> None:
        """Run the function. Happens in the connection's thread."""
        try:
            self._result = self._function(self)
        except BaseException as error:  # noqa: BLE001 - raised by `outcome()` in the task
            self._error = error
        else:
            self.succeeded = True

    def outcome(self) -> T:
        """Return what the function returned, or raise what it raised."""
        # Kept here, the error would keep its own traceback alive in a circle.
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._result


class Worker(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions in its thread, one hop each."""

    def __init__(self, connect: Callable[[], driver.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=ROWS_PER_HOP)
        # A store that somebody forgot to close must not hang the process at its exit. What was
        # committed is on disk; what was not is rolled back by the next opening.
        self._thread.daemon = True

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def interrupt_now(self) -> None:
        """Stop the statement that is running, if there is one."""
        self._conn.interrupt()

    async def run(self, call: Call[T], *, stop: Stop | None = None) -> T:
        """Run `call` to its end, also when the task that waits is cancelled meanwhile.

        Args:
            call: What to run.
            stop: Stops the statement that is running, if the task is cancelled.

        Raises:
            asyncio.CancelledError: Only once the call has ended; `call.succeeded` says how.
        """
        try:
            # aiosqlite logs what it runs: a bound method of ours shows no content.
            await self._execute(call.__call__)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            call.cancelled = True
            await self._drain(stop)
            raise
        return call.outcome()

    async def _drain(self, stop: Stop | None) -> None:
        """Wait until the thread has done all that it was given so far, come what may.

        A bare future waits here, not a task: `asyncio.run()` cancels every task at its end, and
        a transaction whose end was not awaited would not know its outcome.
        """
        done = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, _nothing))
        while not done.done():
            if stop is not None:
                # Again and again: one comes to nothing between two statements.
                stop()
            try:
                await asyncio.wait([done], timeout=_INTERRUPT_SECONDS if stop else None)
            except asyncio.CancelledError:
                continue  # The one that led here is raised once the thread is done.


def _nothing() -> None:
    """Mark a place in the queue of a thread."""


async def finish(awaitable: object) -> None:
    """Await to the very end, and let a cancellation through only afterwards."""
    task = asyncio.ensure_future(awaitable)  # type: ignore[call-overload]
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 - raised again from the task below
            break
    task.result()
    if cancelled is not None:
        raise cancelled


async def open_worker(
    uri: str, prepare: Callable[[driver.Connection], None], *, busy_ms: int
) -> Worker:
    """Open a connection in a thread of its own and set it up there."""

    def connect() -> driver.Connection:
        connection = driver.connect(uri, busy_ms=busy_ms)
        try:
            prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    return await start_worker(connect)


async def start_worker(connect: Callable[[], driver.Connection]) -> Worker:
    """Start a thread for a connection, and open that there."""
    worker = Worker(connect)
    opening = asyncio.ensure_future(_connected(worker))
    try:
        await finish(opening)
    except asyncio.CancelledError:
        # The thread has opened it all the same.
        await finish(worker.close())
        raise
    return worker


async def _connected(worker: Worker) -> None:
    try:
        await worker
    except BaseException:
        # aiosqlite lets the thread end by itself, and it would speak to a loop that is closed.
        await asyncio.to_thread(worker.join)
        raise


class Readers:
    """A few connections that can only read, opened when they are first needed."""

    def __init__(self, path: Path, uri: str, *, busy_ms: int, count: int = READERS) -> None:
        self._path = path
        self._count = count
        self._uri = uri
        self._busy_ms = busy_ms
        self._turns = asyncio.Semaphore(count)
        self._idle: list[tuple[Worker, View]] = []
        self._all: list[Worker] = []
        self._closed = False

    async def run(self, function: Callable[[View], T], stop: Stop | None = None) -> T:
        """Run `function` on a reader; cancelling the task interrupts its query.

        Args:
            function: What to run.
            stop: Interrupts what it asks beside this file.
        """
        async with self._turns:
            if self._closed:
                raise StoreClosedError(f"{self._path}: the store is closed.")
            try:
                worker, view = self._idle.pop() if self._idle else await self._open()
                stops = worker.interrupt_now if stop is None else partial(_stop_both, worker, stop)
                try:
                    return await worker.run(Call(lambda _: _read(view, function)), stop=stops)
                finally:
                    self._idle.append((worker, view))
            except driver.Error as error:
                raise driver.translate(error, self._path) from error

    async def close(self) -> None:
        """Close every connection once it is idle."""
        self._closed = True
        for _ in range(self._count):
            await self._turns.acquire()
        for worker in self._all:
            await worker.close()
        self._all.clear()
        self._idle.clear()
        for _ in range(self._count):
            self._turns.release()

    async def _open(self) -> tuple[Worker, View]:
        views: list[View] = []

        def prepare(connection: driver.Connection) -> None:
            driver.prepare_reader(connection)
            views.append(View(connection))

        worker = await open_worker(self._uri, prepare, busy_ms=self._busy_ms)
        self._all.append(worker)
        return worker, views[0]


def _stop_both(worker: Worker, stop: Stop) -> None:
    worker.interrupt_now()
    stop()


def _read(view: View, function: Callable[[View], T]) -> T:
    view.catch_up()
    return function(view)


class ReadOnlyFile:
    """A file opened so that nothing in it changes, wherever it lies.

    `mode=ro` needs a `-shm` beside a WAL file, so it fails in a folder that cannot be written.
    `immutable=1` needs none, but hides what a live `-wal` holds, so it serves only where there is
    no `-wal`. What is left is read from a temporary copy of the file and its journal.

    Args:
        path: The file.
        as_copy: Whether to read a copy where there is a journal, without a lock on the file.

    Attributes:
        uri: What to connect to.
        is_immutable: Whether it is opened so; only a file in WAL mode ever has to be.
    """

    def __init__(self, path: Path, *, as_copy: bool = False) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.is_immutable = False
        self.uri = f"{path.absolute().as_uri()}?mode=ro"
        if not as_copy and _can_read(self.uri):
            return
        if not holds_bytes(path, "-wal") and not holds_bytes(path, "-journal"):
            self.uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            self.is_immutable = True
            return
        self._folder = tempfile.TemporaryDirectory(prefix="memglass-")
        copy = Path(self._folder.name) / "copy.db"
        try:
            _copy_at_rest(path, copy)
        except OSError as error:
            self.close()
            raise FileError(f"{path} cannot be copied to be read: {error.strerror}.") from error
        except BaseException:
            self.close()
            raise
        # The copy is ours: opened for writing once, it takes its journal in.
        self.uri = f"{copy.as_uri()}?mode=rw"

    def close(self) -> None:
        """Remove the temporary copy, if there is one."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _can_read(uri: str) -> bool:
    """Say whether `uri` opens; what is locked or no database is left to the first query to tell."""
    try:
        connection = driver.connect(uri, busy_ms=0)
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        finally:
            connection.close()
    except driver.OperationalError as error:
        # On a full disk there is no room for a `-shm`.
        return not _NO_SHM.search(str(error))
    except driver.DatabaseError:
        return True
    return True


def _copy_at_rest(path: Path, copy: Path) -> None:
    """Copy a file and its journals as they are at one moment, however often it takes."""
    for _ in range(_COPIES):
        before = [_state(path, suffix) for suffix in _SUFFIXES]
        for suffix in _SUFFIXES:
            Path(f"{copy}{suffix}").unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(beside(path, suffix), f"{copy}{suffix}")
        if before == [_state(path, suffix) for suffix in _SUFFIXES]:
            return
    raise StoreBusyError(f"{path} changes all the time, so it cannot be copied to be read.")


def _state(path: Path, suffix: str) -> tuple[int, int] | None:
    try:
        found = beside(path, suffix).stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def beside(path: Path, suffix: str) -> Path:
    """Return where SQLite keeps what belongs to a database: its `-wal`, `-shm` or `-journal`."""
    # It is beside the file that a link leads to.
    return Path(f"{path.resolve()}{suffix}")


def holds_bytes(path: Path, suffix: str) -> bool:
    """Say whether the journal of `path` that ends in `suffix` is there and not empty."""
    state = _state(path, suffix)
    return state is not None and state[1] > 0


def left_behind(path: Path) -> Path | None:
    """Return the journal of a database that is gone, which SQLite would read into a new one."""
    for suffix in _SUFFIXES[1:]:
        # In this order, so that a database that is made at this moment has not left it behind.
        if holds_bytes(path, suffix) and not path.exists():
            return beside(path, suffix)
    return None
