"""Interactions to archive and to restore, and which of them are live."""

from __future__ import annotations

from storage import SQLiteStore


async def add(store: SQLiteStore, *ids: str) -> list[str]:
    """Add an interaction under each id."""
    return await store.add_interactions(
        {"interaction_id": each, "content": f"about {each}"} for each in ids
    )


async def live(store: SQLiteStore) -> set[str]:
    """Return the ids of all that are live."""
    return {each["interaction_id"] for each in await store.get_recent_interactions(None)}
