"""The signs before the line that keys act upon, so that no colour has to say which it is."""

from __future__ import annotations

from typing import Final

from textual.strip import Strip

HERE: Final = "\u25b8"
"""Stands before the line of the cursor where the keys go."""

ELSEWHERE: Final = "\u25b9"
"""Stands before it while the keys go elsewhere."""


def with_sign(strip: Strip, sign: str) -> Strip:
    """Put a sign in the place of the first cell of a line."""
    first = Strip([each._replace(text=sign) for each in strip.crop(0, 1)])
    return Strip.join([first, strip.crop(1)])
