"""Work in the background: what fails in it is told there, and never ends the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from textual.dom import DOMNode


def begin(
    node: DOMNode, work: Callable[[], Awaitable[None]], *, group: str, exclusive: bool = False
) -> None:
    """Begin to do something, and let go of it when `node` goes away.

    Args:
        node: Whose work it is.
        work: What to do. A function and not a coroutine, which would warn if it never began.
        group: What it has to do with.
        exclusive: Whether it takes the place of other work of its group. Never for a change.
    """
    node.run_worker(cast("Any", work), group=group, exclusive=exclusive, exit_on_error=False)
