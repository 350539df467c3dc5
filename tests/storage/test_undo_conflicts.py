"""Undo of what was built upon: the record in the way is named, and nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, UndoConflictError
from tests.storage import outside
from tests.storage.photographs import photograph

Work = Callable[[SQLiteStore], Awaitable[Any]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interactions({"interaction_id": name} for name in ("a", "b", "c", "d"))
        await store.add_patterns([{"id": name, "name": name} for name in ("p", "q")])
        await store.archive_interactions(["c", "d"], "manual")
        yield store


async def assert_conflict(store: SQLiteStore, transaction: str, record: str) -> None:
    """Check that undoing is foretold to meet the record, names it, and leaves all as it is."""
    preview = await store.history.preview_undo(transaction)
    assert record in [each.record_id for each in preview.conflicts]
    before, journal = photograph(store.path), await store.get_journal(None)
    with pytest.raises(UndoConflictError, match=rf"\b{record}\b") as error:
        await store.undo(transaction)
    assert error.value.record_id == record
    assert photograph(store.path) == before
    assert await store.get_journal(None) == journal


async def _as_the_agent(store: SQLiteStore, *statements: str) -> None:
    with outside.connected(store.path) as agent:
        for sql in statements:
            agent.execute(sql)


async def _in_two_steps(store: SQLiteStore) -> None:
    await store.restore_interactions(["c"])
    await store.archive_interactions(["c"], "wrong")


async def _archive_and_add_anew(store: SQLiteStore, record: str) -> None:
    await store.archive_interactions([record], "wrong")
    await store.add_interaction({"interaction_id": record, "content": "another life"})


# What is undone, what came between, and which record is in the way.
CONFLICTS: dict[str, tuple[Work, Work, str]] = {
    "an add, changed since": (
        lambda s: s.add_interactions([{"interaction_id": "x"}, {"interaction_id": "y"}]),
        lambda s: s.update_interaction("y", content="new"),
        "y",
    ),
    "an add, archived since": (
        lambda s: s.add_patterns([{"id": "x"}, {"id": "y"}]),
        lambda s: s.archive_patterns(["y"], "manual"),
        "y",
    ),
    "an add, archived and added anew since": (
        lambda s: s.add_interaction({"interaction_id": "x"}),
        lambda s: _archive_and_add_anew(s, "x"),
        "x",
    ),
    "an add, deleted by the agent since": (
        lambda s: s.add_interaction({"interaction_id": "x"}),
        lambda s: _as_the_agent(s, "DELETE FROM interactions WHERE interaction_id = 'x'"),
        "x",
    ),
    "an update, changed again since": (
        lambda s: s.update_pattern("p", name="new"),
        lambda s: s.update_pattern("p", confidence=0.75),
        "p",
    ),
    "an update, changed by the agent since": (
        lambda s: s.update_interaction("a", content="new"),
        lambda s: _as_the_agent(s, "UPDATE interactions SET role = 'user'"),
        "a",
    ),
    "an update, archived since": (
        lambda s: s.update_interaction("a", content="new"),
        lambda s: s.archive_interactions(["a"], "manual"),
        "a",
    ),
    "an archive, restored since": (
        lambda s: s.archive_interactions(["a", "b"], "manual"),
        lambda s: s.restore_interactions(["b"]),
        "b",
    ),
    "an archive, changed by the agent since": (
        lambda s: s.archive_interactions(["a", "b"], "manual"),
        lambda s: _as_the_agent(
            s, "UPDATE archived_interactions SET archive_reason = '' WHERE interaction_id = 'b'"
        ),
        "b",
    ),
    "an archive, emptied by the agent since": (
        lambda s: s.archive_patterns(["p"], "manual"),
        lambda s: _as_the_agent(s, "DELETE FROM archived_patterns"),
        "p",
    ),
    "an archive, whose second id lives anew": (
        lambda s: s.archive_interactions(["a", "b"], "manual"),
        lambda s: s.add_interaction({"interaction_id": "b"}),
        "b",
    ),
    "a restore, changed since": (
        lambda s: s.restore_interactions(["c", "d"]),
        lambda s: s.update_interaction("d", content="new"),
        "d",
    ),
    "a restore, archived since": (
        lambda s: s.restore_interactions(["c", "d"]),
        lambda s: s.archive_interactions(["d"], "manual"),
        "d",
    ),
    "several steps, of which the first was built upon": (
        lambda s: _in_two_steps(s),
        lambda s: s.restore_interactions(["c"]),
        "c",
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
async def test_the_record_in_the_way_is_named_and_nothing_changes(
    store: SQLiteStore, case: str
) -> None:
    work, between, record = CONFLICTS[case]
    async with store.transaction() as tx:
        await work(store)
    await between(store)
    await assert_conflict(store, tx.id, record)


async def test_a_conflict_in_the_last_of_many_changes_takes_back_the_others(
    store: SQLiteStore,
) -> None:
    async with store.transaction() as tx:
        await store.update_pattern("p", name="new")
        await store.update_pattern("q", name="new")
        await store.archive_interactions(["a", "b"], "manual")
    await store.update_pattern("p", name="newer")
    await assert_conflict(store, tx.id, "p")


async def test_what_was_undone_cannot_be_undone_again(store: SQLiteStore) -> None:
    await store.update_pattern("p", name="new")
    transaction = (await store.get_journal(1))[0]["transaction_id"]
    await store.undo(transaction)
    await assert_conflict(store, transaction, "p")


async def test_undoing_what_came_between_clears_the_way(store: SQLiteStore) -> None:
    before = photograph(store.path)
    async with store.transaction() as first:
        await store.archive_interactions(["a", "b"], "manual")
    async with store.transaction() as second:
        await store.restore_interactions(["b"])
    await assert_conflict(store, first.id, "b")
    await store.undo(second.id)
    await store.undo(first.id)
    assert photograph(store.path) == before


async def test_a_conflict_inside_a_block_can_be_caught_and_the_block_goes_on(
    store: SQLiteStore,
) -> None:
    async with store.transaction() as tx:
        await store.update_pattern("p", name="new")
        await store.update_pattern("q", name="new")
    await store.update_pattern("p", name="newer")
    async with store.transaction():
        with pytest.raises(UndoConflictError):
            await store.undo(tx.id)
        await store.update_pattern("q", description="after")
    patterns = {each["id"]: each for each in await store.get_patterns()}
    assert patterns["p"]["name"] == "newer"
    assert (patterns["q"]["name"], patterns["q"]["description"]) == ("new", "after")


async def test_an_archive_number_that_was_given_away_is_no_obstacle_that_goes_unnamed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "agent.db"
    path.touch()
    # Without AUTOINCREMENT, SQLite gives the number of a row that is gone to the next one.
    table = (
        "CREATE TABLE archived_interactions (id INTEGER PRIMARY KEY, original_id TEXT,"
        " interaction_id TEXT, data TEXT NOT NULL, archived_at TEXT NOT NULL, archive_reason TEXT,"
        " consolidated_to TEXT)"
    )
    with outside.connected(path) as agent:
        agent.execute(table)
    async with SQLiteStore(path) as store:
        await store.add_interactions({"interaction_id": name} for name in "abc")
        async with store.transaction() as archived:
            await store.archive_interactions(["a"], "manual")
        async with store.transaction() as restored:
            await store.restore_interactions(["a"])
        await store.archive_interactions(["b"], "manual")
        await assert_conflict(store, restored.id, "a")
        await assert_conflict(store, archived.id, "a")


async def test_an_edit_of_a_column_that_is_gone_is_not_undone(store: SQLiteStore) -> None:
    await _as_the_agent(store, "ALTER TABLE patterns ADD COLUMN mood TEXT")
    await store.update_pattern("p", mood="glad")
    async with store.transaction() as tx:
        await store.update_pattern("p", mood=None)
    # What the edit left there is nothing, as it is without the column.
    await _as_the_agent(store, "ALTER TABLE patterns DROP COLUMN mood")
    [told] = (await store.history.preview_undo(tx.id)).conflicts
    assert "lacks a column" in told.why
    await assert_conflict(store, tx.id, "p")


async def test_a_restore_out_of_a_column_that_is_gone_is_not_undone(store: SQLiteStore) -> None:
    await _as_the_agent(
        store,
        "ALTER TABLE archived_interactions ADD COLUMN mood TEXT",
        "UPDATE archived_interactions SET mood = 'glad'",
    )
    async with store.transaction() as tx:
        await store.restore_interactions(["c"])
    await _as_the_agent(store, "ALTER TABLE archived_interactions DROP COLUMN mood")
    [told] = (await store.history.preview_undo(tx.id)).conflicts
    assert "lacks a column" in told.why
    await assert_conflict(store, tx.id, "c")


async def test_a_conflict_names_the_kind_of_record_in_words(store: SQLiteStore) -> None:
    state = {"domain": "d", "session_id": "s"}
    await store.add_world_model_state(state)
    async with store.transaction() as tx:
        await store.add_world_model_state({**state, "confidence": 0.5})
    await store.add_world_model_state({**state, "confidence": 0.6})
    with pytest.raises(UndoConflictError, match=r"^world-model state .* stands in the way"):
        await store.undo(tx.id)
