"""Whatever stands in a JSON column, every operation works, and its bytes stay as they are."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from storage import (
    CorruptJSON,
    HealthFinding,
    RestoreError,
    SQLiteStore,
)
from storage.json_utils import decode, encode
from tests.storage.corpus import BAD_JSON, ODD_BUT_VALID
from tests.storage.stored import (
    COMPLETE_INTERACTIONS,
    FEEDBACK,
    Stored,
    Text,
    outside,
    put,
    snapshot,
)

# As TEXT and as BLOB, since an agent may write either.
INPUTS: dict[str, Text | bytes] = {
    f"{sort} {name} as {kind.__name__}": kind(raw)
    for sort, corpus in (("bad", BAD_JSON), ("odd", ODD_BUT_VALID))
    for name, raw in corpus
    for kind in (Text, bytes)
}
CORRUPT = {name for name in INPUTS if name.startswith("bad")}
TIME = "2026-01-05 10:00"

LIVE = ("interactions", "complete_interactions", "patterns")
STATE_FIELDS = (
    *("entities", "relations", "goals", "metrics", "discovered_entity_types"),
    *("discovered_relation_types", "constraints", "metadata"),
)
FIELDS: dict[str, tuple[str, ...]] = {
    "interactions": ("details", "metadata"),
    "complete_interactions": ("data",),
    "patterns": ("sequence", "metadata"),
    "world_model_states": STATE_FIELDS,
    "world_model_snapshots": ("snapshot_data",),
    "archived_interactions": ("data",),
    "archived_patterns": ("data",),
    "memglass_notes": ("tags",),
    "feedback": ("context",),
}
NAMES: dict[str, dict[str, Any]] = {
    "interactions": {"timestamp": TIME, "content": "c"},
    "complete_interactions": {"timestamp": TIME, "user_query": "c"},
    "patterns": {"name": "n", "pattern_type": "workflow"},
    "world_model_states": {"session_id": "", "created_at": TIME, "updated_at": TIME},
    "world_model_snapshots": {"snapshot_time": TIME},
    "archived_interactions": {"archived_at": TIME, "archive_reason": "manual"},
    "archived_patterns": {"archived_at": TIME, "archive_reason": "manual"},
    "memglass_notes": {"kind": "pattern", "updated_at": TIME},
    "feedback": {"timestamp": TIME},
}
KEYS = {
    "interactions": "interaction_id",
    "complete_interactions": "interaction_id",
    "patterns": "id",
    "world_model_states": "id",
    "world_model_snapshots": "trigger_event",
    "archived_interactions": "interaction_id",
    "archived_patterns": "original_id",
    "memglass_notes": "record_id",
    "feedback": "message",
}


def key_of(table: str, name: str) -> str:
    return f"{table}: {name}"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which every JSON column of every table holds every input."""
    path = tmp_path_factory.mktemp("corpus") / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
        connection.execute(FEEDBACK)
    migrate(path)
    with outside(path) as connection:
        connection.execute("BEGIN")
        for table, fields in FIELDS.items():
            for name, value in INPUTS.items():
                row = {KEYS[table]: key_of(table, name), **dict.fromkeys(fields, value)}
                if table == "world_model_states":
                    row["domain"] = name
                if table == "world_model_snapshots":
                    row["world_model_id"] = key_of("world_model_states", name)
                put(connection, table, NAMES[table] | row)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def migrate(path: Path) -> None:
    async def opened() -> None:
        async with SQLiteStore(path):
            return

    asyncio.run(opened())


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "memory.db"))


def ids(table: str) -> list[str]:
    return [key_of(table, name) for name in INPUTS]


LIVE_INTERACTIONS = [*ids("interactions"), *ids("complete_interactions")]


def fields_of(rows: list[dict[str, Stored]], table: str) -> Counter[Any]:
    """What the JSON columns hold, by key, with storage class."""
    return Counter((row[KEYS[table]].raw, *(row[field] for field in FIELDS[table])) for row in rows)


def raw_of(value: Text | bytes) -> bytes:
    return value.raw if isinstance(value, Text) else value


def check_reads(name: str, value: Any) -> None:
    """A corrupt field comes back with its bytes, an odd one with its value."""
    raw = raw_of(INPUTS[name])
    if name in CORRUPT:
        assert isinstance(value, CorruptJSON), name
        assert value.raw == raw, name
        assert not value, name
        assert value.error, name
    else:
        assert encode(value) == encode(decode(raw)), name


async def test_every_input_in_every_column_is_read(store: SQLiteStore) -> None:
    for name in INPUTS:
        record = await store.get_interaction(key_of("interactions", name))
        complete = await store.get_interaction(key_of("complete_interactions", name))
        pattern = await store.get_pattern(key_of("patterns", name))
        assert record
        assert complete
        assert pattern
        for value in (
            record["details"],
            record["metadata"],
            complete["details"],
            pattern["sequence"],
            pattern["metadata"],
        ):
            check_reads(name, value)


