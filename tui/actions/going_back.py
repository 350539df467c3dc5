"""What happened, and taking it back."""

from __future__ import annotations

from typing import Final

from tui.actions.model import PANES, Action

_HERE: Final = ("history",)

ACTIONS: Final = (
    Action(
        "undo",
        "u",
        "Undo",
        "Take back the last change that was made here.",
        ("browser",),
        shown=True,
    ),
    Action(
        "redo",
        "U",
        "Redo",
        "Do again what was undone last, also in an earlier visit.",
        ("browser",),
    ),
    Action(
        "history",
        "H",
        "History",
        "Show what happened to this record.",
        (*PANES, "health"),
    ),
    Action(
        "take_back",
        "b",
        "Take back",
        "Undo this change, whoever made it; what it does is shown first.",
        _HERE,
        shown=True,
    ),
    Action(
        "back_to",
        "B",
        "Back to here",
        "Undo all that came after this change; what it does is shown first.",
        _HERE,
        shown=True,
    ),
    Action(
        "restore_run",
        "r",
        "Restore run",
        "Bring back all that left in this run of archiving.",
        _HERE,
        shown=True,
    ),
    Action(
        "runs",
        "o",
        "Runs",
        "Show runs of archiving instead of changes, or changes again.",
        _HERE,
        shown=True,
    ),
)
