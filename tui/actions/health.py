"""Looking for what is broken, and mending it."""

from __future__ import annotations

from typing import Final

from tui.actions.model import Action

_HERE: Final = ("health",)

ACTIONS: Final = (
    Action(
        "repair",
        "R",
        "Repair",
        "Show what the selected fields could say, and write it if you agree.",
        _HERE,
        "mend('repair')",
        shown=True,
    ),
    Action(
        "archive_broken",
        "a",
        "Archive",
        "Put the selected broken records away, as corrupt.",
        _HERE,
        "mend('archive')",
        shown=True,
    ),
    Action(
        "leave",
        "l",
        "Leave",
        "Leave the selected findings as they are, or take that back.",
        _HERE,
        shown=True,
    ),
    Action("bytes", "b", "Bytes", "Show the bytes around the place.", _HERE, shown=True),
    Action("next_broken", "n", "Next", "Go to the next that is still broken.", _HERE, shown=True),
    Action("scan", "S", "Scan", "Look at everything again, or go on with it.", _HERE, shown=True),
    Action(
        "vacuum",
        "Z",
        "Vacuum",
        "Give the free space of the file back.",
        _HERE,
        "mend('vacuum')",
    ),
)
