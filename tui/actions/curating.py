"""Putting records in order, marking what one thinks of them, and taking them elsewhere."""

from __future__ import annotations

from typing import Final

from tui.actions.model import PANES, Action

ACTIONS: Final = (
    Action(
        "tag",
        "t",
        "Tag",
        "Put a tag on the selected records, or take it off.",
        PANES,
        "curate('tag')",
    ),
    Action("note", "c", "Note", "Write a note on the selected records.", PANES, "curate('note')"),
)
