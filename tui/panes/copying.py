"""Copying what is selected in a pane, as it is or as a finding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui import clipboard, secrets
from tui.changes import public_ids
from tui.copying import Copyable, copyables, link_to, many_copyables
from tui.panes.asking import show_dialog
from tui.panes.noting import chosen
from tui.panes.taken import taken_in
from tui.sources import PUBLIC_ID, summaries
from tui.text import hides_secrets
from tui.toasts import tell
from tui.told_keys import key_for
from tui.widgets.key_bar import key_of
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from tui.panes.sides import Pane

_MOST: Final = 1000


async def ask_copy(pane: Pane) -> None:
    """Ask what of the selected records is to be copied, and copy it."""
    from tui.screens.copy import CopyScreen

    choices = await _choices(pane)
    if not choices:
        return

    def answered(asked: Copyable | None) -> None:
        if asked is not None:
            begin(pane, partial(copy_text, pane, asked.text, asked.name), group="copy")

    screen = CopyScreen(await _title(pane), choices, is_masked=hides_secrets())
    show_dialog(pane, screen, answered)


async def _choices(pane: Pane) -> list[Copyable]:
    """Give what can be copied of what is selected; say why where that is nothing."""
    if len(pane.table.selected_keys()) > _MOST:
        _tell_too_many(pane)
        return []
    # What is wrong with a record, or what was done, can be copied where the record is gone.
    own = await taken_in(pane).copyables(pane) if pane.memory.is_open else []
    keys = await (taken_in(pane).records(pane) if own else chosen(pane, "copy"))
    if len(keys) > _MOST and not own:
        _tell_too_many(pane)
        return []
    if not keys or len(keys) > _MOST:
        return own
    of_records = await (_of_one(pane, keys[0]) if len(keys) == 1 else _of_many(pane, keys))
    if not own and not of_records:
        tell(pane, "It is no longer there.", "warning")
    return [*own, *of_records]


def _tell_too_many(pane: Pane) -> None:
    key = key_of(pane.screen, "export")
    tell(pane, f"That is more than {_MOST:,} records. Export them instead ({key}).", "warning")


async def copy_finding(pane: Pane) -> None:
    """Copy the record under the cursor as a finding."""
    from tui.findings import finding

    keys = await chosen(pane, "copy")
    if not keys:
        return
    if len(keys) > 1:
        tell(
            pane,
            f"A finding is of one record. Let go of the selection ({key_for('clear')}) first.",
            "warning",
        )
        return
    kind, key = keys[0]
    try:
        text = await finding(pane.memory, kind, key)
    except LookupError as gone:
        tell(pane, str(gone), "warning")
        return
    await copy_text(pane, text, "a finding, secrets masked")


async def copy_text(pane: Pane, text: str, name: str) -> None:
    """Copy a text, and say which way it went."""
    try:
        app = pane.app
        way = await clipboard.copy(text, app.copy_to_clipboard, in_browser=app.is_web)
    except OSError as error:
        tell(pane, f"Nothing was copied: {error.strerror}", "error")
        return
    tell(pane, f"Copied {name} ({counted(len(text), 'character')}) {way}")


async def _title(pane: Pane) -> str:
    rows = pane.table.selected_keys()
    keys = [] if taken_in(pane).NOUN else await taken_in(pane).records(pane)
    if len(keys) != 1:
        return counted(len(keys or rows), pane.noun)
    [row] = await summaries(pane.memory.store, keys)
    return "" if row is None else str(row[PUBLIC_ID[str(row["kind"])]])


async def _of_one(pane: Pane, held: Any) -> list[Copyable]:
    kind, key = held
    store = pane.memory.store
    [row] = await summaries(store, [held])
    [record] = await store.get_records(kind, [key])
    if row is None or record is None:
        return []
    stored = await store.get_row(kind, row["record_id"]) or {}
    record_id = str(row[PUBLIC_ID[kind]])
    if hides_secrets():
        record, stored = secrets.masked(record), secrets.masked(stored)
    own = (record_id, link_to(pane.memory.named, kind, record_id))
    return copyables(record, stored, own, pane.detail.view)


async def _of_many(pane: Pane, keys: Sequence[Any]) -> list[Copyable]:
    store = pane.memory.store
    records: list[dict[str, Any]] = []
    for kind in dict.fromkeys(kind for kind, _ in keys):
        found = await store.get_records(kind, [key for own, key in keys if own == kind])
        records += [record for record in found if record is not None]
    if hides_secrets():
        records = secrets.masked(records)
    ids = [each for _, part in await public_ids(pane.memory, keys) for each in part]
    return many_copyables(records, ids)
