"""Whether the terminal that the program was started in is still there.

Who started it, such as make, may keep the signal that says so for himself.
"""

from __future__ import annotations

import signal
import sys
from typing import Final

HANG_UP: Final[int] = getattr(signal, "SIGHUP", 1)
"""The number of the signal that says so, also where the system has none such."""

TO_LEAVE: Final = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""The signals of this system that tell a program to end."""


def has_own_terminal() -> bool:
    """Say whether what is typed comes from a terminal that could be seen to go.

    Of Windows, which ends the programs of a console with it, it is never said.
    """
    if sys.platform == "win32":
        return False
    return sys.__stdin__ is not None and sys.__stdin__.isatty()


def is_terminal_gone() -> bool:
    """Say whether the terminal that there was has been closed."""
    if sys.platform == "win32" or sys.__stdin__ is None:
        return False
    import termios

    try:
        termios.tcgetattr(sys.__stdin__.fileno())
    except (OSError, ValueError, termios.error):
        return True
    return False
