"""Undo: what a transaction changed is taken back, and that can be taken back too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage import RecordNotFoundError, SQLiteStore, TransactionError
from tests.storage import legacy, outside
from tests.storage.blocks import failing
from tests.storage.photographs import ARCHIVES, LIVE, photograph

Work = Callable[[SQLiteStore], Awaitable[Any]]

# Numbers too long for a double, a key twice, white space: what no encoder would write again.
ODD = '{"n": 123456789012345678901234567890, "f": 1.10, "n": 2,  "e": 1e5}'


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    """A memory with a few records of each kind, some of them in the archive."""
    async with SQLiteStore(tmp_path / "memory.db", actor="tester") as store:
        await store.add_interactions(
            {"interaction_id": name, "content": f"old {name}", "timestamp": "2025-01-01"}
            for name in ("a", "b", "c", "d")
        )
        await store.add_patterns([{"id": name, "name": name} for name in ("p", "q", "r")])
        await store.archive_interactions(["c", "d"], "consolidated_to_working", "p")
        await store.archive_patterns(["r"], "promoted_to_semantic", "s")
        await store.add_world_model_state({"domain": "coding", "entities": [{"id": "x"}]})
        await store.set_note("pattern", "p", tags=["old"], text="old note")
        with outside.connected(store.path) as agent:
            agent.execute("UPDATE interactions SET details = ? WHERE interaction_id = 'a'", (ODD,))
            agent.execute("UPDATE interactions SET metadata = CAST(x'7bff' AS TEXT)")
        yield store


async def last(store: SQLiteStore) -> str:
    """Return the id of the transaction that changed something last."""
    return str((await store.get_journal(1))[0]["transaction_id"])


async def undone(store: SQLiteStore, work: Work) -> str:
    """Do `work` in a transaction, undo it, and return the id of that."""
    async with store.transaction() as tx:
        await work(store)
    return await store.undo(tx.id)


# One change of each kind.


async def test_an_add_is_archived_as_undone(store: SQLiteStore) -> None:
    before = photograph(store.path, LIVE)
    await undone(store, lambda s: s.add_interaction({"interaction_id": "new", "content": "n"}))
    await undone(store, lambda s: s.add_pattern({"id": "new", "name": "n"}))
    assert photograph(store.path, LIVE) == before
    [interaction] = await store.get_archived_interactions("new")
    [pattern] = await store.get_archived_patterns("new")
    assert interaction["archive_reason"] == pattern["archive_reason"] == "undone"
    assert interaction["record"]["content"] == "n"
    assert pattern["record"]["name"] == "n"


async def test_an_archive_is_restored_to_the_byte(store: SQLiteStore) -> None:
    before = photograph(store.path)
    await undone(store, lambda s: s.archive_interactions(["b", "a"], "manual"))
    await undone(store, lambda s: s.archive_old_interactions("2026-01-01", "manual"))
    await undone(store, lambda s: s.archive_patterns(["p", "q"], "wrong", "z"))
    assert photograph(store.path) == before


async def test_a_restore_is_archived_again_with_its_own_reason_time_and_id(
    store: SQLiteStore,
) -> None:
    before = photograph(store.path)
    await undone(store, lambda s: s.restore_interactions(["d", "c"]))
    await undone(store, lambda s: s.restore_patterns(["r"]))
    assert photograph(store.path) == before


async def test_an_update_is_reversed_to_the_byte(store: SQLiteStore) -> None:
    before = photograph(store.path)
    await undone(
        store,
        lambda s: s.update_interaction(
            "a", content="new", details={"n": 1}, metadata={}, session_id="s"
        ),
    )
    await undone(store, lambda s: s.update_pattern("p", name="new", confidence=1, extra="m"))
    await undone(store, lambda s: s.update_pattern_confidence("q", 0.25))
    assert photograph(store.path) == before


async def test_a_new_state_goes_into_the_archive_with_its_snapshot(store: SQLiteStore) -> None:
    before = photograph(store.path, LIVE)
    await undone(store, lambda s: s.add_world_model_state({"domain": "cooking"}))
    assert photograph(store.path, LIVE) == before
    assert (await store.get_archive_statistics())["rows"] == {"undone": 2}


async def test_a_changed_state_is_reversed_and_its_snapshot_archived(store: SQLiteStore) -> None:
    before = photograph(store.path, LIVE)
    await undone(
        store,
        lambda s: s.add_world_model_state(
            {"domain": "coding", "entities": [{"id": "y"}], "confidence": 0.9, "goals": ["g"]}
        ),
    )
    assert photograph(store.path, LIVE) == before
    assert (await store.get_archive_statistics())["rows"] == {"undone": 1}


async def test_a_new_note_goes_into_the_archive(store: SQLiteStore) -> None:
    before = photograph(store.path, LIVE)
    await undone(store, lambda s: s.set_note("interaction", "a", text="new"))
    assert photograph(store.path, LIVE) == before
    assert (await store.get_archive_statistics())["rows"] == {"undone": 1}


async def test_a_changed_note_is_reversed(store: SQLiteStore) -> None:
    before = photograph(store.path)
    await undone(store, lambda s: s.set_note("pattern", "p", tags=["new"], text="new"))
    assert photograph(store.path) == before


async def test_a_batch_is_undone_as_a_whole_and_in_its_order(store: SQLiteStore) -> None:
    before = photograph(store.path, LIVE)
    ids = [f"batch {i:04}" for i in range(2500)]
    await undone(store, lambda s: s.add_interactions({"interaction_id": each} for each in ids))
    assert photograph(store.path, LIVE) == before
    found = outside.fetch(
        store.path,
        "SELECT interaction_id, CAST(original_id AS INTEGER) FROM archived_interactions"
        " WHERE archive_reason = 'undone' ORDER BY 2",
    )
    assert [each for each, _ in found] == ids


# Several changes in one transaction.


async def _everything(store: SQLiteStore) -> None:
    await store.update_interaction("a", content="once")
    await store.update_interaction("a", content="twice", details={})
    await store.archive_interactions(["a", "b"], "manual")
    await store.restore_interactions(["a", "c"])
    await store.update_interaction("a", content="thrice")
    await store.update_interaction("c", content="back")
    await store.archive_interactions(["c"], "wrong")
    await store.update_pattern("p", name="new")
    await store.archive_patterns(["p", "q"], "manual")
    await store.restore_patterns(["r", "p"])
    await store.set_note("pattern", "p", text="new")
    await store.set_note("pattern", "p", tags=[])


async def test_many_changes_of_the_same_records_are_undone_to_the_byte(
    store: SQLiteStore,
) -> None:
    before = photograph(store.path)
    await undone(store, _everything)
    assert photograph(store.path) == before


async def test_a_record_that_was_added_and_changed_ends_in_the_archive_as_it_was_added(
    store: SQLiteStore,
) -> None:
    async def work(store: SQLiteStore) -> None:
        await store.add_interaction({"interaction_id": "new", "content": "first"})
        await store.update_interaction("new", content="second")
        await store.archive_interactions(["new"], "manual")
        await store.restore_interactions(["new"])

    before = photograph(store.path, LIVE)
    await undone(store, work)
    assert photograph(store.path, LIVE) == before
    [archived] = await store.get_archived_interactions("new")
    assert (archived["archive_reason"], archived["record"]["content"]) == ("undone", "first")


async def test_what_an_inner_block_took_back_is_not_undone(store: SQLiteStore) -> None:
    before = photograph(store.path)

    async def work(store: SQLiteStore) -> None:
        await store.update_pattern("p", name="kept")
        async with failing(store):
            await store.update_pattern("q", name="lost")

    await undone(store, work)
    assert photograph(store.path) == before


# Undo of undo.


async def test_undo_and_its_undo_lead_back_and_forth_for_ever(store: SQLiteStore) -> None:
    async def work(store: SQLiteStore) -> None:
        await _everything(store)
        await store.add_interactions({"interaction_id": f"n{i}"} for i in range(3))
        await store.add_world_model_state({"domain": "coding", "goals": ["g"]})
        await store.add_world_model_state({"domain": "cooking"})
        await store.set_note("interaction", "a", text="new")

    before = photograph(store.path, LIVE)
    async with store.transaction() as tx:
        await work(store)
    after, transaction = photograph(store.path), tx.id
    for _ in range(3):
        transaction = await store.undo(transaction)
        assert photograph(store.path, LIVE) == before
        transaction = await store.undo(transaction)
        assert photograph(store.path) == after


async def test_transactions_are_undone_one_after_the_other(store: SQLiteStore) -> None:
    taken, transactions = [photograph(store.path)], []
    for i in range(5):
        await store.update_interaction("a", content=str(i))
        transactions.append(await last(store))
        taken.append(photograph(store.path))
    while transactions:
        assert photograph(store.path) == taken.pop()
        await store.undo(transactions.pop())
    assert photograph(store.path) == taken.pop()


# How undo is told, and where it may be called.


async def test_undo_is_a_transaction_of_its_own_in_the_journal(store: SQLiteStore) -> None:
    await store.update_interaction("a", content="new")
    transaction = await last(store)
    made = await store.undo(transaction)
    [entry] = await store.get_journal(1)
    assert (entry["transaction_id"], entry["operation"]) == (made, "update")
    assert entry["note"] == f"undo of {transaction}"
    assert entry["actor"] == "tester"


async def test_an_undo_inside_a_block_is_part_of_its_transaction(store: SQLiteStore) -> None:
    await store.update_interaction("a", content="new")
    transaction, after = await last(store), photograph(store.path)
    async with failing(store) as tx:
        assert await store.undo(transaction) == tx.id
        record = await store.get_interaction("a")
        assert record is not None
        assert record["content"] == "old a"
    assert photograph(store.path) == after


async def test_an_open_transaction_cannot_undo_itself(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        await store.update_interaction("a", content="new")
        with pytest.raises(TransactionError):
            await store.undo(tx.id)
    await store.undo(tx.id)


async def test_an_unknown_transaction_is_named(store: SQLiteStore) -> None:
    with pytest.raises(RecordNotFoundError, match="no transaction nonsense"):
        await store.undo("nonsense")
    async with store.transaction() as tx:
        pass
    with pytest.raises(RecordNotFoundError, match=tx.id):
        await store.undo(tx.id)


async def test_a_transaction_is_undone_after_the_file_was_opened_again(store: SQLiteStore) -> None:
    before = photograph(store.path)
    async with store.transaction() as tx:
        await _everything(store)
    await store.close()
    async with SQLiteStore(store.path) as again:
        await again.undo(tx.id)
    assert photograph(store.path) == before


# Files that an agent made.


async def test_rows_of_the_agents_own_table_go_back_into_it(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    path.touch()
    with outside.connected(path) as agent:
        agent.execute(
            "CREATE TABLE complete_interactions (interaction_id TEXT PRIMARY KEY, session_id TEXT,"
            " timestamp TEXT, user_query TEXT, success BOOLEAN, execution_time REAL, data TEXT)"
        )
        agent.execute(
            "INSERT INTO complete_interactions VALUES ('a', 's', '2025-01-01', 'why', 1, 2, ?)",
            (ODD,),
        )
    async with SQLiteStore(path) as store:
        before = photograph(path)
        await undone(store, lambda s: s.archive_interactions(["a"], "manual"))
        assert photograph(path) == before
        await undone(store, lambda s: s.update_interaction("a", content="how", details={}))
        assert photograph(path) == before
        await undone(store, lambda s: s.add_interaction({"interaction_id": "b"}))
        assert photograph(path, LIVE) == {name: before[name] for name in before if name in LIVE}


async def test_a_column_that_the_agent_adds_hinders_no_undo(store: SQLiteStore) -> None:
    before = await store.get_recent_interactions()
    async with store.transaction() as tx:
        await store.update_interaction("a", content="new", details={})
        await store.archive_interactions(["a", "b"], "manual")
        await store.restore_interactions(["c"])
        await store.add_interaction({"interaction_id": "new"})
    with outside.connected(store.path) as agent:
        for table in ("interactions", *ARCHIVES):
            agent.execute(f"ALTER TABLE {table} ADD COLUMN mood TEXT")
    await store.undo(tx.id)
    assert await store.get_recent_interactions() == [{**each, "mood": None} for each in before]


async def test_undoing_survives_a_column_that_came_meanwhile(store: SQLiteStore) -> None:
    async with store.transaction() as archived:
        await store.archive_interactions(["a"], "wrong")
    async with store.transaction() as restored:
        await store.restore_interactions(["a"])
    with outside.connected(store.path) as agent:
        agent.execute("ALTER TABLE interactions ADD COLUMN mood TEXT")
    await store.undo(restored.id)
    await store.undo(archived.id)
    assert await store.get_interaction("a") is not None


async def test_records_that_share_an_id_come_back_and_go_again_together(tmp_path: Path) -> None:
    path = tmp_path / "doubled.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT, name TEXT, pattern_type TEXT)",
        "INSERT INTO patterns VALUES ('p', 'one', 't'), ('q', 'other', 't'), ('p', 'two', 't')",
    )
    async with SQLiteStore(path) as store:
        before = rows_of(path)
        async with store.transaction() as tx:
            assert await store.archive_patterns(["p", "q"], "wrong") == 3
        back = await store.undo(tx.id)
        assert rows_of(path) == before
        again = await store.undo(back)
        assert rows_of(path) == []
        await store.undo(again)
        assert rows_of(path) == before


def rows_of(path: Path) -> list[tuple[str, str]]:
    """Id and name of the patterns, whatever their order in the file."""
    return sorted(outside.fetch(path, "SELECT id, name FROM patterns"))


async def test_one_of_two_that_share_an_id_comes_back_beside_the_other(tmp_path: Path) -> None:
    path = tmp_path / "doubled.db"
    legacy.execute(
        path,
        "CREATE TABLE interactions (id, timestamp TEXT, interaction_id TEXT)",
        "INSERT INTO interactions VALUES (1, '2025-01-01', 'a'), (2, '2026-01-01', 'a')",
    )
    async with SQLiteStore(path) as store:
        async with store.transaction() as tx:
            assert await store.archive_old_interactions("2025-06-01", "manual") == 1
        preview = await store.history.preview_undo(tx.id)
        assert [each.effect for each in preview.effects] == ["stays", "comes back"]
        assert preview.conflicts == ()
        back = await store.undo(tx.id)
        assert times_of(path) == ["2025-01-01", "2026-01-01"]
        await store.undo(back)
        assert times_of(path) == ["2026-01-01"]


def times_of(path: Path) -> list[str]:
    """The times of the interactions."""
    return sorted(time for (time,) in outside.fetch(path, "SELECT timestamp FROM interactions"))


async def test_an_id_that_two_tables_have_comes_back_into_both(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    path.touch()
    with outside.connected(path) as agent:
        for table in ("interactions", "complete_interactions"):
            agent.execute(f"CREATE TABLE {table} (id, interaction_id TEXT UNIQUE, timestamp TEXT)")
            agent.execute(f"INSERT INTO {table} (interaction_id) VALUES ('a')")
    async with SQLiteStore(path) as store:
        before = photograph(path, LIVE)
        await undone(store, lambda s: s.archive_interactions(["a"], "manual"))
        assert photograph(path, LIVE) == before
