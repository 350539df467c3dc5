"""A long change says how far it is, and is stopped by a key with nothing half done."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from storage import SQLiteStore
from tests.storage import outside
from tests.terminal import PROGRAM, ROOT
from tests.tui.conftest import Browse, lines, press, stored, toasts
from tests.tui.shell_runs import invoke
from tests.tui.waiting import settled
from tui.memory import Memory
from tui.moves import Moved, archive_records
from tui.under_way import StoppedError, telling

MANY = 6_000


async def stopped(pilot: Pilot[None], key: str) -> str:
    """Press a key that begins a long change, and Esc as soon as one sees how far it is."""
    # The pilot would wait until nothing moves any more, which may take longer than the change.
    pilot.app.simulate_key(key)
    for _ in range(5000):
        await asyncio.sleep(0.001)
        if f"of {MANY:,} done" in (line := lines(pilot)[1]):
            pilot.app.simulate_key("escape")
            await settled(pilot)
            return line
    raise AssertionError(lines(pilot)[1])


async def amounts(path: Path) -> tuple[int, int]:
    """How many interactions are live and archived."""

    async def read(store: SQLiteStore) -> tuple[int, int]:
        keys = [await store.list_keys(kind) for kind in ("interaction", "archived_interaction")]
        return len(keys[0]), len(keys[1])

    told: tuple[int, int] = await stored(path, read)
    return told


async def test_a_long_undo_is_stopped_by_escape_and_rolled_back(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        ids = await store.add_interactions({"content": f"turn {n}"} for n in range(MANY))
        await store.archive_interactions(ids, "manual")
    async with browse(path, start="history") as pilot:
        await press(pilot, "b")
        assert "Esc stops it" in await stopped(pilot, "enter")
        assert "Stopped; nothing was changed." in toasts(pilot)
        assert "done" not in lines(pilot)[1]
        assert await amounts(path) == (0, MANY)
        # A run, which is given back in steps, is stopped as well.
        await press(pilot, "o", "r")
        await stopped(pilot, "enter")
        assert "Stopped; nothing was changed." in toasts(pilot)
        assert await amounts(path) == (0, MANY)
        # And then it can be done all the same.
        await press(pilot, "r", "enter")
        assert f"Restored {MANY:,} records of a run." in toasts(pilot)
    assert await amounts(path) == (MANY, 0)


async def test_what_is_told_of_an_undo_ends_with_all_of_it(store: SQLiteStore) -> None:
    await store.add_interactions({} for _ in range(2500))
    [added] = await store.history.get_transactions(await store.history.list_transactions())
    assert added is not None
    told: list[tuple[int, int]] = []
    await store.undo(added["transaction_id"], lambda done, total: told.append((done, total)))
    assert told == [(500, 2500), (1500, 2500), (2500, 2500)]


async def test_what_is_stopped_raises_where_it_is_told_and_only_what_is_seen_can_be_stopped() -> (
    None
):
    memory, said = Memory(Path("m.db")), list[str]()
    with telling(memory, said.append, "Esc") as progress:
        assert not memory.stop_change()
        progress(1, 3)
        await asyncio.sleep(0)
        assert said == ["1 of 3 done, Esc stops it"]
        assert memory.stop_change()
        with pytest.raises(StoppedError):
            progress(2, 3)
    assert said[-1] == ""
    assert not memory.stop_change()


async def test_what_is_stopped_while_it_is_committed_was_done_and_is_told(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        name = await store.add_interaction({"content": "moves"})

        async def stopped_at_its_end() -> Moved:
            task = asyncio.current_task()
            assert task is not None

            def stop_soon(_done: int, _total: int) -> None:
                # The next thing that is waited for is the commit.
                asyncio.get_running_loop().call_soon(task.cancel)

            return await archive_records(
                store, [("interaction", [name])], "wrong", progress=stop_soon
            )

        moved = await asyncio.create_task(stopped_at_its_end())
        assert moved.counts == {"interaction": 1}
        assert await store.get_interaction(name) is None
        await store.undo(moved.transaction_id)
        assert await store.get_interaction(name) is not None


# Who waits for readers to end lets no new one in, of another process.
UNTIL_COMMITTING = """
import sys
from pathlib import Path
from storage import driver
from tests.storage import outside

try:
    while True:
        with outside.connected(Path(sys.argv[1]), busy_ms=0) as newcomer:
            newcomer.execute("SELECT count(*) FROM interactions").fetchall()
except driver.OperationalError as error:
    print(error)
"""


@pytest.mark.parametrize(("command", "said"), [("undo", b"Undone: "), ("redo", b"Done again: ")])
@pytest.mark.usefixtures("at_home")
def test_what_ctrl_c_stops_while_an_undo_is_committed_was_done_and_is_told(
    command: str, said: bytes, memory_file: Path
) -> None:
    archived = invoke("archive", memory_file, "pat-2", "--reason", "wrong")
    assert archived.exit_code == 0
    if command == "redo":
        assert invoke("undo", memory_file).exit_code == 0
    with outside.connected(memory_file) as reader:
        # Without a write-ahead log a commit waits for whoever reads.
        assert reader.execute("PRAGMA journal_mode=delete").fetchone() == ("delete",)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM interactions").fetchall()
        process = subprocess.Popen(
            [*PROGRAM, command, str(memory_file)], cwd=ROOT, stderr=subprocess.PIPE
        )
        prober = outside.python("-c", UNTIL_COMMITTING, memory_file)
        assert prober.communicate(timeout=20) == ("database is locked\n", "")
        process.send_signal(signal.SIGINT)
        # It is told of it before the commit can end.
        time.sleep(0.3)
        reader.execute("COMMIT")
        _, told = process.communicate(timeout=20)
    assert (process.returncode, said in told) == (0, True), told
