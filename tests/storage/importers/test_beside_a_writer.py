"""Following a source that another process writes: it is never kept waiting, and never written."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import SQLiteStore, detect_source, sync_source
from storage.importers.sqlite_file import SqliteFile
from tests.storage import outside
from tests.storage.importers import sessions

WRITER = Path(__file__).with_name("session_writer.py")
COUNT = "SELECT count(*) FROM agent_messages"


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Let nothing be made in a folder, and nothing be written to what is in it."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.iterdir())}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def begin_to_write(source: Path, mode: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, WRITER, source, mode, str(count)], stdout=subprocess.PIPE, text=True
    )


def kill_in_a_transaction(source: Path) -> None:
    """Have a writer die that has written pages of a transaction which it had not committed."""
    script = (
        "import os, signal, sqlite3, sys\n"
        "raw = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        # So little that pages are written before the end of the transaction.
        "raw.execute('PRAGMA cache_size=2')\n"
        "raw.execute('BEGIN IMMEDIATE')\n"
        "for n in range(500):\n"
        "    raw.execute('INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)',"
        " ('s', '{\"role\":\"user\",\"content\":\"' + 'x' * 900 + '\"}'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, source], check=False)
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("mode", ["delete", "persist", "wal"])
async def test_a_writer_is_never_kept_waiting_and_all_that_it_writes_arrives(
    store: SQLiteStore, tmp_path: Path, mode: str
) -> None:
    source = sessions.make(tmp_path / "live.db", (f"old {n}" for n in range(1500)), wal=False)
    writer = begin_to_write(source, mode, 60)
    syncs = 0
    while writer.poll() is None:
        await sync_source(store, source, follows=True)
        # A whole comparison, however little is new.
        detect_source(source)
        with SqliteFile(source) as opened:
            assert opened.page("PRAGMA integrity_check") == [("ok",)]
        syncs += 1
    assert writer.communicate()[0].strip() == "0"
    assert syncs
    await sync_source(store, source, follows=True)
    recent = await store.get_recent_interactions(limit=2000)
    assert {each["content"] for each in recent} == {
        *(f"old {n}" for n in range(1500)),
        *(f"live {n}" for n in range(60)),
    }


@pytest.mark.parametrize("wal", [True, False])
async def test_a_source_in_a_place_that_cannot_be_written_is_read_and_stays_as_it_is(
    store: SQLiteStore, tmp_path: Path, *, wal: bool
) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    source = sessions.make(folder / "quiet.db", ["one", "two"], wal=wal)
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    with unwritable(folder):
        report = await sync_source(store, source, follows=True)
        after = {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
    assert report.added == 2
    assert before == after


async def test_what_a_killed_writer_began_is_not_read(store: SQLiteStore, tmp_path: Path) -> None:
    source = sessions.make(tmp_path / "killed.db", ["whole"], wal=False)
    kill_in_a_transaction(source)
    journal = Path(f"{source}-journal")
    assert journal.stat().st_size > 0
    before = source.read_bytes(), journal.read_bytes()

    # Long enough ago that nobody may be about to end it.
    os.utime(journal, (0, 0))
    report = await sync_source(store, source)
    assert report.added == 1
    assert (source.read_bytes(), journal.read_bytes()) == before
    with closing(sqlite3.connect(source)) as raw:
        assert raw.execute(COUNT).fetchone() == (1,)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files by /proc")
async def test_a_source_that_is_put_there_anew_each_time_keeps_no_file_open(
    tmp_path: Path, store: SQLiteStore
) -> None:
    sound = sessions.make(tmp_path / "sound.db", ["one"])
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        shutil.copyfile(sound, tmp_path / "new.db")
        (tmp_path / "new.db").replace(tmp_path / "s.db")
        await sync_source(store, tmp_path / "s.db")
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files by /proc")
async def test_very_many_sources_do_not_stay_open(tmp_path: Path, store: SQLiteStore) -> None:
    sound = sessions.make(tmp_path / "sound.db", ["one"])
    sources = [tmp_path / f"{number}.db" for number in range(150)]
    for source in sources:
        shutil.copyfile(sound, source)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for source in sources:
        assert detect_source(source).format == "openai-agents"
    assert len(list(Path("/proc/self/fd").iterdir())) < before + 100


async def test_a_lock_on_one_of_very_many_sources_is_kept(tmp_path: Path) -> None:
    locked, sound = (
        sessions.make(tmp_path / name, ["one"], wal=False) for name in ("locked.db", "sound.db")
    )
    with outside.connected(locked) as ours:
        detect_source(locked)
        ours.execute("BEGIN EXCLUSIVE")
        for number in range(150):
            other = tmp_path / f"{number}.db"
            shutil.copyfile(sound, other)
            detect_source(other)
        code = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN')"
        told = outside.python("-c", f"{code}.execute('SELECT * FROM agent_messages')", locked)
        assert "database is locked" in told.communicate(timeout=60)[1]


async def test_what_is_written_while_it_is_read_is_no_damage(
    store: SQLiteStore, tmp_path: Path
) -> None:
    source = sessions.make(tmp_path / "live.db", ["one"])
    more = iter(["two"])
    report = await sync_source(store, source, progress=lambda _: sessions.say(source, *more))
    assert (report.is_complete, report.troubles) == (True, [])
    assert report.added + (await sync_source(store, source)).added == 2
