"""The journal tells who changed what and why, and notes stand beside a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import CorruptJSON, SQLiteStore, StorageError, cursor_of
from tests.storage import outside


async def test_notes_keep_what_is_not_given(store: SQLiteStore) -> None:
    await store.set_note("pattern", "pat-1", tags=["wrong", "sarcasm", "wrong"])
    await store.set_note("pattern", "pat-1", text="see int-0388")
    [note] = await store.get_notes("pattern", "pat-1")
    assert (note["tags"], note["text"]) == (["wrong", "sarcasm"], "see int-0388")
    assert await store.get_notes("interaction") == []


async def test_the_journal_names_actor_note_and_what_was_before(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db", actor="mara") as store:
        added = await store.add_pattern({"name": "p", "pattern_type": "t", "confidence": 0.2})
        async with store.transaction(note="too timid") as tx:
            await store.update_pattern_confidence(added, 0.7)
        newest, oldest = await store.get_journal()
    assert (newest["operation"], oldest["operation"]) == ("update", "add")
    assert newest["before"] == {"confidence": 0.2}
    assert (newest["actor"], newest["note"], newest["transaction_id"]) == (
        "mara",
        "too timid",
        tx.id,
    )


async def test_the_journal_of_one_record_finds_it_inside_a_batch(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"interaction_id": f"int-{i}"} for i in range(30))
    await store.update_interaction("int-2", content="x")
    told = await store.get_journal(record_id=ids[2])
    assert [entry["operation"] for entry in told] == ["update", "add"]
    assert ids[2] in told[1]["record_ids"]


async def test_journal_pages_follow_their_cursor(store: SQLiteStore) -> None:
    for i in range(7):
        await store.add_interaction({"content": str(i)})
    first = await store.get_journal(4)
    rest = await store.get_journal(before=cursor_of(first[-1]))
    assert [entry["id"] for entry in first + rest] == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("after_hash", "text"),
        ("after_hash", 5),
        ("before", "[1]"),
        ("before", "null"),
        ("operation", "polish"),
        ("before", '{"confidence": 100000000000000000000000}'),
    ],
)
async def test_a_damaged_entry_hides_no_other_and_is_not_undone(
    store: SQLiteStore, column: str, value: Any
) -> None:
    await store.add_pattern({"id": "p", "name": "old"})
    async with store.transaction() as tx:
        await store.update_pattern("p", name="new")
    with outside.connected(store.path) as agent:
        agent.execute(f"UPDATE memglass_journal SET {column} = ? WHERE id = 2", (value,))
    damaged, sound = await store.get_journal()
    assert isinstance(damaged["before"], CorruptJSON) == (value in ("[1]", "null"))
    assert sound["operation"] == "add"
    assert len(await store.history.get_record_history("pattern", "p")) >= 2
    for call in (store.undo, store.history.preview_undo):
        with pytest.raises(StorageError, match="Entry 2 of memglass_journal is damaged"):
            await call(tx.id)
    assert (await store.get_pattern("p") or {})["name"] == "new"


@pytest.mark.parametrize(
    ("operation", "before"),
    [
        ("archive", '{"archived_as": [[1]]}'),
        ("archive", '{"archived_as": [100000000000000000000]}'),
        ("restore", '{"archive_rows": [{"id": 1}]}'),
        ("restore", '{"archive_rows": [{}], "columns": ["id"]}'),
        ("restore", '{"archive_rows": [{"id": 100000000000000000000}], "columns": ["id"]}'),
        ("restore", '{"archive_rows": [{"id": 1}], "columns": [1]}'),
    ],
)
async def test_an_entry_that_says_what_cannot_have_been_is_not_undone(
    store: SQLiteStore, operation: str, before: str
) -> None:
    await store.add_pattern({"id": "p"})
    async with store.transaction() as archiving:
        await store.archive_patterns(["p"], "wrong")
    async with store.transaction() as restoring:
        await store.restore_patterns(["p"])
    with outside.connected(store.path) as agent:
        agent.execute(
            "UPDATE memglass_journal SET before = ? WHERE operation = ?", (before, operation)
        )
    tx = archiving if operation == "archive" else restoring
    for call in (store.undo, store.history.preview_undo):
        with pytest.raises(StorageError, match="of memglass_journal is damaged"):
            await call(tx.id)
    assert len(await store.history.get_record_history("pattern", "p")) >= 2
    for number in await store.history.list_transactions():
        assert await store.history.get_entries(number)
