"""When garbage is collected: not while the program starts, and not while a person is at it.

A full collection goes through everything that was made since the program had settled, which takes
longer than a key press can wait. So it is left for a rest, and done once in each.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_RARELY: Final = (10_000, 10, 100)
"""Of new objects, then of collections: a full one by itself only after a hundred middle ones."""

_REST: Final = 10.0
"""Seconds without a key, after which nobody is taken to be about to press one."""

_DUE: Final = 1
"""Middle collections, each of a hundred thousand new objects, that make a full one worth while."""


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Collect nothing inside until `collect_rarely` is called, and as before afterwards.

    A start makes many objects and drops few: looking for garbage in them takes a tenth of it.
    """
    was_on, before = gc.isenabled(), gc.get_threshold()
    gc.disable()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if was_on:
            gc.enable()


def collect_rarely() -> None:
    """Begin to collect what is made from now on, and full collections by themselves seldom."""
    gc.freeze()
    gc.set_threshold(*_RARELY)
    gc.enable()


class Tidying:
    """Collects garbage while a person rests."""

    def __init__(self) -> None:
        self._done_after = 0.0

    def rest(self, touched_at: float, now: float) -> None:
        """Use a moment, if it is the first of a rest and there may be enough to collect.

        Args:
            touched_at: When a person did something last, on any clock.
            now: What that clock shows.
        """
        if now - touched_at < _REST or touched_at == self._done_after:
            return
        self._done_after = touched_at
        if gc.get_count()[2] >= _DUE:
            gc.collect()
