"""The keys that texts name: those that a person has given to the actions, or else ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tui.actions import find, key_name


class _Keys:
    own: ClassVar[Mapping[str, str]] = {}


def tell_keys(keymap: Mapping[str, str]) -> None:
    """Have texts name these keys from now on.

    Args:
        keymap: A person's own keys by the id of the action, as `Config.keymap` has them.
    """
    _Keys.own = keymap


def key_for(action_id: str) -> str:
    """Spell the first key of an action, whether or not it does something where one is now.

    No action is ever without: a person can only give it others.

    Raises:
        KeyError: There is no such action.
    """
    action = find(action_id)
    if action is None:
        raise KeyError(action_id)
    return key_name(_Keys.own.get(action_id, action.keys).split(",")[0])
