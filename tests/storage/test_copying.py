"""copy_memory: what is committed, whole or not at all, never over something else."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from pathlib import Path

import pytest

from storage import FileError, NotADatabaseError, SQLiteStore, StorageError, copy_memory
from tests.storage import outside


async def make(path: Path, count: int = 3) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions({"interaction_id": f"int-{i}"} for i in range(count))


async def ids_in(path: Path) -> set[str]:
    async with SQLiteStore(path, read_only=True) as store:
        return {each["interaction_id"] for each in await store.get_recent_interactions(None)}


async def test_a_copy_holds_what_is_committed_also_in_the_log_of_an_open_store(
    tmp_path: Path,
) -> None:
    path, copy = tmp_path / "memory.db", tmp_path / "copy.db"
    async with SQLiteStore(path) as store:
        await store.add_interaction({"interaction_id": "before"})
        async with store.transaction():
            await store.add_interaction({"interaction_id": "open"})
            size = await copy_memory(path, copy)
    assert await ids_in(copy) == {"before"}
    assert outside.integrity(copy) == [("ok",)]
    assert copy.stat().st_size == size


async def test_a_copy_is_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    path, copy = tmp_path / "memory.db", tmp_path / "new" / "copy.db"
    await make(path)
    copy.parent.mkdir()
    await copy_memory(path, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert list(copy.parent.iterdir()) == [copy]


async def test_nothing_is_written_over(tmp_path: Path) -> None:
    path, copy = tmp_path / "memory.db", tmp_path / "copy.db"
    await make(path)
    copy.write_bytes(b"mine")
    with pytest.raises(FileError, match="exists already"):
        await copy_memory(path, copy)
    copy.unlink()
    copy.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileError, match="exists already"):
        await copy_memory(path, copy)
    with pytest.raises(FileError, match="There is no folder"):
        await copy_memory(path, tmp_path / "none" / "copy.db")
    assert {each.name for each in tmp_path.iterdir()} >= {"memory.db", "copy.db"}
    assert not list(tmp_path.glob(".copy*"))


async def test_what_is_left_of_a_database_that_is_gone_does_not_get_into_the_copy(
    tmp_path: Path,
) -> None:
    path, other, copy = tmp_path / "memory.db", tmp_path / "other.db", tmp_path / "copy.db"
    await make(path)
    async with SQLiteStore(other) as store:
        await store.add_interaction({"interaction_id": "gone"})
        # As a crash leaves it, and whoever then deletes the file alone.
        shutil.copyfile(f"{other}-wal", f"{copy}-wal")
    with pytest.raises(FileError, match="-wal holds data of a database that is gone"):
        await copy_memory(path, copy)
    assert not copy.exists()


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
async def test_no_copy_is_made_where_sqlite_keeps_the_journal_of_another(
    tmp_path: Path, suffix: str
) -> None:
    async with SQLiteStore(tmp_path / "memory.db"), SQLiteStore(tmp_path / "other.db"):
        pass
    place = tmp_path / f"other.db{suffix}"
    place.unlink(missing_ok=True)
    with pytest.raises(FileError, match=rf"{suffix} has the name of a journal of .*other\.db,"):
        await copy_memory(tmp_path / "memory.db", place)
    assert not place.exists()


def read_only_folder() -> Path | None:
    """A folder of a file system that this machine has for reading only, if it has one."""
    mounts = Path("/proc/mounts")
    for line in mounts.read_text().splitlines() if mounts.exists() else ():
        folder = Path(line.split()[1])
        if folder.is_dir() and os.statvfs(folder).f_flag & os.ST_RDONLY:
            return folder
    return None


@pytest.mark.skipif(read_only_folder() is None, reason="all file systems here can be written")
async def test_a_file_system_that_cannot_be_written_is_named_as_the_reason(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db"):
        pass
    place = (read_only_folder() or tmp_path) / "copy.db"
    with pytest.raises(FileError, match=r"copy\.db could not be written \(Read-only file system\)"):
        await copy_memory(tmp_path / "memory.db", place)


async def test_what_is_no_database_is_not_copied(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_bytes(b"no database, but long enough to be read as one" * 30)
    with pytest.raises((NotADatabaseError, StorageError)):
        await copy_memory(text, tmp_path / "copy.db")
    assert [each.name for each in tmp_path.iterdir()] == ["text.db"]


async def test_a_cancelled_copy_leaves_nothing_behind(tmp_path: Path) -> None:
    path, copy = tmp_path / "memory.db", tmp_path / "new" / "copy.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": "x" * 20_000} for _ in range(4000))
    copy.parent.mkdir()
    copying = asyncio.create_task(copy_memory(path, copy))
    while not list(copy.parent.iterdir()):  # noqa: ASYNC110 - another thread makes it
        await asyncio.sleep(0)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert list(copy.parent.iterdir()) == []


async def test_what_is_written_between_two_parts_is_not_half_in_the_copy(
    tmp_path: Path,
) -> None:
    path, copy = tmp_path / "memory.db", tmp_path / "copy.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": "x" * 20_000} for _ in range(2000))
        copying = asyncio.create_task(copy_memory(path, copy))
        written = 0
        while not copying.done():
            async with store.transaction():
                await store.add_interactions([{"session_id": "pair"}, {"session_id": "pair"}])
            written += 2
        await copying
    assert written
    ((pairs,),) = outside.fetch(copy, "SELECT count(*) FROM interactions WHERE session_id = 'pair'")
    assert pairs % 2 == 0
    assert outside.integrity(copy) == [("ok",)]
