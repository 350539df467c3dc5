"""What a source did to records that were changed here: followed once that is undone."""

from __future__ import annotations

from functools import partial
from typing import Final

from storage import rows
from storage.importers import ledger, writing
from storage.importers.ledger import Kept, Part
from storage.importers.tally import Tally
from storage.kinds import STATE, find_one
from storage.sqlite_store import SQLiteStore
from storage.view import Change, View

NOT_TAKEN: Final = b""
"""The hash of a state of which the source says something that the state does not say yet."""


def hold(part: Part, tally: Tally) -> None:
    """Note in what is kept of a file what of a batch was not followed."""
    if tally.held:
        held = part.position.get("held", ())
        part.position["held"] = list(dict.fromkeys([*held, *tally.held]))


async def let_go(store: SQLiteStore, part: Part) -> None:
    """Have a file read again if a record is as the import left it that was not followed."""
    if not part.position.get("held"):
        return
    freed = await store.database.read(partial(_freed, part=part))
    if freed:
        await store.database.change(partial(_let_go, part=part, freed=freed))


def _freed(view: View, part: Part) -> list[Kept]:
    held = [key for key in part.position["held"] if isinstance(key, str)]
    return [kept for kept in ledger.known(view, part.id, held).values() if _is_free(view, kept)]


def _is_free(view: View, kept: Kept) -> bool:
    if kept.kind != STATE.name:
        return writing.divergence_of(view, writing.KINDS[kept.kind], kept) is None
    row = find_one(view, STATE, kept.record_id)
    if row is None:
        # What was in the way was never of the import's making.
        return not kept.digest
    return ledger.has_left(view, kept.record_id, rows.digest(row.values))


def _let_go(change: Change, part: Part, freed: list[Kept]) -> None:
    for kept in freed:
        if kept.kind == STATE.name:
            kept.hash = NOT_TAKEN
            ledger.update(change, kept)
    keys = {kept.key for kept in freed}
    part.position["held"] = [key for key in part.position["held"] if key not in keys]
    part.position["state"] = None
    part.position["is_sweeping"] = True
    ledger.save(change, part)
