"""Archiving and restoring what is selected in a pane: asked first, done in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from tui import changes
from tui.panes.asking import begin_asking, show_dialog, tell_nothing
from tui.panes.changing import begin_change, refused
from tui.wording import counted, with_those_beside

if TYPE_CHECKING:
    from tui.moves import Progress
    from tui.panes.sides import Pane


def ask_and_archive(pane: Pane) -> None:
    """Ask for a reason and archive what is selected."""
    if refused(pane):
        return
    keys = pane.selected("interaction", "pattern")
    if not keys:
        tell_nothing(pane, pane.noun, "archive")
        return
    begin_asking(pane, partial(_ask_why, pane, keys))


async def _ask_why(pane: Pane, keys: Sequence[Any]) -> None:
    from tui.screens.reason import ReasonScreen

    chosen = await changes.chosen(pane.memory, keys)

    def reason_given(reason: str | None) -> None:
        if reason is None:
            return

        async def archive(progress: Progress) -> tuple[int, str]:
            return await changes.archive(pane.memory, await chosen.ids(), reason, progress)

        begin_change(pane, archive)

    what = with_those_beside(counted(len(keys), pane.noun), await chosen.count_beside())
    show_dialog(pane, ReasonScreen(what), reason_given)


async def ask_and_restore(pane: Pane) -> None:
    """Show what would come back, and restore it if the person wants that."""
    from tui.screens.restore import RestoreScreen, preview

    if refused(pane):
        return
    keys = pane.selected("archived_interaction", "archived_pattern")
    if not keys:
        tell_nothing(pane, "archived record", "restore")
        return
    chosen = await changes.chosen(pane.memory, keys)
    lines = await preview(pane.memory, keys)

    def answered(answer: str | None) -> None:
        if answer:
            begin_change(pane, lambda progress: changes.restore(pane.memory, chosen, progress))

    show_dialog(pane, RestoreScreen(counted(len(keys), "record"), lines), answered)
