"""What other people's search does with the turns of one conversation: the baselines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks._locomo import Conversation
from storage import driver
from storage.embedders import WordLlamaEmbedder
from storage.search.query import STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

_WORD: Final = re.compile(r"\w+")
_RRF_K: Final = 60
# How much a turn, and one that is so many places before or after it, counts.
_AROUND: Final = (1.0, 0.5, 0.3)
_MEANING: Final = 0.5


class Baselines:
    """Ranks the turns of a conversation in the ways that everybody knows.

    Args:
        conversation: Its turns are what is searched, in memory.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._ids = [turn.dia_id for turn in conversation.turns]
        self._sessions = [turn.session_id for turn in conversation.turns]
        self._embedder = WordLlamaEmbedder()
        texts = [turn.content for turn in conversation.turns]
        self._vectors = self._embedder.embed_now(texts)
        self._plain = _full_text(texts, "unicode61")
        self._stemmed = _full_text(texts, "porter unicode61")

    def close(self) -> None:
        """Let go of what is in memory."""
        self._plain.close()
        self._stemmed.close()

    def rank(self, name: str, question: str, limit: int) -> list[str]:
        """Return the `dia_id`s of the best turns, best first.

        Args:
            name: One of `RANKINGS`.
            question: What is asked.
            limit: How many at most. A turn that nothing speaks for is not there.
        """
        scores = RANKINGS[name](self, question)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [self._ids[turn] for turn in best if scores[turn] > 0]

    def as_it_comes(self, question: str) -> Scores:
        """Score by FTS5's BM25, with its defaults and every word of the question."""
        return self._matched(self._plain, _words(question))

    def words(self, question: str) -> Scores:
        """Score by BM25 over stems, without stop words."""
        return self._matched(self._stemmed, _content_words(question))

    def meaning(self, question: str) -> Scores:
        """Score by the cosine with the question as it is."""
        return self._cosines(question)

    def fused(self, question: str) -> Scores:
        """Score by reciprocal rank fusion of words and meaning."""
        return _reciprocal(self.words(question)) + _reciprocal(self.meaning(question))

    def weighted_sum(self, question: str) -> Scores:
        """Score by words and meaning, each its own and that of the four turns around it."""
        asked = " ".join(_content_words(question)) or question
        words, meaning = self.words(question), self._cosines(asked)
        return self._around(_normal(words)) + _MEANING * self._around(_normal(meaning))

    def _cosines(self, text: str) -> Scores:
        cosines = self._vectors @ self._embedder.embed_now([text])[0]
        scores: Scores = np.maximum(cosines, 0).astype(np.float64)
        return scores

    def _matched(self, table: driver.Connection, words: Sequence[str]) -> Scores:
        scores = np.zeros(len(self._ids))
        if words:
            match = " OR ".join(f'"{word}"' for word in words)
            sql = "SELECT rowid, -bm25(turns) FROM turns WHERE turns MATCH ?"
            for turn, score in table.execute(sql, (match,)):
                scores[turn] = score
        return scores

    def _around(self, own: Scores) -> Scores:
        total = own.copy()
        sessions = np.array(self._sessions)
        for distance, weight in enumerate(_AROUND[1:], 1):
            together = sessions[distance:] == sessions[:-distance]
            total[distance:] += weight * own[:-distance] * together
            total[:-distance] += weight * own[distance:] * together
        return total


RANKINGS: Final[Mapping[str, Callable[[Baselines, str], Scores]]] = {
    "FTS5 BM25, as it comes": Baselines.as_it_comes,
    "FTS5 BM25, porter, stop words": Baselines.words,
    "wordllama vectors alone": Baselines.meaning,
    "reciprocal rank fusion (k = 60) of both": Baselines.fused,
    "weighted sum of both, with the turns ±1 and ±2": Baselines.weighted_sum,
}


def _full_text(texts: Sequence[str], tokenizer: str) -> driver.Connection:
    connection = driver.connect("file::memory:", busy_ms=0)
    connection.execute(f"CREATE VIRTUAL TABLE turns USING fts5(text, tokenize='{tokenizer}')")
    connection.executemany("INSERT INTO turns(rowid, text) VALUES (?, ?)", enumerate(texts))
    return connection


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))


def _content_words(text: str) -> list[str]:
    return [word for word in _words(text) if word not in STOP_WORDS]


def _reciprocal(scores: Scores) -> Scores:
    order = np.argsort(-scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    return np.where(scores > 0, 1 / (_RRF_K + ranks), 0)


def _normal(scores: Scores) -> Scores:
    return scores / max(float(scores.max(initial=0)), 1e-9)
