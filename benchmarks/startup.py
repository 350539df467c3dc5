"""How long it takes until what is in a memory is on screen, against a program that shows nothing.

Both run in a pseudo-terminal, in turns; the ratio of the medians is what counts, because absolute
times drift from run to run.

    python benchmarks/startup.py --rows 100000
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTHING = "from textual.app import App\nApp().run()\n"
# The first frame begins in the top left corner, and nothing goes there before.
PAINTED = b"\x1b[1;1H"
FIRST_ROW = "look at the ledger, turn 000001"
FIRST_COUNT = "{:,} interactions"
TARGET = 1.8
SIZE = (30, 100)
PATIENCE = 20.0


def interactions(count: int) -> Iterator[dict[str, Any]]:
    """Make so many interactions, a minute apart; the newest is turn 1."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        yield {
            "interaction_id": f"int-{number:07}",
            "timestamp": start + timedelta(minutes=number),
            "session_id": f"s-{number // 50}",
            "action": ("edit_file", "run_tests", "deploy", "chat")[number % 4],
            "role": ("user", "agent")[number % 2],
            "content": f"look at the ledger, turn {count - number:06}, and mend what is broken",
            "details": {"tool": "pytest", "number": number, "arguments": ["-q", "-x"]},
        }


async def make(path: Path, count: int) -> None:
    """Make a memory with so many interactions, through the store."""
    # Beside this file is one that is called `storage` too.
    sys.path[0] = str(ROOT)
    from storage import SQLiteStore

    async with SQLiteStore(path) as store:
        await store.add_interactions(interactions(count))


def seconds_until(argv: Sequence[str], awaited: bytes, config: Path | None = None) -> float:
    """Start a program in a pseudo-terminal and wait until it has written something.

    Raises:
        TimeoutError: It did not.
    """
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        if config is not None:
            os.environ["MEMGLASS_CONFIG"] = str(config)
        # An installed program is compiled, as Textual is here.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.execv(argv[0], list(argv))  # noqa: S606 - our own interpreter
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    written = b""
    try:
        while time.perf_counter() - began < PATIENCE:
            if select.select([terminal], [], [], 0.05)[0]:
                written += os.read(terminal, 65_536)
                if awaited in written:
                    return time.perf_counter() - began
        raise TimeoutError(f"{argv} did not write {awaited!r} in {PATIENCE} s.")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def main() -> None:
    """Measure, and print a line for each of the two panes that matter."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000, help="interactions in the memory")
    options.add_argument("--runs", type=int, default=15, help="starts of each program")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        memory = Path(folder) / "memory.db"
        asyncio.run(make(memory, chosen.rows))
        ours = [sys.executable, "-m", "tui.cli", str(memory)]
        panes = {"overview": FIRST_COUNT.format(chosen.rows), "interactions": FIRST_ROW}
        for pane, awaited in panes.items():
            (memory.with_name(pane)).write_text(f'start = "{pane}"\n', encoding="utf-8")
            # Compiles what is not compiled yet.
            seconds_until(ours, awaited.encode(), memory.with_name(pane))
        nothing = [sys.executable, "-c", NOTHING]
        times: dict[str, list[float]] = {name: [] for name in ("", *panes)}
        for _ in range(chosen.runs):
            times[""].append(seconds_until(nothing, PAINTED))
            for pane, awaited in panes.items():
                times[pane].append(seconds_until(ours, awaited.encode(), memory.with_name(pane)))
    base = statistics.median(times.pop(""))
    for pane, taken in times.items():
        first = statistics.median(taken)
        print(
            f"{chosen.rows:,} rows: a program that shows nothing {base * 1000:.0f} ms,"
            f" what {pane} begins with {first * 1000:.0f} ms, ratio {first / base:.2f}"
            f" (at most {TARGET})"
        )


if __name__ == "__main__":
    main()
