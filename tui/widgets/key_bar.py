"""The footer: the keys that do something here, from the one list of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tui.actions import in_order, key_name
from tui.actions.model import Action
from tui.widgets.bar import Bar, Part

if TYPE_CHECKING:
    from textual.binding import Binding
    from textual.screen import Screen

_LAST = "help"


class KeyBar(Bar):
    """Shows the keys of what has the focus; help stands on the right, whatever the width."""

    _shown_for: tuple[list[Binding], int] = ([], 0)

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._show_keys)
        self._show_keys(self.screen)

    def on_resize(self) -> None:
        """Show as many keys as there is space for."""
        self._show_keys(self.screen)

    def _show_keys(self, screen: Screen[object]) -> None:
        active = [held.binding for held in screen.active_bindings.values() if held.enabled]
        if (active, self.size.width) == self._shown_for:
            return
        self._shown_for = active, self.size.width
        actions = [(action, keys) for action, keys in in_order(active) if action.shown]
        last = [pair for pair in actions if pair[0].id == _LAST]
        right = [part for action, keys in last for part in _parts(action, keys)]
        # The last one needs no space after it, because help begins with one.
        room = self.size.width - _length(right) + 1
        left: list[Part] = []
        for action, keys in actions:
            parts = _parts(action, keys)
            if action.id == _LAST or _length(parts) > room:
                continue
            left += parts
            room -= _length(parts)
        if left:
            left[-1] = left[-1]._replace(text=left[-1].text.rstrip())
        self.show(left, right)

    def press(self, target: str) -> None:
        """Do what the key does."""
        for held in self.screen.active_bindings.values():
            if held.binding.id == target:
                self.call_later(self.app.run_action, held.binding.action, held.node)
                return


def _parts(action: Action, keys: list[str]) -> list[Part]:
    return [
        Part(f" {key_name(keys[0])}", "accent", action.id),
        Part(f" {action.label} ", "text", action.id),
    ]


def _length(parts: list[Part]) -> int:
    return sum(cell_len(part.text) for part in parts)


def key_of(screen: Screen[Any], action_id: str) -> str:
    """Spell the key that calls an action on this screen now; empty where none does."""
    for key, held in screen.active_bindings.items():
        if held.binding.id == action_id:
            return key_name(key)
    return ""
