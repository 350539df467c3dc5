# ruff: noqa: INP001 - a part of draw.py
"""What an agent of another kind remembers of the demo's project, as mem0 keeps it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage import Store

NAME = "history.db"

MEMORIES = (
    ("Mara reviews every change to the ledger schema herself", 3),
    ("Prefers tabs to spaces in all new code", 9),
    ("Runs the whole suite before each commit", 14),
    ("orders-db is a MySQL server with one replica, db2", 20),
    ("Deploys need no approval once the tests are green", 27),
    ("Release notes are written in English, one line a change", 33),
    ("Never deploys between the 28th and the 2nd: month-end closing", 41),
)
WRONG = "mem0:a1c00000-0000-4000-8000-000000000005"
RIGHT = "Deploys need Mara's approval, and never happen on a Friday"

_TABLE = """
CREATE TABLE history (id TEXT PRIMARY KEY, memory_id TEXT, old_memory TEXT, new_memory TEXT,
  event TEXT, created_at DATETIME, updated_at DATETIME, is_deleted INTEGER, actor_id TEXT,
  role TEXT)
"""


def make(path: Path) -> None:
    """Write the history of its memories, all added on one morning."""
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute(_TABLE)
        for number, (text, minute) in enumerate(MEMORIES, 1):
            at = f"2026-10-02T09:{minute:02}:00.000000+00:00"
            ids = (f"{number}", f"a1c00000-0000-4000-8000-{number:012}")
            raw.execute(
                "INSERT INTO history VALUES (?, ?, NULL, ?, 'ADD', ?, ?, 0, NULL, 'user')",
                (*ids, text, at, at),
            )


async def correct(store: Store) -> None:
    """Do in the mirror what a person does who knows better."""
    await store.update_pattern(WRONG, description=RIGHT)
