"""Arguments that make no sense get one sentence, never an error of Python or of the driver."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from storage import (
    HealthFinding,
    Repair,
    SQLiteStore,
    ValidationError,
    cursor_of,
    explain_divergence,
    get_diverged,
    get_sources,
    sync_source,
    why_no_archive,
    why_no_repair,
)
from tests.storage import outside


def patient(store: SQLiteStore, busy_timeout: Any) -> Awaitable[None]:
    return SQLiteStore(store.path, busy_timeout=busy_timeout).initialize()


FINDING = HealthFinding("corrupt", "interactions", "int-1", "details", "no JSON")
NO_STORE: Any = "memory.db"
NO_DIVERGENCE: Any = "int-1"
ODD: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "an interaction by a number": lambda store: store.get_interaction(5),
    "a pattern by nothing": lambda store: store.get_pattern(None),
    "an update by a number": lambda store: store.update_interaction(5, content="x"),
    "a session that is a list": lambda store: store.get_recent_interactions(session_id=["a"]),
    "tags that are a number": lambda store: store.set_note("pattern", "p", tags=5),
    "tags that are letters": lambda store: store.add_notes("pattern", ["p"], add_tags="odd"),
    "tags to remove that are letters": lambda store: store.add_notes(
        "pattern", ["p"], remove_tags="odd"
    ),
    "a note on what has none": lambda store: store.set_note("memory", "p", text="seen"),
    "notes on an archived kind": lambda store: store.add_notes("archived_pattern", ["p"]),
    "archived versions by a number": lambda store: store.get_archived_interactions(5),
    "where a number stands": lambda store: store.locate("pattern", [5]),
    "how many have no id": lambda store: store.count_live("pattern", [None]),
    "what a list was made from": lambda store: store.get_lineage("pattern", ["p"]),
    "a confidence beyond every double": lambda store: store.add_pattern({"confidence": 10**400}),
    "a confidence that Python cannot spell": lambda store: store.add_world_model_state(
        {"domain": "d", "confidence": 10**5000}
    ),
    "a note with half a character": lambda store: store.transaction("\ud800").__aenter__(),
    "a note that is a number": lambda store: store.transaction(5).__aenter__(),
    "an actor that is a number": lambda store: type(store)(store.path, actor=5).initialize(),
    "no interactions at all": lambda store: store.add_interactions(None),
    "one interaction for many": lambda store: store.add_interactions({"content": "alone"}),
    "one pattern for many": lambda store: store.add_patterns({"name": "alone"}),
    "where an id for many stands": lambda store: store.locate("pattern", "p1"),
    "who names an id for many": lambda store: store.get_patterns_naming("interaction", "a1"),
    "the history of nothing": lambda store: store.history.get_record_history("pattern", None),
    "why nothing comes back": lambda store: store.history.why_not_restored("pattern", None),
    "a wait that is no number": lambda store: patient(store, "5"),
    "a wait before now": lambda store: patient(store, -1),
    "a wait for no time that there is": lambda store: patient(store, math.nan),
    "a list by a list": lambda store: store.list_keys(["interaction"]),
    "a list in a list of orders": lambda store: store.list_keys("pattern", order=["name"]),
    "the end of a list by a list": lambda store: store.get_last_keys([]),
    "short rows of a set": lambda store: store.get_summaries({"pattern"}, []),
    "values of a list of fields": lambda store: store.get_values("pattern", ["pattern_type"]),
    "a record of a list": lambda store: store.get_record(["pattern"], "p"),
    "a row of a mapping": lambda store: store.get_row({}, "p"),
    "where a record of a list stands": lambda store: store.locate(["pattern"], ["p"]),
    "the lineage of a list": lambda store: store.get_lineage(["pattern"], "p"),
    "the history of a list": lambda store: store.history.get_record_history(["note"], "1"),
    "what transactions have of a list": lambda store: store.history.get_values(["actor"]),
    "the turns of no session": lambda store: store.history.get_turns(None),
    "entries by a text": lambda store: store.history.get_entries("1"),
    "transactions after a text": lambda store: store.history.list_transactions(after="1"),
    "transactions by ids": lambda store: store.history.get_transactions(["a1"]),
    "the history of an entity by a list": lambda store: store.get_entity_history(["db"]),
    "the history of half a relation": lambda store: store.get_entity_history(("a", "uses")),
    "the field of an id": lambda store: store.read_field("int-1"),
    "whether a mapping is broken": lambda store: store.are_broken([{}]),
    "whether one thing is broken": lambda store: store.are_broken(FINDING),
    "a proposal for an id": lambda store: store.propose_repair("int-1"),
    "a repair of nothing": lambda store: store.repair_field(None, Repair(b"")),
    "a repair by a text": lambda store: store.repair_field(FINDING, "{}"),
    "ids as findings": lambda store: store.archive_found(["int-1"], "wrong"),
    "no findings at all": lambda store: store.archive_found(None, "wrong"),
    "a scan from a number": lambda store: anext(store.check_health(5)),
    "a run by its reason": lambda store: store.restore_run("duplicate"),
    "what a number holds as a run": lambda store: store.history.get_run_members(5),
    "tagged runs of texts": lambda store: store.history.get_tagged_runs(["duplicate"], "seen"),
    "runs with a number as a tag": lambda store: store.history.get_tagged_runs([], 5),
    "a divergence by an id": lambda store: explain_divergence(store, NO_DIVERGENCE),
    "short rows of no keys": lambda store: store.get_summaries("pattern", None),
    "short rows of ids": lambda store: store.get_summaries("pattern", ["pat-1"]),
    "records of ids": lambda store: store.get_records("pattern", ["pat-1"]),
    "records of a number": lambda store: store.get_records("pattern", 5),
    "the days of a zone by its name": lambda store: anext(store.get_activity("UTC")),
    "what was between two texts": lambda store: store.get_newest_between("2026-01-01", "now"),
    "the sources of a file": lambda _: get_sources(NO_STORE),
    "what differs in a file": lambda _: get_diverged(NO_STORE),
    "a source for a file": lambda store: sync_source(NO_STORE, store.path),
    "a negative limit": lambda store: store.get_recent_interactions(-1),
}


@pytest.mark.parametrize("call", ODD.values(), ids=ODD)
async def test_odd_arguments_are_refused(
    store: SQLiteStore, call: Callable[[Any], Awaitable[Any]]
) -> None:
    with pytest.raises(ValidationError):
        await call(store)


@pytest.mark.parametrize("call", [why_no_archive, why_no_repair, cursor_of])
def test_what_is_asked_of_a_finding_or_a_record_is_not_asked_of_a_text(
    call: Callable[[Any], Any],
) -> None:
    with pytest.raises(ValidationError):
        call("int-1")


async def test_a_limit_beyond_every_number_is_no_limit(store: SQLiteStore) -> None:
    await store.add_interaction({"content": "x"})
    assert len(await store.get_recent_interactions(2**70)) == 1
    assert len(await store.get_journal(2**70)) == 1


@pytest.mark.parametrize("busy_timeout", [math.inf, 1e10, 10**400])
async def test_a_wait_may_be_for_ever(store: SQLiteStore, busy_timeout: float) -> None:
    async with SQLiteStore(store.path, busy_timeout=busy_timeout, read_only=True) as other:
        [[kept]] = await other.database.read(lambda view: view.fetch("PRAGMA busy_timeout"))
    assert kept > 10**9


async def test_names_of_fields_know_no_case(store: SQLiteStore) -> None:
    turn = await store.add_interaction({"Content": "x"})
    pattern = await store.add_pattern({"Name": "p", "Pattern_Type": "workflow"})
    await store.add_world_model_state({"domain": "d", "Goals": ["ship"]})
    assert (await store.get_record("interaction", turn) or {})["content"] == "x"
    assert (await store.get_record("pattern", pattern) or {})["pattern_type"] == "workflow"
    assert (await store.get_active_world_models())[0]["goals"] == ["ship"]


TWICE: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "an interaction": lambda store: store.add_interaction({"Content": "a", "content": "b"}),
    "its metadata": lambda store: store.add_interaction({"METADATA": {}, "Metadata": {}, "x": 1}),
    "a pattern": lambda store: store.add_pattern({"name": "a", "NAME": "b"}),
    "a state": lambda store: store.add_world_model_state({"domain": "d", "Domain": "e"}),
    "its confidence": lambda store: store.add_world_model_state(
        {"domain": "d", "confidence": 0.5, "domain_confidence": 0.9}
    ),
    "an edit": lambda store: store.update_pattern("p", name="a", Name="b"),
}


@pytest.mark.parametrize("call", TWICE.values(), ids=TWICE)
async def test_what_is_given_in_two_spellings_is_refused_rather_than_half_of_it_lost(
    store: SQLiteStore, call: Callable[[Any], Awaitable[Any]]
) -> None:
    await store.add_pattern({"id": "p", "name": "as it was"})
    with pytest.raises(ValidationError):
        await call(store)


async def test_metadata_in_another_spelling_keeps_what_it_holds_beside_other_keys(
    store: SQLiteStore,
) -> None:
    turn = await store.add_interaction({"Metadata": {"a": 1}, "b": 2})
    pattern = await store.add_pattern({"Metadata": {"a": 1}, "b": 2})
    await store.update_pattern(pattern, Metadata={"c": 3}, d=4)
    assert (await store.get_interaction(turn) or {})["metadata"] == {"a": 1, "b": 2}
    assert (await store.get_pattern(pattern) or {})["metadata"] == {"c": 3, "d": 4}


@pytest.mark.parametrize("name", ["confidence", "domain_confidence"])
async def test_a_state_that_was_read_takes_another_confidence_by_either_name(
    store: SQLiteStore, name: str
) -> None:
    await store.add_world_model_state({"domain": "d", "confidence": 0.4})
    (state,) = await store.get_active_world_models()
    await store.add_world_model_state({**state, name: 0.9})
    assert (await store.get_active_world_models())[0]["confidence"] == 0.9


async def test_a_confidence_of_none_leaves_the_other_name_of_it(store: SQLiteStore) -> None:
    await store.add_world_model_state({"domain": "d", "confidence": None, "domain_confidence": 0.4})
    assert (await store.get_active_world_models())[0]["confidence"] == 0.4


async def test_a_state_takes_the_defaults_of_the_agents_own_columns(store: SQLiteStore) -> None:
    with outside.connected(store.path) as agent:
        agent.execute("ALTER TABLE world_model_states ADD COLUMN rank INTEGER NOT NULL DEFAULT 3")
    await store.add_world_model_state({"domain": "d"})
    assert (await store.get_active_world_models())[0]["rank"] == 3


@pytest.mark.parametrize("call", ["undo", "undo_to"])
async def test_what_an_undo_without_an_effect_gives_undoes_nothing(
    store: SQLiteStore, call: str
) -> None:
    turn = await store.add_interaction({"content": "the last change"})
    with pytest.raises(ValidationError, match="transaction_id must be a string, not NoneType"):
        await getattr(store, call)(await store.redo())
    assert await store.get_interaction(turn) is not None
