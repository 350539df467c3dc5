"""Which words of a text a question asked for, and one line of the text around them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from storage.search.marks import Marks
from storage.search.query import Term
from storage.search.stems import composed

MAX_LINE: Final = 200
"""How many characters a line has at most."""
MAX_WORDS: Final = 8
_MAX_WORD: Final = 60
_MOST_PLACES: Final = 500
_BEFORE: Final = 50
"""How many characters stand before the first word that matches, about."""
# Those of ASCII, but for the one that stands between words.
_SPACES: Final = "\t\n\v\f\r\x1c\x1d\x1e\x1f"
_STRETCH: Final = MAX_LINE - 2 * _BEFORE


class Snippet(NamedTuple):
    """What is shown of a text.

    Attributes:
        words: What of it was asked for, as it is spelled there, in its order; each once, the
            first 8. A phrase is one of them.
        line: One line of at most 200 characters around where most of it stands, or from the
            beginning where nothing does. Plain data, which may hold control characters.
    """

    words: tuple[str, ...]
    line: str


def snippets_of(texts: Sequence[str], terms: Sequence[Term]) -> list[Snippet]:
    """Return a snippet of each text.

    Args:
        texts: Anything at all.
        terms: What was asked for. Words that say only how (`what`, `the`) do not count
            beside others.
    """
    lines = _lines_of(texts)
    marks = Marks(lines, [term for term in terms if not term.is_common] or terms)
    return [_snippet(marks, at, line) for at, line in enumerate(lines)]


def _lines_of(texts: Sequence[str]) -> Sequence[str]:
    """Return each text as one line, with one space between its words."""
    # Most texts are lines already, which is seen faster than they are made, and of all at once.
    return texts if _is_line(" ".join(texts)) else [_line_of(text) for text in texts]


def _line_of(text: str) -> str:
    return text if _is_line(text) else composed(" ".join(text.split()))


def _is_line(text: str) -> bool:
    if not text.isascii() or "  " in text or text.strip() != text:
        return False
    return not any(space in text for space in _SPACES)


def _snippet(marks: Marks, at: int, line: str) -> Snippet:
    spans = list(islice(marks.spans(at), _MOST_PLACES))
    spelled: dict[str, str] = {}
    for start, end in spans:
        word = line[start:end]
        spelled.setdefault(word.casefold(), word)
    words = tuple([_short(word) for word in islice(spelled.values(), MAX_WORDS)])
    # What fits whole needs no search for its best part.
    if not words or len(line) <= MAX_LINE:
        return Snippet(words, _cut(line, 0))
    # Of one word alone the first place is the best.
    start = spans[0][0] if len(words) == 1 else _densest(line, spans)
    return Snippet(words, _cut(line, start - _BEFORE))


def _short(word: str) -> str:
    return word if len(word) <= _MAX_WORD else f"{word[: _MAX_WORD - 1]}…"


def _densest(line: str, spans: list[tuple[int, int]]) -> int:
    """Return where the first stretch of a line's length begins that holds most different words."""
    best, most, first = spans[0][0], 0, 0
    if spans[-1][1] - best <= _STRETCH:
        return best
    names = [line[start:end].casefold() for start, end in spans]
    held: dict[str, int] = {}
    for (start, end), name in zip(spans, names, strict=True):
        held[name] = held.get(name, 0) + 1
        while end - spans[first][0] > _STRETCH and spans[first][0] != start:
            if held[names[first]] == 1:
                del held[names[first]]
            else:
                held[names[first]] -= 1
            first += 1
        if len(held) > most:
            best, most = spans[first][0], len(held)
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
