"""The one list of what a person can do: it makes the bindings, footer, help and palette.

An action belongs to places: `browser` is everywhere outside a dialog, `table` any list, `text`,
`tree` and `links` its detail, `question` the line to ask in, `answers` the list under it, and each
pane has its name. A widget takes the bindings of its places and has a method `action_<call>` for
each. The `id` is what a person names to give it other keys. Each group has a module of its own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from tui.actions import (
    changing,
    curating,
    following,
    going_back,
    health,
    looking,
    moving,
    program,
    searching,
    selecting,
    visiting,
    world,
)
from tui.actions.model import Action

if TYPE_CHECKING:
    from textual.binding import Binding, BindingType

GROUPS: Final[Mapping[str, tuple[Action, ...]]] = {
    "Search": searching.ACTIONS,
    "Health": health.ACTIONS,
    "Follow": following.ACTIONS,
    "Change": changing.ACTIONS,
    "Undo": going_back.ACTIONS,
    "Look": looking.ACTIONS,
    "World model": world.ACTIONS,
    "Select": selecting.ACTIONS,
    "Curate": curating.ACTIONS,
    "Move": moving.ACTIONS,
    "Panes": visiting.ACTIONS,
    "Program": program.ACTIONS,
}
"""The actions by the heading under which the help screen has them."""

ACTIONS: Final = tuple(action for group in GROUPS.values() for action in group)

_BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def find(action_id: str) -> Action | None:
    """Give the action of an id, or None if it is none of ours."""
    return _BY_ID.get(action_id)


def bindings_for(*places: str) -> list[BindingType]:
    """Make the bindings of a widget that stands for these places."""
    from textual.binding import Binding

    return [
        Binding(
            action.keys,
            action.call or action.id,
            action.label,
            show=action.shown,
            tooltip=action.help,
            id=action.id,
        )
        for action in ACTIONS
        if not set(places).isdisjoint(action.where)
    ]


def in_order(bindings: Iterable[Binding]) -> list[tuple[Action, list[str]]]:
    """Group active bindings by action, in the order of the list, each with its keys."""
    keys: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.id is not None and binding.id in _BY_ID:
            keys.setdefault(binding.id, []).append(binding.key)
    return [
        (action, sorted(keys[action.id], key=partial(_place_of, action)))
        for action in ACTIONS
        if action.id in keys
    ]


def _place_of(action: Action, key: str) -> int:
    """Say which of an action's keys this is; a person's own come first."""
    ours = action.keys.split(",")
    return ours.index(key) if key in ours else -1


_SPELLED: Final = {
    "question_mark": "?", "asterisk": "*", "colon": ":", "escape": "Esc", "space": "Space",
    "left_square_bracket": "[", "right_square_bracket": "]", "enter": "Enter", "tab": "Tab",
    "pagedown": "PgDn", "pageup": "PgUp", "home": "Home",
    "end": "End", "slash": "/", "backspace": "Bksp", "up": "\u2191", "down": "\u2193",
    "left": "\u2190", "right": "\u2192", "insert": "Ins", "delete": "Del", "minus": "-",
    "plus": "+", "underscore": "_", "at": "@", "backslash": "\\",
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}  # fmt: skip


def key_name(key: str) -> str:
    """Spell a key as it stands on a keyboard: `ctrl+d` is `Ctrl+d`."""
    *modifiers, last = key.split("+")
    return "+".join(
        [*(name.capitalize() for name in modifiers), _SPELLED.get(last) or sign_of(last) or last]
    )


@lru_cache(maxsize=1024)
def sign_of(name: str) -> str:
    """Give the sign that a key's long name stands for: `less_than_sign` is `<`; empty if none."""
    words = name.upper().split("_")
    # Between which of them a hyphen stood is not told; in the names of most signs it is one.
    hyphened = (f"{' '.join(words[:at])}-{' '.join(words[at:])}" for at in range(1, len(words)))
    for spelling in (" ".join(words), *hyphened):
        with suppress(KeyError):
            sign = unicodedata.lookup(spelling)
            return sign if _is_sign(sign) else ""
    return ""


def _is_sign(char: str) -> bool:
    """Say whether this is a character that is seen and is no letter, digit or space."""
    return len(char) == 1 and char.isprintable() and not char.isalnum() and not char.isspace()


def key_names(action: Action, keymap: Mapping[str, str]) -> str:
    """Spell all keys of an action, a person's own keys before ours."""
    return " ".join(key_name(key) for key in keymap.get(action.id, action.keys).split(","))
