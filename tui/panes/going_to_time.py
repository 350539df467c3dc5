"""Asking for a time, and going to the record nearest to it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.panes.time_jump import nearest_key
from tui.screens.moment import MomentScreen
from tui.sources import summaries
from tui.standing import Standing
from tui.toasts import report, tell
from tui.work import begin

if TYPE_CHECKING:
    from datetime import datetime

    from tui.panes.base import ListPane


def ask_and_go(pane: ListPane) -> None:
    """Ask for a time, and go there in a list that is sorted by time."""
    pane.app.push_screen(MomentScreen(), partial(begin_to_go, pane))


def begin_to_go(pane: ListPane, moment: datetime | None) -> None:
    """Look for the record nearest to a time, and put the cursor on it; for None stay."""
    if moment is not None:
        begin(pane, partial(_go, pane, moment), group="follow", exclusive=True)


async def _go(pane: ListPane, moment: datetime) -> None:
    asked_at, newest_first = Standing(pane), pane.order.value is None
    fetch = partial(summaries, pane.memory.store)
    try:
        found = await nearest_key(pane.table, fetch, pane.TIME, moment, newest_first=newest_first)
    except Exception as error:  # noqa: BLE001 - said to the person, who stays where they are
        report(pane, error)
        return
    if found is None:
        tell(pane, "No record here has a time that can be read.", "warning")
    elif not asked_at.is_other and not pane.put_cursor_on(found):
        tell(pane, "That record is gone meanwhile. Press the key again.", "warning")
