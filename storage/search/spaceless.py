"""Scripts that put no spaces between words: each letter is a word of the full text.

Its tokenizer takes all that stands between two spaces for one word, so that of a Chinese sentence
nothing but its beginning would be found. With a gap around each letter any part of it is found, as
letters that stand side by side.

It also takes signs that are younger than its Unicode of 2012, such as many emoji, for letters, and
is told to take older emoji so: each of them is a word of its own, too, so that it is found, and
beside it the word that it touches.
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

EMOJI: Final = (
    "\u231a-\u231b\u23e9-\u23f3\u2600-\u2767\u2794-\u27bf\u2b1b-\u2b1c\u2b50\u2b55\U0001f004"
    "\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f1e6-\U0001f1ff\U0001f300-\U0001f320"
    "\U0001f330-\U0001f335\U0001f337-\U0001f37c\U0001f380-\U0001f393\U0001f3a0-\U0001f3c4"
    "\U0001f3c6-\U0001f3ca\U0001f3e0-\U0001f3f0\U0001f400-\U0001f43e\U0001f440"
    "\U0001f442-\U0001f4f7\U0001f4f9-\U0001f4fc\U0001f500-\U0001f53d\U0001f540-\U0001f543"
    "\U0001f550-\U0001f567\U0001f5fb-\U0001f640\U0001f645-\U0001f64f\U0001f680-\U0001f6c5"
)
"""The ranges of emoji and the like that the tokenizer knows, and takes for what parts words."""

SIGNS: Final = (
    "\u20ba-\u20cf\u23f4-\u23ff\u2b4d-\u2b4f\u2b5a-\u2bff\U0001f0bf-\U0001f0c0"
    "\U0001f0e0-\U0001f0ff\U0001f10d-\U0001f10f\U0001f16c-\U0001f16f\U0001f19b-\U0001f1e5"
    "\U0001f252-\U0001f2ff\U0001f321-\U0001f32f\U0001f336\U0001f37d-\U0001f37f"
    "\U0001f394-\U0001f39f\U0001f3c5\U0001f3cb-\U0001f3df\U0001f3f1-\U0001f3fa\U0001f43f"
    "\U0001f441\U0001f4f8\U0001f4fd-\U0001f4ff\U0001f53e-\U0001f53f\U0001f544-\U0001f54f"
    "\U0001f568-\U0001f5fa\U0001f641-\U0001f644\U0001f650-\U0001f67f\U0001f6c6-\U0001f6ff"
    "\U0001f774-\U0001fbef"
)
"""The ranges of signs that the tokenizer takes for letters: currencies, emoji, arrows."""

GAP: Final = "\x1f"
"""What stands around each letter; no word holds it."""

ALONE: Final = f"(?:[{SPACELESS}](?<=[^\\W_])|[{EMOJI}{SIGNS}])"
"""What is a word by itself."""

_LETTER: Final = re.compile(ALONE)
_SOUND: Final = re.compile(f"[{_SOUNDS}]")
_WITH_ACCENTS: Final = re.compile(f"{ALONE}[\u0300-\u0331]*")


def is_spaceless(letter: str) -> bool:
    """Say whether a character is a word by itself: a letter without spaces, or a sign."""
    return letter > "\u0e00" and _LETTER.match(letter) is not None


def apart(text: str) -> str:
    """Return a text with a gap around each of these letters and signs, for the full text."""
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
