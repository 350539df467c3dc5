"""The file cannot be written, or is gone: what happened is said, and there is a way on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path
from typing import cast

import pytest

from storage import SQLiteStore
from tests.storage.full_disk import full
from tests.terminal import ROOT
from tests.tui.conftest import Browse, interaction, lines, press, screen, stored, toasts
from tests.tui.test_opening import OLD
from tests.tui.waiting import settled
from tui.memory import Memory
from tui.screens.browser import BrowserScreen

LOCKER = """
import sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA journal_mode=" + sys.argv[2])
raw.execute(sys.argv[3])
print("locked", flush=True)
sys.stdin.readline()
"""


@contextmanager
def locked(path: Path, mode: str = "WAL", how: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Have another process hold the write lock."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCKER, path, mode, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            other.stdin.write("\n")
            other.stdin.flush()
            assert other.wait(10) == 0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for a lock that the test holds itself."""
    monkeypatch.setattr(Memory, "PATIENCE", 0.05)


async def test_a_lock_of_another_process_is_said_and_the_change_made_once_it_is_free(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        with locked(memory_file):
            await press(pilot, "a", "6")
            assert "The memory cannot be written now" in screen(pilot)
            assert "another process holds the write lock" in screen(pilot)
            # It is still held.
            await press(pilot, "enter")
            assert "another process holds the write lock" in screen(pilot)
        await press(pilot, "enter")
        assert "Archived 1 interaction as duplicate" in toasts(pilot)
        with locked(memory_file):
            await press(pilot, "u")
            assert "another process holds the write lock" in screen(pilot)
            await press(pilot, "o")
            assert "read-only" in lines(pilot)[0]
        await press(pilot, "a")
        assert "you chose only to look at it" in toasts(pilot)
        await press(pilot, "f5")
        assert "live" in lines(pilot)[0]
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029")) is None


async def test_a_lock_that_lets_nobody_look_either_is_said_and_opened_for_changes_after_it(
    memory_file: Path, browse: Browse
) -> None:
    async with AsyncExitStack() as stack:
        with locked(memory_file, "DELETE", "BEGIN EXCLUSIVE"):
            pilot = await stack.enter_async_context(browse(memory_file))
            assert "Only looking at the memory needs no lock" in screen(pilot)
            await press(pilot, "o")
            assert "The memory cannot be read now" in screen(pilot)
            assert "nobody else can even look at the memory" in screen(pilot)
            assert "Only look" not in screen(pilot)
        await press(pilot, "enter")
        assert "live" in lines(pilot)[0]


async def test_a_full_disk_is_said_and_the_change_made_once_there_is_space(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.update_interaction("int-0029", content="x" * 200_000)
    async with browse(memory_file) as pilot:
        browser = cast("BrowserScreen", pilot.app.screen_stack[0])
        with full(cast("SQLiteStore", browser.memory.store), free=2):
            await press(pilot, "a", "6")
            assert "the disk is full; nothing was changed" in screen(pilot)
            assert "Make some space" in screen(pilot)
        await press(pilot, "t")
        assert "Archived 1 interaction as duplicate" in toasts(pilot)
        await press(pilot, "u")
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029"))


async def test_a_lock_while_a_file_is_brought_up_to_date_is_no_end(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(OLD)
    with locked(path):
        async with browse(path) as pilot:
            await press(pilot, "m")
            assert "another process holds the write lock" in screen(pilot)
            await press(pilot, "o")
            assert "read-only" in lines(pilot)[0]
            assert "a.py" in lines(pilot)[3]
    with locked(path):
        async with browse(path) as pilot:
            await press(pilot, "m")
            assert "another process holds the write lock" in screen(pilot)
            await pilot.press("q")
    assert "holds the write lock" in pilot.app.failure  # type: ignore[attr-defined]


async def test_a_file_that_was_moved_away_is_looked_for_again(
    memory_file: Path, browse: Browse
) -> None:
    moved = memory_file.with_name("moved.db")
    async with browse(memory_file) as pilot:
        browser = cast("BrowserScreen", pilot.app.screen_stack[0])
        memory_file.rename(moved)
        browser.look()
        await settled(pilot)
        assert "was deleted or moved while it was open" in screen(pilot)
        assert "Look for it again" in screen(pilot)
        await press(pilot, "enter")
        assert "There is no file" in screen(pilot)
        async with SQLiteStore(memory_file) as other:
            await other.add_interaction(interaction(7, content="from the other file"))
        # The dialog names this key for it.
        await press(pilot, "f5")
        assert "from the other file" in screen(pilot)
        assert "live" in lines(pilot)[0]


# Python itself may lie where only root reads: all that is needed is loaded by the first one opened.
AS_NOBODY = """
    import asyncio, os, sys
    from pathlib import Path
    from tui.memory import Memory

    async def look(path):
        memory = Memory(Path(path))
        await memory.open()
        keys = await memory.store.list_keys("interaction")
        print(len(keys), memory.read_only, memory.why_read_only)
        await memory.close()

    os.environ["MEMGLASS_STATE"] = os.environ["XDG_CACHE_HOME"] = sys.argv[3]
    asyncio.run(look(sys.argv[1]))
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    asyncio.run(look(sys.argv[2]))
"""


def test_a_memory_that_only_others_may_change_is_opened_to_look_at(
    memory_file: Path, locked_file: Path, public_folder: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(AS_NOBODY), memory_file, locked_file,
         public_folder / "cache"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "28 False ",
        "28 True the file or its folder cannot be written. F5 tries again.",
    ], done.stderr
