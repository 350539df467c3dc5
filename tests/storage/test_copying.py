"""copy_memory: what is committed, whole or not at all, never over something else."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storage import FileError, NotADatabaseError, SQLiteStore, StorageError, copy_memory
from storage.whole_files import begin
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


async def test_what_a_killed_copy_left_goes_with_another_one_a_day_later(tmp_path: Path) -> None:
    path, folder = tmp_path / "memory.db", tmp_path / "copies"
    await make(path)
    folder.mkdir()
    descriptor, left = begin(folder / "a.db")
    os.close(descriptor)
    os.utime(left, (0, 0))
    await copy_memory(path, folder / "b.db")
    assert [*folder.iterdir()] == [folder / "b.db"]


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


COPY = """
import asyncio, sys
from storage import FileError, copy_memory
try:
    asyncio.run(copy_memory(sys.argv[1], sys.argv[2]))
except FileError as error:
    print(error)
"""
# What is mounted so is seen by that shell alone.
MOUNTED = 'mount -t tmpfs -o ro none "$1" && echo mounted && exec "$2" -c "$3" "$4" "$1/copy.db"'


@pytest.mark.skipif(shutil.which("unshare") is None, reason="nothing can be mounted here")
def test_a_file_system_that_cannot_be_written_is_named_as_the_reason(tmp_path: Path) -> None:
    path, folder = tmp_path / "memory.db", tmp_path / "folder"
    asyncio.run(make(path))
    folder.mkdir()
    shell = ("unshare", "--map-root-user", "--mount", "sh", "-c", MOUNTED, "sh")
    done = subprocess.run(
        [*shell, folder, sys.executable, COPY, path],
        check=False, capture_output=True, text=True, env=outside.environment(), cwd=outside.ROOT,
    )  # fmt: skip
    if not done.stdout.startswith("mounted"):
        pytest.skip("nothing can be mounted here")
    assert "copy.db could not be written (Read-only file system)" in done.stdout


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
