"""The measure of everything: plain SQLite with the same rows, indexes and pragmas."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from storage import SQLiteStore, driver
from storage.moments import moment_sql

if TYPE_CHECKING:
    from sqlite3 import Connection
    from sqlite3 import connect as open_file
else:
    Connection, open_file = driver.dbapi2.Connection, driver.dbapi2.connect

Rows = Sequence[Sequence[Any]]

COLUMNS: Final = (
    "interaction_id",
    "timestamp",
    "session_id",
    "action",
    "role",
    "content",
    "file_path",
    "details",
    "metadata",
)
INSERT: Final = (
    f"INSERT INTO interactions ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
)
_NEWEST_FIRST: Final = f"ORDER BY {moment_sql('timestamp')} DESC, id DESC"
_ALL_NEWEST_FIRST: Final = f"SELECT id, {', '.join(COLUMNS)} FROM interactions {_NEWEST_FIRST}"
ALL_NUMBERS: Final = f"SELECT id FROM interactions {_NEWEST_FIRST}"


def recent(connection: Connection, limit: int) -> list[Any]:
    """Read the newest rows in the fastest way: a bound LIMIT is compiled anew at each call."""
    return connection.execute(f"{_ALL_NEWEST_FIRST} LIMIT {limit:d}").fetchall()


def connect(path: Path) -> Connection:
    """Open a file with the pragmas of the store's writer, and nothing of the store between."""
    connection = open_file(path, isolation_level=None)
    for pragma in (
        "trusted_schema=OFF",
        "cell_size_check=ON",
        f"cache_size=-{driver.CACHE_KIB}",
        f"journal_size_limit={driver.WAL_LIMIT_BYTES}",
        "synchronous=FULL",
        *(["fullfsync=1"] if sys.platform == "darwin" else []),
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


async def schema_of_store(folder: Path) -> list[str]:
    """Return the SQL of the table of interactions and its indexes, as the store makes them."""
    path = folder / "schema.db"
    async with SQLiteStore(path):
        pass
    connection = connect(path)
    try:
        found = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE tbl_name = 'interactions' AND sql IS NOT NULL"
            " ORDER BY type = 'index'"
        ).fetchall()
    finally:
        connection.close()
    return [sql for (sql,) in found]


def create(path: Path, schema: Sequence[str]) -> Connection:
    """Make a file with the table of interactions and its indexes alone, in WAL mode."""
    connection = connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    for sql in schema:
        connection.execute(sql)
    return connection


def stored_rows(path: Path, limit: int) -> list[tuple[Any, ...]]:
    """Return the first rows of a file, ready to be inserted elsewhere."""
    connection = connect(path)
    try:
        return connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM interactions ORDER BY id LIMIT ?", (limit,)
        ).fetchall()
    finally:
        connection.close()


def insert_at_once(connection: Connection, rows: Rows) -> float:
    """Insert `rows` in one transaction; return the seconds that it took."""
    started = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")
    return time.perf_counter() - started


def insert_one_by_one(connection: Connection, rows: Rows) -> float:
    """Insert `rows` in a transaction each; return the seconds that it took."""
    started = time.perf_counter()
    for row in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT, row)
        connection.execute("COMMIT")
    return time.perf_counter() - started
