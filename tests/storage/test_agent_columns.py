"""Tables that an agent made its own way: columns with defaults, other types, other collations."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, ValidationError
from storage.json_utils import decode
from tests.storage.stored import COMPLETE_INTERACTIONS, Stored, outside, snapshot, write

INTERACTIONS = """CREATE TABLE interactions (
    id INTEGER PRIMARY KEY, interaction_id TEXT UNIQUE COLLATE NOCASE, timestamp TEXT,
    session_id INTEGER, weight INTEGER NOT NULL DEFAULT 5, seen TEXT DEFAULT CURRENT_TIMESTAMP,
    word TEXT DEFAULT ('a' || 'b'), own)"""
PATTERNS = """CREATE TABLE patterns (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, pattern_type TEXT NOT NULL,
    sequence TEXT NOT NULL, weight REAL NOT NULL DEFAULT 2)"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        for table in (INTERACTIONS, PATTERNS, COMPLETE_INTERACTIONS):
            connection.execute(table)
    return path


async def test_what_is_not_given_gets_the_default_of_the_agent(store: SQLiteStore) -> None:
    ids = await store.add_interactions([{"weight": 1, "word": "x"}, {"word": None}, {}])
    rows: list[Any] = [await store.get_row("interaction", each) for each in ids]
    assert [(row["weight"], row["word"]) for row in rows] == [(1, "x"), (5, "ab"), (5, "ab")]
    assert all(row["seen"].startswith("20") for row in rows)
    pattern = await store.get_row("pattern", await store.add_pattern({"id": "7", "name": "n"}))
    assert pattern
    assert (pattern["id"], pattern["weight"]) == (7, 2.0)


@pytest.mark.parametrize("given", [{}, {"session_id": "5"}, {"own": b"\xff"}, {"weight": 7.0}])
async def test_what_a_column_turns_into_something_else_can_be_undone(
    store: SQLiteStore, path: Path, given: dict[str, Any]
) -> None:
    async with store.transaction() as tx:
        await store.add_interactions([given, {}, given])
    there = snapshot(path, "interactions")
    undone = await store.undo(tx.id)
    await store.undo(undone)
    assert snapshot(path, "interactions") == there


async def test_an_id_in_another_spelling_is_another_id(store: SQLiteStore) -> None:
    await store.add_interaction({"interaction_id": "abc"})
    await store.add_pattern({"id": "7", "name": "n"})
    assert await store.get_interaction("ABC") is None
    assert await store.get_pattern("07") is None
    assert await store.archive_interactions(["ABC"], "manual") == 0
    assert await store.get_pattern("7")


async def test_a_complete_interaction_that_comes_back_unchanged_is_not_written(
    store: SQLiteStore, path: Path
) -> None:
    row = {"timestamp": "2026-01-05 10:00", "success": 1, "data": b'{ "n": 1.10'}
    write(path, "complete_interactions", interaction_id="c", **row)
    before = snapshot(path, "complete_interactions")
    record = await store.get_interaction("c")
    assert record
    await store.update_interaction("c", **record)
    assert snapshot(path, "complete_interactions") == before
    assert await store.get_journal() == []
    for change in ({"action": "edit"}, {"role": "user"}, {"metadata": {"nowhere": 1}}):
        with pytest.raises(ValidationError, match="has no column for"):
            await store.update_interaction("c", **change)
    await store.update_interaction("c", metadata={"success": 0}, content="new")
    (after,) = snapshot(path, "complete_interactions")["complete_interactions"]
    assert after["data"] == Stored("blob", b'{ "n": 1.10', "None")
    assert (after["success"].number, after["user_query"].raw) == ("0", b"new")


@pytest.mark.parametrize("damaged", ["[", "", "5", "null", b"\xff"])
async def test_a_damaged_entry_hides_no_other_of_the_journal(
    store: SQLiteStore, path: Path, damaged: Any
) -> None:
    await store.add_interactions([{}, {}])
    await store.add_interaction({})
    with outside(path) as connection:
        connection.execute(
            "UPDATE memglass_journal SET record_ids = ?, before = ? WHERE record_id IS NULL",
            (damaged, damaged),
        )
    newest, oldest = await store.get_journal()
    assert len(newest["record_ids"]) == 1
    assert oldest["record_ids"] == []


def test_decoding_what_is_corrupt_leaves_no_copies_of_it_behind() -> None:
    corrupt = b'{"a": "' + b"x" * 1_000_000
    decode(corrupt)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(5):
            decode(corrupt)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert held < 100_000
