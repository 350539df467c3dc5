"""What a preview of undoing foretells of tables that an agent made, where odd rows are allowed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from storage import RecordExistsError, SQLiteStore, UndoConflictError, UndoPreview
from tests.storage import legacy, outside


def effects(preview: UndoPreview) -> Counter[str]:
    """Count what would become of the rows."""
    return Counter(each.effect for each in preview.effects)


async def test_records_that_share_an_id_are_foretold_to_come_back_and_go_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "doubled.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT, name TEXT, pattern_type TEXT)",
        "INSERT INTO patterns (id, name) VALUES ('p', 'one'), ('p', 'two')",
    )
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.archive_patterns(["p"], "wrong")
        there = await store.history.preview_undo(tx.id)
        assert (effects(there), there.conflicts) == ({"comes back": 2}, ())
        again = await store.history.preview_undo(await store.undo(tx.id))
        assert (effects(again), again.conflicts) == ({"is archived": 2}, ())


async def test_a_number_that_another_record_has_by_now_is_foretold(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interactions({"interaction_id": name} for name in "abc")
        async with store.transaction() as tx:
            await store.archive_interactions(["a", "b"], "manual")
        outside.fetch(store.path, "INSERT INTO interactions (id, interaction_id) VALUES (2, 'd')")
        preview = await store.history.preview_undo(tx.id)
        with pytest.raises(UndoConflictError) as caught:
            await store.undo(tx.id)
    [conflict] = preview.conflicts
    assert (caught.value.record_id, conflict.record_id) == ("b", "b")
    assert conflict.why == "its id, 2, is taken by another record"
    assert f"undoing: {conflict.why};" in str(caught.value)


async def test_a_note_does_not_come_back_beside_another_on_the_same_record(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_pattern({"id": "p", "name": "p"})
        async with store.transaction() as tx:
            await store.set_note("pattern", "p", text="first")
        undone = await store.undo(tx.id)
        await store.set_note("pattern", "p", text="second")
        [conflict] = (await store.history.preview_undo(undone)).conflicts
        with pytest.raises(UndoConflictError, match=conflict.why):
            await store.undo(undone)
        assert [each["text"] for each in await store.get_notes("pattern", "p")] == ["second"]


async def test_a_value_that_another_record_has_by_now_keeps_an_edit_from_being_undone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "unique.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT UNIQUE, pattern_type TEXT)",
        "INSERT INTO patterns (id, name) VALUES ('p', 'one')",
    )
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            await store.update_pattern("p", name="two")
        async with store.transaction() as later:
            await store.update_pattern("p", name="three")
            await store.update_pattern("p", name="two")
        # What the record itself has had meanwhile is in nobody's way.
        assert not (await store.history.preview_undo(later.id)).conflicts
        legacy.execute(path, "INSERT INTO patterns (id, name) VALUES ('q', 'one')")
        [conflict] = (await store.history.preview_undo(tx.id)).conflicts
        assert conflict.why == "its name, one, is taken by another record"
        with pytest.raises(UndoConflictError, match=conflict.why) as caught:
            await store.undo(tx.id)
        assert caught.value.record_id == "p"
        with pytest.raises(RecordExistsError, match=r"pattern p.*nothing was changed"):
            await store.update_pattern("p", name="one")


async def test_a_column_that_archived_records_need_is_a_conflict_that_names_one(
    tmp_path: Path,
) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_patterns([{"id": "p"}, {"id": "q", "description": "said"}])
        legacy.execute(store.path, "UPDATE patterns SET description = NULL WHERE id = 'p'")
        async with store.transaction() as tx:
            await store.archive_patterns(["p"], "manual")
            await store.archive_patterns(["q"], "manual")
        legacy.execute(store.path, "ALTER TABLE patterns DROP COLUMN description")
        conflict = (await store.history.preview_undo(tx.id)).conflicts[0]
        with pytest.raises(UndoConflictError, match=conflict.why) as caught:
            await store.undo(tx.id)
    assert caught.value.record_id == conflict.record_id == "q"
    assert "lacks by now" in conflict.why


@pytest.mark.parametrize("default", ["", "DEFAULT 'calm'"])
async def test_what_comes_back_has_what_a_new_column_holds(tmp_path: Path, default: str) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_pattern({"id": "p", "name": "one"})
        async with store.transaction() as first:
            await store.archive_patterns(["p"], "manual")
        legacy.execute(store.path, f"ALTER TABLE patterns ADD COLUMN mood TEXT {default}")
        await store.restore_patterns(["p"])
        await store.archive_patterns(["p"], "manual")
        await store.restore_patterns(["p"])
        assert await store.undo_to(first.id)
        assert (await store.history.preview_undo_to(first.id)).conflicts == ()
        assert await store.undo_to(first.id)
