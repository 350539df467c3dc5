"""Merging patterns in transactions, and undoing it, whatever stands in the file."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import RecordNotFoundError, SQLiteStore
from storage.records import Record
from tests.chance import examples
from tests.storage import legacy, outside
from tests.storage.blocks import failing
from tests.storage.merges import TABLES, add_patterns, merge
from tests.storage.photographs import photograph
from tests.storage.stored import VALUES, Text, put, snapshot


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db", actor="tester") as store:
        await add_patterns(store)
        yield store


# Transactions and undo.


async def test_a_merge_is_one_transaction_that_undo_takes_back(store: SQLiteStore) -> None:
    before = snapshot(store.path, *TABLES)
    await merge(store, "prefers", "uses", "indents", "not spaces")
    transactions = {each["transaction_id"] for each in await store.get_journal(2)}
    assert len(transactions) == 1
    await store.undo(transactions.pop())
    assert snapshot(store.path, *TABLES) == before


async def test_a_merge_that_was_undone_can_be_done_again(store: SQLiteStore) -> None:
    await merge(store, "prefers", "uses")
    after = snapshot(store.path, "patterns", "archived_patterns")
    undone = await store.undo((await store.get_journal(1))[0]["transaction_id"])
    await store.undo(undone)
    assert snapshot(store.path, "patterns", "archived_patterns") == after


async def test_a_merge_is_part_of_the_transaction_around_it(store: SQLiteStore) -> None:
    before = snapshot(store.path, *TABLES)
    async with store.transaction() as tx:
        await merge(store, "prefers", "uses")
        await store.update_pattern_confidence("prefers", 0.9)
        await merge(store, "prefers", "indents")
    assert len(await store.get_patterns()) == 3
    await store.undo(tx.id)
    assert snapshot(store.path, *TABLES) == before


async def test_a_transaction_that_fails_takes_the_merge_with_it(store: SQLiteStore) -> None:
    before = photograph(store.path)
    async with failing(store):
        await merge(store, "prefers", "uses")
    assert photograph(store.path) == before


async def test_a_merge_that_is_refused_leaves_the_transaction_around_it_usable(
    store: SQLiteStore,
) -> None:
    async with store.transaction():
        await merge(store, "prefers", "uses")
        with pytest.raises(RecordNotFoundError):
            await merge(store, "prefers", "indents", "uses")
        await store.update_pattern("prefers", name="tabs")
    record = await store.get_pattern("prefers")
    assert record
    assert (record["name"], record["frequency"]) == ("tabs", 5)
    assert await store.get_pattern("indents")


async def test_more_patterns_than_one_statement_names_are_merged(store: SQLiteStore) -> None:
    ids = await store.add_patterns(
        {"id": f"p{at}", "metadata": {"source_interactions": [f"s{at}"]}} for at in range(1200)
    )
    before = snapshot(store.path, *TABLES)
    record = await merge(store, "prefers", *ids)
    assert len(record["metadata"]["source_interactions"]) == 1202
    await store.undo((await store.get_journal(1))[0]["transaction_id"])
    assert snapshot(store.path, *TABLES) == before


# Whatever stands in the file.


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an empty memory to copy."""
    path = tmp_path_factory.mktemp("merging") / "memory.db"

    async def make() -> None:
        async with SQLiteStore(path):
            pass

    asyncio.run(make())
    with outside.connected(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab\u00e9", max_size=3),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from("ab"), each),
    max_leaves=6,
)
EVIDENCE = st.none() | st.text("ab", max_size=3) | st.lists(JSON_VALUES, max_size=3)
METADATA = st.none() | st.fixed_dictionaries(
    {},
    optional={"b": JSON_VALUES, "source_interactions": EVIDENCE, "source_x": EVIDENCE},
).map(json.dumps)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "frequency": st.integers(0, 2**63 - 1) | VALUES,
            "created_at": st.sampled_from(legacy.TIMES[:6]) | VALUES,
            "last_seen": st.sampled_from(legacy.TIMES[:6]) | VALUES,
            "metadata": METADATA,
            "sequence": VALUES,
            "confidence": VALUES,
            "description": VALUES,
        }
    ),
    min_size=2,
    max_size=5,
)


