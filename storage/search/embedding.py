"""The vectors of texts, from whatever embedder there is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.embedders import Embedder, WordLlamaEmbedder, check_vectors
from storage.errors import EmbedderError
from storage.vector_store import MOST_DIMENSIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Length:
    """How long the vectors of an embedder are, for all that ask it.

    Attributes:
        dimension: Of the first that it made; 0 before.
    """

    dimension: int = 0


async def vectors_of(
    embedder: Embedder, texts: Sequence[str], length: Length
) -> NDArray[np.float32]:
    """Return the vectors of texts, whether or not the embedder keeps what it promises.

    Args:
        embedder: What makes them.
        texts: One text at least.
        length: Is set by the first vectors; those of another length are refused from then on.

    Returns:
        float32 of shape [len(texts), dimension], rows of length 1 or of zeros.

    Raises:
        EmbedderError: None can be had, or what came is none. Of what else an embedder raises the
            kind alone is told, because it may hold a text.
    """
    if isinstance(embedder, WordLlamaEmbedder):
        # All at once: each way to another thread and back waits for those that read and write.
        return await asyncio.to_thread(embedder.embed_now, texts)
    try:
        vectors = await embedder.embed(texts)
    except EmbedderError:
        raise
    except Exception as error:
        kind = type(error).__name__
        raise EmbedderError(
            f"The embedder {embedder.name} failed ({kind}): call its embed() to see why."
        ) from error
    try:
        checked = await asyncio.to_thread(check_vectors, vectors, len(texts))
    except EmbedderError as error:
        raise EmbedderError(f"The embedder {embedder.name} has to be mended. {error}") from None
    _check_length(embedder, checked.shape[1], length)
    return checked


def _check_length(embedder: Embedder, found: int, length: Length) -> None:
    """Refuse vectors that cannot be compared with those before, or are not what was said of them.

    Raises:
        EmbedderError: They are of another length.
    """
    declared = getattr(embedder, "dimension", 0)
    if found > MOST_DIMENSIONS:
        raise EmbedderError(
            f"The embedder {embedder.name} makes vectors of {found:,} dimensions, and an index"
            f" holds at most {MOST_DIMENSIONS:,}: have it make shorter ones."
        )
    if length.dimension not in (0, found):
        raise EmbedderError(
            f"The embedder {embedder.name} made vectors of {length.dimension} dimensions before,"
            f" and of {found} now: have it make all of one length, and give another model another"
            " name."
        )
    if declared not in (0, found):
        raise EmbedderError(
            f"The embedder {embedder.name} made vectors of {found} dimensions where its"
            f" `dimension` is {declared}: mend one of the two."
        )
    length.dimension = found
