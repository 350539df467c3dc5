"""The words part of a ranking: who holds the terms of a query, himself or in the turns around.

    L(i) = sum over terms t of idf(t) x / (x + 1),  x = sum over d of w(d) [turn i + d holds t]

with idf(t) = log((N - n + 1/2) / (n + 1/2)) for a term in n of N documents, as in BM25 (Robertson
and Zaragoza, The Probabilistic Relevance Framework, 2009), and w(d) as `neighbours.py` has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from storage import driver
from storage.rows import fetch
from storage.search.arrays import Arrays
from storage.search.neighbours import RADIUS, spread
from storage.search.query import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float32]

_HALF: Final = 1.0
"""How much of a term gives half of what it can give: one own occurrence."""

# A term in more documents than these says little, and reading them all takes long.
_COMMON: Final = 3000
_COMMON_PART: Final = 0.01
# Of those that filters leave so many are enough; where fewer are among the newest, older ones are
# read as well, each time so many times as far back.
_ENOUGH: Final = 1000
_FARTHER: Final = 16
_LEAST_IDF: Final = 0.05
# Scores of more lines would not stay in the processor's cache while they are summed up.
_LINES_AT_ONCE: Final = 1 << 16


class Postings(NamedTuple):
    """Where a term stands.

    Attributes:
        lines: The lines that hold it, int64, in their order; of a common term the newest, and the
            newest of those that may be found.
        found: In how many documents it is; of a common term, at least.
        is_common: Whether there are more than `lines` holds.
    """

    lines: Ints
    found: int
    is_common: bool

    def idf(self, total: int) -> float:
        """Return what the term tells in nats, in an index of `total` documents."""
        return float(np.log((total - self.found + 0.5) / (self.found + 0.5)))


class WordScores(NamedTuple):
    """What the words part says.

    Attributes:
        lines: Lines with a score above 0, int64, in their order.
        scores: Their scores L, float32.
        terms: The postings that counted, by what was asked for.
    """

    lines: Ints
    scores: Floats
    terms: dict[Term, Postings]

    @property
    def peak(self) -> float:
        """The highest score; 1 where there is none."""
        return float(self.scores.max(initial=0)) or 1.0

    def among(self, allowed: Mask) -> WordScores:
        """Return it without the lines that are not allowed."""
        fits = allowed[self.lines]
        return self._replace(lines=self.lines[fits], scores=self.scores[fits])

    def of(self, lines: Ints) -> Floats:
        """Return the scores of some lines, float32; 0 where there is none."""
        at, is_there = _places(self.lines, lines)
        found = np.zeros(lines.shape, np.float32)
        found[is_there] = self.scores[at[is_there]]
        return found


def _places(held: Ints, wanted: Ints) -> tuple[Ints, Mask]:
    """Return where each of some lines stands among others, which are in order, if it does."""
    at = np.searchsorted(held, wanted)
    is_there = at < len(held)
    is_there[is_there] = held[at[is_there]] == wanted[is_there]
    return at, is_there


def slots_with(
    connection: driver.Connection, match: str, limit: int = -1, span: tuple[int, int] | None = None
) -> Ints:
    """Return the slots that FTS5 finds for `match`, the highest first.

    Args:
        connection: Reads the index.
        match: What to look for, as FTS5 reads it.
        limit: How many at most; -1 for all.
        span: The lowest and the highest that may be among them; None for any.
    """
    within = "" if span is None else f" AND rowid BETWEEN {int(span[0])} AND {int(span[1])}"
    # One text with all numbers leaves SQLite several times faster than a row for each.
    ((joined,),) = fetch(
        connection,
        f"SELECT group_concat(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ?{within}"
        # SQLite compiles a query with a bound LIMIT anew each time.
        f" ORDER BY rowid DESC LIMIT {int(limit)})",
        (match,),
    )
    return np.fromstring(joined or "", np.int64, sep=",") if joined else np.zeros(0, np.int64)


class Words:
    """Finds terms in an index.

    Args:
        connection: The connection to read the index through.
        arrays: Its arrays, in order.
    """

    def __init__(self, connection: driver.Connection, arrays: Arrays) -> None:
        self._connection = connection
        self._arrays = arrays

    def postings(self, match: str, allowed: Mask | None = None, wanted: int = 0) -> Postings:
        """Return where that stands which FTS5 finds for `match`.

        Args:
            match: What to look for.
            allowed: Which lines may be found; None for all.
            wanted: How many of them are asked for.
        """
        most = int(max(_COMMON, _COMMON_PART * len(self._arrays), wanted))
        slots = self.slots(match, most + 1)
        is_common = len(slots) > most
        lines = np.sort(self._arrays.lines_of(slots))
        enough = max(_ENOUGH, wanted)
        if is_common and allowed is not None and np.count_nonzero(allowed[lines]) < enough:
            lines = np.union1d(lines, self.newest(match, allowed, enough, most * _FARTHER))
        return Postings(lines, len(slots), is_common)

    def slots(self, match: str, limit: int) -> Ints:
        """Return the slots of the newest lines that hold something, `limit` at most."""
        # What came since the arrays were read stands in the full text, but in no line: it would
        # count among lines that are fewer, and crowd them out.
        return slots_with(self._connection, match, limit, (0, self._arrays.size - 1))

    def newest(self, match: str, allowed: Mask, count: int, first: int) -> Ints:
        """Return the newest lines that hold something and may be found, the newest first.

        Args:
            match: What to look for, as FTS5 reads it.
            allowed: Which lines may be found.
            count: How many at most.
            first: How many that hold it are looked at first, whether they may be found or not.
        """
        held = self._arrays.slot[allowed]
        if not len(held):
            return np.zeros(0, np.int64)
        span = int(held.min()), int(held.max())
        while True:
            slots = slots_with(self._connection, match, first, span)
            lines = self._arrays.lines_of(slots)
            lines = lines[allowed[lines]][:count]
            if len(lines) == count or len(slots) < first:
                return lines
            first *= _FARTHER

    def mask(self, terms: Sequence[Term]) -> Mask:
        """Return which lines hold any of the terms, also common ones."""
        held = np.zeros(len(self._arrays), np.bool_)
        for term in terms:
            held[self._arrays.lines_of(slots_with(self._connection, term.match))] = True
        return held

    def scores(
        self, terms: Sequence[Term], allowed: Mask | None = None, wanted: int = 0
    ) -> WordScores:
        """Return the scores L of all lines that hold a term or stand near one that does.

        Args:
            terms: What to look for.
            allowed: Which lines may be found, None for all; the scores are of others, too.
            wanted: How many of them are asked for.
        """
        found = self._weighed(terms, partial(self.postings, allowed=allowed, wanted=wanted))
        size = len(self._arrays)
        total, single = (np.zeros(min(size, _LINES_AT_ONCE), np.float32) for _ in range(2))
        lines, scores = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for start in range(0, size, _LINES_AT_ONCE):
            total.fill(0)
            for idf, postings in found.values():
                at, weights = self._near(postings, start)
                np.add.at(single, at, weights)
                x = single[at]
                # A line that stands there several times gets the same sum each time.
                total[at] = total[at] + np.float32(idf) * x / (x + _HALF)
                single[at] = 0
            held = np.flatnonzero(total)
            lines.append(held + start)
            scores.append(total[held])
        terms_found = {term: each for term, (_, each) in found.items()}
        return WordScores(np.concatenate(lines), np.concatenate(scores), terms_found)

    def _near(self, postings: Postings, start: int) -> tuple[Ints, Floats]:
        """Return who has a line of a term for a neighbour, and what that counts there.

        Args:
            postings: Where the term stands.
            start: The first of the lines that are worked on; they are numbered from it.
        """
        end = start + _LINES_AT_ONCE
        first, last = np.searchsorted(postings.lines, (start - RADIUS, end + RADIUS))
        lines = postings.lines[first:last]
        at, weights = spread(lines, self._arrays.room[lines])
        at -= start
        if len(self._arrays) <= _LINES_AT_ONCE:
            return at, weights
        is_inside = (at >= 0) & (at < _LINES_AT_ONCE)
        return at[is_inside], weights[is_inside]

    def holds(self, postings: Postings, lines: Ints) -> Mask:
        """Say which of some lines hold a term."""
        return _places(postings.lines, lines)[1]

    def _weighed(
        self, terms: Sequence[Term], postings: Callable[[str], Postings]
    ) -> dict[Term, tuple[float, Postings]]:
        """Return the terms that count, with their idf."""
        total = len(self._arrays)
        there = {term: each for term in terms if (each := postings(term.match)).found}
        rare = {term: each for term, each in there.items() if not each.is_common}
        common = [term for term in there if term not in rare]
        if len(common) > 1:
            # Each of them says little; where they stand together is worth more than one alone.
            joined = postings(" AND ".join(term.match for term in common))
            words = tuple(word for term in common for word in term.words)
            if joined.found:
                rare[Term(words)] = joined
        if not rare and there:
            rarest = min(there, key=lambda term: there[term].found)
            rare[rarest] = there[rarest]
        # What most documents hold still tells those that hold it from the others.
        return {term: (max(each.idf(total), _LEAST_IDF), each) for term, each in rare.items()}
