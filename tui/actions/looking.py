"""Looking at a list and its detail."""

from __future__ import annotations

from typing import Final

from tui.actions.model import FILTERED, LIVE, SIDES, Action

ACTIONS: Final = (
    Action("filter", "f", "Filter", "Show only some of the list.", FILTERED, shown=True),
    Action(
        "view",
        "v",
        "View",
        "Change the detail view: fields, JSON, raw.",
        SIDES,
        "next_view",
        shown=True,
    ),
    Action("sort", "s", "Sort", "Show the list in another order.", (*LIVE, "archive")),
    Action(
        "follow_newest",
        "F",
        "Follow",
        "Keep the cursor on the newest record while the agent writes.",
        ("interactions", "archive"),
    ),
    Action(
        "time",
        "T",
        "Time",
        "Go to a time: a date, a time of the day, or how long ago.",
        ("interactions", "archive"),
        "go_to_time",
    ),
    Action("more", "m", "More", "Show the next 64 KB of a long text.", SIDES, shown=True),
    Action(
        "other",
        "tab,shift+tab",
        "Detail",
        "Go between the list and the detail.",
        SIDES,
        "other_side",
        shown=True,
    ),
    Action(
        "shrink",
        "<",
        "Smaller list",
        "Give the list less space, and the detail more.",
        SIDES,
        "resize(-1)",
    ),
    Action(
        "grow",
        ">",
        "Larger list",
        "Give the list more space, and the detail less.",
        SIDES,
        "resize(1)",
    ),
    Action("zoom", "z", "Zoom", "Give the list or the detail all the space.", SIDES),
    Action("open", "enter", "Open", "Go to the detail of this record.", ("table",)),
    Action(
        "open_snapshot",
        "enter",
        "Snapshot",
        "Go to this snapshot, in the world model.",
        ("course",),
        shown=True,
    ),
    Action(
        "open_bar",
        "enter",
        "Interactions",
        "Go to the interactions of these days.",
        ("chart",),
        shown=True,
    ),
)
