"""Sign bits of vectors, held in memory, which tell nearly what is near.

The nearest vectors are found in steps, each ten times as dear and exact as the one before
(`meaning.py`). The bits are those of the vectors turned at random, because otherwise the few
dimensions in which the vectors of a model are strong say most of what the bits can say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bits = NDArray[np.uint64]

BITS: Final = 256
PLANES: Final = BITS // 64
_SEED: Final = 256
_BLOCK: Final = 1 << 15
FARTHEST: Final = 255
"""The most bits that are counted as differing: with them a byte holds a count."""
_LEVELS: Final = 15
# The cosine that a share of differing bits means: the angle is that share of a half turn
# (Charikar, Similarity estimation techniques from rounding algorithms, 2002).
COSINE: Final = np.cos(np.pi * np.arange(BITS + 1) / BITS).astype(np.float32)


@lru_cache(maxsize=4)
def _turn(dimension: int) -> Floats:
    """Return the matrix that turns vectors, float32 of shape [dimension, 256]."""
    random = np.random.default_rng(_SEED).standard_normal((dimension, BITS))
    if dimension >= BITS:
        # With columns at right angles, angles change least.
        random = np.linalg.qr(random)[0]
    return random.astype(np.float32)


def turned(vectors: Floats) -> Floats:
    """Return what the bits are the signs of, float32 of shape [n, 256]."""
    return vectors @ _turn(vectors.shape[1])


def bits_of(turned_vectors: Floats) -> Bits:
    """Return the sign bits of turned vectors [n, 256] as uint64 of shape [n, 4]."""
    return np.packbits(turned_vectors > 0, axis=1).view(np.uint64)


def differing(planes: Bits, bits: Bits) -> NDArray[np.uint8]:
    """Count for every record how many of its 256 bits differ from those of a question.

    Args:
        planes: uint64 of shape [4, n]: planes are counted faster than rows.
        bits: uint64 of shape [4].

    Returns:
        uint8 of shape [n]; 256 counts as 255.
    """
    count = planes.shape[1]
    found = np.empty(count, np.uint8)
    # A block at a time in buffers that are used again stays in the processor's cache.
    size = min(_BLOCK, count)
    other, ones = np.empty((PLANES, size), np.uint64), np.empty((PLANES, size), np.uint8)
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        xor, each = other[:, : end - start], ones[:, : end - start]
        np.bitwise_xor(planes[:, start:end], bits[:, None], out=xor)
        np.bitwise_count(xor, out=each)
        np.add(each[0], each[1], out=each[0])
        np.add(each[2], each[3], out=each[2])
        np.minimum(each[0], FARTHEST - 128, out=each[0])
        np.add(each[0], each[2], out=found[start:end])
    return found


def estimated(planes: Bits, slots: NDArray[np.int64], turned_vector: Floats) -> Floats:
    """Return what orders a few records more exactly than counting bits.

    A bit counts as much as the question's value in its dimension, to four bits: so the sum over
    the dimensions is five counts of bits (as RaBitQ has it: Gao and Long, 2024).

    Args:
        planes: uint64 of shape [4, n].
        slots: The records, int64 of shape [m].
        turned_vector: The question, float32 of shape [256], from `turned`.

    Returns:
        float32 of shape [m].
    """
    least, most = float(turned_vector.min()), float(turned_vector.max())
    step = (most - least) / _LEVELS or 1.0
    levels = np.rint((turned_vector - least) / step).astype(np.uint8)
    places = np.arange(_LEVELS.bit_length())
    masks = np.packbits([np.ones(BITS, np.uint8), *(levels >> places[:, None] & 1)], axis=1)
    held = planes.take(slots, axis=1)
    counts = np.bitwise_count(held & masks.view(np.uint64)[:, :, None])
    # Two planes have 128 bits, a count that a byte holds.
    np.add(counts[:, 0], counts[:, 1], out=counts[:, 0])
    np.add(counts[:, 2], counts[:, 3], out=counts[:, 2])
    sums = counts[:, 0].astype(np.float32) + counts[:, 2]
    worth = np.array([least, *step * 2.0**places], np.float32)
    # A product this small is over before the threads of a matrix library have begun.
    found: Floats = np.einsum("i,ij->j", worth, sums)
    return found
