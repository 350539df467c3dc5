"""Transactions: what commits, what is taken back, and who sees what."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage import RecordExistsError, SQLiteStore, TransactionError, ValidationError
from tests.storage.blocks import BlockError, add, failing, texts


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


# Commit and rollback.


async def test_a_block_that_ends_commits(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        await add(store, "one", "two")
        states = [tx.state]
    assert [*states, tx.state] == ["open", "committed"]
    assert await texts(store) == ["one", "two"]


async def test_a_block_that_raises_changes_nothing(store: SQLiteStore) -> None:
    await store.add_pattern({"id": "p", "confidence": 0.5})
    async with failing(store) as tx:
        await add(store, "one")
        await store.update_pattern("p", confidence=0.9)
        await store.archive_patterns(["p"], "wrong")
    assert tx.state == "rolled_back"
    assert await texts(store) == []
    pattern = await store.get_pattern("p")
    assert pattern is not None
    assert pattern["confidence"] == 0.5
    assert len(await store.get_journal()) == 1


async def test_an_interrupted_program_changes_nothing(store: SQLiteStore) -> None:
    with pytest.raises(SystemExit):  # noqa: PT012 - the block is what is tested
        async with store.transaction() as tx:
            await add(store, "one")
            sys.exit(3)
    assert tx.state == "rolled_back"
    assert await texts(store) == []


async def test_a_generator_that_is_closed_inside_its_block_changes_nothing(
    store: SQLiteStore,
) -> None:
    async def steps() -> AsyncIterator[str]:
        async with store.transaction():
            await add(store, "one")
            yield "halfway"
            await add(store, "two")

    walking = steps()
    assert await anext(walking) == "halfway"
    await walking.aclose()  # type: ignore[attr-defined]
    assert await texts(store) == []
    await add(store, "three")


async def test_an_empty_block_commits_and_leaves_no_trace(store: SQLiteStore) -> None:
    async with store.transaction() as tx:
        pass
    assert tx.state == "committed"
    assert await store.get_journal() == []


async def test_the_journal_knows_every_change_by_the_id_and_note_of_its_transaction(
    store: SQLiteStore,
) -> None:
    async with store.transaction(note="merge duplicates") as tx:
        first = await store.add_interaction({"content": "one"})
        await store.update_interaction(first, content="uno")
        await store.archive_interactions([first], "duplicate")
    journal = await store.get_journal()
    assert [each["operation"] for each in journal] == ["archive", "update", "add"]
    assert {each["transaction_id"] for each in journal} == {tx.id}
    assert {each["note"] for each in journal} == {"merge duplicates"}


async def test_a_block_in_one_without_a_note_has_a_note_of_its_own(store: SQLiteStore) -> None:
    async with store.transaction():
        await add(store, "one")
        async with store.transaction(note="why"):
            await add(store, "two")
            async with store.transaction(note="another"):
                await add(store, "three")
        await add(store, "four")
    journal = await store.get_journal()
    assert [each["note"] for each in journal] == [None, "why", "why", None]


async def test_calls_outside_a_block_are_transactions_of_their_own(store: SQLiteStore) -> None:
    await add(store, "one", "two")
    assert len({each["transaction_id"] for each in await store.get_journal()}) == 2


async def test_a_call_that_fails_inside_a_block_leaves_nothing_of_itself(
    store: SQLiteStore,
) -> None:
    async with store.transaction():
        await store.add_interactions([{"interaction_id": "a"}])
        with pytest.raises(RecordExistsError):
            await store.add_interactions([{"interaction_id": "b"}, {"interaction_id": "a"}])
        with pytest.raises(ValidationError):
            await store.add_patterns([{"id": "p"}, {"id": "q", "confidence": 7}])
        await store.add_interaction({"interaction_id": "c"})
    found = await store.get_recent_interactions()
    assert [each["interaction_id"] for each in found] == ["c", "a"]
    assert await store.get_patterns() == []
    assert len(await store.get_journal()) == 2


async def test_a_bulk_add_whose_source_fails_changes_nothing(store: SQLiteStore) -> None:
    def source() -> Any:
        for i in range(2500):
            yield {"content": str(i)}
        raise BlockError

    with pytest.raises(BlockError):
        await store.add_interactions(source())
    assert await texts(store) == []


async def test_a_block_is_entered_once(store: SQLiteStore) -> None:
    block = store.transaction()
    async with block:
        with pytest.raises(TransactionError):
            await block.__aenter__()
    with pytest.raises(TransactionError):
        await block.__aenter__()
    await add(store, "one")


# Savepoints.


async def test_an_inner_block_that_fails_takes_back_only_itself(store: SQLiteStore) -> None:
    async with store.transaction() as outer:
        await add(store, "before")
        async with failing(store) as inner:
            assert inner.id == outer.id
            await add(store, "inside")
        assert await texts(store) == ["before"]
        await add(store, "after")
    assert outer.state == "committed"
    assert await texts(store) == ["before", "after"]
    assert len(await store.get_journal()) == 2


async def test_an_inner_block_knows_what_became_of_it(store: SQLiteStore) -> None:
    async with failing(store) as outermost:
        async with store.transaction() as kept:
            async with failing(store) as failed:
                async with store.transaction() as within_failed:
                    await add(store, "lost")
                assert within_failed.state == "open"
            assert (failed.state, within_failed.state) == ("rolled_back", "rolled_back")
        assert (kept.state, outermost.state) == ("open", "open")
    assert (kept.state, outermost.state) == ("rolled_back", "rolled_back")

    async with store.transaction() as outermost:
        async with failing(store) as failed:
            pass
        async with store.transaction() as kept:
            await add(store, "kept")
    assert (failed.state, kept.state) == ("rolled_back", "committed")
    assert await texts(store) == ["kept"]


async def test_an_inner_block_that_outlives_the_outer_one_disturbs_no_other_transaction(
    store: SQLiteStore,
) -> None:
    async def steps() -> AsyncIterator[str]:
        async with store.transaction():
            await add(store, "one")
            yield "halfway"

    walking = steps()
    async with store.transaction():
        await anext(walking)
    with pytest.raises(TransactionError, match="in the order of their nesting"):
        await walking.aclose()  # type: ignore[attr-defined]
    async with store.transaction(), store.transaction():
        await add(store, "two")
    assert await texts(store) == ["one", "two"]


async def test_an_outer_block_that_fails_takes_the_inner_ones_along(store: SQLiteStore) -> None:
    async with failing(store):
        async with store.transaction():
            await add(store, "inside")
        async with store.transaction():
            await add(store, "also inside")
        assert await texts(store) == ["inside", "also inside"]
    assert await texts(store) == []


async def test_an_inner_block_that_ends_survives_a_later_one_that_fails(
    store: SQLiteStore,
) -> None:
    async with store.transaction():
        async with store.transaction():
            await add(store, "kept")
        for _ in range(3):
            async with failing(store):
                await add(store, "lost")
    assert await texts(store) == ["kept"]


async def test_blocks_nest_as_deep_as_one_likes(store: SQLiteStore) -> None:
    async def descend(depth: int) -> None:
        async with failing(store):
            await add(store, f"lost {depth}")
        async with store.transaction():
            await add(store, str(depth))
            if depth < 30:
                await descend(depth + 1)

    await descend(0)
    assert await texts(store) == [str(depth) for depth in range(31)]


# Who sees what.


async def test_the_owner_sees_its_own_writes_and_nobody_else_does(store: SQLiteStore) -> None:
    await add(store, "committed")
    asked, answered = asyncio.Event(), asyncio.Event()
    seen: list[list[str]] = []

    async def bystander() -> None:
        await asked.wait()
        seen.append(await texts(store))
        answered.set()

    watching = asyncio.create_task(bystander())
    async with store.transaction():
        await add(store, "pending")
        asked.set()
        await answered.wait()
        assert await texts(store) == ["committed", "pending"]
    await watching
    assert seen == [["committed"]]
    assert await texts(store) == ["committed", "pending"]


async def test_every_kind_of_read_sees_what_its_own_transaction_wrote(store: SQLiteStore) -> None:
    async with store.transaction():
        first = await store.add_interaction({"content": "one"})
        await store.add_pattern({"id": "p", "pattern_type": "workflow"})
        await store.archive_interactions([first], "manual")
        await store.add_world_model_state({"domain": "coding"})
        await store.set_note("pattern", "p", text="mind this")
        assert await store.get_interaction(first) is None
        assert len(await store.get_archived_interactions()) == 1
        assert await store.get_pattern_types() == {"workflow": 1}
        assert len(await store.get_world_model_snapshots()) == 1
        assert len(await store.get_active_world_models()) == 1
        assert len(await store.get_notes()) == 1
        assert len(await store.get_journal()) == 6
        assert len(await store.list_keys("archived_interaction")) == 1
        assert [each async for each in store.iter_interactions()] == []
    assert len(await store.get_journal()) == 6


async def test_other_tasks_wait_for_their_turn(store: SQLiteStore) -> None:
    begun = asyncio.Event()

    async def other(name: str) -> None:
        await begun.wait()
        async with store.transaction():
            await add(store, name, name)

    others = [asyncio.create_task(other(name)) for name in "abc"]
    async with store.transaction():
        begun.set()
        for _ in range(5):
            await asyncio.sleep(0)
            await add(store, "first")
        assert not any(task.done() for task in others)
    await asyncio.gather(*others)
    found = await texts(store)
    assert found[:5] == ["first"] * 5
    assert found[5::2] == found[6::2]
    assert sorted(found[5:]) == list("aabbcc")


async def test_a_task_that_began_before_the_transaction_may_wait_for_it(
    store: SQLiteStore,
) -> None:
    begun = asyncio.Event()

    async def single() -> None:
        await begun.wait()
        await add(store, "later")

    waiting = asyncio.create_task(single())
    async with store.transaction():
        begun.set()
        await asyncio.sleep(0)
        await add(store, "first")
    await waiting
    assert await texts(store) == ["first", "later"]
