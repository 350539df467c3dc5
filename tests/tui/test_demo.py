"""The demo memory tells its story, whole and always the same."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from storage import (
    CorruptJSON,
    HealthFinding,
    Lead,
    SQLiteStore,
    diff_world_models,
    entity_history,
    find_contradictions,
)
from tui.demo import DEMO_LIVE, DEMO_RELEASE_LIVE, DEMO_ZONE
from tui.demo.memory import Memory, remember

TABS = ("pat-prefers-tabs", "pat-tabs-not-spaces", "pat-indent-with-tabs", "pat-uses-tabs")
ALL = 1_000_000


@pytest.fixture
def demo(demo_memory: Path) -> Path:
    return demo_memory


@pytest.fixture(scope="module")
def memory() -> Memory:
    return remember()


@pytest.fixture
async def store(demo: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(demo, read_only=True) as opened:
        yield opened


@asynccontextmanager
async def writable(demo: Path, folder: Path) -> AsyncIterator[SQLiteStore]:
    copy = folder / "copy.db"
    shutil.copyfile(demo, copy)
    async with SQLiteStore(copy) as opened:
        yield opened


def local(record: Any, key: str = "timestamp") -> str:
    """When it happened, as the story tells it."""
    return datetime.fromisoformat(record[key]).astimezone(DEMO_ZONE).strftime("%m-%d %H:%M")


async def interaction(store: SQLiteStore, interaction_id: str) -> Any:
    found = await store.get_interaction(interaction_id)
    assert found is not None, interaction_id
    return found


async def pattern(store: SQLiteStore, pattern_id: str) -> Any:
    found = await store.get_pattern(pattern_id)
    assert found is not None, pattern_id
    return found


async def infra(store: SQLiteStore) -> dict[str, Any]:
    snapshots = await store.get_world_model_snapshots(limit=ALL, domain="infra")
    return {local(each, "snapshot_time")[:5]: each for each in snapshots}


# What is in it.


async def test_it_has_the_bulk_of_a_real_memory(store: SQLiteStore) -> None:
    rows = {name: table["rows"] for name, table in (await store.get_statistics())["tables"].items()}
    assert rows["interactions"] == DEMO_LIVE == 18_330
    assert rows["archived_interactions"] == 2_504
    assert rows["patterns"] == 69
    assert rows["archived_patterns"] == 25
    assert rows["world_model_states"] == 6
    assert rows["world_model_snapshots"] == 80


async def test_it_has_patterns_of_ten_types(store: SQLiteStore) -> None:
    assert set(await store.get_pattern_types()) == {
        *("workflow", "preference", "convention", "error_fix", "tool_use", "domain_fact"),
        *("schedule", "consolidated_working", "consolidated_episodic", "semantic"),
    }


async def test_the_release_session_is_as_long_as_the_wireframe_says(store: SQLiteStore) -> None:
    keys = await store.list_keys("interaction", session_id="s-91")
    assert len(keys) == DEMO_RELEASE_LIVE == 1_204


async def test_the_archive_uses_the_three_reasons_of_the_agent(store: SQLiteStore) -> None:
    statistics = await store.get_archive_statistics()
    assert set(statistics["interactions"]) == {
        *("consolidated_to_working", "consolidated_to_episodic", "promoted_to_semantic"),
    }
    assert set(statistics["patterns"]) == {"consolidated_to_episodic", "promoted_to_semantic"}


async def test_the_newest_words_ask_the_question_of_the_story(store: SQLiteStore) -> None:
    newest = (await store.get_recent_interactions(limit=1))[0]
    assert newest["content"].startswith("Why did Kestrel deploy on a Friday?")
    assert datetime.fromisoformat(newest["timestamp"]).strftime("%A") == "Friday"


async def test_every_source_of_a_pattern_is_live_or_archived(store: SQLiteStore) -> None:
    live = {each["interaction_id"] async for each in store.iter_interactions()}
    archived = await store.get_archived_interactions(limit=ALL)
    known = live | {each["interaction_id"] for each in archived}
    patterns = [*await store.get_patterns()]
    patterns += [each["record"] for each in await store.get_archived_patterns(limit=ALL)]
    for each in patterns:
        sources = each["metadata"]["source_interactions"]
        assert sources, each["id"]
        assert known.issuperset(sources), each["id"]


async def test_everything_archived_says_which_pattern_it_became(store: SQLiteStore) -> None:
    patterns = {each["id"] for each in await store.get_patterns()}
    archived_patterns = await store.get_archived_patterns(limit=ALL)
    patterns |= {each["original_id"] for each in archived_patterns}
    targets = {each["promoted_to"] for each in archived_patterns}
    targets |= {
        each["consolidated_to"] for each in await store.get_archived_interactions(limit=ALL)
    }
    assert targets <= patterns


async def test_the_evidence_of_what_people_said_is_never_archived(store: SQLiteStore) -> None:
    for each in await store.get_patterns():
        if each["metadata"]["made_by"] == "kestrel":
            for source in each["metadata"]["source_interactions"]:
                await interaction(store, source)


async def test_relations_only_join_entities_that_are_there(store: SQLiteStore) -> None:
    for snapshot in await store.get_world_model_snapshots(limit=ALL):
        entities = {each["id"] for each in snapshot["entities"]}
        for relation in snapshot["relations"]:
            assert {relation["source_id"], relation["target_id"]} <= entities


async def test_each_snapshot_differs_from_the_one_before(store: SQLiteStore) -> None:
    snapshots = await store.get_world_model_snapshots(limit=ALL)
    for domain in {each["domain"] for each in snapshots}:
        own = [each for each in snapshots if each["domain"] == domain]
        assert all(not diff_world_models(old, new).is_empty for new, old in pairwise(own))
    assert {each["trigger_event"] for each in snapshots} == {
        *("interaction", "consolidation", "correction"),
    }


# The sessions.


def test_a_tool_answers_only_after_it_was_called(memory: Memory) -> None:
    before: dict[str, Any] = {}
    for turn in memory.turns:
        if turn.role == "tool":
            call = before[turn.session]
            assert (call.role, call.action) == ("agent", turn.action), turn.id
        before[turn.session] = turn


def test_the_turns_are_written_at_working_hours(memory: Memory) -> None:
    times = [turn.moment.astimezone(DEMO_ZONE) for turn in memory.turns]
    weekend = sum(each.weekday() > 4 for each in times)
    assert 0 < weekend < 0.03 * len(times)
    assert sum(8 <= each.hour < 18 for each in times) > 0.98 * len(times)
    assert max(Counter(each.date() for each in times).values()) < 800


def test_people_hardly_repeat_themselves(memory: Memory) -> None:
    said = Counter(turn.content for turn in memory.turns if len(turn.content) > 60)
    assert said.most_common(1)[0][1] < 80
    assert len(said) > 5_000


def test_no_slot_of_a_phrase_stays_empty(memory: Memory) -> None:
    for turn in memory.turns:
        assert turn.content
        assert "{title}" not in turn.content
        assert "  " not in turn.content or turn.role == "tool"


def test_ids_run_in_the_order_of_time(memory: Memory) -> None:
    ids = [turn.id for turn in memory.turns]
    change = ids.index("int-0001")
    assert ids[:change] == [f"int-a{number:05d}" for number in range(1, change + 1)]
    assert ids[change:] == [f"int-{number:04d}" for number in range(1, len(ids) - change + 1)]


# The story.


async def test_a_wrong_belief_rests_on_a_sarcasm(store: SQLiteStore) -> None:
    belief = await pattern(store, "pat-no-approval")
    assert belief["confidence"] == 0.91
    assert belief["metadata"]["source_interactions"] == ["int-0112", "int-0385", "int-0386"]
    sarcasm, deploy = await interaction(store, "int-0385"), await interaction(store, "int-0386")
    assert (local(sarcasm), sarcasm["role"]) == ("10-02 14:02", "user")
    assert sarcasm["content"] == "sure, just ship it"
    assert (local(deploy), deploy["role"]) == ("10-02 14:05", "agent")
    assert deploy["content"] == "deploy prod"
    assert sarcasm["session_id"] == deploy["session_id"] == "s-91"


async def test_the_third_piece_of_evidence_is_only_about_staging(store: SQLiteStore) -> None:
    assert "Staging" in (await interaction(store, "int-0112"))["content"]


async def test_one_run_buried_the_correction_among_214(store: SQLiteStore) -> None:
    assert await store.get_interaction("int-0388") is None
    archived = await store.get_archived_interactions(limit=ALL)
    run = [each for each in archived if each["consolidated_to"] == "pat-release-week"]
    assert len(run) == 214
    assert len({each["archived_at"] for each in run}) == 1
    product = await pattern(store, "pat-release-week")
    assert {each["interaction_id"] for each in run} == {*product["metadata"]["source_interactions"]}
    (buried,) = (each for each in run if each["interaction_id"] == "int-0388")
    assert buried["record"]["metadata"] == {"author": "Mara"}
    assert "always need my explicit approval" in buried["record"]["content"]
    assert "approval" not in product["description"]


async def test_the_correction_can_be_restored(demo: Path, tmp_path: Path) -> None:
    async with writable(demo, tmp_path) as store:
        archived = await store.get_archived_interactions("int-0388")
        assert await store.restore_interactions(["int-0388"]) == 1
        assert await interaction(store, "int-0388") == archived[0]["record"]


async def test_the_over_eager_run_can_be_undone(demo: Path, tmp_path: Path) -> None:
    async with writable(demo, tmp_path) as store:
        change = (await store.get_journal(limit=1, record_id="pat-release-week"))[0]
        await store.undo(change["transaction_id"])
        await interaction(store, "int-0388")
        assert await store.get_pattern("pat-release-week") is None
        assert len(await store.list_keys("interaction")) == DEMO_LIVE + 214


async def test_other_runs_say_what_they_took(store: SQLiteStore) -> None:
    for each in await store.get_patterns():
        if each["metadata"]["made_by"] == "consolidation" and each["id"] != "pat-release-week":
            assert len(each["description"]) > 160, each["id"]


async def test_infra_and_orders_contradict_each_other_in_one_field(store: SQLiteStore) -> None:
    (found,) = find_contradictions(await store.get_active_world_models())
    assert (found.key, found.path) == ("orders-db", "properties.engine")
    assert dict(zip(found.domains, found.values, strict=True)) == {
        "infra": "postgres",
        "orders": "mysql",
    }


async def test_the_history_says_when_infra_changed_and_by_what(store: SQLiteStore) -> None:
    events = entity_history((await infra(store)).values(), "orders-db")
    told = [
        (each.kind, local({"at": each.snapshot_time}, "at")[:5], each.trigger_event)
        for each in events
    ]
    assert told == [("appeared", "08-30", "interaction"), ("changed", "09-12", "consolidation")]
    assert [change.path for change in events[1].fields] == ["properties.engine"]


async def test_the_two_snapshots_of_the_wireframe_differ_as_it_shows(store: SQLiteStore) -> None:
    snapshots = await infra(store)
    diff = diff_world_models(snapshots["09-05"], snapshots["09-12"])
    assert [each.key for each in diff.entities.changed] == ["orders-db"]
    assert [each.key for each in diff.relations] == [("orders-db", "replica", "db2")]
    assert (diff.confidence_before, diff.confidence_after) == (0.6, 0.8)
    assert not diff.entities.added
    assert not diff.fields


async def test_what_infra_took_for_a_fact_was_a_plan(memory: Memory) -> None:
    plan = next(turn for turn in memory.turns if turn.content.startswith("The plan for orders-db"))
    assert plan.moment.astimezone(DEMO_ZONE).strftime("%m-%d") == "09-11"


async def test_tests_first_drifted_on_the_same_two_pieces(store: SQLiteStore) -> None:
    belief = await pattern(store, "pat-tests-first")
    history = belief["metadata"]["confidence_history"]
    assert (history[0]["confidence"], history[-1]["confidence"]) == (0.55, 0.97)
    assert belief["confidence"] == 0.97
    assert {each["evidence"] for each in history} == {2}
    assert len(belief["metadata"]["source_interactions"]) == 2


async def test_the_journal_shows_the_drift_too(store: SQLiteStore) -> None:
    changes = await store.get_journal(limit=ALL, record_id="pat-tests-first")
    before = [
        change["before"]["confidence"] for change in changes if "confidence" in change["before"]
    ]
    assert before == [0.92, 0.86, 0.8, 0.73, 0.67, 0.61, 0.55]


async def test_no_other_confidence_rises_without_evidence(store: SQLiteStore) -> None:
    for each in await store.get_patterns():
        history = each["metadata"].get("confidence_history", [])
        if each["id"] != "pat-tests-first":
            assert all(old["evidence"] < new["evidence"] for old, new in pairwise(history))


async def test_two_values_are_spliced_in_one_field(store: SQLiteStore) -> None:
    details = (await interaction(store, "int-0412"))["details"]
    assert isinstance(details, CorruptJSON)
    assert details.offset == 2118
    assert details.raw[:2118].endswith(b'"ok":true}')
    assert details.raw[2118:].startswith(b'{"tool":"pytest"')
    assert len(details.raw[2118:]) == 212


async def test_five_fields_are_corrupt_and_nothing_else_is_wrong(store: SQLiteStore) -> None:
    found = [each async for each in store.check_health() if isinstance(each, HealthFinding)]
    assert [each.problem for each in found] == ["corrupt"] * 5
    assert {(each.record_id, each.column) for each in found} >= {
        ("int-0412", "details"),
        ("pat-xdist-two", "sequence"),
    }


async def test_the_hostile_row_holds_what_it_tries(store: SQLiteStore) -> None:
    hostile = await interaction(store, "int-0500")
    assert hostile["role"] == "tool"
    for attempt in ("\x1b]52;c;", "\x1b]8;;", "[@click=app.quit]", "[/nope]", "\u202e", "\x9b"):
        assert attempt in hostile["content"]


async def test_there_are_four_ways_of_saying_prefers_tabs(store: SQLiteStore) -> None:
    for pattern_id in TABS:
        belief = await pattern(store, pattern_id)
        assert belief["pattern_type"] == "preference"
        assert {"tabs", "spaces"} <= {
            *belief["description"].lower().replace(",", " ").replace(".", " ").split()
        }


async def test_the_leads_are_the_discoveries_and_nothing_else(store: SQLiteStore) -> None:
    leads = [each async for each in store.find_leads() if isinstance(each, Lead)]
    abouts = {each.rule: each.about.record_id for each in leads if each.about is not None}
    assert abouts == {
        "thin": "pat-no-approval",
        "buried": "pat-release-week",
        "contradicting": "wm-infra",
        "rising": "pat-tests-first",
        "broken": "int-0412",
        "terminal": "int-0500",
    }
    assert len(leads) == len(abouts)
    assert [each.lost.record_id for each in leads if each.lost] == ["int-0388"]
