"""What lies where nothing can be written is read all the same, or says what is in the way."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.storage import legacy

ROOT = Path(__file__).parents[2]


@pytest.fixture
def public(public_folder: Path) -> Path:
    """A folder that everybody may read."""
    return public_folder / "memory"


# Python itself may lie where only root reads: all that is needed is loaded by a first reading.
AS_NOBODY = """
    import asyncio, json, os, sys, tempfile
    from pathlib import Path
    from storage import SQLiteStore, StorageError, inspect_file

    async def look(path):
        async with SQLiteStore(path, read_only=True) as store:
            keys = await store.list_keys("pattern")
            rows = await store.get_summaries("pattern", keys)
        info = inspect_file(path)
        return [row["record_id"] for row in rows], info.tables, info.journal_mode

    def tell(path):
        try:
            return asyncio.run(look(path))
        except StorageError as error:
            return [f"{type(error).__name__}: {error}", {}, ""]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(SQLiteStore(Path(folder, "first.db")).initialize())
        tell(Path(folder, "first.db"))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    tempfile.tempdir = sys.argv[2]
    print(json.dumps(tell(Path(sys.argv[1]))))
"""


def as_nobody(public: Path, path: Path) -> tuple[Any, dict[str, int], str]:
    """Read a file as a user who can write nowhere near it.

    Returns:
        The ids of its patterns, or the error in words; the rows by table; the journal mode.
    """
    scratch = public.parent / "cache"
    public.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(AS_NOBODY), str(path), str(scratch)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert list(scratch.iterdir()) == []
    patterns, tables, mode = json.loads(done.stdout)
    return patterns, tables, mode


@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
def test_a_file_at_rest_is_read_in_a_folder_that_cannot_be_written(
    public: Path, journal_mode: str
) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode=journal_mode)
    before = legacy.digests(old)
    patterns, tables, mode = as_nobody(public, old)
    assert len(patterns) == tables["patterns"] == 20
    assert mode == journal_mode
    assert legacy.digests(old) == before
    assert [each.name for each in public.iterdir()] == ["memory.db"]


def test_an_empty_wal_hides_nothing(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode="wal")
    Path(f"{old}-wal").touch()
    assert len(as_nobody(public, old)[0]) == 20


def test_a_wal_is_read_in_a_folder_that_cannot_be_written(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode="wal")
    legacy.leave_wal(old, "DELETE FROM patterns WHERE id IS NOT 'p3'")
    before = legacy.digests(old)
    assert as_nobody(public, old)[0] == ["p3"]
    assert legacy.digests(old) == before
    assert sorted(each.name for each in public.iterdir()) == ["memory.db", "memory.db-wal"]


def test_a_live_wal_is_read_in_a_folder_that_cannot_be_written(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode="wal")
    with legacy.opened(old) as agent:
        agent.execute("DELETE FROM patterns WHERE id IS NOT 'p3'")
        before = legacy.digests(old)
        assert set(before) == {"", "-wal"}
        assert as_nobody(public, old)[0] == ["p3"]
        assert legacy.digests(old) == before


def test_a_hot_journal_is_read_in_a_folder_that_cannot_be_written(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, rows=500)
    legacy.leave_journal(old, "DELETE FROM interactions", "DELETE FROM patterns")
    before = legacy.digests(old)
    patterns, tables, _ = as_nobody(public, old)
    assert (len(patterns), tables["interactions"]) == (20, 534)
    assert legacy.digests(old) == before


def test_a_wal_beside_the_file_that_a_link_leads_to_is_read(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode="wal")
    legacy.leave_wal(old, "DELETE FROM patterns WHERE id IS NOT 'p3'")
    link = public.parent / "link.db"
    link.symlink_to(old)
    assert as_nobody(public, link)[0] == ["p3"]


def test_a_wal_that_may_not_be_read_is_a_clear_error(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1, journal_mode="wal")
    legacy.leave_wal(old, "DELETE FROM patterns WHERE id IS NOT 'p3'")
    Path(f"{old}-wal").chmod(0)
    said = as_nobody(public, old)[0]
    assert said.startswith("FileError: ")
    assert "memory.db cannot be copied to be read: Permission denied" in said


def test_a_file_that_may_not_be_read_is_a_clear_error(public: Path) -> None:
    old = legacy.make(public / "memory.db", 1)
    old.chmod(0)
    assert "memory.db cannot be read; change its permissions" in as_nobody(public, old)[0]


def test_a_folder_that_may_not_be_entered_is_a_clear_error(public: Path) -> None:
    (public / "secret").mkdir()
    old = legacy.make(public / "secret" / "memory.db", 1)
    (public / "secret").chmod(0)
    said = as_nobody(public, old)[0]
    (public / "secret").chmod(0o755)
    assert "memory.db cannot be reached: Permission denied" in said


OPEN_AS_NOBODY = """
    import os, sys
    from pathlib import Path
    from storage import UnwritableError
    from storage.inspection import check_file

    if os.getuid() == 0:
        os.setuid(65534)
    try:
        check_file(Path(sys.argv[1]), read_only=False)
    except UnwritableError as error:
        print(error)
"""


def test_who_cannot_write_is_told_to_only_read_or_to_make_it_writable(public: Path) -> None:
    path = legacy.make(public / "memory.db", 1)
    public.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(OPEN_AS_NOBODY), path],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    said = "or its folder cannot be written; open it read-only, or make both writable.\n"
    assert done.stdout == f"{path} {said}"


READ = """
import asyncio, sys
from storage import SQLiteStore

async def read(path):
    async with SQLiteStore(path, read_only=True) as store:
        print(len(await store.get_patterns()))

asyncio.run(read(sys.argv[1]))
"""
# What is mounted so is seen by that shell alone.
FULL = (
    'mount -t tmpfs -o size=1m none "$1" && cp "$4" "$1/memory.db" && echo mounted'
    ' && { cat /dev/zero > "$1/rest" 2>/dev/null; exec "$2" -c "$3" "$1/memory.db"; }'
)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="nothing can be mounted here")
def test_a_file_at_rest_is_read_on_a_full_disk(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, journal_mode="wal")
    folder = tmp_path / "folder"
    folder.mkdir()
    shell = ("unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh")
    done = subprocess.run(
        [*shell, folder, sys.executable, READ, old],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    if not done.stdout.startswith("mounted"):
        pytest.skip("nothing can be mounted here")
    assert (done.stdout, done.stderr) == ("mounted\n20\n", "")
