"""Texts as lines: as they are shown, and as words are looked for in them."""

from __future__ import annotations

from typing import Final, NamedTuple

from storage.search.spelling import composed

NO_WORDS: Final = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
"""What `str.translate()` leaves of ASCII: letters, digits, and a space for each other one."""
_SMALL_WORDS: Final = NO_WORDS.lower()


class Line(NamedTuple):
    """One line of a text, ready to be searched.

    Attributes:
        text: The text, with one space between its words.
        small: Of a line of ASCII its words in small letters, with a space for whatever else stands
            there and one around it all, so that each letter stands one place farther on; of
            another line nothing.
    """

    text: str
    small: str


def line_of(text: str) -> Line:
    """Return a text as one line."""
    # Most texts are lines already, which is seen faster than they are made.
    line = text if _is_line(text) else composed(" ".join(text.split()))
    return Line(line, f" {line} ".translate(_SMALL_WORDS) if line.isascii() else "")


def _is_line(text: str) -> bool:
    # Of ASCII whatever else is a space cannot be printed.
    return text.isascii() and text.isprintable() and "  " not in text and text.strip() == text
