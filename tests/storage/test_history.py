"""The transactions as a list: who, why, how much of what, and what became of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage import (
    MISSING,
    CorruptJSON,
    FieldChange,
    RecordNotFoundError,
    SQLiteStore,
    TransactionError,
    TransactionSummary,
    UndoConflictError,
    ValidationError,
    undo_links,
)
from tests.storage import outside


async def told(store: SQLiteStore) -> list[TransactionSummary]:
    """Return all transactions, newest first."""
    numbers = await store.history.list_transactions()
    return [each for each in await store.history.get_transactions(numbers) if each is not None]


async def test_a_transaction_says_who_why_and_how_much_of_what(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db", actor="mara") as store:
        ids = await store.add_interactions({} for _ in range(1500))
        async with store.transaction(note="tidy") as tx:
            await store.archive_interactions(ids[:700], "manual")
            added = await store.add_pattern({"name": "p", "pattern_type": "t"})
        newest, oldest = await told(store)
    assert (newest["transaction_id"], newest["actor"], newest["note"]) == (tx.id, "mara", "tidy")
    assert newest["operations"] == [
        {"operation": "archive", "kind": "interaction", "records": 700},
        {"operation": "add", "kind": "pattern", "records": 1},
    ]
    assert (newest["records"], newest["role"], newest["record_id"]) == (701, "change", None)
    assert (oldest["records"], oldest["note"]) == (1500, None)
    assert added


async def test_new_transactions_can_be_asked_for_alone(store: SQLiteStore) -> None:
    await store.add_interaction({})
    known = await store.history.list_transactions()
    assert list(await store.history.list_transactions(after=known[0])) == []
    await store.add_interaction({})
    assert len(await store.history.list_transactions(after=known[0])) == 1
    assert len(await store.history.list_transactions(limit=1)) == 1


async def test_what_was_undone_and_redone_says_so_on_both_sides(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t"})
    async with store.transaction() as tx:
        await store.update_pattern_confidence("p", 0.9)
    first = await store.undo(tx.id)
    undo, change, _ = await told(store)
    assert (undo["role"], undo["takes_back"], undo["undone_by"]) == ("undo", tx.id, None)
    assert (change["role"], change["undone_by"], change["record_id"]) == ("change", first, "p")
    again = await store.redo()
    redo, undo, change, _ = await told(store)
    assert (redo["role"], redo["takes_back"]) == ("redo", first)
    assert (undo["undone_by"], change["undone_by"]) == (again, None)


async def test_going_back_marks_all_that_came_after(store: SQLiteStore) -> None:
    for name in ("a", "b", "c"):
        await store.add_pattern({"id": name, "name": name, "pattern_type": "t"})
    oldest = (await told(store))[-1]
    back = await store.undo_to(oldest["transaction_id"])
    marks = [(each["role"], each["undone_by"]) for each in await told(store)]
    assert marks == [("undo back to", None), ("change", back), ("change", back), ("change", None)]
    assert back is not None
    await store.undo(back)
    assert [each["role"] for each in await told(store)][:2] == ["redo", "undo back to"]
    assert len(await store.get_patterns()) == 3


async def test_a_note_alone_makes_no_undo(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t"})
    added = (await told(store))[0]["transaction_id"]
    async with store.transaction(note=f"undo of {added}"):
        await store.update_pattern_confidence("p", 0.2)
    async with store.transaction(note="undo of nothing that there is"):
        await store.add_interaction({})
    assert [each["role"] for each in await told(store)] == ["change"] * 3
    assert [each["undone_by"] for each in await told(store)] == [None] * 3


async def test_a_new_change_leaves_nothing_to_redo(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        await store.add_interaction({"interaction_id": "a"})
    await store.undo(tx.id)
    await store.add_interaction({"interaction_id": "b"})
    assert await store.redo() is None


async def test_only_ones_own_undo_is_redone(path: Path) -> None:
    async with SQLiteStore(path, actor="person") as mine, SQLiteStore(path) as others:
        async with mine.transaction() as tx:
            await mine.add_interaction({"interaction_id": "a"})
        await mine.undo(tx.id)
        await others.add_interaction({"interaction_id": "b"})
        assert await others.redo() is None
        assert await mine.redo() is not None
        assert await mine.get_interaction("a") is not None


async def test_transactions_of_two_programs_stand_side_by_side(path: Path) -> None:
    async with SQLiteStore(path) as one, SQLiteStore(path) as other:

        async def write(store: SQLiteStore) -> None:
            for _ in range(10):
                async with store.transaction():
                    await store.add_interaction({})
                    await asyncio.sleep(0)
                    await store.add_interaction({})

        await asyncio.gather(write(one), write(other))
        assert [each["records"] for each in await told(one)] == [2] * 20


async def test_going_back_is_refused_in_a_transaction_that_changed_something(
    store: SQLiteStore,
) -> None:
    await store.add_interaction({})
    first = (await told(store))[0]["transaction_id"]
    with pytest.raises(TransactionError, match="transaction of its own"):  # noqa: PT012
        async with store.transaction():
            await store.add_interaction({})
            await store.undo_to(first)
    with pytest.raises(RecordNotFoundError):
        await store.undo_to("unknown")
    assert await store.undo_to(first) is None


async def test_going_forward_again_from_an_undo_that_was_gone_back_to_is_a_redo(
    store: SQLiteStore,
) -> None:
    await store.add_pattern({"id": "p", "name": "p"})
    async with store.transaction() as tx:
        await store.update_pattern("p", confidence=0.9)
    point = await store.undo(tx.id)
    await store.update_pattern("p", confidence=0.7)
    back = await store.undo_to(point)
    assert back is not None
    forward = await store.undo(back)
    await store.undo(forward)
    roles = [each["role"] for each in await told(store)]
    assert roles[:3] == ["undo", "redo", "undo back to"]


async def test_a_preview_names_an_added_record_that_is_other_by_now(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        await store.add_patterns([{"id": "p", "name": "p"}, {"id": "q", "name": "q"}])
    await store.update_pattern("p", confidence=0.9)
    await store.archive_patterns(["q"], "wrong")
    preview = await store.history.preview_undo(tx.id)
    assert [(each.record_id, each.why) for each in preview.conflicts] == [
        ("p", "it has changed since"),
        ("q", "it is no longer live"),
    ]


async def test_an_undo_that_is_no_longer_in_the_journal_is_forgotten(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        await store.add_interaction({"interaction_id": "a"})
    undone = await store.undo(tx.id)
    assert [each["undone_by"] for each in await told(store)] == [None, undone]
    # As where a backup of the file is put in its place.
    with outside.connected(store.path) as agent:
        agent.execute("DELETE FROM memglass_journal WHERE transaction_id = ?", (undone,))
    assert [each["undone_by"] for each in await told(store)] == [None]


async def test_going_back_takes_nothing_back_that_came_since_it_was_looked_at(
    store: SQLiteStore,
) -> None:
    async with store.transaction() as first:
        await store.add_pattern({"id": "p", "name": "p"})
    await store.update_pattern("p", confidence=0.9)
    seen = await store.history.preview_undo_to(first.id)
    await store.update_pattern("p", confidence=0.95)
    with pytest.raises(TransactionError, match="changed meanwhile"):
        await store.undo_to(first.id, newest=seen.newest)
    assert (await store.get_pattern("p") or {})["confidence"] == 0.95
    assert await store.undo_to(first.id) is not None


async def test_a_preview_tells_what_changes_and_what_is_in_the_way(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t", "metadata": {"n": 1}})
    async with store.transaction() as tx:
        await store.update_pattern("p", confidence=0.9, metadata={"n": 2})
    preview = await store.history.preview_undo(tx.id)
    [effect] = preview.effects
    assert (effect.kind, effect.record_id, effect.effect) == ("pattern", "p", "changed")
    changed = {each.path: (each.old, each.new) for each in effect.changes}
    assert changed == {"confidence": (0.9, 0.5), "metadata.n": (2, 1)}
    with outside.connected(store.path) as agent:
        agent.execute("UPDATE patterns SET name = 'other'")
    [conflict] = (await store.history.preview_undo(tx.id)).conflicts
    assert (conflict.record_id, conflict.why) == ("p", "it has changed since")
    with pytest.raises(UndoConflictError) as caught:
        await store.undo(tx.id)
    assert (caught.value.kind, caught.value.record_id) == ("pattern", "p")


async def test_an_update_tells_old_and_new_also_when_the_record_has_moved_on(
    store: SQLiteStore,
) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t", "confidence": 0.1})
    await store.update_pattern("p", confidence=0.2)
    await store.update_pattern("p", confidence=0.3)
    await store.archive_patterns(["p"], "wrong")
    found = []
    for number in reversed(await store.history.list_transactions()):
        [entry] = await store.history.get_entries(number)
        found.append([(each.path, each.old, each.new) for each in entry["changes"]])
        assert entry["kind"] == "pattern"
    assert found == [[], [("confidence", 0.1, 0.2)], [("confidence", 0.2, 0.3)], []]


async def edited(store: SQLiteStore, **changes: object) -> tuple[object, object, str]:
    """Edit the pattern `p`; return what the journal says it changed, and the preview of its undo.

    The preview is the effect on the record, and what it changes the other way round.
    """
    async with store.transaction() as tx:
        await store.update_pattern("p", **changes)
    [number, *_] = await store.history.list_transactions()
    [entry] = await store.history.get_entries(number)
    [effect] = (await store.history.preview_undo(tx.id)).effects
    return entry["changes"], tuple(each.inverse() for each in effect.changes), effect.effect


async def test_another_order_of_a_list_is_a_change(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "sequence": ["edit", "test"]})
    changes, taken_back, effect = await edited(store, sequence=["test", "edit"])
    assert (
        changes == taken_back == (FieldChange(("sequence",), ["edit", "test"], ["test", "edit"]),)
    )
    assert effect == "changed"


async def test_what_could_not_be_read_and_was_written_over_is_a_change(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p"})
    outside.fetch(store.path, "UPDATE patterns SET metadata = '{\"a\":'")
    changes, taken_back, effect = await edited(store, metadata={})
    assert changes == taken_back == (FieldChange(("metadata",), CorruptJSON(b'{"a":', ""), {}),)
    assert effect == "changed"


async def test_what_nobody_can_tell_any_more_is_missing(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t", "confidence": 0.1})
    await store.update_pattern("p", confidence=0.2)
    number = (await store.history.list_transactions())[0]
    with outside.connected(store.path) as agent:
        agent.execute("DELETE FROM patterns")
    [entry] = await store.history.get_entries(number)
    assert [(each.old, each.new) for each in entry["changes"]] == [(0.1, MISSING)]


async def test_a_damaged_journal_is_told_as_far_as_it_can_be_read(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t"})
    await store.update_pattern("p", confidence=0.2)
    with outside.connected(store.path) as agent:
        agent.execute(
            "UPDATE memglass_journal SET before = x'ff', after_hash = NULL, table_name = NULL,"
            " operation = 7, actor = NULL, record_id = x'00' WHERE id = 2"
        )
    newest, _ = await told(store)
    assert newest["records"] == 0
    assert len(await store.history.get_entries(newest["number"])) == 1
    assert await store.history.get_transactions([99]) == [None]


async def test_an_undo_of_what_is_far_back_is_known_too(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_links, "_NEAR", 1)
    async with store.transaction() as tx:
        await store.add_interaction({"interaction_id": "a"})
    for name in ("b", "c", "d"):
        await store.add_interaction({"interaction_id": name})
    back = await store.undo(tx.id)
    newest, *_, oldest = await told(store)
    assert (newest["role"], newest["takes_back"]) == ("undo", tx.id)
    assert oldest["undone_by"] == back


async def test_transactions_can_be_narrowed_by_who_what_and_when(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path, actor="agent") as store:
        async with store.transaction():
            await store.add_pattern({"id": "p", "name": "p", "pattern_type": "t"})
            await store.add_interaction({"interaction_id": "i"})
        await store.archive_interactions(["i"], "manual")
    async with SQLiteStore(path, actor="mara") as store:
        async with store.transaction():
            # The last of it is no archiving, and yet the transaction archived something.
            await store.archive_patterns(["p"], "wrong")
            await store.add_interaction({})
        history = store.history
        added, archived, both = sorted(await history.list_transactions())
        assert list(await history.list_transactions(actor="mara")) == [both]
        assert list(await history.list_transactions(actor="agent")) == [archived, added]
        assert list(await history.list_transactions(operation="archive")) == [both, archived]
        assert list(await history.list_transactions(operation="archive", actor="agent")) == [
            archived
        ]
        assert list(await history.list_transactions(operation="add", limit=1)) == [both]
        assert list(await history.list_transactions(operation="add", after=added)) == [both]
        told = await history.get_transactions([archived])
        assert told[0] is not None
        at = told[0]["at"]
        assert list(await history.list_transactions(since=at)) == [both, archived]
        assert list(await history.list_transactions(before=at)) == [added]
        assert await history.count_transactions() == 3
        assert await history.get_values("actor") == {"agent": 2, "mara": 1}
        assert await history.get_values("operation") == {"add": 2, "archive": 2}


async def test_a_filter_of_transactions_that_makes_no_sense_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError, match="since"):
        await store.history.list_transactions(since="never")
    with pytest.raises(ValidationError, match="actor, operation"):
        await store.history.get_values("colour")


async def test_transactions_are_narrowed_to_those_that_touch_what_is_tagged(
    store: SQLiteStore,
) -> None:
    async def tagged(tag: str) -> list[int]:
        return list(await store.history.list_transactions(tag=tag))

    await store.add_interactions({"interaction_id": each} for each in ("i-1", "i-10"))
    await store.add_pattern({"id": "i-1", "name": "p", "pattern_type": "t"})
    await store.archive_interactions(["i-1"], "manual")
    added, other_kind, archived = sorted(await store.history.list_transactions())
    await store.add_notes("interaction", ["i-1"], add_tags=["odd"])
    [noted, *_] = await store.history.list_transactions()
    assert await tagged("odd") == [noted, archived, added]
    assert await tagged("even") == []
    await store.add_notes("pattern", ["i-1"], add_tags=["even"])
    assert (await tagged("even"))[1:] == [other_kind]
    await store.add_notes("interaction", ["i-1"], remove_tags=["odd"])
    assert await tagged("odd") == []


async def test_a_tag_finds_the_transactions_that_can_be_read_in_a_damaged_journal(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"interaction_id": each} for each in "ab")
        await store.archive_interactions(["a"], "manual")
        await store.add_notes("interaction", ["a"], add_tags=["odd"])
    with outside.connected(path) as connection:
        connection.execute("UPDATE memglass_journal SET record_ids = 'gone' WHERE id = 1")
    async with SQLiteStore(path) as store:
        assert list(await store.history.list_transactions(tag="odd")) == [3, 2]
