"""The palette: whatever can be done now, by its name."""

from __future__ import annotations

import contextlib

from textual.command import CommandPalette

from tui.clicks import Clickable


# Of several parents Textual takes the style of the first alone.
class Palette(CommandPalette, Clickable[None]):
    """Textual's palette, also for keys that come before what was found is laid out."""

    def _action_command_list(self, action: str) -> None:
        # Textual looks for the line of the one that is chosen, and nothing has a line yet.
        with contextlib.suppress(KeyError):
            super()._action_command_list(action)
