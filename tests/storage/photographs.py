"""Everything that a memory holds, to the byte, so that two moments can be compared."""

from __future__ import annotations

from pathlib import Path

from tests.storage import outside

Photograph = dict[str, list[tuple[object, ...]]]

LIVE = (
    "interactions",
    "complete_interactions",
    "patterns",
    "world_model_states",
    "world_model_snapshots",
    "memglass_notes",
)
ARCHIVES = ("archived_interactions", "archived_patterns", "memglass_archived_rows")


def photograph(path: Path, tables: tuple[str, ...] = LIVE + ARCHIVES) -> Photograph:
    """Read every row of `tables` with its rowid, and each value with its type and its bytes."""
    with outside.connected(path) as connection:
        taken: Photograph = {}
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            if columns:
                read = ", ".join(f"typeof({name}), hex({name})" for name in columns)
                query = f"SELECT rowid, {read} FROM {table} ORDER BY rowid"
                taken[table] = connection.execute(query).fetchall()
        return taken


def contents(path: Path, tables: tuple[str, ...] = LIVE) -> Photograph:
    """Read every row without its rowid, which a table without a number of its own may renew."""
    taken = photograph(path, tables)
    return {table: sorted(row[1:] for row in found) for table, found in taken.items()}
