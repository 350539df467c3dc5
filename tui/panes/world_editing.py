"""Editing a world model from its pane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.editing import Editable
from tui.panes.asking import show_dialog
from tui.panes.changing import refused, say_done
from tui.toasts import tell
from tui.world.editing import EntryField, StateFields, mapped_path

if TYPE_CHECKING:
    from tui.panes.sides import Pane


async def ask_edit(
    pane: Pane, state_id: str | None, entry: tuple[Any, tuple[str, ...]] | None
) -> None:
    """Open a state as it is now, or an entity, a relation or a value in it, as a form.

    Args:
        pane: Where it was asked for.
        state_id: The state; None where there are only snapshots.
        entry: Key of the entity or relation, and the way to the value; None for the state.
    """
    from tui.screens.edit import EditScreen

    if refused(pane):
        return
    record = None
    if state_id is not None:
        record = await pane.memory.store.get_record("world_model_state", state_id)
    if state_id is None or record is None:
        tell(pane, "Only snapshots are left of this domain, and those stay as they are.", "warning")
        return
    editable: Editable = StateFields(state_id)
    if entry is not None:
        key, path = entry
        try:
            editable = EntryField(state_id, key, mapped_path(record, key, path))
            editable.fields(record)
        except LookupError as error:
            tell(pane, str(error.args[0]), "warning")
            return

    def answered(label: str | None) -> None:
        if label:
            say_done(pane, 1, label)

    show_dialog(pane, EditScreen(pane.memory, editable, record), answered)
