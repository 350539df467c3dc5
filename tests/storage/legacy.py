"""Files as older agents left them, filled, and exact pictures of what a file holds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import driver
from storage.rows import quote

# The size of a page, unless an agent chose another.
PAGE = 4096

FIXTURES = Path(__file__).parent.parent / "fixtures"

_INTERACTIONS = {
    0: """CREATE TABLE interactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, session_id TEXT,
        action TEXT NOT NULL, file_path TEXT, details TEXT, embeddings BLOB)""",
    1: """CREATE TABLE interactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, interaction_id TEXT UNIQUE, timestamp TEXT NOT NULL,
        session_id TEXT, action TEXT NOT NULL, file_path TEXT, details TEXT, embeddings BLOB)""",
}

_SHARED = (
    """CREATE TABLE patterns (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, pattern_type TEXT NOT NULL,
        sequence TEXT NOT NULL, frequency INTEGER DEFAULT 1, confidence REAL DEFAULT 0.5,
        last_seen TEXT, created_at TEXT NOT NULL, metadata TEXT)""",
    """CREATE TABLE archived_interactions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, original_id TEXT, interaction_id TEXT,
        data TEXT NOT NULL, archived_at TEXT NOT NULL, archive_reason TEXT,
        consolidated_to TEXT)""",
    """CREATE TABLE archived_patterns (
        id INTEGER PRIMARY KEY AUTOINCREMENT, original_id TEXT, pattern_name TEXT,
        pattern_type TEXT, data TEXT NOT NULL, archived_at TEXT NOT NULL, archive_reason TEXT,
        promoted_to TEXT)""",
    """CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, type TEXT NOT NULL,
        message TEXT NOT NULL, context TEXT, applied BOOLEAN DEFAULT 0)""",
    "CREATE TABLE preferences (key TEXT PRIMARY KEY, value TEXT NOT NULL, confidence REAL)",
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, start_time TEXT NOT NULL, summary TEXT)",
    # What no agent that we know has.
    'CREATE TABLE "odd ""table""" ("a column" JSON, b REAL, c BLOB, d)',
    "CREATE TABLE log (at TEXT, what TEXT)",
    "CREATE INDEX idx_interactions_session ON interactions(session_id)",
    "CREATE INDEX idx_patterns_frequency ON patterns(frequency DESC) WHERE frequency > 1",
    "CREATE VIEW sessions_seen AS SELECT * FROM interactions GROUP BY session_id",
    """CREATE TRIGGER interactions_logged AFTER INSERT ON interactions BEGIN
        INSERT INTO log VALUES (new.timestamp, new.action); END""",
    """CREATE TRIGGER interactions_dropped BEFORE DELETE ON interactions BEGIN
        INSERT INTO log VALUES (old.timestamp, 'deleted'); END""",
)

# What a row's `details` held in the wild, and worse. Bytes are written as text, a memoryview as a
# BLOB.
DETAILS: tuple[Any, ...] = (
    '{"query": "fix the login bug", "files": ["auth.py"]}',
    '{"big": 123456789012345678901234567890, "real": 1.10, "a": 1, "a": 2}',
    '{"cut": [1, 2',
    "{'python': True}",
    "[1, 2,]",
    '{"nan": NaN}',
    "auth.py",
    "",
    None,
    '"only text"',
    "\x00\x00\x00",
    b'{"latin": "caf\xe9"}',
    b"\xff\xfe{\x00}\x00",
    memoryview(b"\x00\x01binary"),
    '{"lone": "\\ud800"}',
    '\ufeff{"bom": 1}',
    '{"emoji": "\U0001f600", "esc": "\u001b[31m"}',
    17,
    2.5,
)

TIMES: tuple[Any, ...] = (
    "2025-07-04T12:00:00",
    "2025-07-04T12:00:00+00:00",
    "2025-07-04 14:00:00+02:00",
    "2025-07-04T12:00:00.123456",
    "2025-07-04",
    "yesterday",
    "",
    "now",
    1751630400,
    1751630400.5,
    b"2025\xff",
    memoryview(b"2025-07-04"),
    "9999-99-99T99:99:99",
)


def uri(path: Path, mode: str = "rwc") -> str:
    """Return what to connect to."""
    return f"{path.absolute().as_uri()}?mode={mode}"


@contextlib.contextmanager
def opened(path: Path, mode: str = "rwc") -> Iterator[driver.Connection]:
    """Open a file as an agent would, and close it again."""
    connection = driver.connect(uri(path, mode), busy_ms=5000)
    try:
        yield connection
    finally:
        connection.close()


