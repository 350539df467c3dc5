"""Following one rule, or all, over a store."""

from __future__ import annotations

from typing import Any

from storage import Lead, LeadProgress, SQLiteStore


async def leads_of(store: SQLiteStore, rule: str = "") -> list[Lead]:
    """The leads of a rule, or all."""
    found = [each async for each in store.find_leads() if isinstance(each, Lead)]
    return [each for each in found if rule in ("", each.rule)]


async def limits_of(store: SQLiteStore) -> list[str]:
    """What the rules say that they leave out."""
    told = [each async for each in store.find_leads() if isinstance(each, LeadProgress)]
    return [each.limit for each in told if each.limit]


async def say(store: SQLiteStore, role: str, *texts: str, **fields: Any) -> list[str]:
    """Add turns of one session and return their ids."""
    return await store.add_interactions(
        {"role": role, "content": text, "session_id": "s-1", **fields} for text in texts
    )


async def believe(
    store: SQLiteStore, pattern_id: str, confidence: float, sources: list[str], **fields: Any
) -> None:
    """Add a pattern that was made from some interactions."""
    await store.add_pattern(
        {
            "id": pattern_id,
            "name": pattern_id,
            "pattern_type": "workflow",
            "confidence": confidence,
            "metadata": {"source_interactions": sources},
            **fields,
        }
    )