async def test_the_bad_rows_hide_none_of_the_good_ones(store: SQLiteStore) -> None:
    recent = await store.get_recent_interactions(None)
    streamed = [record["interaction_id"] async for record in store.iter_interactions()]
    patterns = await store.get_patterns()
    typed = await store.get_patterns_by_type("workflow", None)
    assert sorted(record["interaction_id"] for record in recent) == sorted(LIVE_INTERACTIONS)
    assert sorted(streamed) == sorted(LIVE_INTERACTIONS)
    assert sorted(record["id"] for record in patterns) == sorted(ids("patterns"))
    assert [record["id"] for record in typed] == [record["id"] for record in patterns]


async def test_states_and_snapshots_are_read_whatever_they_hold(store: SQLiteStore) -> None:
    states = {state["domain"]: state for state in await store.get_active_world_models()}
    assert states.keys() == INPUTS.keys()
    for name, state in states.items():
        for field in STATE_FIELDS:
            check_reads(name, state[field])
    snapshots = await store.get_world_model_snapshots(None)
    assert len(snapshots) == len(INPUTS)
    for record in snapshots:
        name = record["trigger_event"].removeprefix("world_model_snapshots: ")
        if not isinstance(decode(raw_of(INPUTS[name])), dict):
            check_reads(name, record["snapshot_data"])


async def test_archived_rows_are_read_whatever_they_hold(store: SQLiteStore) -> None:
    interactions = await store.get_archived_interactions(limit=None)
    patterns = await store.get_archived_patterns(limit=None)
    assert len(interactions) == len(patterns) == len(INPUTS)
    for record in interactions:
        check_reads(record["interaction_id"].split(": ", 1)[1], record["data"])
    for record in patterns:
        check_reads(record["original_id"].split(": ", 1)[1], record["data"])


async def test_notes_are_read_whatever_their_tags_hold(store: SQLiteStore) -> None:
    notes = await store.get_notes()
    assert len(notes) == len(INPUTS)
    for note in notes:
        check_reads(note["record_id"].split(": ", 1)[1], note["tags"])


