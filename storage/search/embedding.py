"""The vectors of texts, from whatever embedder there is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from storage.embedders import Embedder, WordLlamaEmbedder, check_vectors
from storage.errors import EmbedderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


async def vectors_of(embedder: Embedder, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of texts, whether or not the embedder keeps what it promises.

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
        raise EmbedderError(f"The embedder {embedder.name} failed ({kind}).") from error
    return await asyncio.to_thread(check_vectors, vectors, len(texts))
