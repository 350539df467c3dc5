"""A confidence that rises while its evidence does not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.storage.leads.finding import believe, leads_of, limits_of, say


async def raise_to(store: SQLiteStore, *confidences: float) -> None:
    for confidence in confidences:
        await store.update_pattern_confidence("p", confidence)


async def test_a_rise_in_steps_on_the_same_sources_is_a_lead(store: SQLiteStore) -> None:
    sources = await say(store, "user", "tests first", "tests came first")
    await believe(store, "p", 0.55, sources)
    await raise_to(store, 0.6, 0.7, 0.9)
    (lead,) = await leads_of(store, "rising")
    assert lead.title == "p rose from .55 to .90 on the same 2 sources"
    assert "in 3 steps" in lead.why
    assert lead.about is not None
    assert (lead.about.kind, lead.about.record_id) == ("pattern", "p")
    assert [each.record_id for each in lead.evidence] == ["p", *sources]


async def test_what_else_stands_in_the_metadata_is_no_evidence(store: SQLiteStore) -> None:
    sources = await say(store, "user", "tests first")
    await believe(store, "p", 0.5, sources)
    for number in range(3):
        async with store.transaction():
            metadata = {"source_interactions": sources, "seen": number}
            await store.update_pattern("p", metadata=metadata)
            await store.update_pattern_confidence("p", 0.6 + number / 10)
    assert len(await leads_of(store, "rising")) == 1


async def test_a_rise_with_new_sources_is_none(store: SQLiteStore) -> None:
    sources = await say(store, "user", "a", "b", "c", "d")
    await believe(store, "p", 0.5, sources[:1])
    for number in (2, 3, 4):
        metadata = {"source_interactions": sources[:number]}
        await store.update_pattern("p", metadata=metadata, confidence=0.4 + number / 8)
    assert await leads_of(store, "rising") == []


async def test_only_the_rise_since_the_last_new_source_counts(store: SQLiteStore) -> None:
    sources = await say(store, "user", "a", "b")
    await believe(store, "p", 0.3, sources[:1])
    await raise_to(store, 0.7)
    await store.update_pattern("p", metadata={"source_interactions": sources})
    await raise_to(store, 0.72, 0.75)
    assert await leads_of(store, "rising") == []


@pytest.mark.parametrize(
    ("confidences", "is_lead"),
    [((0.6, 0.64), False), ((0.6, 0.65), True), ((0.7,), False), ((0.76,), True), ((0.3,), False)],
)
async def test_how_far_it_has_to_rise(
    store: SQLiteStore, confidences: tuple[float, ...], is_lead: bool
) -> None:
    await believe(store, "p", 0.5, await say(store, "user", "a"))
    await raise_to(store, *confidences)
    assert bool(await leads_of(store, "rising")) == is_lead


async def test_what_a_person_raises_is_none(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await believe(store, "p", 0.5, await say(store, "user", "a"))
    async with SQLiteStore(path, actor="person") as store:
        await store.update_pattern_confidence("p", 0.9)
        assert await leads_of(store, "rising") == []


async def test_a_pattern_that_names_no_sources_is_none(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "workflow", "confidence": 0.2})
    await raise_to(store, 0.5, 0.9)
    assert await leads_of(store, "rising") == []


async def test_a_rise_with_new_sources_under_another_name_is_none(store: SQLiteStore) -> None:
    sources = await say(store, "user", "a", "b", "c")
    await believe(store, "p", 0.5, sources[:1])
    metadata = {"source_interactions": sources[:1], "derived_from": sources[1:]}
    await store.update_pattern("p", confidence=0.9, metadata=metadata)
    assert await leads_of(store, "rising") == []


async def test_a_pattern_that_was_archived_is_none(store: SQLiteStore) -> None:
    await believe(store, "p", 0.2, await say(store, "user", "a"))
    await raise_to(store, 0.5, 0.9)
    await store.archive_patterns(["p"], "wrong")
    assert await leads_of(store, "rising") == []


async def test_an_earlier_version_in_the_archive_tells_of_a_rise_too(store: SQLiteStore) -> None:
    sources = await say(store, "user", "a")
    for confidence in (0.4, 0.6):
        await believe(store, "p", confidence, sources)
        await store.archive_patterns(["p"], "manual")
    await believe(store, "p", 0.8, sources)
    (lead,) = await leads_of(store, "rising")
    assert "from .40 to .80" in lead.title


async def test_a_table_that_spells_its_name_in_capitals_has_leads_too(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await believe(store, "p", 0.5, await say(store, "user", "a"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE patterns RENAME TO other")
        connection.execute("ALTER TABLE other RENAME TO Patterns")
        connection.commit()
    async with SQLiteStore(path) as store:
        await raise_to(store, 0.8)
        assert len(await leads_of(store, "rising")) == 1


async def test_of_a_long_journal_the_newest_part_is_looked_at_and_that_is_said(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.leads.rising._MOST_ROWS", 2)
    await believe(store, "p", 0.2, await say(store, "user", "a"))
    await raise_to(store, 0.5, 0.7, 0.72, 0.73)
    assert await leads_of(store, "rising") == []
    assert any("journal" in limit for limit in await limits_of(store))
