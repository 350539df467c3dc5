"""Going to a pane."""

from __future__ import annotations

from typing import Final

from tui.actions.model import Action

ACTIONS: Final = (
    Action(
        "pane_1",
        "1",
        "Overview",
        "What is suspicious, and how much there is.",
        ("browser",),
        "pane('overview')",
    ),
    Action(
        "pane_2",
        "2",
        "Interactions",
        "What was recorded, newest first.",
        ("browser",),
        "pane('interactions')",
    ),
    Action(
        "pane_3",
        "3",
        "Patterns",
        "What was learned, by type.",
        ("browser",),
        "pane('patterns')",
    ),
    Action(
        "pane_4",
        "4",
        "Archive",
        "What was put away, with the reason.",
        ("browser",),
        "pane('archive')",
    ),
    Action(
        "pane_5",
        "5",
        "World model",
        "What the agent believes, snapshot by snapshot.",
        ("browser",),
        "pane('world_model')",
    ),
    Action(
        "pane_6",
        "6",
        "Search results",
        "What was asked last, and what was found.",
        ("browser",),
        "pane('search')",
    ),
    Action(
        "pane_7",
        "7",
        "Health",
        "What is broken, and how it can be repaired.",
        ("browser",),
        "pane('health')",
    ),
    Action(
        "pane_8",
        "8",
        "History",
        "What was changed, by whom and why; undo any of it.",
        ("browser",),
        "pane('history')",
    ),
)
