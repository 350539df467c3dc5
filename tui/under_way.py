"""A long change while it is made: how far it is, and a way to stop it with nothing half done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.memory import Memory


class StoppedError(Exception):
    """A person stopped a change; it was rolled back."""


class UnderWay:
    """Is told how far a change is, from whatever thread, and stops it where that is wanted.

    It stops a change by raising in it and not by cancelling its task: what is cancelled while it
    commits may be done all the same, and then nobody could say whether it was.

    Args:
        show: Shows how far it is, on the screen.
        way_out: The key that stops it; empty where none does.
    """

    def __init__(self, show: Callable[[str], None], way_out: str) -> None:
        self._show = show
        self._way_out = f", {way_out} stops it" if way_out else ""
        self._loop = asyncio.get_running_loop()
        self._is_stopped = self._is_over = False
        self.is_shown = False

    def __call__(self, done: int, total: int) -> None:
        """Take notice of how far the change is.

        Raises:
            StoppedError: A person does not want it any more.
        """
        if self._is_stopped:
            raise StoppedError
        if done < total:
            self._loop.call_soon_threadsafe(self._tell, done, total)

    def _tell(self, done: int, total: int) -> None:
        if not self._is_over and not self._is_stopped:
            self.is_shown = True
            self._show(f"{done:,} of {total:,} done{self._way_out}")

    def stop(self) -> None:
        """Have the change end at its next step, and be rolled back."""
        self._is_stopped = True
        self._show("stopping, and taking back what was begun")

    def over(self) -> None:
        """Take notice that the change is over, however it ended."""
        self._is_over = True
        self._show("")


@contextmanager
def telling(memory: Memory, show: Callable[[str], None], way_out: str) -> Iterator[UnderWay]:
    """Have the memory know what is under way in it, so that a key can stop it.

    Args:
        memory: What is changed.
        show: Shows how far it is.
        way_out: The key that stops it.
    """
    memory.under_way = under_way = UnderWay(show, way_out)
    try:
        yield under_way
    finally:
        memory.under_way = None
        under_way.over()
