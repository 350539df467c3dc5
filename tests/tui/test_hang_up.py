"""What tells the program that its terminal is gone, also on systems that have no signal for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import ROOT
from tui.hang_up import TO_LEAVE, has_own_terminal

_WITHOUT = """
import asyncio, signal, sys
from pathlib import Path
del signal.SIGHUP
from tui.app import MemglassApp
from tui.hang_up import HANG_UP, TO_LEAVE
from tui.memory import Memory

async def look() -> None:
    app = MemglassApp(Memory(Path(sys.argv[1])))
    async with app.run_test() as pilot:
        await pilot.pause()
    assert not app.faults and not app.failure, (app.faults, app.failure)

asyncio.run(look())
print(HANG_UP, [each.name for each in TO_LEAVE])
"""


def test_it_starts_where_the_system_has_no_signal_for_a_terminal_that_is_gone(
    memory_file: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, memory_file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1 ['SIGTERM']\n", "")


def test_on_windows_no_terminal_is_looked_for_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Typed:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "__stdin__", Typed())
    assert has_own_terminal() == (sys.platform != "win32")
    monkeypatch.setattr(sys, "platform", "win32")
    assert not has_own_terminal()


_AT_WORK = """
import asyncio, os, signal, sys
from tui.shell import run

async def work() -> None:
    os.kill(os.getpid(), int(sys.argv[1]))
    try:
        await asyncio.sleep(60)
    finally:
        print("put away")

run(work, lambda: "Stopped: nothing was left behind.")
"""


@pytest.mark.parametrize("number", TO_LEAVE)
def test_a_command_that_is_told_to_end_puts_away_what_it_has_begun(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _AT_WORK, str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert done.stdout == "put away\n"
    assert done.stderr == "memglass: Stopped: nothing was left behind.\n"
