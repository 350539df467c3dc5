"""Asking what the source of a mirror says of a record, and how it is changed there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.panes.asking import show_dialog
from tui.panes.copying import copy_text
from tui.sources import public_id_of
from tui.toasts import tell
from tui.work import begin

if TYPE_CHECKING:
    from storage import Divergence
    from tui.panes.sides import Pane

_NO_MIRROR = "This is the memory itself and no mirror: what is changed is changed."
_SAME = "Nothing here was changed by hand: all of it is as the source has it."


async def ask_source(pane: Pane) -> None:
    """Tell of the record under the cursor; of all that differ, where that one does not."""
    mirroring = pane.memory.mirroring
    row = pane.table.row_at(pane.table.cursor)
    if mirroring is None or row is None:
        await ask_which(pane)
        return
    kind = str(row.get("kind", "")).removeprefix("archived_")
    divergence = mirroring.diverged.get((kind, public_id_of(row)))
    await (ask_which(pane) if divergence is None else _show(pane, divergence))


async def ask_which(pane: Pane) -> None:
    """Ask of which record that differs to tell."""
    from tui.screens.diverged import DivergedScreen

    mirroring = pane.memory.mirroring
    if mirroring is None or not mirroring.diverged:
        tell(pane, _NO_MIRROR if mirroring is None else _SAME)
        return

    def chosen(divergence: Divergence | None) -> None:
        if divergence is None:
            return
        if divergence.kind != "world_model_state":
            pane.post_message(pane.Wanted(divergence.kind, divergence.record_id))
        begin(pane, partial(_show, pane, divergence), group="ask", exclusive=True)

    show_dialog(pane, DivergedScreen(list(mirroring.diverged.values())), chosen)


async def _show(pane: Pane, divergence: Divergence) -> None:
    from storage import StorageError
    from tui.screens.diverged import COPY, InSourceScreen

    mirroring = pane.memory.mirroring
    assert mirroring is not None  # noqa: S101 - asked by the callers
    try:
        explained = await mirroring.explain(divergence)
    except StorageError as error:
        tell(pane, str(error), "error")
        return

    def answered(answer: str | None) -> None:
        if answer == COPY:
            code = explained.how_to.code
            begin(pane, partial(copy_text, pane, code, "what changes the source"), group="copy")

    pane.app.push_screen(InSourceScreen(explained, mirroring.source.name), answered)
