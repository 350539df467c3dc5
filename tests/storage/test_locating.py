"""Records are found where they stand, live or archived."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SQLiteStore, ValidationError
from tests.storage import legacy


async def add(store: SQLiteStore, *ids: str) -> None:
    await store.add_interactions({"interaction_id": each} for each in ids)


async def test_a_live_record_stands_in_its_list(store: SQLiteStore) -> None:
    await add(store, "a", "b")
    keys = await store.list_keys("interaction")
    found = await store.locate("interaction", ["a", "b", "gone"])
    assert {each: (place.kind, place.key) for each, place in found.items()} == {
        "a": ("interaction", keys[1]),
        "b": ("interaction", keys[0]),
    }


async def test_a_record_that_is_not_live_stands_in_the_archive_with_its_newest_row(
    store: SQLiteStore,
) -> None:
    for reason in ("first", "second"):
        await add(store, "a")
        await store.archive_interactions(["a"], reason)
    place = (await store.locate("interaction", ["a"]))["a"]
    assert place.kind == "archived_interaction"
    (row,) = await store.get_summaries(place.kind, [place.key])
    assert row is not None
    assert row["archive_reason"] == "second"
    await add(store, "a")
    assert (await store.locate("interaction", ["a"]))["a"].kind == "interaction"
    archived = await store.locate("archived_interaction", ["a"])
    assert archived["a"] == place


async def test_patterns_states_and_snapshots_are_found_too(store: SQLiteStore) -> None:
    pattern = await store.add_pattern({"name": "tabs", "pattern_type": "style"})
    state = await store.add_world_model_state({"domain": "infra"})
    (snapshot,) = await store.list_keys("snapshot")
    (row,) = await store.get_summaries("snapshot", [snapshot])
    assert row is not None
    for kind, record_id in (
        ("pattern", pattern),
        ("world_model_state", state),
        ("snapshot", str(row["record_id"])),
    ):
        place = (await store.locate(kind, [record_id]))[record_id]
        assert place.kind == kind
        assert place.key in await store.list_keys(kind)


async def test_an_unknown_kind_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError, match="kind must be one of"):
        await store.locate("feeling", ["a"])


async def test_live_records_that_share_an_id_are_all_counted(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await add(store, "a", "b", "c")
        await store.archive_interactions(["c"], "stale")
    legacy.execute(
        path,
        "CREATE TABLE complete_interactions (interaction_id TEXT PRIMARY KEY, timestamp TEXT)",
        "INSERT INTO complete_interactions VALUES ('a', '2020-01-01')",
    )
    async with SQLiteStore(path) as store:
        assert await store.count_live("interaction", ["a", "a", "c", "gone"]) == 2
        assert await store.count_live("interaction", ["a", "b"]) == 3
        with pytest.raises(ValidationError, match="interaction, pattern"):
            await store.count_live("snapshot", ["1"])
