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
_PER_SIGN: Final = np.float32(np.sqrt(np.pi / 2 / BITS))


@lru_cache(maxsize=4)
def _flips(size: int) -> Floats:
    """Return the signs of two turns, float32 of shape [2, size]."""
    random = np.random.default_rng(_SEED)
    return random.choice(np.array([-1, 1], np.float32), (2, size))


@lru_cache(maxsize=16)
def _hadamard(size: int) -> Floats:
    """Return the Hadamard matrix of a power of two with rows of length 1, float32 [size, size]."""
    if size == 1:
        return np.ones((1, 1), np.float32)
    half = np.asarray(_hadamard(size // 2) / np.sqrt(2), np.float32)
    return np.asarray(np.block([[half, half], [half, -half]]), np.float32)


def _room(dimension: int) -> int:
    """Return the power of two in which vectors of a dimension are turned, 256 at least."""
    return max(BITS, 1 << (dimension - 1).bit_length())


def turned(vectors: Floats) -> Floats:
    """Return what the bits are the signs of, float32 of shape [n, 256].

    They are turned twice by a Hadamard matrix after random changes of sign, as good as at random
    (Ailon and Chazelle, 2006), and of longer ones the first 256 values stand for all. A matrix of
    random numbers would start the threads of a matrix library, which then spin for longer than the
    whole takes.
    """
    count, dimension = vectors.shape
    size = _room(dimension)
    found = np.zeros((count, size), np.float32)
    found[:, :dimension] = vectors
    # The matrix of a product of two sizes is applied along the rows and along the columns.
    rows = 1 << (size.bit_length() - 1) // 2
    left, right = _hadamard(rows), _hadamard(size // rows)
    for flips in _flips(size):
        found *= flips
        mixed = left @ found.reshape(count, rows, size // rows) @ right
        found = mixed.reshape(count, size).astype(np.float32, copy=False)
    return found[:, :BITS] * np.float32(np.sqrt(size / BITS))


def deviation(dimension: int) -> float:
    """Return by how much `estimated` is wrong, as a standard deviation, about.

    A value of a turned vector is normal, and its sign says of it what the mean of its size says:
    of the variance pi/2 that a share of 1/256 adds, all is known but 256 of `size` parts.
    """
    return float(np.sqrt((np.pi / 2 - BITS / _room(dimension)) / BITS))


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
    """Return the cosines of a few records more exactly than counting bits does.

    A bit counts as much as the question's value in its dimension, to four bits: so the sum over
    the dimensions is five counts of bits. The sum over the mean share of a vector along its signs,
    sqrt(2/pi), is the cosine (RaBitQ: Gao and Long, 2024), wrong by `deviation` or so.

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
    # A bit that is not set stands for -1.
    found += found
    found -= turned_vector.sum()
    found *= _PER_SIGN
    return found
