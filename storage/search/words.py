"""The words part of a ranking: who holds the terms of a query, himself or in the turns around.

    L(i) = sum over terms t of idf(t) x / (x + 1),  x = sum over d of w(d) [turn i + d holds t]

with idf(t) = log((N - n + 1/2) / (n + 1/2)) for a term in n of N documents, as in BM25 (Robertson
and Zaragoza, The Probabilistic Relevance Framework, 2009), and w(d) as `neighbours.py` has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from storage import driver
from storage.rows import fetch
from storage.search.arrays import Arrays
from storage.search.neighbours import spread
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
_LEAST_IDF: Final = 0.05


class Postings(NamedTuple):
    """Where a term stands.

    Attributes:
        lines: The lines that hold it, int64, in no order; of a common term the newest.
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
        scores: The scores L of all lines, float32.
        terms: The postings that counted, by what was asked for.
    """

    lines: Ints
    scores: Floats
    terms: dict[Term, Postings]

    @property
    def peak(self) -> float:
        """The highest score; 1 where there is none."""
        return float(self.scores[self.lines].max(initial=0)) or 1.0


def slots_with(connection: driver.Connection, match: str, limit: int = -1) -> Ints:
    """Return the slots that FTS5 finds for `match`, the highest first."""
    # One text with all numbers leaves SQLite several times faster than a row for each.
    ((joined,),) = fetch(
        connection,
        "SELECT group_concat(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ?"
        # SQLite compiles a query with a bound LIMIT anew each time.
        f" ORDER BY rowid DESC LIMIT {int(limit)})",
        (match,),
    )
    return np.fromstring(joined or "", np.int64, sep=",") if joined else np.zeros(0, np.int64)


class Scratch:
    """Room for the scores of all lines, used by one query after the other.

    Making it anew for each query would take longer than what is done with it.
    """

    def __init__(self) -> None:
        self._total = np.zeros(0, np.float32)
        self._single = np.zeros(0, np.float32)

    def total(self, size: int) -> Floats:
        """Return room for the sums of `size` lines, all 0."""
        if len(self._total) != size:
            self._total = np.zeros(size, np.float32)
        else:
            self._total.fill(0)
        return self._total

    def single(self, size: int) -> Floats:
        """Return room for what a single term gives `size` lines, all 0; to be left so."""
        if len(self._single) != size:
            self._single = np.zeros(size, np.float32)
        return self._single


class Words:
    """Finds terms in an index.

    Args:
        connection: The connection to read the index through.
        arrays: Its arrays, in order.
        scratch: What it may use until the next query.
    """

    def __init__(self, connection: driver.Connection, arrays: Arrays, scratch: Scratch) -> None:
        self._connection = connection
        self._arrays = arrays
        self._scratch = scratch

    @property
    def _most(self) -> int:
        return int(max(_COMMON, _COMMON_PART * len(self._arrays)))

    def postings(self, match: str) -> Postings:
        """Return where that stands which FTS5 finds for `match`."""
        slots = slots_with(self._connection, match, self._most + 1)
        return Postings(self._arrays.lines_of(slots), len(slots), len(slots) > self._most)

    def mask(self, terms: Sequence[Term]) -> Mask:
        """Return which lines hold any of the terms, also common ones."""
        held = np.zeros(len(self._arrays), np.bool_)
        for term in terms:
            held[self._arrays.lines_of(slots_with(self._connection, term.match()))] = True
        return held

    def scores(self, terms: Sequence[Term]) -> WordScores:
        """Return the scores L of all lines that hold a term or stand near one that does.

        Args:
            terms: What to look for.
        """
        found = self._weighed(terms)
        size = len(self._arrays)
        total, single = self._scratch.total(size), self._scratch.single(size)
        for idf, postings in found.values():
            lines, weights = spread(postings.lines, self._arrays.room[postings.lines])
            np.add.at(single, lines, weights)
            x = single[lines]
            # A line that stands there several times gets the same sum each time.
            total[lines] = total[lines] + np.float32(idf) * x / (x + _HALF)
            single[lines] = 0
        scored = np.flatnonzero(total)
        return WordScores(scored, total, {term: each for term, (_, each) in found.items()})

    def holds(self, postings: Postings, lines: Ints) -> Mask:
        """Say which of some lines hold a term."""
        held = self._scratch.single(len(self._arrays))
        held[postings.lines] = 1
        found = held[lines] > 0
        held[postings.lines] = 0
        return np.asarray(found)

    def _weighed(self, terms: Sequence[Term]) -> dict[Term, tuple[float, Postings]]:
        """Return the terms that count, with their idf."""
        total = len(self._arrays)
        there = {term: each for term in terms if (each := self.postings(term.match())).found}
        rare = {term: each for term, each in there.items() if not each.is_common}
        common = [term for term in there if term not in rare]
        if len(common) > 1:
            # Each of them says little; where they stand together is worth more than one alone.
            joined = self.postings(" AND ".join(term.match() for term in common))
            words = tuple(word for term in common for word in term.words)
            if joined.found:
                rare[Term(words)] = joined
        if not rare and there:
            rarest = min(there, key=lambda term: there[term].found)
            rare[rarest] = there[rarest]
        # What most documents hold still tells those that hold it from the others.
        return {term: (max(each.idf(total), _LEAST_IDF), each) for term, each in rare.items()}
