"""What a file is said to be, and one clear error for each that is no memory."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from storage import (
    CorruptDatabaseError,
    NotADatabaseError,
    SQLiteStore,
    StorageError,
    StoreBusyError,
    driver,
    inspect_file,
    inspection,
)
from storage.errors import FileError
from tests.storage import legacy

ROOT = Path(__file__).parents[2]


async def refused(path: Path, error: type[StorageError], match: str) -> None:
    """Inspecting and both ways of opening give the same clear error and leave the file alone."""
    before = path.read_bytes() if path.is_file() else None
    stores = [SQLiteStore(path, read_only=True), SQLiteStore(path)]
    with pytest.raises(error, match=match) as told:
        inspect_file(path)
    assert path.name in str(told.value)
    for store in stores:
        with pytest.raises(error, match=match) as told:
            await store.initialize()
        assert path.name in str(told.value)
        await store.close()
    assert before is None or path.read_bytes() == before
    assert legacy.backups(path) == []


# What a file is.


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_each_generation_is_recognised(tmp_path: Path, generation: int) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    info = inspect_file(old)
    assert (info.path, info.size) == (old, old.stat().st_size)
    assert (info.format, info.generation) == ("bicamrl", generation)
    assert (info.version, info.newer, info.journal_mode) == (0, False, "delete")


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_the_migration_is_told_without_doing_it(tmp_path: Path, generation: int) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    before = legacy.digests(old)
    told = inspect_file(old).migration
    assert ("add column interaction_id to interactions" in told) == (generation == 0)
    assert ("create table interactions" in told) == (generation == 2)
    assert legacy.digests(old) == before
    assert [each.name for each in tmp_path.iterdir()] == ["memory.db"]


def test_the_rows_of_every_table_are_counted(tmp_path: Path) -> None:
    tables = inspect_file(legacy.make(tmp_path / "memory.db", 2)).tables
    assert tables["complete_interactions"] == 6
    assert (tables["world_model_snapshots"], tables["sessions"]) == (2, 0)
    assert not any(name.startswith("sqlite_") for name in tables)


def test_rows_that_are_only_in_the_wal_are_counted(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 2, journal_mode="wal")
    with legacy.opened(old) as agent:
        agent.execute("INSERT INTO preferences VALUES ('k', 'v', 'c', 1, 's', 't')")
        info = inspect_file(old)
    assert info.tables["preferences"] == 2
    assert info.journal_mode == "wal"


async def test_a_file_of_ours_is_recognised(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db"):
        info = inspect_file(tmp_path / "memory.db")
    assert (info.format, info.generation, info.version) == ("memglass", None, 1)
    assert info.migration == ()


def test_another_programs_database_is_other(tmp_path: Path) -> None:
    legacy.execute(tmp_path / "music.db", "CREATE TABLE songs (title)")
    info = inspect_file(tmp_path / "music.db")
    assert (info.format, info.generation, info.tables) == ("other", None, {"songs": 0})


@pytest.mark.parametrize("statement", [None, "PRAGMA user_version=7", "VACUUM"])
async def test_an_empty_file_is_empty_and_may_be_initialised(
    tmp_path: Path, statement: str | None
) -> None:
    path = tmp_path / "memory.db"
    path.touch()
    if statement is not None:
        legacy.execute(path, statement)
    assert inspect_file(path).format == "empty"
    assert inspect_file(path).migration == ()
    async with SQLiteStore(path, read_only=True) as store:
        assert await store.get_recent_interactions() == []
    async with SQLiteStore(path) as store:
        assert await store.add_interaction({"action": "edit"})


def test_inspecting_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    # On POSIX, closing a file drops every lock that the process holds on it.
    old = legacy.make(tmp_path / "memory.db", 1)
    code = """
        import sys
        from storage import driver
        connection = driver.connect(sys.argv[1], busy_ms=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except driver.OperationalError as error:
            print(error)
    """
    with legacy.opened(old) as mine:
        mine.execute("BEGIN IMMEDIATE")
        inspect_file(old)
        other = [sys.executable, "-c", textwrap.dedent(code), legacy.uri(old)]
        said = subprocess.run(other, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert said.strip() == "database is locked"


def test_a_file_that_stays_locked_is_busy(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    with legacy.opened(old) as agent:
        agent.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusyError, match=r"memory\.db"):
            inspect_file(old)


# What is no database.


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{}\n", id="json"),
        pytest.param(b"{}\n" * 1000, id="longer json"),
        pytest.param(b"\x00" * 8192, id="zeros"),
        pytest.param(random.Random(1).randbytes(40_960), id="encrypted"),
        pytest.param(b"SQLite format 2\x00" + bytes(4096), id="older than old"),
    ],
)
async def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "memory.db"
    path.write_bytes(content)
    await refused(path, NotADatabaseError, "is not a SQLite database, or it is")


def test_a_file_is_not_cut_off_where_another_program_begins_a_wal_meanwhile(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    writer = driver.connect(f"{path.as_uri()}?mode=rwc", busy_ms=0)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE held AS SELECT zeroblob(100000) AS x")
    assert path.stat().st_size < 100_000
    # As where it was looked for just before.
    inspection._check_length(path)
    writer.close()


@pytest.mark.parametrize("kept", [1, 15, 16, 50, 99, 100, 101, 511])
async def test_a_file_cut_off_within_its_header_is_refused(tmp_path: Path, kept: int) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    os.truncate(path, kept)
    await refused(
        path,
        NotADatabaseError,
        rf"cut off: it has only {'1 byte' if kept == 1 else f'{kept} bytes'}\.$",
    )


@pytest.mark.parametrize("cut", [1, 100, 4096, 4097, 40_000])
async def test_a_file_without_its_end_is_refused(tmp_path: Path, cut: int) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    os.truncate(path, path.stat().st_size - cut)
    await refused(path, CorruptDatabaseError, "is cut off|is damaged")


@pytest.mark.parametrize("kept", [512, 1000, 4095, 4096])
async def test_a_file_with_little_more_than_its_header_is_refused(
    tmp_path: Path, kept: int
) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    os.truncate(path, kept)
    await refused(path, FileError, "is damaged|is not a SQLite database")


async def test_a_file_cut_to_nothing_beside_its_wal_is_refused(tmp_path: Path) -> None:
    # SQLite would delete the -wal, and with it what is left of the memory.
    path, wal = tmp_path / "memory.db", tmp_path / "memory.db-wal"
    path.touch()
    wal.write_bytes(b"the last pages")
    await refused(path, CorruptDatabaseError, "is empty, but .*-wal holds data")
    assert wal.read_bytes() == b"the last pages"


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
async def test_a_file_that_is_gone_is_not_made_anew_beside_what_is_left_of_it(
    tmp_path: Path, suffix: str
) -> None:
    path, left = tmp_path / "memory.db", tmp_path / f"memory.db{suffix}"
    left.write_bytes(b"the last pages")
    with pytest.raises(FileError, match=f"is gone, but .*{suffix} holds data of it"):
        await SQLiteStore(path).initialize()
    assert left.read_bytes() == b"the last pages"
    assert not path.exists()


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("is_there", [True, False])
async def test_no_memory_is_made_where_sqlite_keeps_the_journal_of_another(
    tmp_path: Path, suffix: str, is_there: bool
) -> None:
    async with SQLiteStore(tmp_path / "memory.db"):
        pass
    path = tmp_path / f"memory.db{suffix}"
    if is_there:
        path.touch()
    with pytest.raises(FileError, match=rf"{suffix} has the name of a journal of .*memory\.db,"):
        await SQLiteStore(path).initialize()
    assert path.exists() == is_there
    assert not is_there or not path.stat().st_size


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    await refused(tmp_path, FileError, "is a folder")


async def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    await refused(tmp_path / "pipe.db", FileError, "is not a regular file")


async def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere.db")
    await refused(tmp_path / "link.db", FileError, "is a link to a file that does not exist")


async def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "link.db")
    await refused(tmp_path / "link.db", FileError, "cannot be reached: Too many levels")


async def test_a_missing_file_is_refused_where_it_is_only_read(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    with pytest.raises(FileError, match=r"missing\.db does not exist"):
        inspect_file(path)
    with pytest.raises(FileError, match=r"missing\.db does not exist"):
        await SQLiteStore(path, read_only=True).initialize()
    assert list(tmp_path.iterdir()) == []


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "memory.db"
    with pytest.raises(FileError, match=r"memory\.db cannot be made: its folder .* does not exist"):
        await SQLiteStore(path).initialize()
    with pytest.raises(FileError, match="does not exist"):
        inspect_file(path)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"its folder .* does not exist"):
        await SQLiteStore(tmp_path / "file" / "memory.db").initialize()


@pytest.mark.parametrize("name", ["nul\0.db", "m" * 300])
async def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match="cannot be"):
        inspect_file(tmp_path / name)
    with pytest.raises(FileError, match="cannot be"):
        await SQLiteStore(tmp_path / name).initialize()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    path.chmod(0)
    with pytest.raises(FileError, match="cannot be read"):
        inspect_file(path)


def test_a_file_that_is_refused_is_all_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "memory.db").write_bytes(b"no database" * 100)
    code = """
        import asyncio, sys
        from storage import NotADatabaseError, SQLiteStore
        for _ in range(20):
            for read_only in (True, False):
                try:
                    asyncio.run(SQLiteStore(sys.argv[1], read_only=read_only).initialize())
                except NotADatabaseError as error:
                    print(error)
    """
    opening = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "memory.db")]
    said = subprocess.run(opening, capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout.count("is not a SQLite database") == 40
    assert said.stderr == ""


# Damage inside.


@pytest.mark.parametrize("seed", range(12))
async def test_damage_anywhere_is_never_a_raw_error(tmp_path: Path, seed: int) -> None:
    path = legacy.make(tmp_path / "memory.db", seed % 3, rows=300)
    overwrite_at_random(path, random.Random(seed))
    before = legacy.digests(path)
    for look in (everything, health, archiving):
        with contextlib.suppress(StorageError):
            async with SQLiteStore(path, read_only=True) as store:
                await look(store)
    with contextlib.suppress(StorageError):
        inspect_file(path)
    assert legacy.digests(path) == before
    for look in (everything, health, archiving):
        with contextlib.suppress(StorageError):
            async with SQLiteStore(path) as store:
                await look(store)


def overwrite_at_random(path: Path, chance: random.Random) -> None:
    pages = path.stat().st_size // legacy.PAGE
    with path.open("r+b") as file:
        for page in chance.sample(range(1, pages), max(1, pages // 10)):
            file.seek(page * legacy.PAGE + chance.randrange(legacy.PAGE // 2))
            file.write(chance.randbytes(chance.choice([8, 200, legacy.PAGE // 2])))


async def everything(store: SQLiteStore) -> None:
    for kind in ("interaction", "pattern", "archived_interaction", "snapshot"):
        await store.get_summaries(kind, await store.list_keys(kind))


async def health(store: SQLiteStore) -> None:
    async for _ in store.check_health():
        pass


async def archiving(store: SQLiteStore) -> None:
    ids = [each["interaction_id"] for each in await store.get_recent_interactions()]
    await store.archive_interactions(ids, "manual")


async def test_a_damaged_table_does_not_hide_the_others(tmp_path: Path) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    whole = inspect_file(path)
    legacy.damage(path, "archived_interactions")
    info = inspect_file(path)
    assert whole.tables.items() - info.tables.items() == {("archived_interactions", 4)}
    assert info.format == "bicamrl"
    async with SQLiteStore(path, read_only=True) as store:
        assert len(await store.get_recent_interactions()) == whole.tables["interactions"]
        with pytest.raises(CorruptDatabaseError, match=r"memory\.db is damaged"):
            await store.get_archived_interactions()


async def test_a_damaged_schema_is_one_clear_error(tmp_path: Path) -> None:
    path = legacy.make(tmp_path / "memory.db", 1)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xa5" * 400)
    await refused(path, CorruptDatabaseError, "is damaged")
