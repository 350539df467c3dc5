"""Upkeep of the file that changes no data."""

from __future__ import annotations

from pathlib import Path

from storage import driver


def vacuum(connection: driver.Connection, path: Path) -> int:
    """Rebuild the file without its free space. Runs in the writer's thread.

    Returns:
        How many bytes the file lost.
    """
    before = path.stat().st_size
    connection.execute("VACUUM")
    # In WAL mode the smaller file stands in the -wal until a checkpoint.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return max(0, before - path.stat().st_size)