def leave_wal(path: Path, *statements: str) -> None:
    """Run statements as a program that was killed: what it committed is only in the -wal."""
    _as_killed(path, [*statements])


def leave_journal(path: Path, *statements: str) -> None:
    """Run statements as a program that was killed in the middle of a transaction.

    Its last pages are in the file by then, and what stood there before in the -journal.
    """
    _as_killed(path, ["PRAGMA cache_size=1", "PRAGMA cache_spill=1", "BEGIN", *statements])


def _as_killed(path: Path, statements: Sequence[str]) -> None:
    with opened(path) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()
        left = {
            suffix: there.read_bytes()
            for suffix in ("", "-wal", "-journal")
            if (there := Path(f"{path}{suffix}")).exists()
        }
    for suffix, content in left.items():
        Path(f"{path}{suffix}").write_bytes(content)


def execute(path: Path, *statements: str) -> None:
    """Run statements as another program would."""
    with opened(path) as connection:
        for statement in statements:
            connection.execute(statement).fetchall()


def make(path: Path, generation: int, *, rows: int = 0, journal_mode: str = "delete") -> Path:
    """Write a filled file of bicamrl's generation 0, 1 or 2, with `rows` ordinary rows besides."""
    if generation == 2:
        shutil.copyfile(FIXTURES / "bicamrl-2.db", path)
    with opened(path) as connection:
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute("BEGIN")
        if generation < 2:
            for statement in (_INTERACTIONS[generation], *_SHARED):
                connection.execute(statement)
            _fill(connection, generation)
        _fill_more(connection, generation, rows)
        connection.execute("COMMIT")
    return path


def _put(connection: driver.Connection, table: str, columns: str, values: Sequence[Any]) -> None:
    marks = ", ".join("CAST(? AS TEXT)" if isinstance(each, bytes) else "?" for each in values)
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)


def _fill(connection: driver.Connection, generation: int) -> None:
    _fill_interactions(connection, generation)
    _fill_patterns(connection)
    _fill_archives(connection)
    _put(connection, "preferences", "key, value, confidence", ["style", b"caf\xe9", 0.1])
    _put(connection, "sessions", "id, start_time", ["s1", "2025-07-04"])
    _put(connection, "feedback", "timestamp, type, message, context", ["t", "u", "m", "{cut"])
    odd = (["1.10", 1, memoryview(b"\x00"), None], [b"\xff", 2.5, "text", memoryview(b"")])
    for row in odd:
        _put(connection, '"odd ""table"""', '"a column", b, c, d', row)


def _fill_interactions(connection: driver.Connection, generation: int) -> None:
    columns = "id, timestamp, session_id, action, file_path, details, embeddings"
    numbers = [*range(1, 60, 2), -5, 2**53 + 1, 2**62]
    for at, number in enumerate(numbers):
        row = [
            number,
            TIMES[at % len(TIMES)],
            None if at % 3 == 0 else f"s{at % 4}",
            "edit" if at % 2 else b"op\xe9n",
            None if at % 5 else "auth.py",
            DETAILS[at % len(DETAILS)],
            memoryview(bytes(range(at))) if at % 4 else None,
        ]
        if generation == 0:
            _put(connection, "interactions", columns, row)
        else:
            _put(connection, "interactions", f"{columns}, interaction_id", [*row, _id(at, number)])
    # A row that says the same as another.
    _put(connection, "interactions", columns, [100, *row[1:]])


def _id(at: int, number: int) -> Any:
    """Return an id as generation 1 may hold it: missing, a lookalike, bytes, a BLOB."""
    odd = {2: None, 3: None, 4: f"legacy-{number + 1}", 5: b"\xff", 6: memoryview(b"blob"), 7: ""}
    return odd.get(at, f"uuid-{at}")


def _fill_patterns(connection: driver.Connection) -> None:
    columns = "id, name, pattern_type, sequence, frequency, confidence, created_at, metadata"
    for at, details in enumerate(DETAILS):
        row = [f"p{at}", "Test first", "workflow", details or "", at, at / 20, TIMES[at % 5], None]
        _put(connection, "patterns", columns, row)
    odd = [None, b"\xff", memoryview(b"w"), "[", "many", memoryview(b"high"), "", b'{"a": "\xff"}']
    _put(connection, "patterns", columns, odd)


