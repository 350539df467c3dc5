"""A person's own keys: which there are, what they may be given to, and where they clash."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from tui.actions import ACTIONS, GROUPS, find, key_name, sign_of
from tui.actions.model import Action
from tui.config import PANES

_NAMED: Final = frozenset(
    {
        *("enter", "escape", "tab", "space", "backspace", "delete", "insert"),
        *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
        *("slash", "backslash", "at", "minus", "plus", "underscore"),
    }
) | {f"f{number}" for number in range(1, 25)}
_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt"})
# A terminal sends these as the key beside them, so that a program never learns of them.
_SENT_AS: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
# The program hears these before anything that has the focus does.
_TAKEN: Final = {"ctrl+q": "quit", "ctrl+backslash": "palette"}
_SPELLED: Final = {
    "/": "slash", "\\": "backslash", "@": "at", "-": "minus", "+": "plus", "_": "underscore",
    " ": "space",
}  # fmt: skip
_BY_ID: Final = {action.id: action for action in ACTIONS}
# Never in reach at once: one pane is shown, and one widget has the focus.
_PANES: Final = frozenset(PANES)
_WIDGETS: Final = frozenset({"table", "text", "tree", "question"})


def checked_keys(
    given: Mapping[str, object], usual: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Check a person's own keys.

    Args:
        given: Keys by the id of an action: `"d"`, `"d,ctrl+x"` or a list of them.
        usual: Keys of actions that have others than `tui.actions` says, as without vim's.

    Returns:
        The keys that can be used, by id, and what is wrong with the others.
    """
    kept: dict[str, str] = {}
    problems: dict[str, str] = {}
    for action_id, keys in given.items():
        if find(action_id) is None:
            problems[action_id] = f"there is no action {action_id}; memglass config lists them"
            continue
        try:
            kept[action_id] = ",".join(_keys_in(keys, action_id))
        except ValueError as error:
            problems[action_id] = f"{action_id} {error}"
    # An action that has its usual keys back may have one that was given to another meanwhile.
    while clashes := dict(_clashes(kept, usual)):
        problems |= clashes
        kept = {name: keys for name, keys in kept.items() if name not in clashes}
    return kept, problems


def without_vim_keys() -> dict[str, str]:
    """Give the keys of those movements that letters call too, without the letters."""
    return {
        action.id: ",".join(key for key in action.keys.split(",") if len(key) > 1)
        for action in GROUPS["Move"]
        if any(len(key) == 1 for key in action.keys.split(","))
        and any(len(key) > 1 for key in action.keys.split(","))
    }


def spelled(key: str) -> str:
    """Give a key the name that bindings use: `?` is `question_mark`, `Ctrl+D` is `ctrl+d`.

    Raises:
        ValueError: There is no such key.
    """
    *before, last = key.split("+") if key not in {"+", ""} else [key]
    modifiers = [name.lower() for name in before]
    char = _character(last)
    if not set(modifiers) <= _MODIFIERS or not (char or last in _NAMED):
        raise ValueError(f"needs a key, and {key!r} is none; write it like d, G, f5 or ctrl+x")
    if modifiers == ["shift"] and char.isalpha():
        return char.upper()
    if char.isalnum():
        last = char.lower() if modifiers else char
    elif char:
        name = unicodedata.name(char, "").lower().replace(" ", "_").replace("-", "_")
        last = _SPELLED.get(char, name)
        if not name or (char not in _SPELLED and sign_of(name) != char):
            raise ValueError(f"needs a key, and {key!r} is none that has a name; write another")
    return "+".join([*modifiers, last])


def _character(name: str) -> str:
    """Give what a key writes; empty if it writes nothing, or there is no such key."""
    if len(name) == 1:
        return name if name.isprintable() else ""
    return sign_of(name)


def _keys_in(given: object, action_id: str) -> Iterator[str]:
    keys = given.split(",") if isinstance(given, str) and given != "," else given
    if not isinstance(keys, list | str) or not keys:
        raise ValueError('needs a key like "d", or a list of them')
    for each in keys:
        if not isinstance(each, str):
            raise ValueError('needs keys like "d"')  # noqa: TRY004 - all that is wrong reads alike
        key = spelled(each.strip() or each)
        if key in _SENT_AS:
            raise ValueError(f"cannot have {key_name(key)}: terminals send it as {_SENT_AS[key]}")
        if _TAKEN.get(key, action_id) != action_id:
            raise ValueError(f"cannot have {key_name(key)}: it always calls {_TAKEN[key]}")
        yield key


def _clashes(own: Mapping[str, str], usual: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Name each of a person's keys that something else in the same place has, too."""
    for action_id, keys in own.items():
        action = _BY_ID[action_id]
        for other in ACTIONS:
            if other is action or not _can_meet(action, other):
                continue
            taken = own.get(other.id) or usual.get(other.id, other.keys)
            # What shares a key by our own design is told apart by what has the focus.
            shared = _set_of(action.keys) & _set_of(other.keys)
            if same := (_set_of(keys) & _set_of(taken)) - shared:
                key = key_name(min(same))
                yield action_id, f"{action_id} clashes with {other.id}, which has {key} already"
                break


@lru_cache(maxsize=1024)
def _set_of(keys: str) -> frozenset[str]:
    return frozenset(map(spelled, keys.split(",")))


def _can_meet(one: Action, other: Action) -> bool:
    return any(
        not any({here, there} <= kind and here != there for kind in (_PANES, _WIDGETS))
        for here in one.where
        for there in other.where
    )
