"""Sessions as the OpenAI Agents SDK writes them, by plain SQL, so that tests can change them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE agent_sessions (session_id TEXT PRIMARY KEY,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE agent_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
  message_data TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX idx_agent_messages_session_id ON agent_messages (session_id, id);
"""


def make(path: Path, messages: Iterable[Any] = (), *, wal: bool = True) -> Path:
    """Make a database of sessions with these messages in session `s`."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA journal_mode={'wal' if wal else 'delete'}")
        raw.executescript(_SCHEMA)
        raw.execute("INSERT INTO agent_sessions (session_id) VALUES ('s')")
        raw.commit()
    say(path, *messages)
    return path


def say(path: Path, *messages: Any, session: str = "s") -> None:
    """Add messages; text and bytes go in as they are, anything else as JSON, str as a user's."""
    with closing(sqlite3.connect(path)) as raw:
        for message in messages:
            data = {"role": "user", "content": message} if isinstance(message, str) else message
            raw.execute(
                "INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)",
                (session, data if isinstance(data, bytes) else json.dumps(data)),
            )
        raw.commit()


def execute(path: Path, sql: str, *values: Any) -> None:
    """Run a statement on the source."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(sql, values)
        raw.commit()
