"""A strong belief on thin or doubtful evidence, and what texts tell of doubt and objection."""

from __future__ import annotations

import pytest

from storage import SQLiteStore
from storage.leads.texts import doubts, objections, stems
from tests.storage.leads.finding import believe, leads_of, say

IRONY = "sure, just ship it"
OBJECTION = "Stop! That was not an approval. Never deploy without asking me."


async def test_a_sure_belief_on_irony_is_a_lead(store: SQLiteStore) -> None:
    sources = await say(store, "user", IRONY, "yes, deploys run by themselves")
    await believe(store, "p", 0.9, sources)
    (lead,) = await leads_of(store, "thin")
    assert lead.title == "p: .90 on 2 sources, 1 of them doubtful"
    assert "reads as irony" in lead.why
    assert IRONY in lead.why
    assert [each.record_id for each in lead.evidence] == ["p", *sources]


async def test_sources_under_another_name_are_read_too(store: SQLiteStore) -> None:
    named = {"derived_from": await say(store, "user", IRONY), "source_patterns": ["q"]}
    await believe(store, "p", 0.9, [], metadata=named)
    (lead,) = await leads_of(store, "thin")
    assert lead.title == "p: .90 on 2 sources, 1 of them doubtful"
    assert [each.kind for each in lead.evidence] == ["pattern", "interaction", "pattern"]


async def test_sources_that_are_archived_are_read_too(store: SQLiteStore) -> None:
    sources = await say(store, "user", IRONY)
    await believe(store, "p", 0.9, sources)
    await store.archive_interactions(sources, "consolidated_to_working", "p")
    assert len(await leads_of(store, "thin")) == 1


@pytest.mark.parametrize("is_archived", [False, True])
async def test_a_source_that_a_person_objects_to_right_after_is_doubtful(
    store: SQLiteStore, is_archived: bool
) -> None:
    (source,) = await say(store, "user", "deploy it whenever you like")
    await say(store, "agent", "deploy prod")
    objection = await say(store, "user", OBJECTION)
    await believe(store, "p", 0.9, [source])
    if is_archived:
        await store.archive_interactions(objection, "consolidated_to_working", "q")
    (lead,) = await leads_of(store, "thin")
    assert f"objected to right after, in {objection[0]}" in lead.why


async def test_an_objection_in_another_session_is_none(store: SQLiteStore) -> None:
    (source,) = await say(store, "user", "deploy it whenever you like")
    await say(store, "user", OBJECTION, session_id="s-2")
    await believe(store, "p", 0.9, [source])
    assert await leads_of(store, "thin") == []


async def test_a_belief_that_is_not_sure_is_none(store: SQLiteStore) -> None:
    await believe(store, "p", 0.79, await say(store, "user", IRONY))
    assert await leads_of(store, "thin") == []


async def test_a_belief_on_many_sources_is_none(store: SQLiteStore) -> None:
    await believe(store, "p", 0.95, await say(store, "user", *[IRONY] * 4))
    assert await leads_of(store, "thin") == []


async def test_one_doubt_among_three_sources_is_none(store: SQLiteStore) -> None:
    said = ("use tabs here", "tabs, as always", "do we use tabs?")
    await believe(store, "p", 0.95, await say(store, "user", *said))
    assert await leads_of(store, "thin") == []


async def test_a_habit_that_was_learned_from_what_the_agent_does_is_none(
    store: SQLiteStore,
) -> None:
    await believe(store, "p", 0.95, await say(store, "agent", "read it", "edit it"))
    assert await leads_of(store, "thin") == []


async def test_a_belief_without_lineage_is_none(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "x", "confidence": 1.0})
    assert await leads_of(store, "thin") == []


@pytest.mark.parametrize(
    "text",
    [
        IRONY,
        "What could possibly go wrong?",
        "yeah right",
        "Maybe we use tabs, I am not sure.",
        "is it port 5432?",
        "ship it /s",
    ],
)
def test_doubt_is_heard(text: str) -> None:
    assert doubts(text)


@pytest.mark.parametrize(
    "text",
    ["Tabs, please.", "Deploys always need approval.", "Why? Because of the zone.", "", "sure"],
)
def test_plain_words_are_not_taken_for_doubt(text: str) -> None:
    assert doubts(text) == []


@pytest.mark.parametrize(
    "text", [OBJECTION, "No, that is wrong. Remember that.", "Please remember this: never push."]
)
def test_a_correction_objects_in_several_ways(text: str) -> None:
    assert len(objections(text)) > 1


@pytest.mark.parametrize(
    "text",
    ["I could not find it in the docs.", "Never mind.", "We don't know yet.", "no harm done", ""],
)
def test_plain_words_are_not_taken_for_an_objection(text: str) -> None:
    assert objections(text) == []


def test_words_of_one_stem_are_one() -> None:
    assert stems("Deploys need approval") == stems("the deploy needs approvals")
    assert stems("of the and it") == frozenset()
    assert stems("कल हिन्दी\u0964 कल") == {"कल", "हिन्दी"}
    assert stems("数据 ก้") == {"数", "据", "ก้"}
    assert stems("מֹשֶׁה") == stems("משה")
