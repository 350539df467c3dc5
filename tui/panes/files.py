"""Files that a pane writes: on the machine of the program, which need not be the person's."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tui.toasts import tell
from tui.widgets.key_bar import key_of

if TYPE_CHECKING:
    from tui.panes.sides import Pane


def refuses_files(pane: Pane) -> bool:
    """Say so where a browser may only look: what it names would be written where it is served."""
    refuses = pane.app.is_web and pane.memory.read_only
    if refuses:
        copies = key_of(pane.screen, "copy")
        instead = f" {copies} copies instead." if copies else ""
        tell(pane, f"No file is written from here: this browser may only look.{instead}", "warning")
    return refuses


def place_of(pane: Pane, path: Path) -> str:
    """Say where a file is that was written."""
    return f"{path}{' on the machine that serves this page' if pane.app.is_web else ''}"


def free_place(name: str, ending: str) -> Path:
    """Give a place that is not taken: in the current folder, or where that is gone or takes none.

    Args:
        name: What the file is to be called; a number follows where that is taken.
        ending: What its name ends in, with the dot.
    """
    folder = _folder()
    path, number = folder / f"{name}{ending}", 2
    while path.exists():
        path, number = folder / f"{name}-{number}{ending}", number + 1
    return path


def _folder() -> Path:
    for each in (Path.cwd, Path.home):
        # The current folder may have been deleted meanwhile, and not everybody has a home.
        with contextlib.suppress(OSError, RuntimeError):
            folder = each()
            if os.access(folder, os.W_OK | os.X_OK):
                return folder
    return Path(tempfile.gettempdir())
