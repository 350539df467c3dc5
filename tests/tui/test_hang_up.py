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


# Its standard input and error are a terminal whose other end is closed.
_GONE = """
import asyncio, os, pty, signal
from pathlib import Path
ours, theirs = pty.openpty()
os.dup2(theirs, 0)
os.dup2(theirs, 2)
from tui.app import MemglassApp
from tui.memory import Memory

async def look() -> None:
    app = MemglassApp(Memory(Path("memory.db")))
    driver = app.driver_class(app)
    os.close(ours)
    os.kill(os.getpid(), signal.SIGCONT)
    print("began anew" if driver._writer_thread else "waits")
    driver._file.write("x" * 100_000)
    driver._file.flush()
    print("goes on", flush=True)

asyncio.run(look())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it ends the programs of a console with it")
def test_a_terminal_that_is_gone_is_neither_begun_anew_nor_waited_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _GONE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == "waits\ngoes on\n"
