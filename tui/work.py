"""Work in the background: what fails in it is told there, and never ends the program."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from textual.dom import DOMNode

_DRAWN_WITHIN: Final = 1.0
"""Seconds that drawing is waited for."""


class _Work(Worker[object]):
    """Work whose steps are not told to its node: each would be a message, and none is listened to.

    Together with the description that Textual makes of the work, by the `repr` of all that it is
    given, they cost as much as showing a record.
    """

    @property
    def state(self) -> WorkerState:
        """How far it is."""
        return self._state

    @state.setter
    def state(self, state: WorkerState) -> None:
        self._state = state


def begin(
    node: DOMNode, work: Callable[[], Awaitable[object]], *, group: str, exclusive: bool = False
) -> None:
    """Begin to do something, and let go of it when `node` goes away.

    Args:
        node: Whose work it is.
        work: What to do. A function and not a coroutine, which would warn if it never began.
        group: What it has to do with.
        exclusive: Whether it takes the place of other work of its group. Never for a change.
    """
    begun = _Work(node, cast("Any", work), group=group, description=group, exit_on_error=False)
    node.workers.add_worker(begun, exclusive=exclusive)


async def drawn(node: DOMNode, *, within: float | None = _DRAWN_WITHIN) -> None:
    """Wait until what a node shows is on screen.

    Textual tells that to the screen in front: with a dialog that is closed meanwhile, the message
    is lost.

    Args:
        node: What shows something.
        within: For how many seconds at most; None for who must not go on before.
    """
    is_drawn = asyncio.Event()
    node.call_after_refresh(is_drawn.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await is_drawn.wait()
