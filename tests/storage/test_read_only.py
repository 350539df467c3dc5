"""Reading a file changes nothing in it, wherever it lies and whatever its last writer left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage import ReadOnlyError, SQLiteStore, inspect_file
from tests.storage import legacy

ROOT = Path(__file__).parents[2]
KINDS = (
    "interaction",
    "pattern",
    "archived_interaction",
    "archived_pattern",
    "world_model_state",
    "snapshot",
)


@pytest.fixture(params=[0, 1, 2], ids=lambda generation: f"generation {generation}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return legacy.make(tmp_path / "memory.db", request.param)


async def read_all(store: SQLiteStore) -> dict[str, int]:
    """Read everything there is, in every way, and count the rows of each kind."""
    counts = {}
    for kind in KINDS:
        keys = await store.list_keys(kind)
        for row in await store.get_summaries(kind, keys):
            assert row is not None
            assert await store.get_record(kind, row["record_id"]) is not None
            assert await store.get_row(kind, row["record_id"]) is not None
        counts[kind] = len(keys)
    await store.get_recent_interactions(1000)
    await store.get_patterns()
    await store.get_pattern_types()
    await store.get_archived_interactions()
    await store.get_archived_patterns()
    await store.get_archive_statistics()
    await store.get_world_model_snapshots()
    await store.get_active_world_models()
    await store.get_journal()
    await store.get_notes()
    await store.get_statistics()
    async for _ in store.check_health():
        pass
    return counts


# Nothing is changed.


async def test_every_generation_is_read_whole_and_nothing_is_changed(old: Path) -> None:
    before, tables = legacy.digests(old), inspect_file(old).tables
    async with SQLiteStore(old, read_only=True) as store:
        counts = await read_all(store)
    assert counts["interaction"] == tables.get("interactions", 0) + tables.get(
        "complete_interactions", 0
    )
    assert counts["pattern"] == tables["patterns"]
    assert counts["archived_interaction"] == tables["archived_interactions"]
    assert counts["snapshot"] == tables.get("world_model_snapshots", 0)
    assert legacy.digests(old) == before
    assert [each.name for each in old.parent.iterdir()] == [old.name]


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_a_wal_that_a_killed_agent_left_is_read_and_kept(
    tmp_path: Path, generation: int
) -> None:
    old = legacy.make(tmp_path / "memory.db", generation, journal_mode="wal")
    legacy.leave_wal(old, "DELETE FROM patterns WHERE id = 'p1'", "CREATE TABLE late (what)")
    before = legacy.digests(old)
    assert set(before) == {"", "-wal"}
    assert "late" in inspect_file(old).tables
    async with SQLiteStore(old, read_only=True) as store:
        await read_all(store)
        assert await store.get_pattern("p1") is None
    assert legacy.digests(old) == before


async def test_a_file_that_an_agent_writes_to_is_not_disturbed(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, journal_mode="wal")
    with legacy.opened(old) as agent:
        agent.execute("INSERT INTO sessions VALUES ('late', 't', NULL)")
        before = legacy.digests(old)
        async with SQLiteStore(old, read_only=True) as store:
            await read_all(store)
            agent.execute("PRAGMA wal_checkpoint(PASSIVE)")
        assert before["-wal"] == legacy.digests(old)["-wal"]
        agent.execute("INSERT INTO sessions VALUES ('later', 't', NULL)")


async def test_what_an_agent_commits_meanwhile_is_read(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, journal_mode="wal")
    with legacy.opened(old) as agent:
        async with SQLiteStore(old, read_only=True) as store:
            version = await store.get_data_version()
            count = len(await store.list_keys("interaction"))
            agent.execute("INSERT INTO interactions (timestamp, action) VALUES ('2026', 'edit')")
            assert await store.get_data_version() != version
            assert len(await store.list_keys("interaction")) == count + 1


@pytest.mark.parametrize("generation", [0, 2])
async def test_a_transaction_that_a_killed_agent_left_is_not_read(
    tmp_path: Path, generation: int
) -> None:
    old = legacy.make(tmp_path / "memory.db", generation, rows=500)
    committed = legacy.picture(old)
    table = "complete_interactions" if generation == 2 else "interactions"
    legacy.leave_journal(old, f"DELETE FROM {table} WHERE rowid % 3", "UPDATE patterns SET name=1")
    before = legacy.digests(old)
    assert set(before) == {"", "-journal"}
    counted = inspect_file(old).tables
    async with SQLiteStore(old, read_only=True) as store:
        counts = await read_all(store)
    assert counts["interaction"] == counted[table] == len(committed.rows[table])
    assert legacy.digests(old) == before
    async with SQLiteStore(old):
        pass
    legacy.check_nothing_lost(committed, old)


async def test_a_file_shorter_than_its_header_says_is_read_by_its_journal(tmp_path: Path) -> None:
    # A commit writes the first page first: killed after it, the file lacks what it grew by.
    old = legacy.make(tmp_path / "memory.db", 1)
    size, committed = old.stat().st_size, legacy.picture(old)
    legacy.leave_journal(
        old,
        "CREATE TABLE filler (x)",
        *([f"INSERT INTO filler VALUES (zeroblob({legacy.PAGE}))"] * 20),
    )
    grown = old.read_bytes()
    pages = (size // legacy.PAGE + 10).to_bytes(4, "big")
    old.write_bytes(grown[:28] + pages + grown[32:size])
    before = legacy.digests(old)
    async with SQLiteStore(old, read_only=True) as store:
        await read_all(store)
    assert legacy.digests(old) == before
    async with SQLiteStore(old):
        pass
    legacy.check_nothing_lost(committed, old)


# What is missing.


async def test_a_missing_table_reads_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(path, "CREATE TABLE interactions (id INTEGER PRIMARY KEY, timestamp)")
    async with SQLiteStore(path, read_only=True) as store:
        assert await read_all(store) == dict.fromkeys(KINDS, 0)
        assert await store.get_patterns() == []
        assert await store.get_pattern_types() == {}
        assert await store.get_journal() == []
        assert await store.get_notes() == []
        assert await store.get_archive_statistics() == {
            "interactions": {},
            "patterns": {},
            "rows": {},
        }


async def test_a_database_without_any_memory_reads_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    legacy.execute(path, "CREATE TABLE songs (title)")
    async with SQLiteStore(path, read_only=True) as store:
        assert await read_all(store) == dict.fromkeys(KINDS, 0)


async def test_a_missing_column_reads_as_none(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(
        path,
        "CREATE TABLE interactions (id INTEGER PRIMARY KEY, timestamp)",
        "CREATE TABLE patterns (id TEXT PRIMARY KEY)",
        "CREATE TABLE archived_interactions (id INTEGER PRIMARY KEY, data)",
        "CREATE TABLE world_model_states (id TEXT PRIMARY KEY)",
        "CREATE TABLE world_model_snapshots (id INTEGER PRIMARY KEY, snapshot_data)",
        "INSERT INTO interactions VALUES (5, '2025-01-01')",
        "INSERT INTO patterns VALUES ('p')",
        "INSERT INTO archived_interactions VALUES (1, '{}')",
        "INSERT INTO world_model_states VALUES ('w')",
        "INSERT INTO world_model_snapshots VALUES (1, '{}')",
    )
    async with SQLiteStore(path, read_only=True) as store:
        counts = await read_all(store)
        record = await store.get_interaction("legacy-5")
        (pattern,) = await store.get_patterns()
    assert counts == dict.fromkeys(KINDS, 1) | {"archived_pattern": 0}
    assert record == {
        "id": 5,
        "interaction_id": "legacy-5",
        "timestamp": "2025-01-01",
        **dict.fromkeys(("session_id", "action", "role", "content", "file_path")),
        "details": {},
        "metadata": {},
    }
    assert (pattern["name"], pattern["confidence"], pattern["sequence"]) == (None, None, [])


# Changes are refused.

CHANGES: list[Callable[[SQLiteStore], Awaitable[Any]]] = [
    lambda store: store.add_interaction({"action": "edit"}),
    lambda store: store.add_interactions([{"action": "edit"}]),
    lambda store: store.add_pattern({"name": "n", "pattern_type": "t", "sequence": []}),
    lambda store: store.update_pattern("p1", name="n"),
    lambda store: store.archive_interactions(["legacy-1"], "manual"),
    lambda store: store.archive_old_interactions("2030-01-01", "manual"),
    lambda store: store.restore_interactions(["legacy-77"]),
    lambda store: store.add_world_model_state({"domain": "coding"}),
    lambda store: store.set_note("pattern", "p1", text="t"),
    lambda store: store.undo("t"),
    lambda store: store.vacuum_database(),
    lambda store: store.transaction().__aenter__(),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_is_refused(
    tmp_path: Path, change: Callable[[SQLiteStore], Awaitable[Any]]
) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    before = legacy.digests(old)
    async with SQLiteStore(old, read_only=True) as store:
        assert store.read_only
        assert store.read_only_reason is None
        with pytest.raises(ReadOnlyError, match=r"memory\.db is open read-only"):
            await change(store)
    assert legacy.digests(old) == before
