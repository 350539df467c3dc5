"""Archiving and restoring what is selected in a pane: asked first, done in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from tui import changes
from tui.changes import Progress
from tui.toasts import report, tell
from tui.widgets.key_bar import key_of
from tui.wording import counted, sentence
from tui.work import begin

if TYPE_CHECKING:
    from tui.panes.sides import Pane

Work = Callable[[Progress], Awaitable[tuple[int, str]]]


def ask_and_archive(pane: Pane) -> None:
    """Ask for a reason and archive what is selected."""
    from tui.screens.reason import ReasonScreen

    if refused(pane):
        return
    keys = pane.selected("interaction", "pattern")
    if not keys:
        tell(pane, f"There is no {pane.NOUN} here to archive.", "warning")
        return

    def reason_given(reason: str | None) -> None:
        if reason is not None:
            _start(pane, lambda progress: changes.archive(pane.memory, keys, reason, progress))

    pane.app.push_screen(ReasonScreen(counted(len(keys), pane.NOUN)), reason_given)


async def ask_and_restore(pane: Pane) -> None:
    """Show what would come back, and restore it if the person wants that."""
    from tui.screens.restore import RestoreScreen, preview

    if refused(pane):
        return
    keys = pane.selected("archived_interaction", "archived_pattern")
    if not keys:
        tell(pane, "There is no archived record here to restore.", "warning")
        return
    try:
        lines = await preview(pane.memory, keys)
    except Exception as error:  # noqa: BLE001 - said to the person
        report(pane, error)
        return

    def answered(answer: str | None) -> None:
        if answer:
            _start(pane, lambda progress: changes.restore(pane.memory, keys, progress))

    pane.app.push_screen(RestoreScreen(counted(len(keys), "record"), lines), answered)


def refused(pane: Pane) -> bool:
    """Say so where nothing may be changed."""
    if not pane.memory.is_open:
        return True
    if pane.memory.read_only:
        tell(pane, f"Nothing can be changed: {pane.memory.why_read_only}", "warning")
    return pane.memory.read_only


def _start(pane: Pane, work: Work) -> None:
    # Not exclusive: nothing may cancel a change but leaving the program, which rolls it back.
    begin(pane, partial(_run, pane, work), group="change")


async def _run(pane: Pane, work: Work) -> None:
    def progress(done: int, total: int) -> None:
        if done < total:
            pane.show_progress(f"{done:,} of {total:,} done")

    try:
        async with pane.memory.lock:
            count, label = await work(progress)
    except Exception as error:  # noqa: BLE001 - said to the person; the transaction is rolled back
        report(pane, error)
        return
    finally:
        pane.show_progress("")
    pane.table.clear_marks()
    if count:
        key = key_of(pane.screen, "undo")
        tell(pane, f"{sentence(label)} {key} undoes it." if key else label)
    else:
        tell(pane, "Nothing was changed: the records are no longer there.", "warning")
    pane.post_message(pane.DataChanged())
