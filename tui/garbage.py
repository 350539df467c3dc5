"""When garbage is collected: not while the program starts, and not while a person types.

A full collection goes through everything that is alive, which takes longer than a key press should
have to wait. What was there when the program had settled stays until its end and is left out; what
came since is gone through in a moment in which nobody does anything.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

_RARELY: Final = (10_000, 10, 100)
"""Of new objects, then of collections: a full one by itself only after a hundred middle ones."""

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


def collect_if_due() -> bool:
    """Collect everything if enough may have come together; say whether that was so."""
    if gc.get_count()[2] < _DUE:
        return False
    gc.collect()
    return True
