"""The turns around a turn, and what each of them counts beside it.

A turn means little alone: what is asked for often stands in the turns before it. Four on each side
count, the nearer the more, and what stands before more than what comes after. What answers a
question takes up its words, so that of two turns of which the first asks, the second has more of
the first, and the first less of the second. On two labelled conversations of LoCoMo the neighbours
raised evidence recall@10 from .62 to .79, .01 of it by the rule on questions; every setting of the
weights near these gives nearly the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Rooms = NDArray[np.uint8]

RADIUS: Final = 4
"""How many neighbours to each side of a turn count."""
OFFSETS: Final = np.array([0, *(d * side for d in range(1, RADIUS + 1) for side in (-1, 1))])
"""How many lines on each of them stands, the turn itself first."""

_BEFORE: Final = 0.5
_AFTER: Final = 0.3
_OF_QUESTION: Final = 1.5
_OF_ANSWER: Final = 0.5


def rooms(sessions: NDArray[np.uint32], asks: NDArray[np.bool_]) -> Rooms:
    """Say for each line in a byte which neighbours it has.

    Args:
        sessions: The sessions of lines in their order; what has session 0 has no neighbours.
        asks: Which lines ask something.

    Returns:
        uint8: in the lowest three bits how many lines of its session stand before it, 4 at most,
        in the bits from 16 to 64 how many after it. Bit 8 says that the line before it in its
        session asks something, bit 128 that it does so itself.
    """
    found = np.zeros(len(sessions), np.uint8)
    for distance in range(1, RADIUS + 1):
        same = (sessions[distance:] == sessions[:-distance]) & (sessions[distance:] != 0)
        found[distance:] += same
        found[:-distance] += same.astype(np.uint8) << 4
    found |= asks.astype(np.uint8) << 7
    found[1:] |= (asks[:-1] & (found[1:] & 7 > 0)).astype(np.uint8) << 3
    return found


def _weight(distance: int, *, is_after_question: bool, asks: bool) -> float:
    """Return w(d): what the neighbour of a turn that many lines on counts beside it."""
    if distance == 0:
        return 1.0
    base = (_BEFORE if distance < 0 else _AFTER) / abs(distance)
    if distance == -1 and is_after_question:
        return base * _OF_QUESTION
    if distance == 1 and asks:
        return base * _OF_ANSWER
    return base


def _tables() -> tuple[Floats, Floats]:
    """Return by room and offset what a line takes from there, and what it gives to there."""
    taken = np.zeros((256, len(OFFSETS)), np.float32)
    given = np.zeros((256, len(OFFSETS)), np.float32)
    for room in range(256):
        before, after = room & 7, room >> 4 & 7
        is_after_question, asks = room & 8 > 0, room & 128 > 0
        for at, distance in enumerate(OFFSETS.tolist()):
            if -before <= distance <= after:
                taken[room, at] = _weight(distance, is_after_question=is_after_question, asks=asks)
                # Seen from there this line is as far the other way: the one after it is after a
                # question if this one asks, the one before it asks if this one is after a question.
                given[room, at] = _weight(-distance, is_after_question=asks, asks=is_after_question)
    return taken, given


_TAKEN, _GIVEN = _tables()


def around(lines: Ints, room: Rooms) -> tuple[Ints, Floats]:
    """Return the neighbours of lines and what each counts.

    Args:
        lines: int64 of shape [n].
        room: What `rooms()` says of these lines.

    Returns:
        Lines and weights of shape [n, 9]; where a neighbour is missing stands the line itself,
        with a weight of 0.
    """
    weights = _TAKEN[room]
    return lines[:, None] + OFFSETS * (weights > 0), weights


def spread(lines: Ints, room: Rooms) -> tuple[Ints, Floats]:
    """Return the lines that have some lines for neighbours, and what those count there.

    Args:
        lines: int64 of shape [n], each once.
        room: What `rooms()` says of these lines.

    Returns:
        Lines and weights of shape [m]; a line stands there once for each of its neighbours.
    """
    weights = _GIVEN[room]
    has = weights > 0
    return (lines[:, None] + OFFSETS)[has], weights[has]