async def merge_and_undo(path: Path, keep: str, others: Sequence[str]) -> None:
    """Merge, undo it, and check that every value is as it was."""
    async with SQLiteStore(path) as store:
        before = snapshot(path, *TABLES)
        assert await merge(store, keep, *others) == await store.get_pattern(keep)
        assert not [each for each in others if await store.get_pattern(each)]
        assert snapshot(path, *TABLES) != before
        await store.undo((await store.get_journal(1))[0]["transaction_id"])
        assert snapshot(path, *TABLES) == before


@settings(max_examples=examples(25), deadline=None)
@given(rows=ROWS)
def test_whatever_stands_in_the_patterns_undo_gives_it_back(
    template: Path, rows: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "memory.db"))
        with outside.connected(path) as connection:
            for at, row in enumerate(rows):
                required = {"name": "n", "pattern_type": "t"}
                filled = {
                    name: Text(b"") if value is None and name != "metadata" else value
                    for name, value in row.items()
                }
                put(connection, "patterns", {"id": f"p{at}", **required, **filled})
        asyncio.run(merge_and_undo(path, "p0", [f"p{at}" for at in range(1, len(rows))]))


LISTS = st.lists(st.sampled_from("abcdef"), max_size=4)


@settings(max_examples=examples(15), deadline=None)
@given(evidence=st.lists(st.tuples(LISTS, st.integers(0, 9)), min_size=2, max_size=5))
def test_no_evidence_is_lost_and_none_is_made_up(
    template: Path, evidence: list[tuple[list[str], int]]
) -> None:
    async def run(path: Path) -> Record:
        async with SQLiteStore(path) as store:
            ids = await store.add_patterns(
                [
                    {"frequency": count, "metadata": {"source_interactions": listed}}
                    for listed, count in evidence
                ]
            )
            return await merge(store, ids[0], *ids[1:])

    with tempfile.TemporaryDirectory() as folder:
        record = asyncio.run(run(Path(shutil.copy(template, Path(folder) / "memory.db"))))
    own = evidence[0][0]
    united = record["metadata"]["source_interactions"]
    assert united[: len(own)] == own
    new = dict.fromkeys(each for listed, _ in evidence for each in listed if each not in own)
    assert united[len(own) :] == list(new)
    assert record["frequency"] == sum(count for _, count in evidence)


# Files that older agents left.


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_patterns_of_older_agents_are_merged_and_given_back(
    tmp_path: Path, generation: int
) -> None:
    path = legacy.make(tmp_path / "agent.db", generation)
    keep, *others = (
        ("test-first", "consolidated-work") if generation == 2 else (f"p{at}" for at in range(9))
    )
    async with SQLiteStore(path) as store:
        before = snapshot(path, *TABLES)
        counts = [row["frequency"] for row in await store.get_patterns() if row["id"] in others]
        own = await store.get_pattern(keep)
        assert own
        record = await merge(store, keep, *others)
        assert record["frequency"] == own["frequency"] + sum(counts)
        assert len(await store.get_archived_patterns(archive_reason="duplicate")) == len(others)
        await store.undo((await store.get_journal(1))[0]["transaction_id"])
        assert snapshot(path, *TABLES) == before


async def test_a_pattern_without_an_id_of_its_own_is_merged_and_given_back(tmp_path: Path) -> None:
    path = legacy.make(tmp_path / "agent.db", 1)
    with outside.connected(path) as agent:
        agent.execute("UPDATE patterns SET metadata = '{\"source_x\": [1]}' WHERE id IS NULL")
    async with SQLiteStore(path) as store:
        [nameless] = [
            str(each["id"])
            for each in await store.get_patterns()
            if str(each["id"]).startswith("legacy-")
        ]
        before = snapshot(path, *TABLES)
        for keep, other in ((nameless, "p1"), ("p1", nameless)):
            record = await merge(store, keep, other)
            assert record["metadata"]["source_x"] == [1]
            await store.undo((await store.get_journal(1))[0]["transaction_id"])
            assert snapshot(path, *TABLES) == before
