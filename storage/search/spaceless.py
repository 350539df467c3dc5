"""Scripts that put no spaces between words: each letter is a word of the full text.

Its tokenizer takes all that stands between two spaces for one word, so that of a Chinese sentence
nothing but its beginning would be found. With a gap around each letter any part of it is found, as
letters that stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

# Thai and Lao, Myanmar, Khmer, kana, Han.
_SOUNDS: Final = "\u0e01-\u0e46\u0e81-\u0ec6\u0edc-\u0edf\u1000-\u102a\u1780-\u17b3"
_SIGNS: Final = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b-\u309f\u30a1-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
SPACELESS: Final = _SOUNDS + _SIGNS
"""The ranges of their letters, among which stand a few signs that are none."""

GAP: Final = "\x1f"
"""What stands around each letter; no word holds it."""

_LETTER: Final = re.compile(f"[{SPACELESS}](?<=[^\\W_])")
_SOUND: Final = re.compile(f"[{_SOUNDS}]")
_WITH_ACCENTS: Final = re.compile(f"{_LETTER.pattern}[\u0300-\u0331]*")


def is_spaceless(letter: str) -> bool:
    """Say whether a character is a letter of a script without spaces."""
    return letter > "\u0e00" and _LETTER.match(letter) is not None


def apart(text: str) -> str:
    """Return a text with a gap around each letter of these scripts, for the full text."""
    if text.isascii():
        return text
    return _WITH_ACCENTS.sub(f"{GAP}\\g<0>{GAP}", text)


def joined(words: Sequence[str]) -> str:
    """Return words as they are written: with spaces, but none between letters of these scripts."""
    text = ""
    for word in words:
        is_joined = text and is_spaceless(word[0]) and is_spaceless(text[-1])
        text += word if is_joined or not text else f" {word}"
    return text


def pieces(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what to look for of words that stand side by side: each two signs, each three sounds.

    What has spaces stays together.
    """
    for is_apart, group in groupby(words, lambda word: is_spaceless(word[0])):
        run = tuple(group)
        size = 3 if _SOUND.match(run[0]) else 2
        if is_apart and len(run) > size:
            yield from (run[at : at + size] for at in range(len(run) - size + 1))
        else:
            yield run
