"""What changes the memory."""

from __future__ import annotations

from typing import Final

from tui.actions.model import LIVE, Action

ACTIONS: Final = (
    Action(
        "archive",
        "a",
        "Archive",
        "Archive the selected records, with a reason.",
        (*LIVE, "search"),
        shown=True,
    ),
    Action(
        "restore",
        "r",
        "Restore",
        "Bring the selected records back from the archive.",
        ("archive", "search", "overview"),
        shown=True,
    ),
)
