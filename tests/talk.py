"""A memory to ask: a talk, what was learned from it, an archive and a world model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from storage import HybridStore, SearchHit

TALK = [
    ("Anna: which database do we want for the reports?", "plan"),
    ("Ben: postgres, because the joins are slow in sqlite", "plan"),
    ("Anna: fine, I will write the migration tomorrow", "plan"),
    ("Ben: my cat has learned to open the kitchen door", "chat"),
    ("Anna: the deploy on Friday failed, the disk was full", "work"),
    ("Ben: we rolled the deploy back and deleted old logs", "work"),
]


@asynccontextmanager
async def indexed(path: Path) -> AsyncIterator[HybridStore]:
    """Open a store with a talk, what was learned from it, an archive and a world model; indexed."""
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {
                "interaction_id": f"turn-{number}",
                "timestamp": f"2026-01-0{number + 1}T12:00:00",
                "session_id": session,
                "action": "ask" if "?" in content else "say",
                "content": content,
            }
            for number, (content, session) in enumerate(TALK)
        )
        await store.add_patterns(
            [
                {"id": "tabs", "name": "prefers tabs", "description": "indents with tabs",
                 "pattern_type": "preference", "frequency": 3, "last_seen": "2026-01-03"},
                {"id": "tabs-2", "name": "prefers tabs", "description": "indents with tabs always",
                 "pattern_type": "preference", "frequency": 2, "last_seen": "2026-01-04"},
                {"id": "deploys", "name": "asks before a deploy", "description": "wants a review",
                 "pattern_type": "workflow", "last_seen": "2026-01-05"},
            ]
        )  # fmt: skip
        await store.add_world_model_state(
            {"domain": "coding", "session_id": "work", "confidence": 0.8,
             "entities": {"auth": {"name": "auth.py", "owner": "Ben the gardener"}}}
        )  # fmt: skip
        await store.archive_interactions(["turn-5"], "consolidated_to_working", "deploys")
        await store.wait_for_index()
        yield store


def ids(hits: list[SearchHit]) -> list[str]:
    return [hit.record_id for hit in hits]
