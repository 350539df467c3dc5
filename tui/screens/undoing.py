"""Undo and redo, in the background; a conflict is explained, and where to look."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from tui.panes.changing import STOPPED, in_view
from tui.screens.trouble import report_change
from tui.screens.unasked import show_unasked
from tui.toasts import tell
from tui.under_way import StoppedError
from tui.widgets.key_bar import key_of
from tui.wording import sentence
from tui.work import begin

if TYPE_CHECKING:
    from textual.widget import Widget

    from storage import UndoConflictError
    from tui.memory import Change
    from tui.screens.browser import BrowserScreen


def begin_undo(screen: BrowserScreen) -> None:
    """Take back the last change that was made here, and say so."""
    # Not exclusive: nothing may cancel a change but leaving the program, which rolls it back.
    begin(screen, partial(_undo, screen), group="change")


def begin_redo(screen: BrowserScreen) -> None:
    """Do again what was undone last, and say so."""
    begin(screen, partial(_redo, screen), group="change")


async def _undo(screen: BrowserScreen) -> None:
    from storage import UndoConflictError
    from tui.changes import NothingToDoError, undo_last

    try:
        async with screen.memory.changing():
            with in_view(screen) as progress:
                label = await undo_last(screen.memory, progress)
    except (NothingToDoError, StoppedError) as error:
        tell(screen, str(error) or STOPPED, "warning")
    except UndoConflictError as error:
        change = screen.memory.changes[-1]
        explain_conflict(screen, change.label, error, change)
    except Exception as error:  # noqa: BLE001 - said to the person; nothing was undone
        report_change(screen, error, partial(begin_undo, screen))
    else:
        _tell_undone(screen, label)


def _tell_undone(screen: BrowserScreen, label: str) -> None:
    if not label:
        tell(
            screen,
            f"There is nothing to undo: {key_of(screen, 'undo')} takes back what is changed in this"
            f" visit. {key_of(screen, 'pane_8')} shows every change, and undoes any.",
            "warning",
        )
        return
    left = len(screen.memory.changes)
    more = f" {left:,} more can be undone." if left else ""
    tell(screen, f"{sentence(f'Undone: {label}')} {key_of(screen, 'redo')} does it again.{more}")
    screen.changed_here()


async def _redo(screen: BrowserScreen) -> None:
    from storage import UndoConflictError
    from tui.changes import redo_last

    try:
        async with screen.memory.changing():
            with in_view(screen) as progress:
                label = await redo_last(screen.memory, progress)
    except StoppedError:
        tell(screen, STOPPED, "warning")
    except UndoConflictError as error:
        explain_conflict(screen, "Doing again what was undone", error)
    except Exception as error:  # noqa: BLE001 - said to the person; nothing was changed
        report_change(screen, error, partial(begin_redo, screen))
    else:
        if not label:
            tell(
                screen,
                "There is nothing to do again: nothing was undone, or something was changed since.",
                "warning",
            )
            return
        tell(screen, f"{sentence(f'Done again: {label}')} {key_of(screen, 'undo')} undoes it.")
        screen.changed_here()


def explain_conflict(
    widget: Widget, label: str, error: UndoConflictError, change: Change | None = None
) -> None:
    """Say what is in the way of undoing, and offer to look at it.

    Args:
        widget: Where it was asked for.
        label: What was to be undone.
        error: What is in the way.
        change: The change of this visit that u could go past.
    """
    from tui.screens.conflict import SKIP, STORY, ConflictScreen

    # Conflicts arise in the browser's panes, whatever dialog was there meanwhile.
    screen = cast("BrowserScreen", widget.screen)
    changes = screen.memory.changes

    def answered(answer: str | None) -> None:
        if answer == SKIP and change in changes:
            changes.remove(change)
        elif answer == STORY:
            show = partial(screen.show_history, error.kind, error.record_id)
            begin(screen, show, group="follow", exclusive=True)

    conflict = ConflictScreen(label, str(error), can_skip=change is not None)
    show_unasked(screen, conflict, answered, str(error))
