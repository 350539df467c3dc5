"""Following what a record leads to, and coming back."""

from __future__ import annotations

from typing import Final

from tui.actions.model import LIVE, Action

ACTIONS: Final = (
    Action(
        "follow",
        "enter",
        "Go to",
        "Go to this record, in its own pane.",
        ("answers", "links"),
        shown=True,
    ),
    Action(
        "back",
        "backspace,alt+left",
        "Back",
        "Come back to the record that you came from.",
        ("browser",),
        shown=True,
    ),
    Action(
        "forward",
        "alt+right",
        "Forward",
        "Go again where you came back from.",
        ("browser",),
    ),
    Action(
        "why",
        "w",
        "Why",
        "Show what this was made from: why the agent believes it.",
        (*LIVE, "archive", "search", "overview"),
        shown=True,
    ),
    Action(
        "became",
        "W",
        "Became",
        "Show what became of this, step by step.",
        (*LIVE, "archive", "search"),
    ),
)
