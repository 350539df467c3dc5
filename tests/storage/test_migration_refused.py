"""A migration that cannot be done leaves the file as it was, and no backup."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from storage import CorruptDatabaseError, SQLiteStore, StorageError, StoreBusyError
from tests.storage import legacy

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[0, 1, 2], ids=lambda generation: f"generation {generation}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A filled file of each generation, in rollback-journal mode as bicamrl writes it."""
    return legacy.make(tmp_path / "memory.db", request.param)


async def test_without_a_backup_nothing_is_changed(tmp_path: Path) -> None:
    # The name of the file is allowed, that of its backup is too long for the folder.
    old = legacy.make(tmp_path / ("m" * 235 + ".db"), 1)
    before = legacy.digests(old)
    with pytest.raises(StorageError, match=r"could not be backed up .* nothing was changed"):
        await SQLiteStore(old).initialize()
    assert legacy.digests(old) == before
    assert [each.name for each in tmp_path.iterdir()] == [old.name]


def test_a_backup_that_does_not_fit_on_the_disk_leaves_no_half(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, rows=500)
    before = legacy.digests(old)
    limit = old.stat().st_size // 2
    code = """
        import asyncio, resource, sys
        from storage import SQLiteStore, StorageError
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
        try:
            asyncio.run(SQLiteStore(sys.argv[1]).initialize())
        except StorageError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(old), str(limit)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert "could not be backed up" in done.stdout
    assert legacy.digests(old) == before
    assert [each.name for each in tmp_path.iterdir()] == [old.name]


async def test_a_migration_that_fails_leaves_the_file_and_no_backup(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    legacy.execute(old, "CREATE TABLE memglass_interactions_session (taken)")
    before = legacy.digests(old)
    with pytest.raises(StorageError, match=r"memory\.db: there is already a table named"):
        await SQLiteStore(old).initialize()
    assert legacy.digests(old) == before
    assert legacy.backups(old) == []


async def test_what_is_left_of_a_killed_backup_goes_with_the_next(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    partial = tmp_path / "memory.db.backup-partial"
    partial.write_bytes(b"half")
    async with SQLiteStore(old) as store:
        assert legacy.backups(old) == [store.backup]


async def test_a_writer_that_keeps_the_lock_is_an_error_and_changes_nothing(old: Path) -> None:
    before = legacy.digests(old)
    with legacy.opened(old) as agent:
        agent.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match=r"memory\.db"):
            await SQLiteStore(old, busy_timeout=0.1).initialize()
    assert legacy.digests(old) == before
    assert legacy.backups(old) == []


async def test_a_reader_in_the_way_of_the_commit_is_an_error_and_changes_nothing(old: Path) -> None:
    before = legacy.picture(old)
    with legacy.opened(old) as agent:
        # Outside WAL mode a commit waits for every reader.
        agent.execute("BEGIN")
        agent.execute("SELECT * FROM patterns").fetchone()
        with pytest.raises(StoreBusyError):
            await SQLiteStore(old, busy_timeout=0.1).initialize()
    assert legacy.picture(old) == before
    assert legacy.backups(old) == []
    async with SQLiteStore(old):
        pass
    legacy.check_nothing_lost(before, old)


# Damage.


async def test_a_damaged_file_is_backed_up_to_the_last_byte_before_a_migration(
    tmp_path: Path,
) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, rows=2000)
    legacy.damage(old, 'odd "table"')
    before = old.read_bytes()
    async with SQLiteStore(old) as store:
        assert store.backup is not None
        # The header alone counts the copies.
        assert store.backup.read_bytes()[4096:] == before[4096:]


async def test_damage_in_the_way_of_a_migration_is_one_clear_error(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, rows=2000)
    legacy.damage(old, "interactions")
    before = legacy.digests(old)
    with pytest.raises(CorruptDatabaseError, match=r"memory\.db is damaged"):
        await SQLiteStore(old).initialize()
    assert legacy.digests(old) == before
    assert legacy.backups(old) == []
