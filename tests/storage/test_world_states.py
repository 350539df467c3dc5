"""World-model states and their snapshots, as a store keeps them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import SQLiteStore, ValidationError
from tests.storage import outside


async def test_adding_a_state_again_updates_it_and_keeps_both_snapshots(store: SQLiteStore) -> None:
    state = {"domain": "infra", "session_id": "s1", "entities": [{"id": "db"}], "confidence": 0.6}
    first = await store.add_world_model_state(state)
    second = await store.add_world_model_state(
        {**state, "confidence": 0.8, "trigger_event": "consolidation"}
    )
    assert first == second
    newest, oldest = await store.get_world_model_snapshots(domain="infra")
    assert (newest["confidence"], oldest["confidence"]) == (0.8, 0.6)
    assert newest["trigger_event"] == "consolidation"
    assert newest["domain_confidence"] == newest["confidence"]
    [active] = await store.get_active_world_models()
    assert (active["id"], active["confidence"]) == (first, 0.8)


async def test_a_confidence_of_which_nothing_is_said_is_unknown(store: SQLiteStore) -> None:
    await store.add_world_model_state({"domain": "infra", "entities": [{"id": "db"}]})
    [state] = await store.get_active_world_models()
    [snapshot] = await store.get_world_model_snapshots()
    assert (state["confidence"], snapshot["confidence"]) == (None, None)


async def test_a_confidence_that_must_not_be_null_is_none_at_all_where_nothing_is_said(
    store: SQLiteStore,
) -> None:
    with outside.connected(store.path) as agent:
        agent.execute("ALTER TABLE world_model_states DROP COLUMN domain_confidence")
        agent.execute(
            "ALTER TABLE world_model_states ADD COLUMN domain_confidence REAL NOT NULL DEFAULT 0.0"
        )
    await store.add_world_model_state({"domain": "infra"})
    assert (await store.get_active_world_models())[0]["confidence"] == 0.0


async def test_a_snapshot_that_was_read_says_again_what_its_state_said(store: SQLiteStore) -> None:
    for engine in ("mysql", "postgres"):
        await store.add_world_model_state({"domain": "infra", "entities": {"db": engine}, "m": 1})
    _, before = await store.get_world_model_snapshots()
    assert await store.add_world_model_state(before) == before["world_model_id"]
    [state] = await store.get_active_world_models()
    assert (state["entities"], state["metadata"]) == ({"db": "mysql"}, {"m": 1})
    assert state["id"] == before["world_model_id"]


async def test_a_snapshot_without_its_time_is_believed_again_from_now_on(
    store: SQLiteStore,
) -> None:
    for engine in ("mysql", "postgres"):
        await store.add_world_model_state({"domain": "infra", "entities": {"db": engine}})
    _, before = await store.get_world_model_snapshots()
    await store.add_world_model_state({**before, "snapshot_time": None})
    engines = [each["entities"]["db"] for each in await store.get_world_model_snapshots()]
    assert engines == ["mysql", "postgres", "mysql"]


async def test_a_snapshot_that_names_no_domain_is_given_as_one_of_its_state(
    store: SQLiteStore,
) -> None:
    state_id = await store.add_world_model_state({"domain": "infra", "session_id": "s1"})
    with outside.connected(store.path) as agent:
        agent.execute("""UPDATE world_model_snapshots SET snapshot_data = '{"entities": ["db"]}'""")
    [snapshot] = await store.get_world_model_snapshots()
    assert await store.add_world_model_state(snapshot) == state_id
    [state] = await store.get_active_world_models()
    assert (state["session_id"], state["entities"]) == ("s1", ["db"])


async def test_snapshots_that_were_read_tell_another_memory_the_same(
    store: SQLiteStore, tmp_path: Path
) -> None:
    for engine in ("mysql", "postgres"):
        await store.add_world_model_state({"domain": "infra", "entities": {"db": engine}})
    told = await store.get_world_model_snapshots()
    async with SQLiteStore(tmp_path / "other.db") as other:
        for each in reversed(told):
            await other.add_world_model_state(each)
        assert await other.get_world_model_snapshots() == told
    async with SQLiteStore(tmp_path / "third.db") as third:
        own = await third.add_world_model_state({"domain": "infra"})
        assert await third.add_world_model_state(told[0]) == own


async def test_sessions_have_states_of_their_own(store: SQLiteStore) -> None:
    one = await store.add_world_model_state({"domain": "infra", "session_id": "s1"})
    two = await store.add_world_model_state({"domain": "infra", "session_id": "s2"})
    assert one != two
    assert [s["id"] for s in await store.get_active_world_models(session_id="s2")] == [two]


async def test_whatever_else_a_state_holds_is_kept(store: SQLiteStore) -> None:
    await store.add_world_model_state({"domain": "infra", "mood": "calm", "goals": ["ship"]})
    [snapshot] = await store.get_world_model_snapshots()
    assert (snapshot["mood"], snapshot["goals"]) == ("calm", ["ship"])
    [state] = await store.get_active_world_models()
    assert state["metadata"] == {"mood": "calm"}


async def test_a_state_without_a_domain_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError) as refused:
        await store.add_world_model_state({"entities": []})
    assert refused.value.field == "domain"


async def test_entities_may_be_a_list_or_a_mapping_by_id(store: SQLiteStore) -> None:
    await store.add_world_model_state({"domain": "a", "entities": [{"id": "x"}]})
    await store.add_world_model_state({"domain": "b", "entities": {"x": {"type": "t"}}})
    newest, oldest = await store.get_world_model_snapshots()
    assert (newest["entities"], oldest["entities"]) == ({"x": {"type": "t"}}, [{"id": "x"}])


async def test_the_history_of_an_entity_goes_through_more_snapshots_than_are_read_at_once(
    store: SQLiteStore,
) -> None:
    for day in range(1, 51):
        engine = "mysql" if day < 30 else "postgres"
        await store.add_world_model_state(
            {
                "domain": "infra",
                "entities": [{"id": "db", "engine": engine}, {"id": f"other-{day}"}],
                "snapshot_time": f"2026-01-01T00:{day:02}:00Z",
                "trigger_event": "run",
            }
        )
    await store.add_world_model_state({"domain": "orders", "entities": {"db": {"engine": "x"}}})
    events = await store.get_entity_history("db", "infra")
    assert [(event.kind, event.trigger_event) for event in events] == [
        ("appeared", "run"),
        ("changed", "run"),
    ]
    assert {event.domain for event in await store.get_entity_history("db")} == {"infra", "orders"}


async def test_the_history_of_an_entity_ends_with_the_state_as_it_is_now(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_world_model_state(
            {
                "domain": "infra",
                "entities": [{"id": "db", "engine": "mysql"}],
                "snapshot_time": "2030-01-01",
            }
        )
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE world_model_states SET entities = '[]', updated_at = '2026-01-01'")
        raw.execute('UPDATE world_model_snapshots SET snapshot_data = \'{"entities": ["db"]}\'')
    async with SQLiteStore(path, read_only=True) as store:
        appeared, vanished = await store.get_entity_history("db")
    assert (appeared.kind, appeared.domain) == ("appeared", "infra")
    assert (vanished.kind, vanished.snapshot_id, vanished.trigger_event) == ("vanished", None, None)
