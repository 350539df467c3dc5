"""What the world model pane does: time, the base of the diff, an entity's history, edits."""

from __future__ import annotations

from typing import Final

from tui.actions.model import Action

_PANE: Final = ("world_model",)

ACTIONS: Final = (
    Action(
        "older",
        "left_square_bracket",
        "Older",
        "Look at the point in time before this one.",
        _PANE,
        "step(-1)",
        shown=True,
    ),
    Action(
        "newer",
        "right_square_bracket",
        "Newer",
        "Look at the point in time after this one.",
        _PANE,
        "step(1)",
        shown=True,
    ),
    Action(
        "base",
        "D",
        "Base",
        "Compare with this point from now on, or no longer.",
        _PANE,
        shown=True,
    ),
    Action(
        "world_why",
        "w",
        "Why",
        "Show what brought this about, and what happened meanwhile.",
        _PANE,
        shown=True,
    ),
    Action(
        "entity_history",
        "H",
        "History",
        "Show when this appeared, changed and vanished, and by what.",
        ("world_entries",),
        shown=True,
    ),
    Action(
        "edit_world",
        "e",
        "Edit",
        "Edit this entity, relation or value, or the world model.",
        _PANE,
        shown=True,
    ),
    Action(
        "other_domain",
        "o",
        "Other side",
        "Go to the domain that says otherwise, and what it says.",
        _PANE,
    ),
    Action(
        "sides",
        "S",
        "Sides",
        "Show the diff side by side, or one under the other.",
        _PANE,
    ),
)
