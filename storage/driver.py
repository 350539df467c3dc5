"""The SQLite module that we run on. Nothing else imports a driver.

`pysqlite3` brings a SQLite of its own (3.53.4), with extension loading, and without the WAL-reset
bug of 3.7.0 to 3.51.2. Where it has no wheel, the standard library's serves.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3 as dbapi2
else:
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        import sqlite3 as dbapi2

from storage.errors import CorruptDatabaseError, NotADatabaseError, StorageError, StoreBusyError

log = logging.getLogger("storage")

Connection = dbapi2.Connection
Error = dbapi2.Error
DatabaseError = dbapi2.DatabaseError
OperationalError = dbapi2.OperationalError
IntegrityError = dbapi2.IntegrityError
SQLITE_VERSION: Final[tuple[int, ...]] = dbapi2.sqlite_version_info
WAL_RESET_FIXED: Final = (3, 51, 3)

CACHE_KIB: Final = 64 * 1024
WAL_LIMIT_BYTES: Final = 64 * 2**20

# A COMMIT or BEGIN waits in slices of this length, so that a cancelled task is heard between them.
BUSY_SLICE_MS: Final = 50


def connect(uri: str, *, busy_ms: int) -> Connection:
    """Open `uri` with the pragmas that every connection has. Runs in the connection's thread."""
    connection = dbapi2.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=busy_ms / 1000
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
    if sys.platform == "darwin":
        connection.execute("PRAGMA fullfsync=1")
    connection.execute("PRAGMA query_only=ON")


def prepare_reader(connection: Connection) -> None:
    """Forbid writing for good."""
    connection.execute("PRAGMA query_only=ON")


def is_busy(error: BaseException) -> bool:
    """Say whether `error` is a lock that somebody else holds."""
    return isinstance(error, OperationalError) and (
        "database is locked" in str(error) or "database table is locked" in str(error)
    )


def translate(error: Error, path: object) -> StorageError:
    """Turn a driver's error into one of ours that names the file."""
    text = str(error)
    if is_busy(error):
        return StoreBusyError(
            f"{path}: another process holds the write lock; nothing was changed, try again."
        )
    if "file is not a database" in text:
        return NotADatabaseError(f"{path} is not a SQLite database, or it is encrypted.")
    if "malformed" in text or "corrupt" in text:
        return CorruptDatabaseError(f"{path} is damaged ({text}); work on a copy or a backup.")
    if "disk is full" in text:
        return StorageError(f"{path}: the disk is full; nothing was changed, free some space.")
    if "disk I/O error" in text:
        return StorageError(f"{path}: the disk failed to read or write ({text}).")
    return StorageError(f"{path}: {text}.")
