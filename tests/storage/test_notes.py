"""Tags and notes stand beside records of any kind, follow them, and find them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import Key, SQLiteStore, ValidationError
from tests.storage.stored import COMPLETE_INTERACTIONS, outside


async def filled(store: SQLiteStore) -> None:
    await store.add_interactions({"interaction_id": each} for each in ("a", "b", "c"))
    await store.add_patterns({"id": each, "name": each} for each in ("p", "q"))
    await store.add_world_model_state({"id": "w", "domain": "infra"})


async def listed(store: SQLiteStore, kind: str, **filters: Any) -> list[dict[str, Any]]:
    rows = await store.get_summaries(kind, await store.list_keys(kind, **filters))
    return [row for row in rows if row is not None]


async def test_many_records_get_a_tag_beside_those_that_they_have(store: SQLiteStore) -> None:
    await filled(store)
    await store.set_note("interaction", "b", tags=["old"], text="why")
    changed = await store.add_notes("interaction", ["a", "b"], add_tags=["new", "new"])
    assert changed == 2
    assert (await store.get_notes("interaction", "a"))[0]["tags"] == ["new"]
    [note] = await store.get_notes("interaction", "b")
    assert (note["tags"], note["text"]) == (["old", "new"], "why")
    assert await store.get_tags() == {"new": 2, "old": 1}


async def test_adding_what_is_there_changes_nothing(store: SQLiteStore) -> None:
    await filled(store)
    assert await store.add_notes("pattern", ["p"], add_tags=["x"], text="said") == 1
    assert await store.add_notes("pattern", ["p"], add_tags=["x"], text="said") == 0
    assert await store.add_notes("pattern", ["p", "q"], remove_tags=["y"]) == 0
    assert await store.get_notes("pattern", "q") == []


async def test_tags_are_taken_off_and_texts_come_in_lines_of_their_own(store: SQLiteStore) -> None:
    await filled(store)
    await store.add_notes("pattern", ["p"], add_tags=["x", "y"], text="one")
    await store.add_notes("pattern", ["p"], remove_tags=["x"], text="two")
    [note] = await store.get_notes("pattern", "p")
    assert (note["tags"], note["text"]) == (["y"], "one\ntwo")


async def test_adding_to_many_is_undone_as_one(store: SQLiteStore) -> None:
    await filled(store)
    await store.set_note("interaction", "b", tags=["old"])
    async with store.transaction() as tx:
        await store.add_notes("interaction", ["a", "b", "c"], add_tags=["new"])
    await store.undo(tx.id)
    assert await store.get_tags() == {"old": 1}


@pytest.mark.parametrize("tags", [["", "x"], [1]])
async def test_a_tag_that_is_no_text_is_refused(store: SQLiteStore, tags: list[Any]) -> None:
    with pytest.raises(ValidationError):
        await store.add_notes("pattern", ["p"], add_tags=tags)


async def test_short_rows_have_tags_and_note_where_there_are_some(store: SQLiteStore) -> None:
    await filled(store)
    assert all("tags" not in row for row in await listed(store, "interaction"))
    await store.add_notes("interaction", ["b"], add_tags=["x"], text="t" * 1000)
    await store.set_note("interaction", "c", tags=[], text="")
    by_id = {row["record_id"]: row for row in await listed(store, "interaction")}
    assert (by_id["b"]["tags"], by_id["b"]["note"]) == (["x"], "t" * 300)
    assert "tags" not in by_id["a"]
    assert "tags" not in by_id["c"]


async def test_a_tag_finds_records_of_every_kind_also_once_they_are_archived(
    store: SQLiteStore,
) -> None:
    await filled(store)
    [snapshot] = await listed(store, "snapshot")
    ids = {"interaction": "b", "pattern": "q", "world_model_state": "w"}
    for kind, record_id in (*ids.items(), ("snapshot", str(snapshot["record_id"]))):
        await store.add_notes(kind, [record_id], add_tags=["odd"])
        [found] = await listed(store, kind, tag="odd")
        assert str(found["record_id"]) == record_id
        assert await listed(store, kind, tag="other") == []
    await store.archive_interactions(["b"], "manual")
    await store.archive_patterns(["q"], "manual")
    [turn] = await listed(store, "archived_interaction", tag="odd")
    [learned] = await listed(store, "archived_pattern", tag="odd", archive_reason="manual")
    assert (turn["interaction_id"], turn["tags"]) == ("b", ["odd"])
    assert (learned["pattern_id"], learned["tags"]) == ("q", ["odd"])
    assert await listed(store, "archived_pattern", tag="odd", archive_reason="wrong") == []


async def test_tags_of_records_whose_ids_are_derived_from_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    async with SQLiteStore(path) as store:
        await filled(store)
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET interaction_id = NULL WHERE id = 1")
    async with SQLiteStore(path) as store:
        derived = "legacy-1"
        await store.add_notes("interaction", [derived], add_tags=["odd"])
        assert [row["record_id"] for row in await listed(store, "interaction", tag="odd")] == [
            derived
        ]


async def test_tags_that_somebody_else_damaged_hide_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await filled(store)
        await store.add_notes("pattern", ["p", "q"], add_tags=["x"], text="said")
    with outside(path) as connection:
        connection.execute("UPDATE memglass_notes SET tags = '[\"x' WHERE record_id = 'p'")
    async with SQLiteStore(path) as store:
        assert [row["record_id"] for row in await listed(store, "pattern", tag="x")] == ["q"]
        rows = {row["record_id"]: row for row in await listed(store, "pattern")}
        assert (rows["p"]["tags"], rows["p"]["note"]) == ([], "said")
        assert await store.get_tags("pattern") == {"x": 1}


async def test_whole_records_of_keys_are_those_that_are_read_one_by_one(store: SQLiteStore) -> None:
    await filled(store)
    await store.archive_interactions(["c"], "manual")
    await store.archive_patterns(["q"], "manual")
    for kind in (
        *("interaction", "pattern", "archived_interaction", "archived_pattern"),
        *("world_model_state", "snapshot"),
    ):
        keys = await store.list_keys(kind)
        rows = await store.get_summaries(kind, keys)
        single = [await store.get_record(kind, row["record_id"]) for row in rows if row]
        assert len(single) == len(keys) > 0
        assert await store.get_records(kind, [*keys, Key(0, 99)]) == [*single, None]
