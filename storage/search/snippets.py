"""Which words of a text a question asked for, and one line of the text around them.

FTS5 finds them itself, in a table in memory that holds the texts of one answer for a moment, so
that what is shown is what the index has matched. For 20 turns of a conversation that takes 0.4 ms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from storage.search.held_texts import HeldTexts
from storage.search.query import Term

MAX_LINE: Final = 200
"""How many characters a line has at most."""
MAX_WORDS: Final = 8
_MAX_WORD: Final = 60
_MOST_PLACES: Final = 500
_BEFORE: Final = 50
"""How many characters stand before the first word that matches, about."""

_OPEN, _SHUT = "\1", "\2"
# FTS5 ends a text at NUL, SQLite takes no lone surrogate, and the marks are ours.
_UNSPEAKABLE: Final = re.compile("[\0\1\2\ud800-\udfff]")
_MARKED: Final = re.compile(f"{_OPEN}([^{_SHUT}]*){_SHUT}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """What is shown of a text.

    Attributes:
        words: What of it was asked for, as it is spelled there, in its order; each once, the
            first 8. A phrase is one of them.
        line: One line of at most 200 characters around where most of it stands, or from the
            beginning where nothing does. Plain data, which may hold control characters.
    """

    words: tuple[str, ...]
    line: str


class _Span(NamedTuple):
    start: int
    end: int
    word: str


class Snippets:
    """Makes snippets, for any thread."""

    def __init__(self) -> None:
        self._texts = HeldTexts()

    def close(self) -> None:
        """Give the memory back. Nothing can be made afterwards."""
        self._texts.close()

    def of(self, texts: Sequence[str], terms: Sequence[Term]) -> list[Snippet]:
        """Return a snippet of each text.

        Args:
            texts: Anything at all.
            terms: What was asked for. Words that say only how (`what`, `the`) do not count
                beside others.
        """
        lines = [" ".join(_UNSPEAKABLE.sub(" ", text).split()) for text in texts]
        telling = [term for term in terms if not term.is_common] or terms
        marked = self._marked(lines, " OR ".join(term.match() for term in telling))
        return [
            _around(line, marked[at]) if at in marked else Snippet((), _cut(line, 0))
            for at, line in enumerate(lines)
        ]

    def _marked(self, lines: list[str], match: str) -> dict[int, str]:
        """Return the lines that match, by their place, with marks around what does."""
        if not match:
            return {}
        select = "SELECT rowid, highlight(texts, 0, ?, ?) FROM texts WHERE texts MATCH ?"
        return dict(self._texts.ask(lines, select, (_OPEN, _SHUT, match)))


def _spans(marked: str) -> list[_Span]:
    """Return where the first marks stand in the text without them."""
    spans = []
    for number, match in enumerate(islice(_MARKED.finditer(marked), _MOST_PLACES)):
        start = match.start() - 2 * number
        spans.append(_Span(start, start + len(match[1]), match[1]))
    return spans


def _around(line: str, marked: str) -> Snippet:
    words: dict[str, str] = {}
    for match in islice(_MARKED.finditer(marked), _MOST_PLACES):
        words.setdefault(match[1].casefold(), _short(match[1]))
        if len(words) == MAX_WORDS:
            break
    # What fits whole needs no search for its best part.
    start = 0 if len(line) <= MAX_LINE else _densest(_spans(marked)) - _BEFORE
    return Snippet(tuple(words.values()), _cut(line, start))


def _short(word: str) -> str:
    return word if len(word) <= _MAX_WORD else f"{word[: _MAX_WORD - 1]}…"


def _densest(spans: list[_Span]) -> int:
    """Return where the first stretch of a line's length begins that holds most different words."""
    best, most, first = spans[0].start, 0, 0
    held: dict[str, int] = {}
    for last in spans:
        word = last.word.casefold()
        held[word] = held.get(word, 0) + 1
        while last.end - spans[first].start > MAX_LINE - 2 * _BEFORE and spans[first] is not last:
            word = spans[first].word.casefold()
            held[word] -= 1
            if not held[word]:
                del held[word]
            first += 1
        if len(held) > most:
            best, most = spans[first].start, len(held)
    return best


def _cut(line: str, start: int) -> str:
    """Return a line's length of the line from about `start` on, cut between words."""
    if len(line) <= MAX_LINE:
        return line
    start = max(0, min(start, len(line) - MAX_LINE + 1))
    if start:
        start = line.find(" ", start, start + _BEFORE // 2) + 1 or start
    end = start + MAX_LINE - 1 - bool(start)
    if end >= len(line):
        end = len(line)
    elif (space := line.rfind(" ", end - _BEFORE // 2, end + 1)) > 0:
        end = space
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
