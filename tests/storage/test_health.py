"""The scan: every broken thing is found, told exactly, and never stops the scan."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from storage import HealthFinding, HealthProgress, SQLiteStore
from tests.storage.scans import findings, scan
from tests.storage.stored import (
    COMPLETE_INTERACTIONS,
    FEEDBACK,
    Text,
    outside,
    put,
    snapshot,
    write,
)

TIME = "2026-01-05"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
        connection.execute(FEEDBACK)
    return path


async def test_a_healthy_memory_has_no_findings(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"details": {"i": i}} for i in range(5))
    await store.add_pattern({"name": "n", "metadata": {"source_interactions": ids}})
    await store.add_world_model_state({"domain": "d", "entities": {"a": {}}, "relations": []})
    await store.archive_interactions(ids[:2], "manual")
    await store.set_note("interaction", ids[3], tags=["seen"])
    found, progress = await scan(store)
    assert found == []
    assert (progress[-1].done, progress[-1].total) == (11 + 4, 11 + 4)


async def test_an_empty_memory_is_scanned_to_its_end(store: SQLiteStore) -> None:
    found, progress = await scan(store)
    assert found == []
    assert progress[-1] == HealthProgress(0, 0, "")


async def test_a_corrupt_field_is_told_with_place_message_and_bytes(
    store: SQLiteStore, path: Path
) -> None:
    raw = b'{"caf\xc3\xa9": [1, 2,], "b": "\xff"}'
    write(path, "interactions", interaction_id="bad", timestamp=TIME, details=Text(b"[1,]"))
    write(path, "interactions", interaction_id="good", timestamp=TIME, details="{}")
    write(path, "patterns", id="p", name="", pattern_type="", sequence=raw)
    assert await findings(store) == [
        HealthFinding(
            "corrupt",
            "interactions",
            "bad",
            "details",
            "has a comma after the last item",
            2,
            b"[1,]",
        ),
        HealthFinding(
            "corrupt",
            "patterns",
            "p",
            "sequence",
            "is not UTF-8: byte 0xff cannot stand there",
            raw.index(b"\xff"),
            raw,
        ),
    ]


@pytest.mark.parametrize(
    ("table", "row", "column", "says"),
    [
        ("interactions", {"details": "[]"}, "details", "an array where an object"),
        ("interactions", {"metadata": '"x"'}, "metadata", "a string where an object"),
        ("interactions", {"details": b"true"}, "details", "true or false where an object"),
        ("interactions", {"details": 1.5}, "details", "a number where an object"),
        ("patterns", {"sequence": "{}"}, "sequence", "an object where an array"),
        ("world_model_states", {"relations": "{}"}, "relations", "an object where an array"),
        ("world_model_states", {"entities": "5"}, "entities", "a number where an array"),
        ("complete_interactions", {"data": "[]"}, "data", "an array where an object"),
        ("memglass_notes", {"tags": '"x"'}, "tags", "a string where an array"),
        ("feedback", {"context": "[]"}, "context", "an array where an object"),
    ],
)
async def test_json_of_another_type_is_told(
    store: SQLiteStore, path: Path, table: str, row: dict[str, Any], column: str, says: str
) -> None:
    empty: dict[str, dict[str, Any]] = {
        "interactions": {"timestamp": TIME},
        "complete_interactions": {"interaction_id": "c", "timestamp": TIME},
        "patterns": {"id": "p", "name": "", "pattern_type": "", "sequence": "[]"},
        "world_model_states": {
            "id": "w",
            "session_id": "",
            "created_at": TIME,
            "updated_at": TIME,
            **dict.fromkeys(
                (
                    *("entities", "relations", "goals", "discovered_entity_types"),
                    "discovered_relation_types",
                ),
                "[]",
            ),
            "metrics": "{}",
        },
        "memglass_notes": {"kind": "pattern"},
        "feedback": {"timestamp": TIME},
    }
    write(path, table, **(empty[table] | row))
    (found,) = await findings(store)
    assert (found.problem, found.table, found.column) == ("type", table, column)
    assert says in found.message
    stored = row[column]
    assert found.raw == (stored if isinstance(stored, bytes) else str(stored).encode())


@pytest.mark.parametrize("value", [None, "null", "{}", b"{}"])
async def test_nothing_and_an_empty_object_are_no_findings(
    store: SQLiteStore, path: Path, value: Any
) -> None:
    write(path, "interactions", timestamp=TIME, details=value, metadata=value)
    assert await findings(store) == []


@pytest.mark.parametrize(("key", "told"), [(None, "legacy-1"), (b"k", "legacy-1"), ("k", "k")])
async def test_a_finding_names_the_public_id(
    store: SQLiteStore, path: Path, key: Any, told: str
) -> None:
    write(path, "interactions", interaction_id=key, timestamp=TIME, details="{")
    write(path, "interactions", interaction_id=Text(b"\xff"), timestamp=TIME, details="{")
    assert [each.record_id for each in await findings(store)] == [told, "\udcff"]


async def test_what_was_archived_corrupt_is_told_with_its_own_bytes(
    store: SQLiteStore, path: Path
) -> None:
    corrupt = {"details": Text(b'{"a": "\xff"}'), "metadata": b"{"}
    write(path, "interactions", interaction_id="a", timestamp=TIME, **corrupt)
    row = {"interaction_id": "c", "timestamp": TIME, "user_query": "", "data": "{'a'"}
    write(path, "complete_interactions", **row)
    write(path, "patterns", id="p", name="", pattern_type="", sequence="[1,]", metadata="[]")
    await store.archive_interactions(["a", "c"], "corrupt")
    await store.archive_patterns(["p"], "corrupt")
    told = [(each.problem, each.table, each.column, each.raw) for each in await findings(store)]
    assert told == [
        ("corrupt", "archived_interactions", "data.details", b'{"a": "\xff"}'),
        ("corrupt", "archived_interactions", "data.metadata", b"{"),
        ("corrupt", "archived_interactions", "data.data", b"{'a'"),
        ("corrupt", "archived_patterns", "data.sequence", b"[1,]"),
        ("type", "archived_patterns", "data.metadata", b"[]"),
    ]


async def test_what_an_agent_archived_as_objects_is_looked_into(
    store: SQLiteStore, path: Path
) -> None:
    data = json.dumps({"Details": {"a": 1}, "metadata": [1], "timestamp": 5})
    write(path, "archived_interactions", data=data, archived_at=TIME)
    (found,) = await findings(store)
    assert (found.problem, found.column, found.raw) == ("type", "data.metadata", b"[1]")


async def test_an_undone_state_is_looked_into(store: SQLiteStore, path: Path) -> None:
    row = {"id": "w", "domain": "d", "goals": "[{", "metrics": "{}", "metadata": "{}"}
    await store.add_world_model_state({"domain": "d"})
    await store.undo((await store.get_journal())[0]["transaction_id"])
    with outside(path) as connection:
        connection.execute(
            "UPDATE memglass_archived_rows SET data = ? WHERE table_name = 'world_model_states'",
            (json.dumps(row),),
        )
    (found,) = await findings(store)
    assert (found.table, found.column, found.raw) == ("memglass_archived_rows", "data.goals", b"[{")


async def test_the_journal_is_scanned_too(store: SQLiteStore, path: Path) -> None:
    await store.add_interactions([{}, {}])
    with outside(path) as connection:
        connection.execute("UPDATE memglass_journal SET before = '{'")
    (found,) = await findings(store)
    assert (found.table, found.column, found.offset) == ("memglass_journal", "before", 1)


async def test_a_snapshot_of_no_state_is_an_orphan(store: SQLiteStore, path: Path) -> None:
    state = await store.add_world_model_state({"domain": "d"})
    row = {"snapshot_time": TIME, "snapshot_data": "{}"}
    for model in (state, "gone", Text(b"\xff"), "x" * 1000):
        write(path, "world_model_snapshots", world_model_id=model, **row)
    found = await findings(store)
    assert [(each.problem, each.record_id) for each in found] == [
        ("orphan", "3"),
        ("orphan", "4"),
        ("orphan", "5"),
    ]
    assert found[0].message == "speaks of world-model state gone, which is not there"
    assert all(len(each.message) < 200 for each in found)


async def test_a_pattern_made_from_nobody_is_an_orphan(store: SQLiteStore, path: Path) -> None:
    await store.add_interactions([{"interaction_id": "live"}, {"interaction_id": "archived"}])
    await store.archive_interactions(["archived"], "manual")
    number = write(path, "interactions", timestamp=TIME)
    write(path, "complete_interactions", interaction_id="complete", timestamp=TIME, data="{}")
    row = {"archived_at": TIME, "original_id": "77", "data": '{"id": 77}'}
    write(path, "archived_interactions", **row)
    there = ["live", "archived", "complete", f"legacy-{number}", "legacy-77"]
    gone = ["gone", "legacy-1", "legacy-88", "gone", "", "legacy-x"]
    many = [f"nobody-{i}" for i in range(1500)]
    for id_, sources in (("a", there + gone), ("b", many), ("c", "text"), ("d", [5, None])):
        await store.add_pattern({"id": id_, "metadata": {"source_interactions": sources}})
    found = await findings(store)
    assert {each.problem for each in found} == {"orphan"}
    told = [(each.record_id, each.message.split()[4].rstrip(",")) for each in found]
    assert told[:4] == [
        ("a", "gone"),
        ("a", "legacy-1"),
        ("a", "legacy-88"),
        ("a", "legacy-x"),
    ]
    assert told[4:] == [*(("b", each) for each in many), ("c", "text"), ("d", "5")]


async def test_sources_are_known_by_whatever_field_the_lineage_knows_them_by(
    store: SQLiteStore,
) -> None:
    named = {"interaction_ids": ["gone"], "derived_from": ["README.md"], "source_patterns": ["p"]}
    await store.add_pattern({"id": "a", "metadata": named})
    [found] = await findings(store)
    assert "made from interaction gone" in found.message


async def test_progress_only_grows_and_ends_at_the_total(store: SQLiteStore, path: Path) -> None:
    await store.add_interactions({"content": "x"} for _ in range(4500))
    await store.add_patterns({"name": "n"} for _ in range(10))
    _, progress = await scan(store)
    done = [each.done for each in progress]
    assert done == sorted(done)
    assert len({each.done for each in progress if each.table == "interactions"}) == 3
    assert len({each.total for each in progress}) == 1
    assert done[-1] == progress[-1].total
    assert progress[-1].total == 4500 + 10 + 6


async def test_rows_that_come_and_go_during_the_scan_do_it_no_harm(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"content": "x"} for _ in range(3000))
    progress = []
    async for each in store.check_health():
        if isinstance(each, HealthProgress):
            progress.append(each)
        if len(progress) == 1:
            await store.archive_interactions(ids[:2900], "manual")
            await store.add_interactions({} for _ in range(100))
    assert progress[-1].done == progress[-1].total
    assert all(0 <= each.done <= each.total for each in progress)


@pytest.mark.parametrize("steps", [0, 1, 3])
async def test_a_scan_that_is_given_up_leaves_nothing_behind(
    store: SQLiteStore, path: Path, steps: int
) -> None:
    await store.add_interactions({"content": "x"} for _ in range(4500))
    before = snapshot(path, "interactions", "memglass_journal")
    scanning = aiter(store.check_health())

    async def go_on() -> Any:
        return await anext(scanning)

    for _ in range(steps):
        await go_on()
    task = asyncio.create_task(go_on())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await store.get_recent_interactions(10)) == 10
    await store.add_interaction({"interaction_id": "after"})
    assert (await scan(store))[1][-1].done == 4500 + 7
    after = snapshot(path, "interactions", "memglass_journal")
    assert len(after["interactions"]) == len(before["interactions"]) + 1


async def test_a_huge_field_is_read_alone(store: SQLiteStore, path: Path) -> None:
    size = 20_000_000
    with outside(path) as connection:
        for end in (b'"}', b'"}', b'"}', b""):
            row = {"timestamp": TIME, "details": Text(b'{"a": "' + b"x" * size + end)}
            put(connection, "interactions", row)
    tracemalloc.start()
    try:
        (found,) = await findings(store)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.offset, len(found.raw)) == (size + 7, size + 7)
    assert len(found.message) < 100
    # What decoding one of them takes: orjson's own error holds its text many times over.
    assert peak < 20 * size


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
async def test_text_is_judged_by_what_it_says_whatever_its_encoding(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute(FEEDBACK)
    async with SQLiteStore(path) as store:
        good = await store.add_interaction({"details": {"city": "Zürich 😀"}})
        write(path, "interactions", interaction_id="bäd", timestamp=TIME, details='{"ü": 1,}')
        (found,) = await findings(store)
        assert (found.record_id, found.offset) == ("bäd", 8)
        assert found.raw == '{"ü": 1,}'.encode()
        record = await store.get_interaction(good)
        assert record
        assert record["details"] == {"city": "Zürich 😀"}
