"""The keys of a dialog in its last line; a click on one does what the key does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tui.widgets.bar import Bar, Part

# A single key as it is spelled on screen, not two arrows or a range of numbers.
_ONE_KEY: Final = re.compile(r"(?:Ctrl\+)?[A-Za-z]+")


class KeyHints(Bar):
    """Shows keys, each as an accent, followed by what they do."""

    def show(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show other keys."""
        shown, key = list[Part](), ""
        for part in left:
            key = _key_of(part.text) if part.role == "accent" else key
            shown.append(part._replace(target=key))
        super().show(shown, right)

    def press(self, target: str) -> None:
        """Do what the key does."""
        self.app.simulate_key(target)


def _key_of(text: str) -> str:
    """Give the name of the key that is spelled; empty for several."""
    spelled = text.strip()
    if not _ONE_KEY.fullmatch(spelled):
        return ""
    return "escape" if spelled == "Esc" else spelled.lower()
