"""Figures of searching, each beside a numpy product over all vectors, in turns."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks._bench import Figure
from benchmarks._search import TOP, Memory, at_most, brute_force, timed
from storage import HybridStore
from storage.search import searcher
from storage.search.query import Query

T = TypeVar("T")

_MEANING: Final = 0.25
_RECALL: Final = 0.98
_TYPING: Final = 0.1
# A whole search takes no longer than brute force, and of a big memory half of that.
_WHOLE: Final = 1.0
_WHOLE_BIG: Final = 0.5
_BIG: Final = 1_000_000
_FIRST: Final = 10
_WARM: Final = 10
_ROUNDS: Final = 3
_AT_ONCE: Final = 20
# Sums of 256 products in another order differ in the last bits: a tie is no miss.
_SAME: Final = 1e-5


async def meaning(memory: Memory) -> list[Figure]:
    """Compare finding the nearest vectors with the product over all of them."""
    vectors, questions = memory.vectors, memory.asked_vectors
    connection = searcher.connect(memory.index)
    recalls = list[float]()
    try:
        search = searcher.Searcher(connection)

        async def nearest(number: int) -> list[searcher.Found]:
            return search.nearest(questions[number], Query(), TOP)

        times, limits = await _in_turns(memory, nearest, range(len(questions)))
        cold = at_most("", *await _in_turns(memory, nearest, range(len(questions)), 1), _MEANING)
        for number, question in enumerate(questions):
            best = brute_force(vectors, question)
            least = float(vectors[best[_FIRST - 1]] @ question) - _SAME
            rows = [each.source.number - 1 for _, each in (await nearest(number))[:_FIRST]]
            recalls.append(float(np.sum(vectors[rows] @ question >= least)) / _FIRST)
    finally:
        connection.close()
    recall = float(np.mean(recalls))
    label = f"{memory.records:,} records"
    return [
        at_most(f"(b) the meaning part, {label}", times, limits, _MEANING),
        Figure(f"(b) the meaning part right after a product, {label}", cold.measured),
        Figure(
            f"(b) the meaning part, recall@10, {label}",
            f"{recall:.4f}",
            f">= {_RECALL:g}",
            recall >= _RECALL,
        ),
    ]


async def whole(memory: Memory) -> list[Figure]:
    """Compare whole searches with the product over all vectors."""
    label = f"{memory.records:,} records"
    questions = memory.questions
    async with HybridStore(memory.path, index_path=memory.index) as store:
        await store.wait_for_index()
        times, limits = await _in_turns(memory, partial(store.search, limit=TOP), questions)
    most = _WHOLE_BIG if memory.records >= _BIG else _WHOLE
    figures = [at_most(f"(c) search(), {label}", times, limits, most)]
    filtered = [place for place, each in enumerate(questions) if ":" in each]
    told = at_most("", [times[at] for at in filtered], [limits[at] for at in filtered], most)
    return [*figures, Figure(f"(c) search() with a filter, {label}", told.measured)]


async def typing(memory: Memory) -> list[Figure]:
    """Compare the first answers while questions are typed with the product over all vectors."""
    typed = list(_prefixes(memory.questions))
    async with HybridStore(memory.path, index_path=memory.index) as store:
        await store.wait_for_index()
        times, limits = await _in_turns(memory, partial(store.typeahead, limit=TOP), typed)
    figures = [at_most(f"(d) typeahead(), {memory.records:,} records", times, limits, _TYPING)]
    for least, most in ((1, 3), (4, 12), (13, 99)):
        at = [place for place, each in enumerate(typed) if least <= len(each.strip()) <= most]
        told = at_most("", [times[place] for place in at], [limits[place] for place in at], _TYPING)
        name = f"(d) typeahead() at {least} to {most} letters, {memory.records:,} records"
        figures.append(Figure(name, told.measured))
    return figures


def _prefixes(questions: Sequence[str]) -> Iterator[str]:
    """Yield what stands in the box after each letter while some questions are typed."""
    for question in questions[::5]:
        for end in range(1, min(len(question), 40)):
            yield question[:end]


async def _in_turns(
    memory: Memory,
    search: Callable[[T], Awaitable[Any]],
    asked: Sequence[T],
    at_once: int = _AT_ONCE,
) -> tuple[list[float], list[float]]:
    """Return the seconds of searches, and of the product over all vectors for each.

    All are asked several times over, and the best of each counts: what else the machine does
    disturbs both sides, but not every time.

    Args:
        memory: What is searched.
        search: What is measured.
        asked: What it is given, one after the other.
        at_once: After how many of them as many products are measured. A product reads all vectors
            and so leaves the processor's caches without anything of the index, which between the
            questions of a person nobody does.
    """
    vectors, questions = memory.vectors, memory.asked_vectors
    for each in asked[:_WARM]:
        await search(each)
    times, limits = [np.inf] * len(asked), [np.inf] * len(asked)
    for start in [*range(0, len(asked), at_once)] * _ROUNDS:
        turn = range(start, min(start + at_once, len(asked)))
        for number in turn:
            started = time.perf_counter()
            await search(asked[number])
            times[number] = min(times[number], time.perf_counter() - started)
        for number in turn:
            question = questions[number % len(questions)]
            taken, _best = timed(partial(brute_force, vectors, question))
            limits[number] = min(limits[number], taken)
    return times, limits
