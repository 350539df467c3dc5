"""How words are written: where one begins and ends, and in which ways the same one is spelled.

The tokenizer of the full text drops the accents of Latin by itself. What it does not know of is
made alike before it sees it, in what is indexed and in what is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from storage.search.characters import (
    ACCENTED,
    EMOJI,
    MARKS,
    SIGNS,
    SILENT,
    SPACELESS,
    UNSAID,
    low_of,
    one_of,
)
from storage.search.spaceless import ALONE, GAP, apart

_FIRST: Final = f"[^\\W_{SPACELESS}{UNSAID}]"
_NEXT: Final = f"[0-9A-Za-z]+|{_FIRST}|{one_of(MARKS + UNSAID)}"
# The letters of English are told from others at once.
WORD: Final = f"(?:[0-9A-Za-z]|{_FIRST})(?:{_NEXT})*+|{ALONE}"
"""A word as the full text has it, as a regular expression: letters and digits, and the marks that
follow them. Like the others here it is compiled with its first use: most have none."""
_ASCII_WORD: Final = re.compile("[0-9A-Za-z]+")

_MARK: Final = f"[{low_of(MARKS + UNSAID)}]"
# To put marks in their order takes the square of how many stand in a row: of 100,000 eight seconds.
_PILED: Final = f"({_MARK}{{30}}){_MARK}++"
_LONG: Final = 1000

_UP_TO_HERE: Final = f"{one_of(MARKS + UNSAID)}{{1,30}}\\Z"
_UNSAID: Final = f"{one_of(UNSAID)}+"
_ACCENTED: Final = f"[{ACCENTED}]"
_SILENT: Final = one_of(SILENT)
# What follows no letter would begin a word.
_STRAY: Final = f"{one_of(MARKS)}(?<![^\\W_].)(?<![{MARKS}{EMOJI}{SIGNS}].){one_of(MARKS)}*"
# Most texts that are not in ASCII hold a few dashes and quotes of print.
_CHANGED: Final = one_of("ßẞ" + ACCENTED + UNSAID + SILENT + MARKS + SPACELESS + EMOJI + SIGNS)


def composed(text: str) -> str:
    """Return a text in the normal form of Unicode that has letters in one piece (NFC).

    The tokenizer takes what a Korean or Japanese letter can be written in for other letters. Of
    marks without end in a row, which no script has, thirty are left.
    """
    if text.isascii():
        return text
    if len(text) > _LONG:
        text = re.sub(_PILED, r"\1", text)
    return unicodedata.normalize("NFC", text)


def spelled_out(text: str) -> str:
    """Return a composed text as its words are compared.

    It has `ss` for `ß`, no accents on Greek letters and `ё`, and nothing that says nothing within a
    word.
    """
    if text.isascii():
        return text
    text = re.sub(_UNSAID, "", text.replace("ß", "ss").replace("ẞ", "SS"))
    return re.sub(_ACCENTED, lambda found: unicodedata.normalize("NFD", found[0])[0], text)


def indexed(text: str) -> str:
    """Return a text as the full text takes it in."""
    if text.isascii() or re.search(_CHANGED, text := composed(text)) is None:
        return text
    return apart(re.sub(_STRAY, GAP, re.sub(_SILENT, GAP, spelled_out(text))))


def words_in(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of a text that is composed, as they stand there."""
    return _ASCII_WORD.finditer(text) if text.isascii() else re.finditer(WORD, text)


def letter_at(text: str, at: int) -> int:
    """Return where the letter begins whose marks stand at a place, so that it can be cut there."""
    if text.isascii():
        return at
    marks = re.search(_UP_TO_HERE, text[max(0, at - 30) : at + 1])
    return max(0, at - len(marks[0])) if marks else at


def places_of(words: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Return from where to where words stand in a text, as whole ones and in any case.

    Where several begin, it is the longest of them.
    """
    asked = {word.casefold(): len(word) for word in sorted(words, key=len, reverse=True)}
    spans = [each.span() for each in words_in(text)]
    inside = {place for start, end in spans for place in range(start + 1, end)}
    places: list[tuple[int, int]] = []
    for start, _ in spans:
        if places and start < places[-1][1]:
            continue
        for word, size in asked.items():
            if start + size not in inside and text[start : start + size].casefold() == word:
                places.append((start, start + size))
                break
    return places
