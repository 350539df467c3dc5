"""Where a row went when a list was read anew."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Final

_NEIGHBOURS: Final = 8


def relocate(old: Sequence[Hashable], new: Sequence[Hashable], index: int) -> int:
    """Find the row of `old[index]` in `new`; where it is gone, the nearest one that is left.

    Args:
        old: Keys as they were.
        new: Keys as they are.
        index: An index into `old`.

    Returns:
        An index into `new`; 0 if that is empty.
    """
    if not new:
        return 0
    if index >= len(old):
        return min(index, len(new) - 1)
    shift = len(new) - len(old)
    # Rows come at the top and go anywhere, so that these two guesses nearly always hit.
    for guess in (index, index + shift):
        if 0 <= guess < len(new) and new[guess] == old[index]:
            return guess
    for candidate in _outwards(index, len(old)):
        try:
            return new.index(old[candidate])
        except ValueError:
            continue
    return min(index, len(new) - 1)


def place_in(
    old: Sequence[Hashable], new: Sequence[Hashable], cursor: int, top: int
) -> tuple[int, int]:
    """Find where a cursor, and the top line of what is in view, go when a list is read anew.

    Args:
        old: Keys as they were.
        new: Keys as they are.
        cursor: An index into `old`.
        top: Another one.
    """
    if not old:
        return 0, 0
    at = relocate(old, new, cursor)
    # At the very top new rows come into view; anywhere else the view stays as it is.
    return at, max(0, top + at - cursor) if top else 0


def _outwards(index: int, length: int) -> list[int]:
    """Give the row itself, those after it, then those before it, as far as it is worth looking."""
    after = range(index, min(length, index + _NEIGHBOURS))
    before = range(index - 1, max(-1, index - _NEIGHBOURS), -1)
    return [*after, *before]
