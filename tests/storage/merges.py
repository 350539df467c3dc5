"""Patterns to merge, and merging them as the store does it."""

from __future__ import annotations

from storage import SQLiteStore, merging
from storage.records import Record

TABLES = ("patterns", "archived_patterns", "interactions", "archived_interactions")


async def add_patterns(store: SQLiteStore) -> None:
    """Add four ways of saying that somebody prefers tabs, and one pattern besides."""
    for name, count, sources in (
        ("prefers", 3, ["i1", "i2"]),
        ("uses", 2, ["i3", "i1"]),
        ("indents", 4, ["i2", "i4"]),
        ("not spaces", 1, []),
        ("besides", 9, ["i9"]),
    ):
        await store.add_pattern(
            {
                "id": name,
                "name": f"{name} tabs",
                "frequency": count,
                "sequence": [name],
                "confidence": count / 10,
                "created_at": f"2025-01-0{count}",
                "last_seen": f"2025-02-0{count}",
                "metadata": {"made_by": name, "source_interactions": sources},
            }
        )


async def merge(store: SQLiteStore, keep: str, *others: str) -> Record:
    """Merge as the store does it: one operation of the connection's thread."""
    return await store._database.change(lambda tx: merging.merge(tx, keep, others))
