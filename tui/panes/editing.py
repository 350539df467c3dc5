"""Editing the record under the cursor of a pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from tui.editing import FIELDS, RecordFields
from tui.panes.asking import show_dialog
from tui.panes.changing import refused, say_done
from tui.sources import PUBLIC_ID, summaries
from tui.toasts import tell

if TYPE_CHECKING:
    from tui.panes.sides import Pane

_SHARED: Final = (
    "Another record has the same id, so that what is edited would be written there. Only the agent"
    " can give it an id of its own."
)


async def ask_edit(pane: Pane) -> None:
    """Open the record under the cursor as a form."""
    from tui.screens.edit import EditScreen

    if refused(pane):
        return
    held = cast("Any", pane.table.cursor_key)
    kind = "" if held is None else str(held[0])
    if kind not in FIELDS:
        tell(pane, _why_not(kind), "warning")
        return
    store = pane.memory.store
    [row] = await summaries(store, [(kind, held[1])])
    record_id = "" if row is None else str(row[PUBLIC_ID[kind]])
    record = await store.get_record(kind, record_id)
    if record is None:
        tell(pane, "It is no longer there.", "warning")
        return
    if await store.get_record(kind, record_id, held[1]) != record:
        tell(pane, _SHARED, "warning")
        return

    def answered(label: str | None) -> None:
        if label:
            say_done(pane, 1, label)

    show_dialog(pane, EditScreen(pane.memory, RecordFields(kind, record_id), record), answered)


def _why_not(kind: str) -> str:
    if kind.startswith("archived_"):
        return "What is archived is kept as it was. Restore it first, then edit it."
    if kind:
        return "A world model is edited in its own pane."
    return "There is no record here to edit."
