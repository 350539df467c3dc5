"""Short forms of vectors: sign bits, held in memory, and 8-bit codes, read for a few hundred.

The nearest vectors are found in steps, each ten times as dear and exact as the one before
(`meaning.py`). The bits are those of the vectors turned at random, because otherwise the few
dimensions in which the vectors of a model are strong say most of what the bits can say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bits = NDArray[np.uint64]

BITS: Final = 256
PLANES: Final = BITS // 64
_SEED: Final = 256
_SCALE_BYTES: Final = 4
_BLOCK: Final = 1 << 15
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


def differing(planes: Bits, bits: Bits) -> NDArray[np.uint16]:
    """Count for every record how many of its 256 bits differ from those of a question.

    Args:
        planes: uint64 of shape [4, n]: planes are counted faster than rows.
        bits: uint64 of shape [4].

    Returns:
        uint16 of shape [n].
    """
    count = planes.shape[1]
    found = np.zeros(count, np.uint16)
    # A block at a time in buffers that are used again stays in the processor's cache.
    size = min(_BLOCK, count)
    other, ones = np.empty(size, np.uint64), np.empty(size, np.uint8)
    for start in range(0, count, _BLOCK):
        end = min(start + _BLOCK, count)
        xor, each, sums = other[: end - start], ones[: end - start], found[start:end]
        for plane, wanted in zip(planes, bits, strict=True):
            np.bitwise_xor(plane[start:end], wanted, out=xor)
            np.bitwise_count(xor, out=each)
            np.add(sums, each, out=sums)
    return found


def estimated(planes: Bits, slots: NDArray[np.int64], turned_vector: Floats) -> Floats:
    """Return what orders a few records more exactly than counting bits.

    A bit counts as much as the question's value in its dimension.

    Args:
        planes: uint64 of shape [4, n].
        slots: The records, int64 of shape [m].
        turned_vector: The question, float32 of shape [256], from `turned`.

    Returns:
        float32 of shape [m].
    """
    rows = np.ascontiguousarray(planes[:, slots].T).view(np.uint8)
    signs = np.unpackbits(rows, axis=1).astype(np.float32)
    return signs @ turned_vector


def encode(vectors: Floats) -> list[bytes]:
    """Return vectors as codes: a float32 scale, then an int8 for each dimension."""
    peaks = np.abs(vectors).max(axis=1, initial=0.0)
    scales = (np.where(peaks > 0, peaks, 1.0) / 127).astype(np.float32)
    codes = np.empty((len(vectors), _SCALE_BYTES + vectors.shape[1]), np.uint8)
    codes[:, :_SCALE_BYTES] = scales[:, None].view(np.uint8)
    codes[:, _SCALE_BYTES:] = np.rint(vectors / scales[:, None]).astype(np.int8).view(np.uint8)
    return [code.tobytes() for code in codes]


def products(codes: Sequence[bytes], vector: Floats) -> Floats:
    """Return the products of codes with a vector, float32 of shape [len(codes)]."""
    if not codes:
        return np.zeros(0, np.float32)
    raw = np.frombuffer(b"".join(codes), np.uint8).reshape(len(codes), -1)
    scales = np.ascontiguousarray(raw[:, :_SCALE_BYTES]).view(np.float32)[:, 0]
    values = raw[:, _SCALE_BYTES:].view(np.int8).astype(np.float32)
    return (values @ vector) * scales
