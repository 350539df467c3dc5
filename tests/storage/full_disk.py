"""A disk that has run full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage import SQLiteStore


@contextmanager
def full(store: SQLiteStore, *, free: int = 20) -> Iterator[None]:
    """Let the file grow by a few pages at most."""
    door = store._database._door
    assert door is not None
    connection = door._view.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + free}")
    try:
        yield
    finally:
        connection.execute("PRAGMA max_page_count=1073741823")
