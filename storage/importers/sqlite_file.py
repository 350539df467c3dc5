"""A SQLite database of somebody else's, who may be writing to it: read in pages, never locked.

A file with a `-wal` is read as SQLite does it, in which readers never keep a writer waiting. Any
other is read as immutable, without a lock, and leaves nothing beside it: a page counts if no writer
had begun before it was read, and none had come when it was read. A writer is known by the journal
that it makes before the first byte that it writes, and by the file's change counter.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Self

from storage import driver, rows
from storage.connection import ReadOnlyFile, beside, holds_bytes
from storage.errors import StoreBusyError
from storage.importers.saying import sayable
from storage.importers.table_reading import Hole, TableReader
from storage.inspection import open_files
from storage.rows import quote

_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
# Bytes 18 and 19 of the header are 2 for WAL (sqlite.org/fileformat2.html, 1.3.3).
_WAL: Final = b"\x02\x02"
_PATIENCE_MS: Final = 1000
# The file change counter (sqlite.org/fileformat2.html, 1.3.7).
_COUNTER: Final = slice(24, 28)
# A journal that is in force begins so; one that is not is missing, empty, or begins with zeros
# (sqlite.org/fileformat2.html, 3).
_JOURNAL: Final = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_ABANDONED: Final = 1.0
# Seconds until a writer is looked for again; a commit takes some milliseconds.
_WAITS: Final = (*(0.0005,) * 20, *(0.002,) * 50, *(0.02,) * 45)
_SHORT_WAITS: Final = _WAITS[:30]
_CACHE_KIB: Final = 2048

# Closing a file drops every POSIX lock that this process has on it, those of SQLite too
# (sqlite.org/howtocorrupt.html, 2.2), so what was opened here to be looked at stays open.
_kept_open: dict[tuple[int, int], int] = {}
# As many as this, and what nobody else in this process has open is let go of, too.
_MOST_KEPT: Final = 64
_one_at_a_time: Final = threading.Lock()


def _header(path: Path) -> bytes:
    with _one_at_a_time:
        return _read_header(path)


def _read_header(path: Path) -> bytes:
    there = path.stat()
    handle = _kept_open.get((there.st_dev, there.st_ino))
    if handle is None:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        if os.read(handle, len(_MAGIC)) != _MAGIC:
            os.close(handle)
            return b""
        _let_go()
        there = os.fstat(handle)
        if (old := _kept_open.get((there.st_dev, there.st_ino))) is not None:
            # The file was put there between the two looks; one handle is as good as two.
            _kept_open[-1, handle] = handle
            handle = old
        _kept_open[there.st_dev, there.st_ino] = handle
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, _HEADER)


def _let_go() -> None:
    """Close what has no name any more, and, once there are many, what only stands open here.

    Another file has taken the place of the one; of the other nobody here can hold a lock.
    """
    counts = open_files() if len(_kept_open) >= _MOST_KEPT else Counter()
    for key, handle in list(_kept_open.items()):
        there = os.fstat(handle)
        if there.st_nlink == 0 or counts[there.st_dev, there.st_ino] == 1:
            os.close(handle)
            del _kept_open[key]


def is_sqlite(path: Path) -> bool:
    """Say whether a file begins as SQLite databases do.

    Raises:
        OSError: It cannot be read.
    """
    return _header(path).startswith(_MAGIC)


class _MovedError(Exception):
    """A writer came while the file was read as immutable."""


class SqliteFile:
    """A foreign database, open to be read.

    Attributes:
        path: The file.
        name: Its name, for messages.
        is_patient: Whether to wait about a second for a moment in which nobody writes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = sayable(path.name)
        self.is_patient = True
        self._file: ReadOnlyFile | None = None
        self._connection: driver.Connection | None = None
        self._state: object = None

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def tables(self) -> dict[str, frozenset[str]]:
        """Return the columns of each table, in lower case; what has no plain name is left out."""
        found: dict[str, frozenset[str]] = {}
        for name in self.names():
            columns = self.page(f"PRAGMA table_xinfo({quote(name)})")
            found[name] = frozenset(str(row[1]).lower() for row in columns)
        return found

    def names(self) -> list[str]:
        """Return the names of the tables; what has no plain name is left out."""
        found = self.page(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
            " AND sql NOT LIKE 'CREATE VIRTUAL TABLE%' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return [name for (name,) in found if isinstance(name, str) and rows.is_plain((name,))]

    def page(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Read all rows of a query at once, text that is not UTF-8 with surrogates.

        Raises:
            StoreBusyError: A writer kept the lock, or changed the file all the time.
            driver.Error: It is damaged there.
        """
        for wait in _WAITS if self.is_patient else _SHORT_WAITS:
            try:
                return self._page(sql, values)
            except _MovedError:
                self.close()
                time.sleep(wait)
                self._open()
            except driver.Error as error:
                if driver.is_busy(error):
                    raise driver.translate(error, self.path) from error
                raise
        raise StoreBusyError(f"{self.path} changes all the time; try again.")

    def by_number(
        self, table: str, columns: Sequence[str], after: int
    ) -> Iterator[tuple[Any, ...] | Hole]:
        """Read the rows of a table in the order of their rowids, a page at a time.

        Args:
            table: The table.
            columns: What to read of each row.
            after: The number behind which to begin.

        Returns:
            The number and then the columns of each row; a `Hole` where rows are too damaged to be
            read.
        """
        return TableReader(self.page, table, columns).rows(after)

    def _open(self) -> None:
        is_wal = _header(self.path)[18:20] == _WAL and holds_bytes(self.path, "-wal")
        is_abandoned = not is_wal and _is_abandoned(self.path)
        self._state = None
        if is_wal or is_abandoned:
            self._file = ReadOnlyFile(self.path, as_copy=is_abandoned)
            uri = self._file.uri
        else:
            self._state = _unlocked_state(self.path)
            uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = driver.connect(uri, busy_ms=_PATIENCE_MS)
        driver.prepare_reader(self._connection)
        self._connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")

    def _page(self, sql: str, values: Sequence[Any]) -> list[Any]:
        if self._connection is None:
            raise _MovedError
        self._check_untouched()
        try:
            return rows.fetch(self._connection, sql, values)
        finally:
            self._check_untouched()

    def _check_untouched(self) -> None:
        """Refuse what was read without a lock while somebody wrote."""
        if self._state is not None and (
            _has_journal(self.path) or self._state != _unlocked_state(self.path)
        ):
            raise _MovedError


def _unlocked_state(path: Path) -> list[Any]:
    return [*state_of(path), _header(path)[_COUNTER]]


def _has_journal(path: Path) -> bool:
    """Say whether a journal is in force, so that the file may be half written."""
    try:
        with beside(path, "-journal").open("rb") as journal:
            return journal.read(len(_JOURNAL)) == _JOURNAL
    except OSError:
        return False


def _is_abandoned(path: Path) -> bool:
    """Say whether a journal has been in force for so long that its writer may never end."""
    try:
        written = beside(path, "-journal").stat().st_mtime
    except OSError:
        return False
    return time.time() - written > _ABANDONED and _has_journal(path)


def state_of(path: Path) -> list[Any]:
    """Return what changes whenever somebody writes to a file, or to the `-wal` beside it."""
    found: list[Any] = []
    for each in (path, beside(path, "-wal")):
        try:
            there = each.stat()
        except OSError:
            found.append(None)
        else:
            found += [there.st_size, there.st_mtime_ns, there.st_ino]
    return found
