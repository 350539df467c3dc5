"""A program in a terminal of its own, as a person runs it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-m", "tui.cli")
PATIENCE = 60.0


class Terminal:
    """The side of a terminal that a person holds.

    Attributes:
        is_running: Whether the program may write more.
    """

    def __init__(self, pid: int, file: int) -> None:
        self._pid, self._file = pid, file
        self._status: int | None = None
        self.is_running = True
        self._written = bytearray()

    @property
    def written(self) -> bytes:
        """All that the program wrote so far."""
        return bytes(self._written)

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._file, keys)

    def read_until_quiet(self, quiet: float = 0.08) -> bytes:
        """Read what the program writes until it pauses for so many seconds.

        Where that can be told, it is no pause that it waits for its turn, beside other tests.
        """
        before, deadline = len(self._written), time.monotonic() + 10
        while time.monotonic() < deadline and (self._read(quiet) or self._is_at_work()):
            pass
        return bytes(self._written[before:])

    def read_until(self, awaited: bytes) -> bool:
        """Read until the program has written something; say whether it has."""
        deadline = time.monotonic() + PATIENCE
        while awaited not in self._written and self.is_running and time.monotonic() < deadline:
            self._read(0.2)
        return awaited in self._written

    def end(self) -> int:
        """Read until the program has ended; return its exit code.

        Raises:
            TimeoutError: It goes on.
        """
        deadline = time.monotonic() + PATIENCE
        while self.is_running:
            self._read(0.2)
            if time.monotonic() > deadline:
                raise TimeoutError(f"The program goes on, after {self.written[-300:]!r}.")
        return self._waited()

    def hang_up(self) -> None:
        """Close the terminal, with the program in it."""
        os.close(self._file)
        self._file = os.open(os.devnull, os.O_RDWR)

    def tell(self, number: int) -> None:
        """Send a signal to the program."""
        os.kill(self._pid, number)

    def kill(self) -> None:
        """End the program, unless it has ended, and let go of the terminal."""
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            self._waited()
        os.close(self._file)

    def _waited(self) -> int:
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self._status

    def _is_at_work(self) -> bool:
        """Whether a thread of the program runs or would like to, as Linux tells."""
        # An entry is its number, its name in brackets, and the letter of its state.
        entries = Path(f"/proc/{self._pid}/task").glob("*/stat")
        with contextlib.suppress(OSError):  # A thread has ended.
            return any(each.read_text().rpartition(") ")[2][0] in "RD" for each in entries)
        return True

    def _read(self, patience: float) -> bool:
        if not select.select([self._file], [], [], patience)[0]:
            return False
        part = b""
        with contextlib.suppress(OSError):  # The program has ended.
            part = os.read(self._file, 65_536)
        self.is_running = bool(part)
        self._written += part
        return bool(part)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path = ROOT,
    size: tuple[int, int] = (24, 80),
    env: Mapping[str, str] | None = None,
) -> Iterator[Terminal]:
    """Run a program in a terminal of some rows and columns, until the block ends."""
    argv = [str(each) for each in command]
    pid, file = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(argv[0], argv, {**os.environ, "TERM": "xterm-256color", **(env or {})})
    fcntl.ioctl(file, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    terminal = Terminal(pid, file)
    try:
        yield terminal
    finally:
        terminal.kill()
