"""Changing the memory from a pane: in the background, one change at a time, with a way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from tui.changes import NothingToDoError
from tui.moves import Progress
from tui.screens.trouble import report_change
from tui.toasts import tell
from tui.under_way import StoppedError, telling
from tui.widgets.key_bar import key_of
from tui.wording import sentence
from tui.work import begin

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.panes.sides import Pane
    from tui.screens.browser import BrowserScreen

STOPPED: Final = "Stopped; nothing was changed."

Work = Callable[[Progress], Awaitable[tuple[int, str]]]


def refused(pane: Pane) -> bool:
    """Say so where nothing may be changed."""
    if not pane.memory.is_open:
        return True
    if pane.memory.read_only:
        tell(pane, f"Nothing can be changed: {pane.memory.why_read_only}", "warning")
    return pane.memory.read_only


def begin_change(pane: Pane, work: Work) -> None:
    """Make a change in the background: tell how far it is, offer undo, have all panes read anew.

    Args:
        pane: Where it was asked for.
        work: Makes the change; gives how many records there were, and a label of what was done.
    """
    # Not exclusive: nothing may cancel a change but leaving the program, which rolls it back.
    begin(pane, partial(_run, pane, work), group="change")


async def _run(pane: Pane, work: Work) -> None:
    selected = pane.table.marks.noted()
    try:
        async with pane.memory.changing():
            with in_view(pane) as progress:
                count, label = await work(progress)
    except (NothingToDoError, StoppedError) as error:
        tell(pane, str(error) or STOPPED, "warning")
    except Exception as error:  # noqa: BLE001 - said to the person; the transaction is rolled back
        report_change(pane, error, partial(begin_change, pane, work))
    else:
        say_done(pane, count, label, selected)


@contextmanager
def in_view(widget: Widget) -> Iterator[Progress]:
    """Show in the pane that is in view how far a change is, and have Esc stop it.

    Args:
        widget: Where it was asked for, in the browser.
    """
    screen = cast("BrowserScreen", widget.screen)
    way_out = key_of(widget.screen, "clear")
    with telling(screen.memory, screen.show_progress, way_out) as progress:
        yield progress


def say_done(
    pane: Pane, count: int, label: str, selected: Collection[Hashable] | None = None
) -> None:
    """Say what was changed and how it is taken back, and have all panes read anew.

    Args:
        pane: Where it was asked for.
        count: How many records there were.
        label: What was done with them.
        selected: What was selected when it was asked for, which is let go of; all of it if None.
    """
    pane.table.clear_marks(selected)
    if count:
        key = key_of(pane.screen, "undo")
        tell(pane, f"{sentence(label)} {key} undoes it." if key else label)
    else:
        tell(pane, "Nothing was changed: the records are no longer there.", "warning")
    pane.post_message(pane.DataChanged())
