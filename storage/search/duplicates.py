"""Near-duplicates among many vectors: exact, in bounded memory, with no pair held.

Every pair has to be looked at, so what counts is the price of a look. A vector is split into its
part in the few directions that hold most of all vectors, and the length of what is left. By
Cauchy and Schwarz the product of two such sketches, a few dozen numbers each, is never below the
cosine: where it stays below the threshold, the pair is no near-duplicate. This loses nothing,
whatever the embedder; signs of the vectors, as the search has them, lose pairs by chance, and a
block of them takes numpy longer than a block of products takes BLAS.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from storage import fields
from storage.errors import ValidationError

Vectors = NDArray[np.float32]
Numbers = NDArray[np.int64]
Breathe = Callable[[float], None]
Group = tuple[list[int], float]

# A cosine in float32 is off by as much as this; a sketch's product by less.
_ROUNDING: Final = 1e-5
_DIRECTIONS: Final = 64
_SAMPLE: Final = 4096
_CHUNK: Final = 4096
_ROWS: Final = 512
_COLUMNS: Final = 4096
_MOST_NEIGHBOURS: Final = 2**20
# How much of the work is looking at the pairs, and not yet choosing the groups.
_SHARE_OF_PAIRS: Final = 0.9


def groups(vectors: Vectors, threshold: float, breathe: Breathe | None = None) -> list[Group]:
    """Return groups of vectors that are nearly the same.

    A group is a star: each of its members is near the first. Joining all that hang together by
    any chain would put A and Z into one group because B is near A, C near B, and so on, and who
    merges that group archives Z as a duplicate of A, which it is not. Demanding that all members
    are near each other would tear "prefers tabs", "indent with tabs" and "uses tabs" apart for
    one pair that is a hair too far, though the same one stands in for each of them. In a star,
    whoever keeps the first and archives the others archives only what is near to it.

    Whatever has the most near-duplicates comes first, and takes those that no group has yet; of
    those with equally many the one that is given first, so give what should rather be kept first.
    What is near only to members of a group, but not to its first, stands in no group.

    Time is that of n * n / 2 products of 65 numbers. Memory beside `vectors`, whatever the
    threshold, is about 600 bytes for each of them and some fifty MB. `vectors` may be a
    `numpy.memmap`.

    Args:
        vectors: float32 of shape [n, d], rows of length 1. Rows of zeros, and rows with a value
            that is no finite number, are near to none.
        threshold: The lowest cosine of near-duplicates, above 0 and at most 1. Rows that are
            equal are near whatever rounding makes of their cosine.
        breathe: Called often, with the share of the work that is done, from 0 to 1; what it
            raises ends the work.

    Returns:
        For each group, the greatest neighbourhood first: the indices of its members, beginning
        with the first, then from the nearest to it to the farthest; and the lowest cosine of a
        member to that other member which is nearest to it. No index is in two groups.

    Raises:
        ValidationError: The threshold is no number above 0 and at most 1.
    """
    limit = fields.confidence("threshold", threshold)
    if not isinstance(limit, float) or limit == 0:
        raise ValidationError("threshold must be a number above 0.", field="threshold")
    tell = breathe or _say_nothing
    points = _points(vectors, limit, tell)
    found = _choose(points, _count_neighbours(points, tell), tell)
    tell(1.0)
    return found


def _say_nothing(_: float) -> None:
    return


@dataclass(frozen=True, slots=True)
class _Points:
    """The different vectors, each of them a point.

    Attributes:
        vectors: All of them, equal ones too, of shape [n, d].
        copies: For each point the indices of its vectors, in order.
        firsts: The first index of each point, of shape [m].
        counts: How many vectors each point has, of shape [m].
        sketches: Whose products are never below the cosines, of shape [m, k].
        threshold: The lowest cosine of neighbours.
    """

    vectors: Vectors
    copies: list[list[int]]
    firsts: Numbers
    counts: Numbers
    sketches: Vectors
    threshold: float

    def exact(self, points: Numbers) -> Vectors:
        """Return the vectors of some points, of shape [len(points), d]."""
        return np.asarray(self.vectors[self.firsts[points]])


def _points(vectors: Vectors, threshold: float, tell: Breathe) -> _Points:
    by_digest: dict[bytes, list[int]] = {}
    for start in range(0, len(vectors), _CHUNK):
        tell(0.0)
        part = np.ascontiguousarray(vectors[start : start + _CHUNK])
        sums = np.abs(part).sum(axis=1)
        for at in np.flatnonzero(np.isfinite(sums) & (sums > 0)):
            digest = hashlib.blake2b(part[at].data, digest_size=16).digest()
            by_digest.setdefault(digest, []).append(start + int(at))
    copies = list(by_digest.values())
    firsts = np.array([each[0] for each in copies], np.int64)
    counts = np.array([len(each) for each in copies], np.int64)
    return _Points(vectors, copies, firsts, counts, _sketch(vectors, firsts, tell), threshold)


def _sketch(vectors: Vectors, firsts: Numbers, tell: Breathe) -> Vectors:
    """Return what of each vector lies in the chief directions, and how long the rest of it is."""
    if vectors.shape[1] <= _DIRECTIONS:
        return np.asarray(vectors[firsts])
    sample = np.asarray(vectors[firsts[:: max(1, len(firsts) // _SAMPLE)]], np.float64)
    _, found = np.linalg.eigh(sample.T @ sample)
    directions = found[:, -_DIRECTIONS:].astype(np.float32)
    sketches = np.empty((len(firsts), _DIRECTIONS + 1), np.float32)
    for start in range(0, len(firsts), _CHUNK):
        tell(0.0)
        part = np.asarray(vectors[firsts[start : start + _CHUNK]])
        inside = part @ directions
        sketches[start : start + _CHUNK, :-1] = inside
        # The rest itself is measured: what its length is by subtraction drowns in rounding.
        sketches[start : start + _CHUNK, -1] = np.linalg.norm(part - inside @ directions.T, axis=1)
    return sketches


@dataclass(frozen=True, slots=True)
class _Near:
    """Which points of a block are near.

    Attributes:
        rows: Points, of shape [r].
        columns: Points, of shape [c].
        cosines: Of each with each, of shape [r, c].
        mask: Where those are neighbours; no point is one of its own.
    """

    rows: Numbers
    columns: Numbers
    cosines: Vectors
    mask: NDArray[np.bool_]


def _look(these: _Points, rows: Numbers, columns: Numbers) -> _Near | None:
    """Look which of some points are near to which of others."""
    least = np.float32(these.threshold - _ROUNDING)
    maybe = these.sketches[rows] @ these.sketches[columns].T >= least
    if not maybe.any():
        return None
    rows, columns = rows[maybe.any(axis=1)], columns[maybe.any(axis=0)]
    cosines = these.exact(rows) @ these.exact(columns).T
    mask = cosines >= np.float32(these.threshold)
    mask &= rows[:, None] != columns[None, :]
    return _Near(rows, columns, cosines, mask)


def _parts(points: Numbers, size: int) -> Iterator[Numbers]:
    for start in range(0, len(points), size):
        yield points[start : start + size]


def _count_neighbours(these: _Points, tell: Breathe) -> Numbers:
    """Return how many other vectors are near to each point, copies too, of shape [m]."""
    near = these.counts - 1
    points = np.arange(len(these.firsts), dtype=np.int64)
    for rows in _parts(points, _ROWS):
        for columns in _parts(points[rows[0] :], _COLUMNS):
            tell(_SHARE_OF_PAIRS * (1 - (1 - rows[0] / len(points)) ** 2))
            found = _look(these, rows, columns)
            if found is None:
                continue
            np.add.at(near, found.rows, found.mask @ these.counts[found.columns])
            # A pair of two rows of this block was seen both ways.
            later = found.columns > rows[-1]
            counted = found.mask[:, later].T @ these.counts[found.rows]
            np.add.at(near, found.columns[later], counted)
    return near


def _choose(these: _Points, near: Numbers, tell: Breathe) -> list[Group]:
    """Make stars, around the points with the most neighbours first.

    Args:
        these: The points.
        near: How many vectors are near to each, of shape [m].
        tell: Called with the share of the work that is done.
    """
    order = np.lexsort((these.firsts, -near))
    order = order[near[order] > 0]
    is_open = np.zeros(len(near), np.bool_)
    is_open[order] = True
    found = []
    start = 0
    while start < len(order):
        here = partial(tell, _SHARE_OF_PAIRS + (1 - _SHARE_OF_PAIRS) * start / len(order))
        end = start + _within_reach(near[order[start : start + _ROWS]])
        centres = order[start:end]
        neighbours = _neighbours(these, centres[is_open[centres]], np.flatnonzero(is_open), here)
        for centre, (others, cosines) in neighbours.items():
            if not is_open[centre]:
                continue
            still = is_open[others]
            others, cosines = others[still], cosines[still]
            members = np.array([centre, *others[np.lexsort((others, -cosines))]], np.int64)
            is_open[members] = False
            if len(members) > 1 or these.counts[centre] > 1:
                found.append(_group(these, members, here))
        start = end
    return found


def _within_reach(near: Numbers) -> int:
    """Return how many points, at least one, have no more neighbours together than can be held."""
    return max(1, int(np.searchsorted(np.cumsum(near), _MOST_NEIGHBOURS, side="right")))


def _neighbours(
    these: _Points, centres: Numbers, among: Numbers, here: Callable[[], None]
) -> dict[int, tuple[Numbers, Vectors]]:
    """Return the neighbours `among` some points of each of `centres`, with their cosines."""
    parts: dict[int, list[tuple[Numbers, Vectors]]] = {int(each): [] for each in centres}
    for columns in _parts(among, _COLUMNS):
        here()
        found = _look(these, centres, columns)
        if found is None:
            continue
        for row, mask, cosines in zip(found.rows, found.mask, found.cosines, strict=True):
            parts[int(row)].append((found.columns[mask], cosines[mask]))
    nothing = (np.empty(0, np.int64), np.empty(0, np.float32))
    return {
        centre: (
            np.concatenate([nothing[0], *(points for points, _ in each)]),
            np.concatenate([nothing[1], *(cosines for _, cosines in each)]),
        )
        for centre, each in parts.items()
    }


def _group(these: _Points, members: Numbers, here: Callable[[], None]) -> Group:
    indices = [index for member in members for index in these.copies[member]]
    lowest = 1.0
    # A vector that has a copy is as near to that as can be.
    for rows in _parts(members[these.counts[members] == 1], _ROWS):
        nearest = np.full(len(rows), -math.inf, np.float32)
        for columns in _parts(members, _COLUMNS):
            here()
            cosines = these.exact(rows) @ these.exact(columns).T
            cosines[rows[:, None] == columns[None, :]] = -math.inf
            np.maximum(nearest, cosines.max(axis=1), out=nearest)
        lowest = min(lowest, float(nearest.min()))
    return indices, lowest
