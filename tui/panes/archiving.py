"""Archiving and restoring what is selected in a pane: asked first, done in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import changes
from tui.panes.asking import show_dialog, tell_nothing
from tui.panes.changing import begin_change, refused
from tui.wording import counted

if TYPE_CHECKING:
    from tui.panes.sides import Pane


def ask_and_archive(pane: Pane) -> None:
    """Ask for a reason and archive what is selected."""
    from tui.screens.reason import ReasonScreen

    if refused(pane):
        return
    keys = pane.selected("interaction", "pattern")
    if not keys:
        tell_nothing(pane, pane.NOUN, "archive")
        return

    def reason_given(reason: str | None) -> None:
        if reason is not None:
            begin_change(
                pane, lambda progress: changes.archive(pane.memory, keys, reason, progress)
            )

    pane.app.push_screen(ReasonScreen(counted(len(keys), pane.NOUN)), reason_given)


async def ask_and_restore(pane: Pane) -> None:
    """Show what would come back, and restore it if the person wants that."""
    from tui.screens.restore import RestoreScreen, preview

    if refused(pane):
        return
    keys = pane.selected("archived_interaction", "archived_pattern")
    if not keys:
        tell_nothing(pane, "archived record", "restore")
        return
    lines = await preview(pane.memory, keys)

    def answered(answer: str | None) -> None:
        if answer:
            begin_change(pane, lambda progress: changes.restore(pane.memory, keys, progress))

    show_dialog(pane, RestoreScreen(counted(len(keys), "record"), lines), answered)
