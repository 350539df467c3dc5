"""The order of what a search finds.

    score(i) = (L(i) / max L  +  0.8 V(i) / max V) (1 + 0.3 [the query names the author of i])

L is the words part (`words.py`), V the meaning part (`meaning.py`); both let the neighbours of a
turn in its session count. V is estimated for the 200 best by words and the 300 nearest by sign
bits, and exact for the 24 best of them; for more, where more are asked for. Measured by
`benchmarks/retrieval.py`; over 243 settings of the weights around these, evidence recall@10 stayed
within .77 and .80.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from storage import driver
from storage.rows import fetch, listed
from storage.search.arrays import Arrays
from storage.search.index_file import MOST_AUTHORS
from storage.search.meaning import Meaning
from storage.search.neighbours import around
from storage.search.query import Filters, Query, Term
from storage.search.spelling import spelled_out
from storage.search.tagging import kinds_noted_as
from storage.search.words import Words, WordScores
from storage.view import ROWS_PER_STATEMENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float32]

_BY_WORDS: Final = 200
_BY_MEANING: Final = 300
_EXACT: Final = 24
_MEANING: Final = 0.8
_AUTHOR: Final = 0.3
_LOOKED_AT: Final = 5000


class Ranked(NamedTuple):
    """What a ranking says of a document.

    Attributes:
        score: Its score.
        similarity: The cosine of query and document; None where meaning was not asked.
        by_words: Whether words counted, its own or those of its neighbours.
        by_meaning: Whether it is among the nearest by meaning, and nearer than most.
        nearby: The terms that only its neighbours hold.
    """

    score: float
    similarity: float | None
    by_words: bool
    by_meaning: bool
    nearby: tuple[Term, ...]


Order = list[tuple[int, Ranked]]
"""Slots, the best first, with what a ranking says of each."""

_BY_FILTERS: Final = Ranked(0.0, None, False, False, ())
_AS_TYPED: Final = Ranked(0.0, None, True, False, ())


@dataclass(slots=True)
class Corpus:
    """What is searched.

    Attributes:
        connection: Reads the index.
        arrays: Its arrays, in order.
        authors: The numbers of authors by each word of their names.
    """

    connection: driver.Connection
    arrays: Arrays
    authors: dict[str, array[int]]

    @property
    def words(self) -> Words:
        """What finds terms in it."""
        return Words(self.connection, self.arrays)

    def allowed(self, query: Query) -> Mask | None:
        """Return which lines may be found, or None where all may."""
        words = self.words
        allowed = self.arrays.fitting(query.filters)
        required = [words.mask([term]) for term in query.required]
        barred = [~words.mask(query.excluded)] if query.excluded else []
        for mask in (*required, *barred, *self._tagged(query.filters)):
            allowed = mask if allowed is None else allowed & mask
        return allowed

    def _tagged(self, filters: Filters) -> Iterator[Mask]:
        """Yield which lines may be found by the tags of their records."""
        if filters.records is not None:
            yield self._of_records(filters.records)
        for barred in filters.excluded:
            if barred.records is not None:
                yield ~(self.arrays.surely(barred) & self._of_records(barred.records))

    def _of_records(self, records: Collection[tuple[str, str]]) -> Mask:
        """Return which lines are of these records, given by kinds of notes and public ids."""
        held = np.zeros(len(self.arrays), np.bool_)
        for noted in {noted for noted, _ in records}:
            record_ids = [each for of, each in records if of == noted]
            of_kind = self.arrays.surely(Filters(kinds=kinds_noted_as(noted)))
            for start in range(0, len(record_ids), ROWS_PER_STATEMENT):
                marks, values = listed(record_ids[start : start + ROWS_PER_STATEMENT])
                found = fetch(
                    self.connection, f"SELECT slot FROM docs WHERE record_id IN ({marks})", values
                )
                slots = np.array([slot for (slot,) in found], np.int64)
                lines = self.arrays.lines_of(slots)
                held[lines[of_kind[lines]]] = True
        return held

    def boosts(self, query: Query, lines: Ints) -> Floats:
        """Return the factor of each line: more than 1 where the query names its author."""
        asked = {spelled_out(each) for term in query.terms for each in (*term.words, term.text)}
        named = {number for word in asked for number in self.authors.get(word, ())}
        if not named:
            return np.ones(len(lines), np.float32)
        is_named = np.zeros(MOST_AUTHORS + 1, np.bool_)
        is_named[list(named)] = True
        return 1 + np.float32(_AUTHOR) * is_named[self.arrays.author[self.arrays.slot[lines]]]


def rank(corpus: Corpus, query: Query, vector: Floats | None, limit: int) -> Order:
    """Return the best documents for a query, best first.

    Args:
        corpus: What is searched.
        query: What is asked.
        vector: Of the query, float32 of shape [dimension]; None to go by words alone.
        limit: How many at most.
    """
    if not len(corpus.arrays):
        return []
    allowed = corpus.allowed(query)
    if not query.terms and vector is None:
        return newest(corpus, allowed, limit)
    words = corpus.words.scores(query.telling, allowed, limit)
    if allowed is not None:
        words = words.among(allowed)
    if vector is None:
        return _by_words(corpus, query, words, limit)
    return _by_both(corpus, query, words, Meaning(corpus.connection, corpus.arrays, vector),
                    allowed, limit)  # fmt: skip


def _top_by_words(corpus: Corpus, query: Query, words: WordScores, count: int) -> Ints:
    """Return the best lines by words, in their order."""
    lines, scores = words.lines, words.scores
    if len(lines) <= count:
        return lines
    # Only what an author who is named could bring among the best.
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    might = scores * np.float32(1 + _AUTHOR) >= least
    lines = lines[might]
    boosted = scores[might] * corpus.boosts(query, lines)
    return np.sort(lines[np.argpartition(-boosted, count - 1)[:count]])


def _by_words(corpus: Corpus, query: Query, words: WordScores, limit: int) -> Order:
    lines = _top_by_words(corpus, query, words, max(limit, _BY_WORDS))
    if not len(lines):
        return []
    scores = words.of(lines) / words.peak * corpus.boosts(query, lines)
    best = _best(corpus, lines, scores, limit)
    nearby = _nearby(corpus, words, lines[best])
    return [
        (int(corpus.arrays.slot[line]), Ranked(float(score), None, True, False, terms))
        for line, score, terms in zip(lines[best], scores[best], nearby, strict=True)
    ]


def _by_both(
    corpus: Corpus,
    query: Query,
    words: WordScores,
    meaning: Meaning,
    allowed: Mask | None,
    limit: int,
) -> Order:
    top = _top_by_words(corpus, query, words, max(limit, _BY_WORDS))
    near = meaning.near(max(limit, _BY_MEANING), allowed)
    lines = np.union1d(top, near)
    if not len(lines):
        return []
    # What the filters keep out of the words part has no place among the nearest either.
    part: Floats = words.of(lines) / np.float32(words.peak)
    value, similarity = meaning.estimates(lines)
    boosts = corpus.boosts(query, lines)
    exact = np.argsort(-_blend(part, value, boosts), kind="stable")[: max(limit, _EXACT)]
    value[exact], similarity[exact] = meaning.scores(lines[exact])
    score = _blend(part, value, boosts)
    best = _best(corpus, lines, score, limit)
    # What came up when the others turned out to be farther is told exactly, too.
    guessed = np.setdiff1d(best, exact)
    similarity[guessed] = meaning.cosines(lines[guessed])
    usual, deviation = meaning.usual()
    is_near = np.isin(lines, near) & (similarity > usual + deviation)
    nearby = _nearby(corpus, words, lines[best])
    return [
        (
            int(corpus.arrays.slot[lines[at]]),
            Ranked(
                float(score[at]),
                float(similarity[at]),
                bool(part[at] > 0),
                bool(is_near[at]),
                terms,
            ),
        )
        for at, terms in zip(best, nearby, strict=True)
        if score[at] > 0
    ]


def _best(corpus: Corpus, lines: Ints, scores: Floats, limit: int) -> Ints:
    """Return where the best scores stand; of equals first what is live, then the newest."""
    arrays = corpus.arrays
    seconds = arrays.second[arrays.slot[lines]]
    return np.lexsort((-seconds, arrays.is_archived(lines), -scores))[:limit]


def _blend(words: Floats, value: Floats, boosts: Floats) -> Floats:
    positive = np.maximum(value, 0)
    peak = float(positive.max()) or 1.0
    return np.asarray((words + _MEANING * positive / peak) * boosts, np.float32)


def _nearby(corpus: Corpus, words: WordScores, lines: Ints) -> list[tuple[Term, ...]]:
    """Return for each line the terms that only its neighbours hold."""
    turns, _ = around(lines, corpus.arrays.room[lines])
    found: list[list[Term]] = [[] for _ in lines]
    for term, postings in words.terms.items():
        holds = corpus.words.holds(postings, turns)
        for at in np.flatnonzero(holds.any(axis=1) & ~holds[:, 0]):
            found[at].append(term)
    return [tuple(terms) for terms in found]


def newest(corpus: Corpus, allowed: Mask | None, limit: int) -> Order:
    """Return the newest documents that may be found."""
    slots = corpus.arrays.slot if allowed is None else corpus.arrays.slot[allowed]
    seconds = corpus.arrays.second[slots]
    if len(slots) > limit:
        top = np.argpartition(-seconds, limit)[:limit]
        slots, seconds = slots[top], seconds[top]
    return [(slot, _BY_FILTERS) for slot in slots[np.lexsort((-slots, -seconds))].tolist()]


def typeahead(corpus: Corpus, query: Query, limit: int) -> Order:
    """Return the newest documents that hold every term of a query, in no time.

    The index has the documents that came last at its end, so the first few are found without
    looking at the others; after a build what is archived stands before what is live.
    """
    is_restricted = query.excluded or query.is_filtered
    allowed = corpus.allowed(query) if is_restricted else None
    if not query.terms:
        return newest(corpus, allowed, limit)
    match = " AND ".join([term.match for term in query.telling])
    if allowed is None:
        slots = corpus.words.slots(match, limit).tolist()
    else:
        lines = corpus.words.newest(match, allowed, limit, max(_LOOKED_AT, limit))
        slots = corpus.arrays.slot[lines].tolist()
    # Of as few as these numpy would take longer to begin than this does.
    slots.sort(key=corpus.arrays.second.item, reverse=True)
    return [(slot, _AS_TYPED) for slot in slots]
