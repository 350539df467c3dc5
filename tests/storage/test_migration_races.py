"""Several processes open an old file at once, and some of them are killed: no harm."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SQLiteStore, inspect_file
from tests.storage import legacy

ROOT = Path(__file__).parents[2]

# Each waits at the start line, opens the file, adds, and tells what was acknowledged.
OPENER = """
    import asyncio, sys
    from storage import SQLiteStore

    async def main():
        async with SQLiteStore(sys.argv[1], busy_timeout=30) as store:
            for _ in range(5):
                print(await store.add_interaction({"action": "added"}), flush=True)

    print("ready", flush=True)
    sys.stdin.readline()
    asyncio.run(main())
"""

# An older agent that knows nothing of us goes on writing.
AGENT = """
    import sys
    from storage import driver
    connection = driver.connect(sys.argv[1], busy_ms=30_000)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(50):
        connection.execute("INSERT INTO sessions (id, start_time) VALUES (?, 'now')", (number,))
        print(number, flush=True)
"""

# Halts at one step of the migration and waits there to be killed.
HALTING = """
    import asyncio, sys, time
    from storage import SQLiteStore, migration

    def halt():
        print("there", flush=True)
        time.sleep(60)

    class Steps(list):
        def __iter__(self):
            for at, step in enumerate(list.__iter__(self)):
                if at == int(sys.argv[2]):
                    halt()
                yield step
            if len(self) == int(sys.argv[2]):
                halt()

    plan, use_wal, rename = migration.plan, migration._use_wal, migration.Path.rename
    if sys.argv[2] == "backup":
        migration.Path.rename = lambda *_: halt()
    elif sys.argv[2] == "wal":
        migration._use_wal = lambda *_: halt()
    else:
        migration.plan = lambda *given: Steps(plan(*given))
    asyncio.run(SQLiteStore(sys.argv[1]).initialize())
"""


@contextlib.contextmanager
def running(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program beside the test, and end it with the test."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def together(path: Path, *programs: tuple[str, object]) -> list[list[str]]:
    """Start programs at the same moment; returns the lines that each printed."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(running(*program)) for program in programs]
        assert [heard(each) for each in processes] == ["ready"] * len(processes)
        for each in processes:
            go(each)
        told = [each.communicate(timeout=120) for each in processes]
        assert [error for _, error in told] == [""] * len(processes)
        assert [each.returncode for each in processes] == [0] * len(processes)
    return [out.split() for out, _ in told]


async def check_four(path: Path) -> None:
    before = legacy.picture(path)
    added = together(path, *[(OPENER, path)] * 4)
    legacy.check_nothing_lost(before, path, grown=True)
    assert legacy.integrity(path) == "ok"
    (backup,) = legacy.backups(path)
    assert legacy.picture(backup) == before
    async with SQLiteStore(path, migrate=False) as store:
        there = await store.list_keys("interaction", action="added")
        assert len(there) == 20
        for each in [each for some in added for each in some]:
            assert await store.get_interaction(each) is not None


@pytest.mark.parametrize("generation", [0, 1, 2])
@pytest.mark.parametrize("journal_mode", ["delete", "wal"])
async def test_four_processes_may_open_an_old_file_at_the_same_moment(
    tmp_path: Path, generation: int, journal_mode: str
) -> None:
    await check_four(legacy.make(tmp_path / "memory.db", generation, journal_mode=journal_mode))


async def test_four_processes_may_open_a_big_old_file_at_the_same_moment(tmp_path: Path) -> None:
    await check_four(legacy.make(tmp_path / "memory.db", 1, rows=30_000))


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(100))
async def test_four_processes_again_and_again(tmp_path: Path, round_: int) -> None:
    mode = "wal" if round_ % 2 else "delete"
    old = legacy.make(tmp_path / "memory.db", round_ % 3, rows=round_ * 50, journal_mode=mode)
    await check_four(old)


@pytest.mark.parametrize("rows", [0, 20_000])
def test_an_agent_goes_on_writing_while_others_migrate(tmp_path: Path, rows: int) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, rows=rows)
    before = legacy.picture(old)
    agents, *_ = together(old, (AGENT, legacy.uri(old)), (OPENER, old), (OPENER, old))
    with legacy.opened(old) as connection:
        written = connection.execute("SELECT id FROM sessions WHERE start_time = 'now'").fetchall()
    assert {each for (each,) in written} == set(agents) == set(map(str, range(50)))
    legacy.check_nothing_lost(before, old, grown=True)


def test_four_processes_may_make_the_same_new_file(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    added = together(path, *[(OPENER, path)] * 4)
    assert inspect_file(path).tables["interactions"] == sum(map(len, added)) == 20
    assert legacy.backups(path) == []


# Killed in the middle.


async def check_after_a_kill(path: Path, before: legacy.Picture) -> None:
    """The file is as it was or migrated; no half backup has a backup's name; it opens."""
    for each in legacy.backups(path):
        if not each.name.startswith(f"{path.name}.backup-partial"):
            assert legacy.picture(each) == before
    async with SQLiteStore(path) as store:
        await store.add_interaction({"action": "added"})
    assert inspect_file(path).migration == ()
    assert legacy.integrity(path) == "ok"
    legacy.check_nothing_lost(before, path, grown=True)
    assert all(legacy.picture(each) == before for each in legacy.backups(path))


@pytest.mark.parametrize("halt", ["backup", 0, 1, 7, 15, "wal"])
@pytest.mark.parametrize("generation", [0, 2])
async def test_a_process_killed_at_any_step_of_a_migration_leaves_no_harm(
    tmp_path: Path, generation: int, halt: object
) -> None:
    old = legacy.make(tmp_path / "memory.db", generation, rows=200)
    before = legacy.picture(old)
    with running(HALTING, old, halt) as process:
        assert heard(process) == "there"
        process.kill()
        process.wait()
    (left, *_) = legacy.backups(old)
    assert (left.name == "memory.db.backup-partial") == (halt == "backup")
    assert (inspect_file(old).migration == ()) == (halt == "wal")
    await check_after_a_kill(old, before)


async def check_random_kills(folder: Path, generation: int, seeds: range) -> None:
    base = legacy.make(folder / "base.db", generation, rows=4000)
    before = legacy.picture(base)
    longest = seconds_to_open(folder / "timed.db", base)
    for seed in seeds:
        path = folder / f"memory-{seed}.db"
        shutil.copy(base, path)
        kill_after(random.Random(seed).uniform(0, longest), path)
        await check_after_a_kill(path, before)


def seconds_to_open(path: Path, base: Path) -> float:
    """How long a process needs from the start line to the first row that it added."""
    shutil.copy(base, path)
    with running(OPENER, path) as process:
        assert heard(process) == "ready"
        start = time.monotonic()
        go(process)
        assert heard(process)
        return time.monotonic() - start


def kill_after(seconds: float, path: Path) -> None:
    with running(OPENER, path) as process:
        assert heard(process) == "ready"
        go(process)
        time.sleep(seconds)
        process.kill()
        process.wait()


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_a_process_killed_at_a_random_moment_leaves_no_harm(
    tmp_path: Path, generation: int
) -> None:
    await check_random_kills(tmp_path, generation, range(4))


@pytest.mark.slow
@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_a_hundred_processes_killed_at_random_moments_leave_no_harm(
    tmp_path: Path, generation: int
) -> None:
    await check_random_kills(tmp_path, generation, range(1000, 1100))
