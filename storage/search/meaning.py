"""The meaning part of a ranking: whose vectors are nearest to that of a query.

    V(i) = sum over d of w(d) cos(query, turn i + d) / sum over d of w(d)

over the neighbours that a turn has, with the weights of the words part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from storage import driver, vector_store
from storage.search.arrays import Arrays
from storage.search.neighbours import around
from storage.search.sketches import (
    COSINE,
    FARTHEST,
    bits_of,
    deviation,
    differing,
    estimated,
    turned,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float32]

# How many go on from counting bits to being estimated, of n documents: the more there are, the more
# of them does chance put before the nearest.
_LEAST_BY_BITS, _TIMES_BY_BITS, _POWER_BY_BITS = 1000, 2, 0.6
# The best by estimate are compared exactly, and of the others, up to the most, those that may still
# be as near as the last that is wanted, if the estimate is wrong by so many of its deviations. Of
# made-up turns (wordllama, 256 dimensions) the ten nearest came through in 99 % at 100,000 and at
# 1,000,000 (`benchmarks/search.py`); at 100,000 that took 164 comparisons at the mean.
_FIRST, _TIMES_FIRST, _DEVIATIONS, _MOST = 64, 3, 1.4, 1200
_SAMPLE: Final = 1 << 14


class Meaning:
    """Finds what is near a vector in an index.

    Args:
        connection: The connection to read the index through, with sqlite-vec loaded.
        arrays: Its arrays, in order.
        vector: Of what is asked, float32 of shape [dimension], of length 1.
    """

    def __init__(self, connection: driver.Connection, arrays: Arrays, vector: Floats) -> None:
        self._connection = connection
        self._arrays = arrays
        self._vector = vector
        self._turned = turned(vector[None, :])[0]
        planes = arrays.planes[:, : arrays.size]
        self._far = differing(planes, bits_of(self._turned[None, :])[0])

    def near(self, count: int, allowed: Mask | None) -> Ints:
        """Return about `count` lines whose sign bits differ least, int64, in no order.

        Args:
            count: How many at least, if there are as many.
            allowed: Which lines may be among them.
        """
        lines: Ints = self._arrays.line[self._near(count, allowed)].astype(np.int64)
        return lines

    def _near(self, count: int, allowed: Mask | None) -> Ints:
        """Return the slots of what `near()` returns."""
        bare = self._arrays.bare()
        if allowed is None and len(self._arrays) > count:
            if bare is None:
                return _least(self._far, count)
            found = _least(np.where(bare, np.uint8(FARTHEST), self._far), count)
            return found[~bare[found]]
        slots = self._arrays.slot if allowed is None else self._arrays.slot[allowed]
        if bare is not None:
            slots = slots[~bare[slots]]
        if len(slots) > count:
            slots = slots[_least(self._far[slots], count)]
        return slots.astype(np.int64)

    def nearest(self, count: int, allowed: Mask | None = None) -> tuple[Ints, Floats]:
        """Return the slots nearest to the vector, and their cosines, nearest first.

        Args:
            count: How many.
            allowed: Which lines may be among them.
        """
        total = len(self._arrays)
        by_bits = max(_LEAST_BY_BITS, int(_TIMES_BY_BITS * total**_POWER_BY_BITS), 4 * count)
        slots, cosines = self._compared(self._near(by_bits, allowed), count)
        best = np.argsort(-cosines, kind="stable")[:count]
        return slots[best], cosines[best]

    def _compared(self, slots: Ints, count: int) -> tuple[Ints, Floats]:
        """Return those of some slots that may be among the `count` nearest, and their cosines."""
        first = max(_FIRST, _TIMES_FIRST * count)
        if len(slots) <= first:
            return self._products(slots)
        guessed = estimated(self._arrays.planes, slots, self._turned)
        slots, guessed = _highest(slots, guessed, max(_MOST, first))
        found, cosines = self._products(slots[:first])
        if len(cosines) < count:
            return self._products(slots)
        least = float(np.partition(cosines, -count)[-count])
        doubt = _DEVIATIONS * deviation(len(self._vector))
        more, others = self._products(slots[first:][guessed[first:] > least - doubt])
        return np.concatenate([found, more]), np.concatenate([cosines, others])

    def _products(self, slots: Ints) -> tuple[Ints, Floats]:
        """Return those of some slots that have vectors, and their cosines."""
        # In the order in which they lie in the file.
        found, halves = vector_store.read_halves(
            self._connection, np.sort(slots).tolist(), len(self._vector)
        )
        cosines = np.einsum("ij,j->i", halves.astype(np.float32), self._vector)
        # Halves of a vector of length 1 may be a little longer.
        return found, np.clip(cosines, -1, 1)

    def estimates(self, lines: Ints) -> tuple[Floats, Floats]:
        """Return what the sign bits promise of V for some lines, and of their own cosines.

        Args:
            lines: int64 of shape [n].

        Returns:
            Two float32 of shape [n].
        """
        return self._with_neighbours(lines, self.promised)

    def scores(self, lines: Ints) -> tuple[Floats, Floats]:
        """Return V of some lines, and their own cosines, as `estimates` does, but exactly."""
        return self._with_neighbours(lines, self.cosines)

    def _with_neighbours(
        self, lines: Ints, cosines: Callable[[Ints], Floats]
    ) -> tuple[Floats, Floats]:
        turns, weights = around(lines, self._arrays.room[lines])
        known = cosines(turns)
        return (weights * known).sum(axis=1) / weights.sum(axis=1), known[:, 0]

    def promised(self, lines: Ints) -> Floats:
        """Return the cosines that the sign bits promise, float32 of the shape of `lines`.

        What has no vector has no bits, of which half differ: a cosine of nearly 0.
        """
        return COSINE[self._far[self._arrays.slot[lines]]]

    def usual(self) -> tuple[float, float]:
        """Return the mean of the cosines that the sign bits promise, and their deviation."""
        slots = self._arrays.slot
        sample = COSINE[self._far[slots[:: max(1, len(slots) // _SAMPLE)]]]
        return float(sample.mean()), float(sample.std())

    def cosines(self, lines: Ints) -> Floats:
        """Return the cosines of lines, float32 of the shape of `lines`; 0 without a vector."""
        wanted, at = np.unique(self._arrays.slot[lines], return_inverse=True)
        slots, cosines = self._products(wanted.astype(np.int64))
        known = np.zeros(len(wanted), np.float32)
        known[np.searchsorted(wanted, slots)] = cosines
        return known[at].reshape(lines.shape)


def _least(far: NDArray[np.uint8], count: int) -> Ints:
    """Return where about `count` of the least values stand, with all that equal the last."""
    # Counting a sample tells nearly where to cut.
    sample = far[:: max(1, len(far) // _SAMPLE)]
    counts = np.bincount(sample).cumsum() * (len(far) / len(sample))
    cut = int(np.searchsorted(counts, count))
    found = np.flatnonzero(far <= cut)
    while len(found) < count:
        cut += 1
        found = np.flatnonzero(far <= cut)
    if len(found) > 2 * count:
        found = found[np.argpartition(far[found], count)[:count]]
    return np.asarray(found, np.int64)


def _highest(slots: Ints, guessed: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the `count` slots with the highest guesses, and these, the highest first."""
    if len(slots) > count:
        best = np.argpartition(-guessed, count)[:count]
        slots, guessed = slots[best], guessed[best]
    order = np.argsort(-guessed)
    return slots[order], guessed[order]
