"""One line on standard error that says how far something is, drawn over again; terminals only."""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from tui.text import safe_text

_AFTER: Final = 0.3
_BETWEEN: Final = 0.1
_BAR_CELLS: Final = 24


class ProgressLine:
    """The line; nothing is written where there is no terminal, nor by what takes no time."""

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
        self._last = time.monotonic() + _AFTER - _BETWEEN
        self._drawn = 0

    def show(self, text: str) -> None:
        """Say how far it is now; what comes too soon after the last time is left out."""
        now = time.monotonic()
        if self.is_terminal and now - self._last >= _BETWEEN:
            self._last = now
            self._draw(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._draw("")
            sys.stderr.write("\r")
            sys.stderr.flush()
            self._drawn = 0

    def _draw(self, text: str) -> None:
        line = safe_text(text[: _columns() - 1].ljust(self._drawn))
        sys.stderr.write(f"\r{line}")
        sys.stderr.flush()
        self._drawn = len(text)


def bar(percent: int) -> str:
    """Draw how much of something is done, in signs that the encoding of the terminal has."""
    full, empty = "\u2588\u2591" if _says_blocks() else "#-"
    cells = _BAR_CELLS * percent // 100
    return f"{full * cells}{empty * (_BAR_CELLS - cells)} {percent:3} %"


def _says_blocks() -> bool:
    try:
        "\u2588\u2591".encode(sys.stderr.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _columns() -> int:
    try:
        # A terminal that doesn't know says 0.
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
