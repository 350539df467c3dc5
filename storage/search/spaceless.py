"""Scripts that put no spaces between words: each letter is a word of the full text.

Its tokenizer takes all that stands between two spaces for one word, so that of a Chinese sentence
nothing but its beginning would be found. With a gap around each letter, and the marks that belong
to it, any part of it is found, as letters that stand side by side.

Emoji and other signs that the tokenizer takes for letters, or is told to take so, are words of
their own, too, so that each is found, and beside it the word that it touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from storage.search.characters import EMOJI, MARKS, SIGNS, SOUNDS, SPACELESS, UNSAID, one_of

GAP: Final = "\x1f"
"""What stands around each letter; no word holds it."""

_ALONE: Final = f"(?:{one_of(SPACELESS + EMOJI + SIGNS)}(?:(?<=[^\\W_])|(?<=[{EMOJI}{SIGNS}])))"
# Two letters of a country; of a row of flags no other two make one.
_FLAG: Final = f"[\U0001f1e6-\U0001f1ff]{one_of(UNSAID)}*[\U0001f1e6-\U0001f1ff]"
ALONE: Final = f"(?:{_FLAG}|{_ALONE}){one_of(MARKS + UNSAID)}*"
"""What is a word by itself."""


def is_spaceless(letter: str) -> bool:
    """Say whether a character is a word by itself: a letter without spaces, or a sign."""
    return not letter.isascii() and re.match(_ALONE, letter) is not None


def apart(text: str) -> str:
    """Return a text with a gap around each of these letters and signs, for the full text."""
    return text if text.isascii() else re.sub(ALONE, f"{GAP}\\g<0>{GAP}", text)


def joined(words: Sequence[str]) -> str:
    """Return words as they are written: with spaces, but none between letters of these scripts."""
    text, was_spaceless = "", True
    for word in words:
        is_now = is_spaceless(word[0])
        text += word if not text or (is_now and was_spaceless) else f" {word}"
        was_spaceless = is_now
    return text


def pieces(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what to look for of words that stand side by side: each two signs, each three sounds.

    What has spaces stays together.
    """
    for is_apart, group in groupby(words, lambda word: is_spaceless(word[0])):
        run = tuple(group)
        size = 3 if re.match(f"[{SOUNDS}]", run[0]) else 2
        if is_apart and len(run) > size:
            yield from (run[at : at + size] for at in range(len(run) - size + 1))
        else:
            yield run
