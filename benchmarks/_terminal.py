"""A program in a pseudo-terminal: what it writes, how long that takes, what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

SIZE: Final = (30, 100)
PATIENCE: Final = 30.0
_QUIET: Final = 0.06


class Terminal:
    """Runs a program in a pseudo-terminal until the block ends.

    Args:
        argv: The program and its arguments.
        settings: What its environment holds beside ours.
    """

    def __init__(self, argv: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
        self._argv = list(argv)
        self._settings = dict(settings or {})
        self.began = 0.0

    def __enter__(self) -> Self:
        self.began = time.perf_counter()
        self._pid, self._file = pty.fork()
        if self._pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", **self._settings)
            # An installed program is compiled, as Textual is here.
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.execvp(self._argv[0], self._argv)  # noqa: S606 - chosen by whoever measures
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._file)

    def seconds_until(self, awaited: str) -> float:
        """Return the seconds from the start of the program until it has written a pattern.

        Raises:
            TimeoutError: It did not.
        """
        pattern, written = re.compile(awaited.encode()), b""
        while time.perf_counter() - self.began < PATIENCE:
            written += self._read(0.05)
            if pattern.search(written):
                return time.perf_counter() - self.began
        tail = written[-300:]
        raise TimeoutError(f"{self._argv} did not write {awaited!r} in {PATIENCE} s, but {tail!r}")

    def press(self, keys: bytes) -> tuple[bytes, float]:
        """Press keys, and wait until the program is quiet again.

        Returns:
            What it wrote, and the seconds from the keys to the last of it.
        """
        began = last = time.perf_counter()
        os.write(self._file, keys)
        written = b""
        while time.perf_counter() - began < PATIENCE:
            more = self._read(_QUIET)
            if more:
                written, last = written + more, time.perf_counter()
            elif written or time.perf_counter() - began > 5 * _QUIET:
                return written, last - began
        return written, last - began

    def settle(self, quiet: float = 1.0, most: float = 8.0) -> bytes:
        """Read on until nothing was written for `quiet` seconds, or `most` seconds are over."""
        written, began = b"", time.perf_counter()
        # A cursor that blinks never becomes quiet.
        while (more := self._read(quiet)) and time.perf_counter() - began < most:
            written += more
        return written

    def _read(self, patience: float) -> bytes:
        if not select.select([self._file], [], [], patience)[0]:
            return b""
        try:
            return os.read(self._file, 262_144)
        except OSError:
            return b""  # The program has ended.

    def processor_seconds(self) -> float:
        """Return the processor time that all threads of the program took so far."""
        total = 0
        for task in Path(f"/proc/{self._pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def resident_mib(self) -> float:
        """Return the MiB of the program and its children that are in memory."""
        total = 0
        for pid in [self._pid, *_children(self._pid)]:
            status = Path(f"/proc/{pid}/status").read_text()
            total += int(status.split("VmRSS:")[1].split()[0])
        return total / 1024


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_children(child)]
    return found
