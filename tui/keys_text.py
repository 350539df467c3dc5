"""All keys as a page to read, from the one list of actions: it is `docs/keys.md`."""

from __future__ import annotations

from typing import Final

from tui.actions import GROUPS, key_names
from tui.actions.model import Action

_HEAD: Final = """\
# Keys

Every action, with its keys, where they work and the name by which
[the configuration](configuration.md) gives it others. In the program, `?` shows those that work
where you are, and `:` finds an action by its name. Dialogs name their keys in their last line.
"""
_PLACES: Final = {
    "browser": "everywhere",
    "table": "lists",
    "links": "links in the detail",
    "text": "texts in the detail",
    "tree": "trees in the detail",
    "question": "the question",
    "answers": "answers",
    "chart": "the chart of days",
    "course": "the course of a domain",
    "figures": "the figures below the leads",
    "world_model": "World model",
    "world_entries": "what a world model says",
}


def as_markdown() -> str:
    """Write the page."""
    parts = [_HEAD]
    for name, actions in GROUPS.items():
        rows = [_row(action) for action in actions]
        parts.append(
            "\n".join([f"## {name}", "", "| Keys | | Where | Name |", _RULE, *rows]) + "\n"
        )
    return "\n".join(parts)


_RULE: Final = "|---|---|---|---|"


def _row(action: Action) -> str:
    keys = " ".join(f"`{key}`" for key in key_names(action, {}).split())
    return f"| {keys} | {action.help} | {_where(action)} | `{action.id}` |"


def _where(action: Action) -> str:
    return ", ".join(_PLACES.get(place, place.capitalize()) for place in action.where)


if __name__ == "__main__":
    print(as_markdown(), end="")
