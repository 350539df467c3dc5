"""Where in lines that stands which a question asked for, as the full text finds it.

FTS5 can mark it too, but only in a table that holds the lines, and takes three times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, compress, count, islice
from typing import NamedTuple

from storage.search.lines import NO_WORDS, Line
from storage.search.query import Term, Way
from storage.search.spelling import WORD, words_in
from storage.search.stems import stems_of

Place = tuple[int, int, str]
"""From where to where in a line something stands, and what, in whatever case."""


class _Last(NamedTuple):
    """What the last word of a phrase may be: stems, and what stems begin with."""

    whole: set[str]
    begun: list[str]

    def fitting(self, stems: Mapping[str, str]) -> set[str]:
        whole, begun = self.whole, tuple(self.begun)
        return {word for word, stem in stems.items() if stem in whole or stem.startswith(begun)}


class Marks:
    """What was asked for, in some lines.

    Args:
        lines: The lines.
        terms: What was asked for.
    """

    def __init__(self, lines: Sequence[Line], terms: Sequence[Term]) -> None:
        # By what stands before its last word; before a single word that is nothing.
        phrases = _phrases([way for term in terms for way in term.ways])
        self._runs = None if phrases.keys() <= {()} else _Runs(lines, phrases)
        self._places = [] if self._runs else _singles(lines, phrases)

    def places(self, at: int, most: int | None = None) -> Sequence[Place]:
        """Return where in a line it stands, in order; what overlaps is one place.

        Args:
            at: Which line.
            most: How many at most; None for all.
        """
        if self._runs is not None:
            return list(islice(self._runs.places(at), most))
        return self._places[at][:most]


def _singles(lines: Sequence[Line], phrases: Mapping[tuple[str, ...], _Last]) -> list[list[Place]]:
    """Return where in each line a word stands that was asked for alone."""
    heads = _heads(phrases)
    begin = [f" {head}" for head in heads]
    # Whatever begins as one of them does: it may be another word.
    might = [
        _beginning(line.small, begin) if line.small else _might_be_in(line.text, heads)
        for line in lines
    ]
    stems = stems_of({word for places in might for _, _, word in places})
    asked = set[str]().union(*(last.fitting(stems) for last in phrases.values()))
    if len(asked) == len(stems):
        return might
    return [[place for place in places if place[2] in asked] for places in might]


def _beginning(small: str, begin: Sequence[str]) -> list[Place]:
    """Return where in a line words stand that begin so.

    Args:
        small: The line, as `Line` has it.
        begin: With what, each with the space before it; none begins as another does.
    """
    places: list[Place] = []
    for head in begin:
        start = small.find(head)
        while start >= 0:
            end = small.find(" ", start + 1)
            places.append((start, end - 1, small[start + 1 : end]))
            start = small.find(head, end)
    places.sort()
    return places


def _might_be_in(line: str, heads: tuple[str, ...]) -> list[Place]:
    return [(*each.span(), each[0]) for each in words_in(line) if _might_be(each[0], heads)]


class _Runs:
    """Words that follow one another as phrases ask for, in some lines.

    Args:
        lines: The lines.
        phrases: What the last word may be, by the stems before it.
    """

    def __init__(self, lines: Sequence[Line], phrases: Mapping[tuple[str, ...], _Last]) -> None:
        self._lines = [line.text for line in lines]
        self._words = [_words(line) for line in self._lines]
        self._stems = _stems_like(set(chain.from_iterable(self._words)), phrases)
        asked = {before: last.fitting(self._stems) for before, last in phrases.items()}
        self._single = asked.pop((), set())
        self._asked: dict[str, list[tuple[list[str], set[str]]]] = {}
        for before, ends in asked.items():
            self._asked.setdefault(before[0], []).append((list(before), ends))
        self._begins = self._single | {
            word for word, stem in self._stems.items() if stem in self._asked
        }

    def places(self, at: int) -> Iterator[Place]:
        """Yield where in a line each of them stands, those that overlap as one."""
        line, words = self._lines[at], self._words[at]
        # Each word that is passed over on the way to the next place costs as little as can be.
        passed, places = 0, words_in(line)
        for first, last in self._runs(words):
            opening = next(islice(places, first - passed, None))
            closing = opening if last == first + 1 else next(islice(places, last - first - 2, None))
            passed = last
            start, end = opening.start(), closing.end()
            yield start, end, line[start:end]

    def _runs(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """Yield from which word on to before which that stands which was asked for."""
        first = last = 0
        begins = self._begins.__contains__
        for start in compress(count(), map(begins, words)):
            end = self._end(words, start)
            if start >= last:
                if last > first:
                    yield first, last
                first = last = start
            last = max(last, end)
        if last > first:
            yield first, last

    def _end(self, words: list[str], start: int) -> int:
        """Return before which word that ends which begins at one; that word itself for nothing."""
        found = start + (words[start] in self._single)
        for before, last in self._asked.get(self._stems.get(words[start], ""), ()):
            end = start + len(before)
            if end < len(words) and words[end] in last:
                stems = [self._stems.get(word, "") for word in words[start:end]]
                found = max(found, end + 1 if stems == before else start)
        return found


def _phrases(ways: Sequence[Way]) -> dict[tuple[str, ...], _Last]:
    stems = stems_of(word for way in ways for word in way.words)
    found: dict[tuple[str, ...], _Last] = {}
    for way in ways:
        *before, last = (stems[word] for word in way.words)
        ends = found.setdefault(tuple(before), _Last(set(), []))
        if way.goes_on:
            ends.begun.append(last)
        else:
            ends.whole.add(last)
    return found


def _stems_like(
    words: AbstractSet[str], phrases: Mapping[tuple[str, ...], _Last]
) -> dict[str, str]:
    """Return the stems of those words that any of the phrases may hold.

    A log of a hundred kilobytes holds thousands of numbers that nobody asks for, each of them once.
    """
    heads = _heads(phrases)
    return stems_of(word for word in words if _might_be(word, heads))


def _heads(phrases: Mapping[tuple[str, ...], _Last]) -> tuple[str, ...]:
    """Return with which letters a word begins that may be one of the phrases.

    The stem of a word in ASCII begins as it does but for its last letter, which may be another:
    `happi` is the stem of `happy`, and `file` that of `filing`. One of two letters begins as the
    word does, too, but for an `i` that was a `y`.
    """
    asked = set(chain.from_iterable(phrases))
    asked.update(*(last.whole | set(last.begun) for last in phrases.values()))
    heads = {stem[:-1] if len(stem) > 2 else stem for stem in asked if stem}
    heads.update([f"{stem[0]}y" for stem in asked if stem[1:] == "i"])
    found: list[str] = []
    # In this order one that goes on as another does stands behind that.
    for head in sorted(heads):
        if not found or not head.startswith(found[-1]):
            found.append(head)
    return tuple(found)


def _might_be(word: str, heads: tuple[str, ...]) -> bool:
    return not word.isascii() or word.lower().startswith(heads)


def _words(line: str) -> list[str]:
    # The letters of English are told apart without looking at each of them.
    return line.translate(NO_WORDS).split() if line.isascii() else re.findall(WORD, line)
