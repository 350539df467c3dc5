"""The words part of a ranking is what its formula says, for however many lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from storage import HybridStore
from storage.search import ranking, searcher, words
from storage.search.neighbours import RADIUS, around
from storage.search.query import Term, parse_query
from storage.search.words import Words
from tests.storage.search.test_index_file import document, opened

SEED = 1_126
TURNS = 300


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Words]:
    """What finds `fig` and `date` in sessions of seven turns."""
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    texts = [" ".join(random.choice(["fig", "date", "nut", "pea"], 2)) for _ in range(TURNS)]
    index = opened(tmp_path / "memory.db.index")
    with index.change():
        index.put(
            [
                document(number, text=text, session_id=f"s-{number // 7}")
                for number, text in enumerate(texts)
            ],
            None,
        )
    index.close()
    connection = searcher.connect(index.path)
    reading = searcher.Searcher(connection)
    reading.refresh()
    yield reading._corpus.words
    connection.close()


def by_the_formula(found: Words, term: str) -> list[float]:
    """Return what a term gives each line: idf x / (x + 1)."""
    arrays = found._arrays
    postings = found.postings(f'"{term}"')
    held = np.zeros(len(arrays))
    held[postings.lines] = 1
    lines = np.arange(len(arrays))
    turns, weights = around(lines, arrays.room[lines])
    x = (weights * held[turns]).sum(axis=1)
    return [max(postings.idf(TURNS), 0.05) * each / (each + 1) for each in x.tolist()]


@pytest.mark.parametrize("at_once", [1, RADIUS, 50, TURNS - 1, TURNS, 1 << 16])
def test_the_scores_are_those_of_the_formula(
    found: Words, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_LINES_AT_ONCE", at_once)
    scores = found.scores([Term(("fig",)), Term(("date",))])
    expected = np.add(by_the_formula(found, "fig"), by_the_formula(found, "date"))
    lines = np.arange(TURNS)
    np.testing.assert_allclose(scores.of(lines), expected, rtol=1e-5)
    assert scores.lines.tolist() == np.flatnonzero(expected).tolist()
    assert math.isclose(scores.peak, expected.max(), rel_tol=1e-5)


def test_what_nobody_holds_has_no_score(found: Words) -> None:
    scores = found.scores([Term(("zebra",))])
    assert (len(scores.lines), scores.peak) == (0, 1.0)
    assert scores.of(np.array([[0, 1], [2, 3]])).tolist() == [[0, 0], [0, 0]]


def test_who_holds_a_term_is_told_from_who_stands_near(found: Words) -> None:
    postings = found.postings('"fig"')
    lines = np.arange(TURNS).reshape(-1, 10)
    held = found.holds(postings, lines)
    assert held.shape == lines.shape
    assert np.flatnonzero(held.ravel()).tolist() == postings.lines.tolist()


def test_what_came_since_the_arrays_were_read_spoils_no_score(tmp_path: Path) -> None:
    index = opened(tmp_path / "memory.db.index")
    with index.change():
        index.put([document(number, text="fig") for number in range(10)], None)
    connection = searcher.connect(index.path)
    reading = searcher.Searcher(connection)
    reading.refresh()
    with index.change():
        index.put([document(number, text="fig") for number in range(10, 30)], None)
    scores = reading._corpus.words.scores([Term(("fig",))])
    assert len(scores.lines) == 10
    assert (scores.scores > 0).all()
    assert len(ranking.typeahead(reading._corpus, parse_query("fig"), 5)) == 5
    connection.close()
    index.close()


async def test_what_holds_two_common_words_together_stands_before_what_holds_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_COMMON", 20)
    monkeypatch.setattr(words, "_COMMON_PART", 0)
    both = {"interaction_id": "both", "timestamp": "2020-01-01", "content": "alpha beta"}
    others = [{"content": ("alpha", "beta")[number % 2]} for number in range(100)]
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions([both, *others])
        await store.wait_for_index()
        hits = await store.search("alpha beta", by="words", limit=3)
    assert [hit.record_id for hit in hits][:1] == ["both"]