def _fill_archives(connection: driver.Connection) -> None:
    row = {
        "id": 77,
        "timestamp": "2025-01-01T00:00:00",
        "session_id": "s1",
        "action": "edit",
        "file_path": None,
        "details": '{"old": 1.10}',
    }
    columns = "original_id, interaction_id, data, archived_at, archive_reason"
    for values in (
        ["77", None, json.dumps(row), "2025-02-01T00:00:00", "consolidated_to_working"],
        ["78", "uuid-78", '{"cut', "2025-02-02T00:00:00", None],
        ["79", "uuid-79", b'{"a": "\xff"}', "someday", "consolidated_to_episodic"],
        ["80", "uuid-80", "[]", "", ""],
    ):
        _put(connection, "archived_interactions", columns, values)
    columns = "original_id, pattern_name, pattern_type, data, archived_at, archive_reason"
    values = ["gone", "Old", "workflow", "{}", "2025-02-01", "promoted_to_semantic"]
    _put(connection, "archived_patterns", columns, values)


def _fill_more(connection: driver.Connection, generation: int, rows: int) -> None:
    details = json.dumps({"text": "what the agent did and why, at some length " * 8})
    if generation == 2:
        connection.executemany(
            "INSERT INTO complete_interactions (interaction_id, session_id, timestamp, user_query,"
            " data) VALUES (?, 's', ?, 'query', ?)",
            ((f"more-{i}", f"2025-08-01T00:00:{i % 60:02}", details) for i in range(rows)),
        )
        return
    connection.executemany(
        "INSERT INTO interactions (id, timestamp, session_id, action, details)"
        " VALUES (?, ?, 's', 'edit', ?)",
        ((1000 + i, f"2025-08-01T00:00:{i % 60:02}", details) for i in range(rows)),
    )


@dataclass(frozen=True)
class Picture:
    """What a file holds, to the bit.

    Attributes:
        schema: SQL of every table, index, view and trigger, by type and name.
        columns: Names of the columns by table, generated ones too.
        rows: By table: rowid, then type and value of each column; text as bytes.
    """

    schema: dict[tuple[str, str], Any]
    columns: dict[str, list[str]]
    rows: dict[str, list[tuple[Any, ...]]]


def picture(path: Path, like: Picture | None = None) -> Picture:
    """Take a picture of all tables and columns, or of those that another picture shows."""
    with opened(path, "ro") as connection:
        schema = {
            (kind, name): sql
            for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_schema")
            if not name.startswith("sqlite_")
        }
        tables = [name for kind, name in schema if kind == "table"] if like is None else like.rows
        columns = {
            name: [row[1] for row in connection.execute(f"PRAGMA table_xinfo({quote(name)})")]
            if like is None
            else like.columns[name]
            for name in tables
        }
        connection.text_factory = bytes
        rows = {name: _rows(connection, name, columns[name]) for name in tables}
    return Picture(schema, columns, rows)


def _rows(connection: driver.Connection, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    terms = ", ".join(f"typeof({quote(name)}), {quote(name)}" for name in columns)
    return connection.execute(f"SELECT rowid, {terms} FROM {quote(table)} ORDER BY 1").fetchall()


def check_nothing_lost(before: Picture, path: Path, *, grown: bool = False) -> None:
    """Compare a file with the picture of what it held: every row, column, index, view, trigger.

    Where it has `grown`, rows may have been added since.
    """
    after = picture(path, before)
    for table, rows in before.rows.items():
        there = {row[0] for row in rows}
        assert [row for row in after.rows[table] if not grown or row[0] in there] == rows
    for (kind, name), sql in before.schema.items():
        kept = after.schema[kind, name]
        if kind == "table":
            # Columns that were added stand before the last bracket.
            assert kept.startswith(sql[: sql.rindex(")")].rstrip())
        else:
            assert kept == sql


def backups(path: Path) -> list[Path]:
    """Return the backups beside a file, half ones too."""
    return sorted(each for each in path.parent.iterdir() if ".backup" in each.name)


def digests(path: Path) -> dict[str, str]:
    """Return a hash of the file and of each journal beside it that is not empty."""
    return {
        suffix: hashlib.sha256(there.read_bytes()).hexdigest()
        for suffix in ("", "-wal", "-journal")
        if (there := Path(f"{path}{suffix}")).exists() and there.stat().st_size
    }


def integrity(path: Path) -> str:
    """Return what SQLite's own check says; `ok` is well."""
    with opened(path, "ro") as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with opened(path, "ro") as connection:
        page = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)
        ).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
