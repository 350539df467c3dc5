"""The driver of a terminal that may go while the program still writes to it.

Textual writes in a thread that ends with the first error, and whoever writes after that waits for
ever once its queue is full, also the program that is about to leave. When a terminal goes, the
system tells the program to continue, too, and Textual would begin anew with what is gone.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from functools import wraps
from typing import IO, Any, ParamSpec, cast

from textual.drivers.linux_driver import LinuxDriver

from tui.hang_up import is_terminal_gone

P = ParamSpec("P")


class Output:
    """A file that lets go of what cannot be written.

    Args:
        file: Where to write.
    """

    def __init__(self, file: IO[str]) -> None:
        self.write = _letting_go(file.write)
        self.flush = _letting_go(file.flush)
        self.fileno = file.fileno


def _letting_go(work: Callable[P, Any]) -> Callable[P, None]:
    """Return what does the same, and nothing where the file is gone."""

    @wraps(work)
    def attempt(*args: P.args, **options: P.kwargs) -> None:
        with contextlib.suppress(OSError):
            work(*args, **options)

    return attempt


def _write_utf_8(file: object) -> None:
    """Have signs written as what they are, whatever the locale says.

    As escapes of six letters each they leave nothing of the screen where it belongs; and what is
    typed is read as UTF-8, too.
    """
    if isinstance(file, io.TextIOWrapper):
        file.reconfigure(encoding="utf-8", errors=file.errors)


class TerminalDriver(LinuxDriver):
    """Textual's driver, for which no terminal that is gone is waited for."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _write_utf_8(self._file)
        # To its thread any file will do.
        self._file = cast("Any", Output(cast("IO[str]", self._file)))

    def _sigcont_application(self, *_: Any) -> None:
        if not is_terminal_gone():
            super()._sigcont_application()
