"""Whether the terminal that the program was started in is still there.

Who started it, such as make, may keep the signal that says so for himself.
"""

from __future__ import annotations

import sys


def has_own_terminal() -> bool:
    """Say whether what is typed comes from a terminal."""
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
