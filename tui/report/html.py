"""Markup that is only ours: whatever else goes into it is text.

Everything that a memory holds goes through `safe_text()` first, as it does on its way to a screen:
bidi marks reorder a line in a browser, too, and secrets are masked there.
"""

from __future__ import annotations

import html
from typing import Final

from tui.text import safe_text

LIMIT: Final = 600
"""Characters of a value that are shown, where nothing else is said."""


class Html(str):
    """Markup of ours, in which all that is not ours is escaped."""

    __slots__ = ()


def text(value: object, limit: int = LIMIT, *, lines: bool = False) -> Html:
    """Give any value as text.

    Args:
        value: Text, a number, None (which reads as nothing) or decoded JSON.
        limit: Characters of it that are shown; the rest is counted.
        lines: Whether a line break stays one.
    """
    return Html(html.escape(safe_text(value, limit, lines=lines)))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Give an element.

    Args:
        name: Its name.
        children: What stands in it; all but `Html` is text.
        attributes: A `_` in a name is a hyphen, one at its end keeps it from being a word of
            Python; None leaves the attribute out.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value, 10_000)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Give several things one after the other."""
    return Html("".join(each if isinstance(each, Html) else text(each) for each in children))
