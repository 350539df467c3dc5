"""The vector of a question. Where none can be had in time, words alone answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from storage.embedders import Embedder, WordLlamaEmbedder
from storage.errors import EmbedderError
from storage.search.embedding import Length, vectors_of
from storage.search.query import Query
from storage.search.spaceless import is_spaceless

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Vector = Callable[[], Floats | None]
    """Gives the vector in the thread that searches, float32 of shape [dimension], or None."""

_MOST_SECONDS: Final = 3.0
_RETRY_SECONDS: Final = 30.0
_REMEMBERED: Final = 200


class Asker:
    """Turns questions into vectors.

    Attributes:
        length: Of the vectors of the embedder.
        failure: Why the last question had none, in a sentence; empty if it had one.
    """

    def __init__(self) -> None:
        self.length = Length()
        self.failure = ""
        self._retry_at = 0.0
        self._known: dict[tuple[str, str], Floats] = {}

    async def vector(self, query: Query, embedder: Embedder | None) -> Vector:
        """Return what gives the vector of a question.

        Args:
            query: What is asked.
            embedder: What makes vectors; None gives none.
        """
        text = query.text
        if getattr(embedder, "is_bag_of_words", False):
            text = _told(query)
        if embedder is None or not text:
            return lambda: None
        if isinstance(embedder, WordLlamaEmbedder):
            # Quicker than the way to another thread and back.
            return lambda: self._now(embedder, text)
        vector = await self._fetched(embedder, text)
        return lambda: vector

    def _now(self, embedder: WordLlamaEmbedder, text: str) -> Floats | None:
        try:
            vector = embedder.embed_now([text])[0]
        except EmbedderError as error:
            self.failure = f"This was searched by words alone. {error}"
            return None
        self.failure = ""
        return np.asarray(vector)

    async def _fetched(self, embedder: Embedder, text: str) -> Floats | None:
        """Return the vector of a text from an embedder that may be far away, or None."""
        key = (embedder.name, text)
        if key not in self._known:
            if time.monotonic() < self._retry_at:
                return None
            try:
                async with asyncio.timeout(_MOST_SECONDS):
                    vectors = await vectors_of(embedder, [text], self.length)
            except (EmbedderError, TimeoutError) as error:
                why = str(error) or f"The embedder took over {_MOST_SECONDS:g} s."
                self.failure = f"This was searched by words alone. {why}"
                self._retry_at = time.monotonic() + _RETRY_SECONDS
                return None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = vectors[0]
        self.failure = ""
        return self._known[key]


def _told(query: Query) -> str:
    """Return the words that say what is asked for; as typed, where pieces of them overlap."""
    if any(is_spaceless(word[0]) for term in query.terms for word in term.words):
        return query.text
    return " ".join(word for term in query.telling for word in term.words)
