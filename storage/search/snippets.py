"""Which words of a text a question asked for, and one line of the text around them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from storage.search.lines import Line
from storage.search.marks import Marks, Place
from storage.search.query import Term
from storage.search.spelling import letter_at

MAX_LINE: Final = 200
"""How many characters a line has at most."""
MAX_WORDS: Final = 8
_MAX_WORD: Final = 60
_MOST_PLACES: Final = 500
_BEFORE: Final = 50
"""How many characters stand before the first word that matches, about."""
_STRETCH: Final = MAX_LINE - 2 * _BEFORE


Snippet = tuple[tuple[str, ...], str]
"""What is shown of a text: words and a line.

The words are what of it was asked for, as it is spelled there, in its order; each once, at most 8.
A phrase is one of them. The line has at most 200 characters around where most of it stands, or from
the beginning where nothing does. Plain data, which may hold control characters.
"""


def snippets_of(lines: Sequence[Line], terms: Sequence[Term]) -> list[Snippet]:
    """Return a snippet of each text.

    Args:
        lines: The texts.
        terms: What was asked for. Words that say only how (`what`, `the`) do not count
            beside others.
    """
    marks = Marks(lines, [term for term in terms if not term.is_common] or terms)
    return [_snippet(marks.places(at, _MOST_PLACES), line.text) for at, line in enumerate(lines)]


def _snippet(places: Sequence[Place], line: str) -> Snippet:
    if not places:
        return (), _cut(line, 0)
    first = places[0][0]
    if len(places) == 1:
        return (_short(line[first : places[0][1]]),), _cut(line, first - _BEFORE)
    spelled: dict[str, str] = {}
    for start, end, word in places:
        name = word.casefold()
        if name not in spelled:
            spelled[name] = line[start:end]
    words = tuple([_short(word) for word in islice(spelled.values(), MAX_WORDS)])
    if len(line) <= MAX_LINE:
        return words, line
    # Of one word alone the first place is the best.
    start = first if len(words) == 1 else _densest(places, len(spelled))
    return words, _cut(line, start - _BEFORE)


def _short(word: str) -> str:
    return word if len(word) <= _MAX_WORD else f"{word[: letter_at(word, _MAX_WORD - 1)]}…"


def _densest(places: Sequence[Place], different: int) -> int:
    """Return where the first stretch of a line's length begins that holds most different words.

    Args:
        places: Where words stand in the line.
        different: How many of them are different.
    """
    best = places[0][0]
    if places[-1][1] - best <= _STRETCH:
        return best
    names = [word.casefold() for _, _, word in places]
    most = first = 0
    for last, (_, end, _) in enumerate(places, 1):
        while end - places[first][0] > _STRETCH and first < last - 1:
            first += 1
        if last - first > most and (found := len({*names[first:last]})) > most:
            best, most = places[first][0], found
            if most == different:
                break
    return best


def _cut(line: str, start: int) -> str:
    """Return a line's length of the line from about `start` on, cut between words, or letters."""
    if len(line) <= MAX_LINE:
        return line
    start = max(0, min(start, len(line) - MAX_LINE + 1))
    if start:
        start = line.find(" ", start, start + _BEFORE // 2) + 1 or letter_at(line, start)
    end = start + MAX_LINE - 1 - bool(start)
    if end >= len(line):
        end = len(line)
    else:
        space = line.rfind(" ", end - _BEFORE // 2, end + 1)
        end = space if space > 0 else letter_at(line, end)
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
