"""When garbage is collected: not while the program starts, and not while a person types.

A full collection goes through everything that is alive, which takes longer than a key press can
wait. So what a collection leaves is left out of the next ones, and all of it is gone through
only once nobody has done anything for a long while.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_RARELY: Final = (10_000, 10, 100)
"""Of new objects, then of collections: a full one by itself only after a hundred middle ones."""

_QUIET: Final = 2.0
_LONG: Final = 60.0
"""Seconds without a key: enough to collect what is new, and to go through everything."""

_DUE: Final = 1
"""Middle collections, each of a hundred thousand new objects, that make one worth while."""


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
    """Collects garbage while nobody does anything."""

    def __init__(self) -> None:
        self._all_done_after = 0.0

    def rest(self, touched_at: float, now: float) -> None:
        """Use a moment, if it is a quiet one.

        Args:
            touched_at: When a person did something last, on any clock.
            now: What that clock shows.
        """
        if now - touched_at > _LONG and touched_at != self._all_done_after:
            self._all_done_after = touched_at
            collect_all()
        elif now - touched_at > _QUIET and gc.get_count()[2] >= _DUE:
            collect_new()


def collect_new() -> None:
    """Collect what was made since the last time; what is left is not gone through again."""
    gc.collect()
    gc.freeze()


def collect_all() -> None:
    """Collect also what was left before and has become garbage since."""
    gc.unfreeze()
    collect_new()
