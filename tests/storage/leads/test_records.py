"""Contradictions, evidence that is gone, control codes, corrupt fields and near-duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import HybridStore, Lead, LeadProgress, SQLiteStore
from storage.leads.terminal import acts_of
from tests.storage.leads.finding import believe, leads_of, limits_of, say
from tests.storage.stored import Text, outside, put


async def model(store: SQLiteStore, domain: str, engine: str) -> None:
    entities = [{"id": "orders-db", "type": "database", "properties": {"engine": engine}}]
    await store.add_world_model_state({"id": domain, "domain": domain, "entities": entities})


async def test_domains_that_contradict_each_other_are_a_lead(store: SQLiteStore) -> None:
    await model(store, "infra", "postgres")
    await model(store, "orders", "mysql")
    (lead,) = await leads_of(store, "contradicting")
    assert lead.title == "infra and orders contradict each other on “orders-db.engine”"
    assert {each.record_id for each in lead.evidence} == {"infra", "orders"}


async def test_domains_that_agree_are_none(store: SQLiteStore) -> None:
    await model(store, "infra", "postgres")
    await model(store, "orders", "postgres")
    assert await leads_of(store, "contradicting") == []


async def test_a_pattern_whose_sources_are_nowhere_is_a_lead(store: SQLiteStore) -> None:
    (left,) = await say(store, "user", "a")
    await believe(store, "half", 0.7, [left, "ghost-1"])
    await believe(store, "all", 0.7, ["ghost-1", "ghost-2"])
    await believe(store, "one", 0.7, ["ghost-1"])
    titles = {lead.title for lead in await leads_of(store, "gone")}
    assert titles == {
        "half: 1 of 2 sources is nowhere",
        "all: all 2 sources are nowhere",
        "one: its only source is nowhere",
    }


async def test_what_may_be_no_interaction_is_not_gone(store: SQLiteStore) -> None:
    named = {"interaction_ids": ["ghost"]}
    await believe(store, "p", 0.7, [], metadata=named)
    await believe(store, "q", 0.7, [], metadata={"derived_from": ["docs/deploy.md"]})
    (lead,) = await leads_of(store, "gone")
    assert lead.title == "p: its only source is nowhere"


async def test_sources_in_the_archive_are_not_gone(store: SQLiteStore) -> None:
    sources = await say(store, "user", "a", "b", "c")
    await believe(store, "p", 0.7, [*sources, "ghost"])
    await store.archive_interactions(sources[:2], "manual")
    assert await leads_of(store, "gone") == []


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("\x1b]52;c;eA==\x07", "writes the clipboard"),
        ("\x9d52;c;eA==\x9c", "writes the clipboard"),
        ("\x1b]0;root\x07", "sets a title or a link"),
        ("\x1bP1$q", "sends commands to the terminal"),
        ("\x1b[2J", "moves the cursor or clears the screen"),
        ("abc\u202etxt", "reverses the reading order"),
        ("behind a NUL\0\x1b[2J", "moves the cursor or clears the screen"),
    ],
)
async def test_text_that_would_drive_a_terminal_is_a_lead(
    store: SQLiteStore, text: str, act: str
) -> None:
    (hostile,) = await say(store, "tool", f"notes {text}")
    (lead,) = await leads_of(store, "terminal")
    assert lead.title == f"{hostile} holds text that {act}"
    assert lead.evidence[0].record_id == hostile


async def test_colours_in_the_output_of_a_tool_are_none(store: SQLiteStore) -> None:
    await say(store, "tool", "\x1b[1;32m41 passed\x1b[0m", "tab\tand\nline", "שלום \u200f")
    assert await leads_of(store, "terminal") == []


def test_every_act_is_named_once() -> None:
    assert acts_of("\x1b]52;c;x\x07 \x1b[H") == [
        "writes the clipboard",
        "sets a title or a link",
        "moves the cursor or clears the screen",
    ]


async def test_of_many_texts_the_newest_are_looked_at_and_that_is_said(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.leads.terminal._MOST_ROWS", 2)
    monkeypatch.setattr("storage.leads.terminal._ROWS_PER_STEP", 2)
    await say(store, "tool", "\x1b]52;c;eA==\x07", "a", "b")
    assert await leads_of(store, "terminal") == []
    assert any("control codes" in limit for limit in await limits_of(store))


async def test_corrupt_fields_are_one_lead_the_largest_first(
    store: SQLiteStore, path: Path
) -> None:
    with outside(path) as raw:
        for key, text in (("a", b"{"), ("b", b'{"a": 1}{"b": 2}')):
            put(raw, "interactions", {"interaction_id": key, "details": Text(text)})
    (lead,) = await leads_of(store, "broken")
    assert lead.title == "2 fields that cannot be read: b and 1 more"
    assert [each.record_id for each in lead.evidence] == ["b", "a"]


async def test_snapshots_of_a_state_that_is_nowhere_are_a_lead(
    store: SQLiteStore, path: Path
) -> None:
    await model(store, "infra", "postgres")
    with outside(path) as raw:
        raw.execute("DELETE FROM world_model_states")
    (lead,) = await leads_of(store, "broken")
    assert lead.title == "1 snapshot of a state that is nowhere: 1"
    assert lead.about is not None
    assert lead.about.kind == "snapshot"


async def test_only_the_newest_rows_are_decoded_and_that_is_said(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.leads.broken._MOST_ROWS", 3)
    with outside(path) as raw:
        put(raw, "interactions", {"interaction_id": "a", "details": Text(b"{")})
    await say(store, "user", "b", "c", "d")
    assert await leads_of(store, "broken") == []
    assert any("rows of interactions" in limit for limit in await limits_of(store))


async def test_a_sound_memory_gives_no_lead(store: SQLiteStore) -> None:
    sources = await say(store, "user", "we use tabs", "tabs, please", "look at the parser")
    await believe(store, "p", 0.9, sources)
    await model(store, "infra", "postgres")
    assert await leads_of(store) == []


async def test_an_empty_memory_gives_no_lead(store: SQLiteStore) -> None:
    assert await leads_of(store) == []


async def test_progress_ends_where_all_rules_were_followed(store: SQLiteStore) -> None:
    told = [each async for each in store.find_leads() if isinstance(each, LeadProgress)]
    assert [each.done for each in told] == list(range(told[-1].total + 1))
    assert told[-1].rule == ""


async def test_near_duplicates_are_a_lead_once_the_index_is_ready(tmp_path: Path) -> None:
    async with HybridStore(tmp_path / "memory.db", follow=False) as store:
        await believe(store, "a", 0.5, [], description="Mara prefers tabs to spaces")
        await believe(store, "b", 0.6, [], description="Mara prefers tabs, not spaces")
        await believe(store, "c", 0.7, [], description="Deploys need approval on Fridays")
        before = [each async for each in store.find_leads()]
        assert not any(isinstance(each, Lead) for each in before)
        assert any("near-duplicates" in getattr(each, "limit", "") for each in before)
        await store.wait_for_index()
        async for each in store.find_leads():
            if isinstance(each, Lead):
                assert {one.record_id for one in each.evidence} == {"a", "b"}
                break
        else:
            pytest.fail("no lead")
