"""What a preview of undoing foretells of tables that an agent made, where odd rows are allowed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from storage import SQLiteStore, UndoConflictError, UndoPreview
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
