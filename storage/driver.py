"""The SQLite module that we run on. Nothing else imports a driver.

`pysqlite3` brings a SQLite of its own (3.53.4), with extension loading, and without the WAL-reset
bug of 3.7.0 to 3.51.2. Where it has no wheel, the standard library's serves.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    import sqlite3 as dbapi2
else:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2

from storage.errors import (
    CorruptDatabaseError,
    DiskError,
    NotADatabaseError,
    StorageError,
    StoreBusyError,
)

Error = dbapi2.Error
DatabaseError = dbapi2.DatabaseError
OperationalError = dbapi2.OperationalError
IntegrityError = dbapi2.IntegrityError
MODULE: Final = dbapi2.__name__.partition(".")[0]
SQLITE_VERSION: Final[tuple[int, ...]] = dbapi2.sqlite_version_info

CACHE_KIB: Final = 64 * 1024
# There are several readers, and what they read is seldom read again.
READER_CACHE_KIB: Final = 8 * 1024
WAL_LIMIT_BYTES: Final = 64 * 2**20
# A checkpoint syncs the file; with the default of 1,000 pages small changes pay for it too often.
CHECKPOINT_PAGES: Final = 4000

# The least that the -shm file of a database in WAL mode takes (sqlite.org/walformat.html).
_SHM_BYTES: Final = 32 * 1024

# A COMMIT or BEGIN waits in slices of this length, so that a cancelled task is heard between them.
BUSY_SLICE_MS: Final = 50

_READS: Final = re.compile(
    r"\s*(?:SELECT\b|EXPLAIN\b|PRAGMA (?:table_xinfo|index_list|index_info|integrity_check)\("
    # Others, such as `incremental_vacuum`, write although nothing is given to them.
    r"|PRAGMA (?:(?:busy_timeout|max_page_count)=\d+|(?:schema|data|user)_version|page_count)\s*$)"
)


class Connection(dbapi2.Connection):
    """A connection that can be told to refuse every statement that might write.

    `PRAGMA query_only` would do it too, but setting it makes SQLite compile every statement anew,
    which costs a small transaction half of its time.

    Attributes:
        may_write: Whether statements may write.
    """

    may_write = True

    def execute(self, sql: str, parameters: Any = (), /) -> dbapi2.Cursor:
        """Run one statement.

        Raises:
            OperationalError: It might write, and nothing may write now.
        """
        if not self.may_write and not _READS.match(sql):
            self._refuse()
        try:
            return super().cursor().execute(sql, parameters)
        except UnicodeDecodeError as error:
            # What SQLite says of a damaged schema quotes its bytes.
            raise DatabaseError("database schema is malformed: it is not UTF-8") from error

    def executemany(self, sql: str, parameters: Any, /) -> dbapi2.Cursor:
        """Run one statement for many rows, where writing is allowed."""
        if not self.may_write:
            self._refuse()
        return super().cursor().executemany(sql, parameters)

    def executescript(self, sql_script: str, /) -> dbapi2.Cursor:
        """Run statements, where writing is allowed."""
        if not self.may_write:
            self._refuse()
        return super().cursor().executescript(sql_script)

    def cursor(self, factory: Any = dbapi2.Cursor) -> Any:
        """Give a cursor, where writing is allowed: what runs through one cannot be looked at."""
        if not self.may_write:
            self._refuse()
        return super().cursor(factory)

    def _refuse(self) -> NoReturn:
        raise OperationalError("attempt to write outside store.transaction()")


def connect(uri: str, *, busy_ms: int) -> Connection:
    """Open `uri` with the pragmas that every connection has. Runs in the connection's thread."""
    connection = dbapi2.connect(
        uri,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=busy_ms / 1000,
        factory=Connection,
    )
    try:
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA cell_size_check=ON")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare_writer(connection: Connection) -> None:
    """Make commits durable, and forbid writing until a transaction allows it."""
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync=1")
    connection.may_write = False


def prepare_reader(connection: Connection) -> None:
    """Forbid writing for good, and hold little."""
    connection.execute(f"PRAGMA cache_size=-{READER_CACHE_KIB}")
    connection.execute("PRAGMA query_only=ON")


def is_busy(error: BaseException) -> bool:
    """Say whether `error` is a lock that somebody else holds."""
    return isinstance(error, OperationalError) and (
        "database is locked" in str(error) or "database table is locked" in str(error)
    )


def is_damage(error: BaseException) -> bool:
    """Say whether `error` is of what is damaged in the file."""
    text = str(error)
    return isinstance(error, DatabaseError) and ("malformed" in text or "corrupt" in text)


def _is_full(path: object) -> bool:
    """Say whether there is no space for the -shm file, of which SQLite only says that it failed."""
    import shutil

    try:
        return shutil.disk_usage(Path(str(path)).resolve().parent).free < _SHM_BYTES
    except OSError:
        return False


def translate(error: Error, path: object) -> StorageError:
    """Turn a driver's error into one of ours that names the file."""
    text = str(error)
    if is_busy(error):
        return StoreBusyError(
            f"{path}: another process holds the write lock; nothing was changed, try again."
        )
    if "file is not a database" in text:
        return NotADatabaseError(f"{path} is not a SQLite database, or it is encrypted.")
    if is_damage(error):
        return CorruptDatabaseError(f"{path} is damaged ({text}); work on a copy or a backup.")
    if "disk is full" in text or ("disk I/O error" in text and _is_full(path)):
        return DiskError(f"{path}: the disk is full; nothing was changed, free some space.")
    if "disk I/O error" in text:
        return DiskError(f"{path}: the disk failed to read or write ({text}).")
    return StorageError(f"{path}: {text}.")
