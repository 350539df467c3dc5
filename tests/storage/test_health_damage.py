"""The scan of a damaged file: the damage is a finding, and what can be read is looked at."""

from __future__ import annotations

from pathlib import Path

from storage import SQLiteStore
from tests.storage.scans import scan
from tests.storage.stored import outside, put


def page_size_of(path: Path) -> int:
    return int.from_bytes(path.read_bytes()[16:18]) or 65536


def damage(path: Path, page: int) -> None:
    """Write over a page of the file, numbered from 1."""
    size = page_size_of(path)
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))


async def filled(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            {"interaction_id": f"i{i}", "content": "x" * 200} for i in range(2000)
        )
        await store.add_pattern({"id": "p", "name": "n"})
    with outside(path) as connection:
        put(connection, "patterns", {"id": "q", "name": "", "pattern_type": "", "sequence": "{"})
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def test_a_damaged_index_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    await filled(path)
    with outside(path) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'memglass_interactions_session'"
        ).fetchone()
    damage(path, page)
    async with SQLiteStore(path, read_only=True) as store:
        found, progress = await scan(store)
    assert "integrity" in {each.problem for each in found}
    assert ("corrupt", "patterns", "q") in {(e.problem, e.table, e.record_id) for e in found}
    assert progress[-1].done == progress[-1].total


async def test_a_damaged_table_is_a_finding_and_the_others_are_scanned(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    await filled(path)
    with outside(path) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'interactions'"
        ).fetchone()
    size = page_size_of(path)
    page = path.read_bytes()[(root - 1) * size : root * size]
    # The root is an interior page; its first cell begins with the number of a child.
    first_cell = int.from_bytes(page[12:14])
    damage(path, int.from_bytes(page[first_cell : first_cell + 4]))
    async with SQLiteStore(path, read_only=True) as store:
        found, progress = await scan(store)
    problems = {(each.problem, each.table) for each in found}
    assert ("integrity", "interactions") in problems
    assert ("corrupt", "patterns") in problems
    assert all(each.message for each in found)
    assert progress[-1].done == progress[-1].total
