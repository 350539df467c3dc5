"""Taking back what was changed here, in the background; a conflict is explained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.toasts import report, tell
from tui.work import begin

if TYPE_CHECKING:
    from tui.screens.browser import BrowserScreen


def begin_undo(screen: BrowserScreen) -> None:
    """Take back the last change that was made here, and say so."""
    # Not exclusive: nothing may cancel a change but leaving the program, which rolls it back.
    begin(screen, partial(_undo, screen), group="change")


async def _undo(screen: BrowserScreen) -> None:
    from storage import UndoConflictError
    from tui.changes import undo_last

    try:
        async with screen.memory.lock:
            label = await undo_last(screen.memory)
    except UndoConflictError as error:
        _explain_conflict(screen, str(error))
    except Exception as error:  # noqa: BLE001 - said to the person; nothing was undone
        report(screen, error)
    else:
        _tell_undone(screen, label)


def _tell_undone(screen: BrowserScreen, label: str) -> None:
    if not label:
        tell(screen, "There is nothing to undo: only what is changed here can be.", "warning")
        return
    left = len(screen.memory.changes)
    more = f" {left:,} more can be undone." if left else ""
    tell(screen, f"Undone: {label}.{more}")
    screen.all_outdated()


def _explain_conflict(screen: BrowserScreen, why: str) -> None:
    from tui.screens.conflict import SKIP, ConflictScreen

    changes = screen.memory.changes
    change = changes[-1]

    def answered(answer: str | None) -> None:
        if answer == SKIP and change in changes:
            changes.remove(change)

    screen.app.push_screen(ConflictScreen(change.label, why), answered)
