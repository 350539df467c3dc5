"""The program itself."""

from __future__ import annotations

from typing import Final

from tui.actions.model import Action

ACTIONS: Final = (
    Action(
        "help",
        "?",
        "Help",
        "All keys, and what they do.",
        ("browser",),
        "show_help",
        shown=True,
    ),
    Action(
        "palette",
        ":,ctrl+p",
        "Palette",
        "Find an action by its name.",
        ("browser",),
        "app.command_palette",
    ),
    Action(
        "reopen",
        "f5",
        "Reopen",
        "Open the file anew, as it is now; have a stopped mirror go on.",
        ("browser",),
    ),
    Action("quit", "q", "Quit", "Leave the program.", ("browser",), "app.quit"),
)
