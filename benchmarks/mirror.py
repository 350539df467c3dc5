"""How far a mirror is behind a source that is being written: `python benchmarks/mirror.py`.

A second process writes messages to a source that holds many already, and waits for no lock. The
program shows its mirror meanwhile. What is measured is the time from a message's commit until it is
in the mirror, and until it stands on the screen; how often the writer was kept waiting; and whether
a byte of the source changed once its writer had ended. Then: what finding out costs a start that
`memglass FILE` is given a memory, and nothing to mirror.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks import _sources
from benchmarks._bench import Figure
from storage import SQLiteStore, is_foreign
from tui.app import MemglassApp
from tui.memory import Memory
from tui.mirrors import mirror_of
from tui.panes.interactions import InteractionsPane
from tui.wording import what_of

MOST_BEHIND: Final = 2.0
_MODES: Final = ("wal", "delete", "lines")
_PAUSE: Final = 0.05
_LOOKS: Final = 0.02
_MOST_START_MS: Final = 5.0


def _write(path: Path, mode: str, messages: int) -> None:
    """Be the writer; print how often it was kept waiting."""
    write = _write_lines if mode == "lines" else _write_rows
    print(json.dumps({"busy": write(path, mode, messages)}))


def _write_lines(path: Path, _mode: str, messages: int) -> int:
    with path.open("ab", buffering=0) as file:
        for number in range(messages):
            line = {
                "type": "user",
                "uuid": f"live-{number}",
                "sessionId": "live",
                "timestamp": f"{_newest(number)}Z",
                "message": {"role": "user", "content": f"live {time.time()}"},
            }
            file.write(json.dumps(line).encode() + b"\n")
            time.sleep(_PAUSE)
    return 0


def _write_rows(path: Path, mode: str, messages: int) -> int:
    busy = 0
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as raw:
        raw.execute(f"PRAGMA journal_mode={mode}")
        for number in range(messages):
            while not _written(raw, _newest(number)):
                busy += 1
            time.sleep(_PAUSE)
    return busy


def _newest(number: int) -> str:
    """Return a time that is newer than that of all that is there."""
    return f"2099-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"


def _written(raw: sqlite3.Connection, at: str) -> bool:
    data = json.dumps({"role": "user", "content": f"live {time.time()}"})
    try:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(
            "INSERT INTO agent_messages (session_id, message_data, created_at)"
            " VALUES ('live', ?, ?)",
            (data, at),
        )
        raw.execute("COMMIT")
    except sqlite3.OperationalError:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        return False
    return True


class _Behind:
    """How late what is newest somewhere was seen, of all that was written."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._seen = 0.0

    def see(self, texts: Sequence[str]) -> None:
        """Take notice of the texts that are there now, in any order."""
        now = time.time()
        times = [float(each.split()[1]) for each in texts if each.startswith("live ")]
        self.late += [now - each for each in times if each > self._seen]
        self._seen = max([self._seen, *times])

    def told(self) -> str:
        """Tell the median and the worst."""
        if not self.late:
            return "nothing was seen"
        return f"{statistics.median(self.late):.2f} s, {max(self.late):.2f} s at most"

    @property
    def is_good(self) -> bool:
        """Whether something was seen, and nothing too late."""
        return bool(self.late) and max(self.late) <= MOST_BEHIND


async def _follow(source: Path, written: Path, mode: str, messages: int) -> list[Figure]:
    """Measure one mode of writing.

    Args:
        source: What is mirrored.
        written: The file of it that is written.
        mode: Of the journal, or `lines`.
        messages: How many are written.
    """
    memory = Memory(source)
    mirror = mirror_of(source)
    assert mirror is not None
    memory.mirrors(mirror)
    app = MemglassApp(memory, start="interactions")
    stored, shown = _Behind(), _Behind()
    async with app.run_test(size=(120, 40)) as pilot:
        mirroring = memory.mirroring
        while mirroring is None or mirroring.state != "current":  # noqa: ASYNC110 - as a person
            await asyncio.sleep(_LOOKS)
        pane = pilot.app.query_one(InteractionsPane)
        pane.action_follow_newest()
        async with SQLiteStore(mirror.file, read_only=True) as reader:
            command = [sys.executable, __file__, "--write", str(written), mode, str(messages)]
            writer = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            ending = asyncio.create_task(writer.communicate())
            deadline = float("inf")
            while time.monotonic() < deadline:
                rows = await reader.get_recent_interactions(60, session_id="live")
                stored.see([row["content"] for row in rows])
                top = [pane.table.row_at(number) or {} for number in range(36)]
                shown.see([str(what_of(row)) for row in top if row])
                if ending.done() and deadline == float("inf"):
                    before = _digests(written)
                    deadline = time.monotonic() + 2 * MOST_BEHIND
                await asyncio.sleep(_LOOKS)
        out, _ = await ending
    after = _digests(written)
    busy = json.loads(out)["busy"]
    seen, same = len(shown.late), before == after
    return [
        Figure(f"{mode}: in the mirror", stored.told(), "at most 2 s", stored.is_good),
        Figure(f"{mode}: on the screen", shown.told(), "at most 2 s", shown.is_good),
        Figure(f"{mode}: seen", f"{seen} of {messages}", "all", seen == messages),
        Figure(f"{mode}: writer kept waiting", f"{busy} times", "never", busy == 0),
        Figure(f"{mode}: source", "as it was left" if same else "CHANGED", "as it was left", same),
    ]


def _digests(source: Path) -> list[str]:
    """Return what tells whether a byte of a source, or beside it, was changed."""
    beside = (source, Path(f"{source}-wal"), Path(f"{source}-journal"))
    return [hashlib.sha256(each.read_bytes()).hexdigest() for each in beside if each.exists()]


def _start(folder: Path, rows: int) -> Figure:
    """Measure what it takes to see that a memory is one."""
    path = folder / "memory.db"

    async def fill() -> None:
        async with SQLiteStore(path) as store:
            await store.add_interactions({"content": f"turn {number}"} for number in range(rows))

    asyncio.run(fill())
    assert not is_foreign(path)
    best = min(_timed(lambda: is_foreign(path)) for _ in range(20))
    return Figure("to know a memory", f"{best:.2f} ms", "at most 5 ms", best <= _MOST_START_MS)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="messages that are there before")
    parser.add_argument("--messages", type=int, default=200, help="messages that are written")
    parser.add_argument("--modes", nargs="+", default=_MODES, choices=_MODES, help="of writing")
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        _write(Path(asked.write[0]), asked.write[1], int(asked.write[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.update({"XDG_DATA_HOME": f"{name}/data", "MEMGLASS_STATE": f"{name}/state"})
        figures = [_start(folder, asked.rows)]
        for mode in asked.modes:
            source = written = folder / f"{mode}.source"
            if mode == "lines":
                _sources.transcript_folder(source, asked.rows * 500)
                written = source / "live.jsonl"
            else:
                _sources.session_database(source, asked.rows)
            figures += asyncio.run(_follow(source, written, mode, asked.messages))
    for figure in figures:
        holds = {True: "ok", False: "NO", None: ""}[figure.holds]
        print(f"{figure.name:<34} {figure.measured:<28} {figure.wanted:<14} {holds}")
    sys.exit(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    main()
