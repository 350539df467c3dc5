"""What tells the program that its terminal is gone, also on systems that have no signal for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import ROOT
from tui.hang_up import has_own_terminal

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
