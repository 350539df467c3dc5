"""What an action is, and where it can be called."""

from __future__ import annotations

from typing import Final, NamedTuple

LIVE: Final = ("interactions", "patterns")
"""The panes of records that can be archived."""

PANES: Final = (*LIVE, "archive", "world_model", "search")
"""The panes of records."""

FILTERED: Final = (*PANES, "health", "history")
"""The panes whose list can be narrowed."""

SIDES: Final = (*FILTERED, "overview")
"""The panes with a list and a detail, whatever is in the list."""

LISTS: Final = ("table", "links")
"""Whatever has rows to move in: the list of a pane, and the links in its detail."""


class Action(NamedTuple):
    """One thing that a person can do.

    Attributes:
        id: Stable name, for keys of one's own.
        keys: Keys that call it, separated by commas.
        label: A word or two for the footer.
        help: A sentence for the help screen and the palette.
        where: Places where it can be called.
        call: Textual's action, if it is not called like the id.
        shown: Whether the footer shows it.
    """

    id: str
    keys: str
    label: str
    help: str
    where: tuple[str, ...]
    call: str = ""
    shown: bool = False
