"""How much there is, counted by SQLite itself."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import SQLiteStore
from tests.storage.stored import COMPLETE_INTERACTIONS, Text, outside, put, write


async def test_the_bytes_of_a_table_are_those_of_its_values(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute("CREATE TABLE own (a, b, c, d)")
        put(connection, "own", {"a": "é\0x", "b": b"\xff" * 100, "c": None, "d": 1234})
        put(connection, "own", {"a": Text(b"\xff\xfe"), "b": 1.5, "c": "", "d": b""})
        connection.execute('CREATE TABLE "quo""ted table" ("a b")')
    async with SQLiteStore(path) as store:
        tables = (await store.get_statistics())["tables"]
    assert tables["own"] == {"rows": 2, "bytes": 4 + 100 + 4 + 2 + 3}
    assert tables['quo"ted table'] == {"rows": 0, "bytes": 0}
    assert tables["patterns"] == {"rows": 0, "bytes": 0}


async def test_the_file_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        ids = await store.add_interactions({"content": "x" * 5000} for _ in range(200))
        file = (await store.get_statistics())["file"]
        assert file["bytes"] == path.stat().st_size
        assert file["wal_bytes"] == Path(f"{path}-wal").stat().st_size
        assert (file["journal_mode"], file["free_bytes"]) == ("wal", 0)
        await store.archive_interactions(ids, "manual")
        free = (await store.get_statistics())["file"]["free_bytes"]
        assert free > 0
        assert free % file["page_size"] == 0
        await store.vacuum_database()
        assert (await store.get_statistics())["file"]["free_bytes"] == 0


async def test_growth_counts_interactions_of_both_tables_by_their_moment(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    now = datetime.now(UTC)
    async with SQLiteStore(path) as store:
        for days in (0.5, 3, 20, 100):
            await store.add_interaction({"timestamp": now - timedelta(days=days)})
        recent = (now - timedelta(days=2)).isoformat(" ")
        row = {"interaction_id": "c", "timestamp": recent, "data": "{}"}
        write(path, "complete_interactions", **row)
        write(path, "interactions", timestamp="yesterday")
        assert (await store.get_statistics())["growth"] == {"day": 1, "week": 3, "month": 4}


async def test_no_row_is_loaded_to_be_measured(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        with outside(path) as connection:
            for _ in range(10):
                put(connection, "interactions", {"details": b"x" * 1_000_000})
        await store.get_statistics()
        tracemalloc.start()
        try:
            tables = (await store.get_statistics())["tables"]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert tables["interactions"]["bytes"] > 10_000_000
    assert peak < 500_000


async def test_what_a_virtual_table_of_the_agent_stores_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
        connection.execute("INSERT INTO words VALUES ('hello')")
    async with SQLiteStore(path) as store:
        tables = (await store.get_statistics())["tables"]
    assert tables["words_content"] == {"rows": 1, "bytes": 1 + len("hello")}
    assert "words" not in tables


async def test_a_memory_that_is_only_read_is_measured_too(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions([{}, {}])
    async with SQLiteStore(path, read_only=True) as store:
        statistics = await store.get_statistics()
    assert statistics["tables"]["interactions"]["rows"] == 2
    assert statistics["growth"]["day"] == 2
