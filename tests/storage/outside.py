"""A store's file as another program sees it: plain connections, and other processes.

The connections are of the SQLite that the store runs on. Two copies of SQLite in one process
would take away each other's locks, because POSIX locks belong to the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage import driver

ROOT = Path(__file__).parents[2]


@contextmanager
def connected(path: Path, *, busy_ms: int = 5000) -> Iterator[driver.Connection]:
    """Open `path` for reading and writing."""
    connection = driver.connect(f"{path.absolute().as_uri()}?mode=rw", busy_ms=busy_ms)
    try:
        yield connection
    finally:
        connection.close()


def fetch(path: Path, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Read all rows of one query."""
    with connected(path) as connection:
        return connection.execute(sql, values).fetchall()


def is_free(path: Path) -> bool:
    """Say whether the write lock can be had at once."""
    with connected(path, busy_ms=0) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except driver.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def integrity(path: Path) -> list[tuple[Any, ...]]:
    """Return what SQLite finds damaged; `[("ok",)]` if nothing is."""
    return fetch(path, "PRAGMA integrity_check")


def python(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start a Python that can import the library, with its output in a pipe, line by line."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Listener:
    """Hears what a process says while it runs, so that its pipe never fills up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.lines: list[str] = []
        self._process = process
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line)
            self._heard.set()
        self._heard.set()

    def first(self) -> str:
        """Wait for the first line, and return it; empty if the process ended without one."""
        self._heard.wait()
        return self.lines[0] if self.lines else ""

    def kill(self) -> str:
        """Kill the process with SIGKILL, hear it out, and return what it said of errors."""
        self._process.kill()
        return self.hear_out()

    def hear_out(self) -> str:
        """Wait for the end of the process, and return what it said of errors."""
        self._thread.join()
        with self._process:
            return self._process.stderr.read() if self._process.stderr else ""


def environment() -> dict[str, str]:
    """Return the environment of a Python that can import the library."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
