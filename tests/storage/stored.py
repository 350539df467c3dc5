"""Rows as they stand in a file, written and read from outside, without the library."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from storage import driver

AGENT_COLUMNS = (
    "a_text TEXT, a_int INTEGER, a_real REAL, a_num NUMERIC, a_blob BLOB, a_none, a_json JSON"
)

COMPLETE_INTERACTIONS = f"""CREATE TABLE complete_interactions (
    interaction_id TEXT PRIMARY KEY, session_id TEXT, timestamp TEXT NOT NULL, user_query TEXT,
    ai_interpretation TEXT, success BOOLEAN DEFAULT 0, feedback_type TEXT, execution_time REAL,
    tokens_used INTEGER DEFAULT 0, data TEXT NOT NULL, {AGENT_COLUMNS})"""
FEEDBACK = """CREATE TABLE feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, type TEXT, message TEXT, context TEXT,
    applied BOOLEAN DEFAULT 0)"""


class Text(NamedTuple):
    """A value of storage class TEXT with exactly these bytes."""

    raw: bytes


class Stored(NamedTuple):
    """A value as it stands: its storage class, its bytes, and the exact number if it is one."""

    kind: str
    raw: bytes | None
    number: str


@contextlib.contextmanager
def outside(path: Path) -> Iterator[driver.Connection]:
    """A connection that knows nothing of memglass."""
    connection = driver.Connection(str(path), isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def put(connection: driver.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Insert a row and return its rowid; a `Text` is written with exactly its bytes."""
    marks = ["CAST(? AS TEXT)" if isinstance(value, Text) else "?" for value in row.values()]
    values = [value.raw if isinstance(value, Text) else value for value in row.values()]
    names = ", ".join(f'"{name}"' for name in row)
    cursor = connection.execute(
        f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(marks)})', values
    )
    return int(cursor.lastrowid or 0)


def write(path: Path, table: str, **row: Any) -> int:
    """Insert a row into a file and return its rowid."""
    with outside(path) as connection:
        return put(connection, table, row)


def rows_of(connection: driver.Connection, table: str) -> list[dict[str, Stored]]:
    """All rows of a table, every column, in an order that does not depend on rowids."""
    columns = [row[1] for row in connection.execute(f'PRAGMA table_xinfo("{table}")')]
    terms = ", ".join(
        f'typeof("{name}"), CAST("{name}" AS BLOB),'
        f" CASE WHEN typeof(\"{name}\") IN ('real', 'integer') THEN \"{name}\" END"
        for name in columns
    )
    found = [
        {
            name: Stored(row[3 * i], row[3 * i + 1], repr(row[3 * i + 2]))
            for i, name in enumerate(columns)
        }
        for row in connection.execute(f'SELECT {terms} FROM "{table}"')
    ]
    return sorted(found, key=repr)


def snapshot(path: Path, *tables: str) -> dict[str, list[dict[str, Stored]]]:
    """All rows of some tables."""
    with outside(path) as connection:
        return {table: rows_of(connection, table) for table in tables}


REALS = st.floats(allow_nan=False) | st.sampled_from(
    [float("inf"), float("-inf"), -0.0, 1e308, 5e-324, 2.2250738585072014e-308, 0.1, 2.0**53]
)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
BYTES = st.binary(max_size=12) | st.sampled_from(
    [
        *(b"", b"\0", b"a\0b", b"\0\0", b"\xff", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc0\x80"),
        *(b"1", b"1.10", b"1e400", b" 12 ", b"0x10", b"1\0", b"9223372036854775808", b"-0", b"inf"),
        *(b'{"a":1}', b'{"$memglass":"blob","base64":"AA=="}', b"\xef\xbb\xbf{}", b'"\\ud800"'),
    ]
)
TEXTS = BYTES.map(Text)
NOT_NULL: st.SearchStrategy[Any] = INTEGERS | REALS | TEXTS | BYTES
"""Whatever a column of SQLite can hold that may not be NULL."""
VALUES: st.SearchStrategy[Any] = st.none() | NOT_NULL
"""Whatever a column of SQLite can hold."""
