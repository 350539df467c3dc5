"""Files that a pane writes: on the machine of the program, which need not be the person's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.toasts import tell
from tui.widgets.key_bar import key_of

if TYPE_CHECKING:
    from pathlib import Path

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
