"""Selecting records of a list."""

from __future__ import annotations

from typing import Final

from tui.actions.model import SIDES, Action

ACTIONS: Final = (
    Action(
        "mark",
        "space",
        "Select",
        "Select this record, or let go of it.",
        ("table",),
        shown=True,
    ),
    Action("range", "V", "Range", "Begin a range here; once more ends it.", ("table",)),
    Action("all", "*", "All", "Select all that the list shows, or none.", ("table",)),
    Action("clear", "escape", "Clear", "Let go of the selection, then of the filter.", SIDES),
)