KINDS = {
    "interaction": ("interactions", "complete_interactions"),
    "pattern": ("patterns",),
    "archived_interaction": ("archived_interactions",),
    "archived_pattern": ("archived_patterns",),
    "world_model_state": ("world_model_states",),
    "snapshot": ("world_model_snapshots",),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_row_is_listed_and_shown(store: SQLiteStore, kind: str) -> None:
    keys = await store.list_keys(kind)
    assert len(keys) == len(INPUTS) * len(KINDS[kind])
    for summary in await store.get_summaries(kind, keys):
        assert summary
        assert all(len(value) <= 300 for value in summary.values() if isinstance(value, str))
        assert await store.get_record(kind, summary["record_id"])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_row_is_given_as_it_is_stored(store: SQLiteStore, kind: str) -> None:
    seen = 0
    for summary in await store.get_summaries(kind, await store.list_keys(kind)):
        assert summary
        row = await store.get_row(kind, summary["record_id"])
        assert row
        table = next(name for name in KINDS[kind] if FIELDS[name][0] in row)
        name = row[KEYS[table]].split(": ", 1)[1]
        for field in FIELDS[table]:
            stored = INPUTS[name]
            expected = stored if isinstance(stored, bytes) else stored.raw.decode(**ESCAPED)
            assert row[field] == expected, name
            assert type(row[field]) is type(expected), name
            seen += 1
    assert seen == sum(len(INPUTS) * len(FIELDS[table]) for table in KINDS[kind])


ESCAPED: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape"}


async def test_archiving_and_restoring_give_back_the_same_rows(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, *LIVE)
    assert await store.archive_interactions(LIVE_INTERACTIONS, "manual") == len(LIVE_INTERACTIONS)
    assert await store.archive_patterns(ids("patterns"), "manual") == len(INPUTS)
    assert not any(snapshot(path, *LIVE).values())
    assert await store.restore_interactions(LIVE_INTERACTIONS) == len(LIVE_INTERACTIONS)
    assert await store.restore_patterns(ids("patterns")) == len(INPUTS)
    assert snapshot(path, *LIVE) == before


async def test_what_was_archived_reads_as_before(store: SQLiteStore) -> None:
    interactions = await store.get_recent_interactions(None)
    live = {each["interaction_id"]: told(each) for each in interactions}
    await store.archive_interactions(LIVE_INTERACTIONS, "shelved")
    archived = await store.get_archived_interactions(archive_reason="shelved", limit=None)
    assert {each["interaction_id"]: told(each["record"]) for each in archived} == live
    patterns = {each["id"]: told(each) for each in await store.get_patterns()}
    await store.archive_patterns(patterns, "shelved")
    archived = await store.get_archived_patterns(archive_reason="shelved", limit=None)
    assert {each["original_id"]: told(each["record"]) for each in archived} == patterns
    assert len(live) == len(LIVE_INTERACTIONS)
    assert len(patterns) == len(INPUTS)


def told(record: dict[str, Any]) -> dict[str, Any]:
    """A record whose values can be compared, however deep they are."""
    return {
        name: value.raw if isinstance(value, CorruptJSON) else encode(value, name)
        for name, value in record.items()
    }


async def test_undoing_an_archiving_gives_back_the_same_rows(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, *LIVE)
    async with store.transaction() as tx:
        await store.archive_interactions(LIVE_INTERACTIONS, "manual")
        await store.archive_patterns(ids("patterns"), "manual")
    undone = await store.undo(tx.id)
    assert snapshot(path, *LIVE) == before
    await store.undo(undone)
    assert not any(snapshot(path, *LIVE).values())


async def test_undoing_a_restoring_gives_back_the_same_archive_rows(
    store: SQLiteStore, path: Path
) -> None:
    await store.archive_interactions(LIVE_INTERACTIONS, "manual")
    await store.archive_patterns(ids("patterns"), "manual")
    archives = ("archived_interactions", "archived_patterns", *LIVE)
    before = snapshot(path, *archives)
    async with store.transaction() as tx:
        await store.restore_interactions(LIVE_INTERACTIONS)
        await store.restore_patterns(ids("patterns"))
    await store.undo(tx.id)
    assert snapshot(path, *archives) == before


async def test_updating_another_field_and_undoing_it_touches_no_json(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, *LIVE)
    async with store.transaction() as tx:
        for name in INPUTS:
            await store.update_interaction(key_of("interactions", name), content="new")
            await store.update_interaction(key_of("complete_interactions", name), content="new")
            await store.update_pattern(key_of("patterns", name), name="new", confidence=0.25)
    after = snapshot(path, *LIVE)
    for table in LIVE:
        assert fields_of(after[table], table) == fields_of(before[table], table)
        assert after[table] != before[table]
    await store.undo(tx.id)
    assert snapshot(path, *LIVE) == before


async def test_a_record_given_back_as_it_was_read_is_not_written(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, "interactions", "patterns", "memglass_journal")
    for record in await store.get_recent_interactions(None):
        if "id" in record:
            await store.update_interaction(record["interaction_id"], **record)
    for record in await store.get_patterns():
        await store.update_pattern(record["id"], **record)
    assert snapshot(path, "interactions", "patterns", "memglass_journal") == before


async def test_a_state_that_gets_another_confidence_keeps_its_other_fields(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, "world_model_states")["world_model_states"]
    async with store.transaction() as tx:
        for name in INPUTS:
            # A snapshot holds the fields one level deeper, which is deeper than JSON may be here.
            if "depth 1024" not in name:
                await store.add_world_model_state({"domain": name, "confidence": 0.5})
    after = snapshot(path, "world_model_states")["world_model_states"]
    assert fields_of(after, "world_model_states") == fields_of(before, "world_model_states")
    assert after != before
    await store.undo(tx.id)
    assert snapshot(path, "world_model_states")["world_model_states"] == before


async def test_a_note_that_gets_another_text_keeps_its_tags(store: SQLiteStore, path: Path) -> None:
    before = snapshot(path, "memglass_notes")["memglass_notes"]
    for name in INPUTS:
        await store.set_note("pattern", key_of("memglass_notes", name), text="seen")
    after = snapshot(path, "memglass_notes")["memglass_notes"]
    assert fields_of(after, "memglass_notes") == fields_of(before, "memglass_notes")


async def test_corrupt_archive_data_is_not_restored_and_stays(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, *FIELDS)
    for name in INPUTS:
        with pytest.raises(RestoreError, match="archived_interactions"):
            await store.restore_interactions([key_of("archived_interactions", name)])
        with pytest.raises(RestoreError, match="archived_patterns"):
            await store.restore_patterns([key_of("archived_patterns", name)])
    assert snapshot(path, *FIELDS) == before


async def test_the_scan_tells_every_corrupt_field_and_only_those(
    store: SQLiteStore, path: Path
) -> None:
    before = snapshot(path, *FIELDS)
    found = Counter[tuple[str, str, bytes]]()
    async for each in store.check_health():
        if isinstance(each, HealthFinding) and each.problem == "corrupt":
            found[each.table, each.column, each.raw] += 1
    expected = Counter(
        (table, field, raw_of(INPUTS[name]))
        for table, fields in FIELDS.items()
        for field in fields
        for name in CORRUPT
    )
    assert found == expected
    assert snapshot(path, *FIELDS) == before
