"""What happened to one record, from the journal, the archive and the snapshots together."""

from __future__ import annotations

import pytest

from storage import RecordEvent, SQLiteStore, ValidationError
from tests.storage import outside


async def history(store: SQLiteStore, kind: str, record_id: str) -> list[RecordEvent]:
    """Return it oldest first, as one tells a story."""
    return (await store.history.get_record_history(kind, record_id))[::-1]


async def test_a_record_tells_its_whole_life(store: SQLiteStore) -> None:
    await store.add_patterns([{"id": n, "name": n, "pattern_type": "t"} for n in ("p", "q")])
    async with store.transaction(note="more evidence"):
        await store.update_pattern("p", confidence=0.9)
    await store.archive_patterns(["q", "p"], "promoted_to_semantic", "s")
    await store.restore_patterns(["p"])
    events = await history(store, "pattern", "p")
    assert [each.what for each in events] == ["add", "update", "archive", "restore"]
    assert [(c.path, c.old, c.new) for c in events[1].changes] == [("confidence", 0.5, 0.9)]
    assert events[1].note == "more evidence"
    # The archive row is gone; the restore remembers why it was there.
    assert (events[2].reason, events[3].reason) == (None, "promoted_to_semantic")
    [archived] = [e for e in await history(store, "pattern", "q") if e.what == "archive"]
    assert (archived.reason, archived.target) == ("promoted_to_semantic", "s")


async def test_two_kinds_with_one_id_have_each_their_own_history(store: SQLiteStore) -> None:
    await store.add_interaction({"interaction_id": "same"})
    await store.add_pattern({"id": "same", "name": "p", "pattern_type": "t"})
    await store.update_pattern("same", confidence=0.1)
    assert [e.what for e in await history(store, "interaction", "same")] == ["add"]
    assert [e.what for e in await history(store, "pattern", "same")] == ["add", "update"]
    told = await store.get_journal(record_id="same", kind="interaction")
    assert [entry["table_name"] for entry in told] == ["interactions"]
    with pytest.raises(ValidationError):
        await store.get_journal(kind="thing")


async def test_a_world_model_has_its_snapshots_in_its_history(store: SQLiteStore) -> None:
    for engine, trigger in (("mysql", "session"), ("postgres", "consolidation")):
        state = await store.add_world_model_state(
            {
                "domain": "infra",
                "entities": [{"id": "db", "engine": engine}],
                "trigger_event": trigger,
            }
        )
    events = await history(store, "world_model_state", state)
    snapshots = [each for each in events if each.source == "snapshot"]
    assert [each.note for each in snapshots] == ["session", "consolidation"]
    assert snapshots[1].diff is not None
    [changed] = snapshots[1].diff.entities.changed
    assert (changed.key, changed.fields[0].new) == ("db", "postgres")


async def test_a_snapshot_is_compared_with_the_newest_before_it_that_can_be_read(
    store: SQLiteStore,
) -> None:
    state = ""
    for engine in ("mysql", "mysql", "postgres"):
        state = await store.add_world_model_state(
            {"domain": "infra", "entities": [{"id": "db", "engine": engine}]}
        )
    with outside.connected(store.path) as agent:
        agent.execute("UPDATE world_model_snapshots SET snapshot_data = '{' WHERE id = 2")
    events = await history(store, "world_model_state", state)
    diffs = [each.diff for each in events if each.source == "snapshot" and each.diff is not None]
    assert [len(diff.entities.changed) for diff in diffs] == [0, 0, 1]
    assert [len(diff.entities) for diff in diffs] == [1, 0, 1]


async def test_what_others_did_without_a_journal_is_told_too(store: SQLiteStore) -> None:
    await store.add_interactions([{"interaction_id": "a"}, {"interaction_id": "b"}])
    with outside.connected(store.path) as agent:
        agent.execute("UPDATE interactions SET content = 'new' WHERE interaction_id = 'a'")
        agent.execute(
            "INSERT INTO archived_interactions (interaction_id, data, archived_at, archive_reason)"
            " VALUES ('b', '{}', '2020-01-01', 'consolidated_to_working')"
        )
    assert [each.what for each in await history(store, "interaction", "a")] == ["add", "outside"]
    agents, own = await history(store, "interaction", "b")
    assert (agents.source, agents.reason, own.what) == ("archive", "consolidated_to_working", "add")
