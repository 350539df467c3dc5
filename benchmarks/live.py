"""How the program holds up while another process writes: `python benchmarks/live.py [--rows N]`.

A second process adds 500 interactions a second, in small transactions, to the memory that is being
looked at. Meanwhile keys are typed at the pace of a fast typist into the filter, the search and the
list. What is measured is the lag of the event loop: how much later than asked for a task that
sleeps 5 ms wakes up, which is how long a key press can wait for anything at all. Every key has to
arrive, and new rows have to appear.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from textual.pilot import Pilot
from textual.widgets import Input

from benchmarks._rows import turns
from storage import SQLiteStore, Store
from tui.app import MemglassApp
from tui.garbage import put_off
from tui.memory import Memory
from tui.readiness import get_ready

ROOT: Final = Path(__file__).resolve().parents[1]
LIMIT_MS: Final = 100.0
RATE: Final = 500
_BATCH: Final = 25
_BEAT: Final = 0.005
_TYPED: Final = "session deploy orders refunds"
_PAUSE: Final = 0.06


class Lag:
    """Feels the pulse of the event loop.

    Attributes:
        late: Milliseconds by which each beat came late.
        worked: Milliseconds of processor time that the loop took itself since the beat before.
    """

    def __init__(self) -> None:
        self.late: list[float] = []
        self.worked: list[float] = []

    async def feel(self) -> None:
        """Note how late each beat comes, for as long as nobody cancels it."""
        while True:
            began, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_BEAT)
            self.late.append((time.perf_counter() - began - _BEAT) * 1000)
            self.worked.append((time.thread_time() - used) * 1000)

    @property
    def is_good(self) -> bool:
        """Whether no beat came too late."""
        return max(self.late) < LIMIT_MS

    def said(self, name: str) -> str:
        """Tell the figures as a line of a table."""
        ordered = sorted(self.late)
        share = ordered[int(len(ordered) * 0.99)]
        return (
            f"{name:<28} {statistics.median(ordered):8.2f} {share:8.2f} {ordered[-1]:8.2f}"
            f" {max(self.worked):12.2f}  {'ok' if self.is_good else 'TOO LONG'}"
        )


@contextlib.asynccontextmanager
async def feeling() -> AsyncIterator[Lag]:
    """Measure the lag of what is done inside."""
    lag = Lag()
    pulse = asyncio.create_task(lag.feel())
    try:
        yield lag
    finally:
        pulse.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pulse


async def write(path: Path, seconds: float) -> None:
    """Add rows at the rate; run in a process of its own."""
    async with SQLiteStore(path, actor="agent") as store:
        began, made = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            if made >= passed * RATE:
                await asyncio.sleep(0.01)
                continue
            rows = [
                {"session_id": "live", "role": "agent", "content": f"deploy orders {made + each}"}
                for each in range(_BATCH)
            ]
            await store.add_interactions(rows)
            made += _BATCH


async def idle() -> None:
    """Do nothing until interrupted, and tell how late the beats came all the same."""
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, done.set)
    async with feeling() as lag:
        await done.wait()
    print(lag.said("a program that does nothing"))


async def typed(pilot: Pilot[None], *keys: str) -> None:
    """Press keys at the pace of a fast typist."""
    for key in keys:
        await pilot.press(key)
        await asyncio.sleep(_PAUSE)


async def filtering(pilot: Pilot[None]) -> str:
    """Type into the filter; give what arrived."""
    await typed(pilot, "2", "f", *_TYPED)
    arrived = pilot.app.screen.query_one(Input).value
    await typed(pilot, "escape")
    return arrived


async def searching(pilot: Pilot[None]) -> str:
    """Type a question; give what arrived."""
    await typed(pilot, "slash", *_TYPED)
    arrived = pilot.app.screen.query_one("#question", Input).value
    await asyncio.sleep(1)
    await typed(pilot, "escape", "2")
    return arrived


async def moving(pilot: Pilot[None]) -> str:
    """Move in the list, follow the newest row, narrow the list to a text and let go of it."""
    await typed(pilot, *["j"] * 10, "pagedown", "pagedown", "G", "pageup", "g", "F")
    await asyncio.sleep(2)
    await typed(pilot, "f", *"text:deploy", "enter")
    await asyncio.sleep(2)
    await typed(pilot, "escape")
    return _TYPED


async def measure(path: Path) -> bool:
    """Do everything while the other process writes; say whether it is good enough."""
    settled = asyncio.Event()

    async def get_settled(app: MemglassApp) -> None:
        await get_ready(app)
        settled.set()

    # As the command line starts it.
    app = MemglassApp(Memory(path), when_settled=get_settled)
    is_good = True
    with put_off():
        async with app.run_test(size=(120, 40)) as pilot:
            await settled.wait()
            async with beside_a_writer(path, app.memory.store):
                for do in (filtering, searching, moving):
                    async with feeling() as lag:
                        arrived = await do(pilot)
                    lost = "" if arrived == _TYPED else f"lost keys: {arrived!r}"
                    print(lag.said(do.__name__), lost)
                    is_good &= arrived == _TYPED and lag.is_good
    return is_good


@contextlib.asynccontextmanager
async def beside_a_writer(path: Path, store: Store) -> AsyncIterator[None]:
    """Have another process write, and one that does nothing feel what this machine does to it."""
    before, began = len(await store.list_keys("interaction")), time.monotonic()
    command = sys.executable, __file__
    writer = await asyncio.create_subprocess_exec(*command, "--write", str(path), cwd=ROOT)
    nothing = await asyncio.create_subprocess_exec(
        *command, "--idle", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    print(f"{'event loop lag in ms':<28} {'median':>8} {'p99':>8} {'most':>8} {'own work':>12}")
    try:
        yield
        rows = len(await store.list_keys("interaction")) - before
        print(f"rows written meanwhile: {rows / (time.monotonic() - began):,.0f} a second")
    finally:
        nothing.send_signal(signal.SIGINT)
        told, _ = await nothing.communicate()
        print(told.decode().strip())
        writer.terminate()
        await writer.wait()


async def main(rows: int) -> bool:
    """Make a memory with so many interactions and measure on it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.db"
        async with SQLiteStore(path) as store:
            await store.add_interactions(turns(rows))
        return await measure(path)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--idle", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(given)


if __name__ == "__main__":
    asked = arguments()
    if asked.write is not None:
        asyncio.run(write(asked.write, 600))
    elif asked.idle:
        asyncio.run(idle())
    elif not asyncio.run(main(asked.rows)):
        sys.exit(1)
