"""Records of a source that somebody changed here are a lead, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SQLiteStore, sync_source
from storage.importers import divergences
from storage.leads import diverged
from tests.storage.importers import sessions
from tests.storage.importers.conftest import SAMPLES
from tests.storage.leads.finding import leads_of, limits_of, say


@pytest.fixture
async def source(tmp_path: Path, store: SQLiteStore) -> Path:
    path = sessions.make(tmp_path / "agent.db", ["one", "two", "three", "four"])
    await sync_source(store, path)
    return path


async def test_what_was_edited_or_archived_here_is_one_lead_with_the_last_change_first(
    source: Path, store: SQLiteStore
) -> None:
    await store.update_interaction("openai:s:1", content="ONE")
    (lead,) = await leads_of(store, "diverged")
    assert lead.title == "1 record differs from its source: openai:s:1"
    await store.archive_interactions(["openai:s:2"], "wrong")
    (lead,) = await leads_of(store, "diverged")
    assert lead.title == "2 records differ from their source: openai:s:2 and 1 more"
    assert source.name in lead.why
    assert [(each.kind, each.record_id, each.note) for each in lead.evidence] == [
        ("interaction", "openai:s:2", "archived here as wrong"),
        ("interaction", "openai:s:1", "edited here"),
    ]


async def test_what_a_source_changed_itself_or_was_taken_back_or_is_our_own_is_none(
    source: Path, store: SQLiteStore
) -> None:
    async with store.transaction() as tx:
        await store.archive_interactions(["openai:s:1"], "wrong")
    await store.undo(tx.id)
    sessions.execute(
        source, 'UPDATE agent_messages SET message_data = \'{"content": "x"}\' WHERE id = 2'
    )
    sessions.execute(source, "DELETE FROM agent_messages WHERE id = 3")
    await sync_source(store, source)
    (own,) = await say(store, "user", "mine")
    await store.update_interaction(own, content="still mine")
    await store.archive_interactions([own], "wrong")
    await store.add_notes("interaction", ["openai:s:4"], add_tags=["odd"])
    assert await leads_of(store, "diverged") == []


async def test_a_memory_without_sources_has_none(store: SQLiteStore) -> None:
    (own,) = await say(store, "user", "mine")
    await store.update_interaction(own, content="still mine")
    assert await leads_of(store, "diverged") == []


async def test_a_world_model_that_was_changed_here_is_one(store: SQLiteStore) -> None:
    await sync_source(store, SAMPLES / "mcp-memory.jsonl")
    assert await leads_of(store, "diverged") == []
    await store.add_world_model_state({"domain": "memory", "entities": [{"name": "mine"}]})
    (lead,) = await leads_of(store, "diverged")
    assert [each.kind for each in lead.evidence] == ["world_model_state"]


@pytest.mark.usefixtures("source")
async def test_of_many_changes_the_last_are_looked_at_a_part_at_a_time_and_that_is_said(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, number in enumerate((1, 2, 3, 1)):
        await store.update_interaction(f"openai:s:{number}", content=f"edit {place}")
    monkeypatch.setattr(divergences, "_AT_ONCE", 1)
    (lead,) = await leads_of(store, "diverged")
    assert [each.record_id for each in lead.evidence] == ["openai:s:1", "openai:s:3", "openai:s:2"]
    assert await limits_of(store) == []
    monkeypatch.setattr(diverged, "MOST", 2)
    (lead,) = await leads_of(store, "diverged")
    assert lead.title.startswith("2 records differ")
    assert [each for each in await limits_of(store) if "differs from a source" in each]
