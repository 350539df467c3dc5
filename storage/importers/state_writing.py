"""What a source says of the world, as states of our world model and their snapshots."""

from __future__ import annotations

from typing import Any

from storage import json_utils, rows, world_states
from storage.errors import JSONEncodeError
from storage.importers import ledger
from storage.importers.ledger import Kept
from storage.importers.model import Item, sayable_all
from storage.importers.saying import sayable
from storage.importers.tally import Tally
from storage.kinds import STATE, find_one, id_of
from storage.moments import parse_moment
from storage.view import Change, StoredRow


def add(change: Change, item: Item, other: Kept | None, tally: Tally) -> tuple[Any, ...]:
    """Write a state with its snapshot, or learn that another file told it; return what is kept."""
    if other is not None and find_one(change, STATE, other.record_id) is not None:
        tally.unchanged += 1
        return item.key, STATE.name, other.record_id, item.hash, other.digest, None
    state_id, digest = _write(change, item, tally)
    tally.added += 1
    tally.counts["snapshot"] += 1
    return item.key, STATE.name, state_id, item.hash, digest, None


def follow(change: Change, item: Item, kept: Kept, tally: Tally) -> None:
    """Write a state that the source changed, with a snapshot more."""
    # Of a state that was edited here when the source spoke, the snapshot is there already.
    is_told = not kept.hash
    kept.record_id, digest = _write(change, item, tally, is_known=True, is_told=is_told)
    # A state that is left alone may still become what the import left.
    kept.digest = digest or kept.digest
    kept.hash, kept.archived = item.hash, None
    tally.updated += 1
    tally.counts["snapshot"] += not is_told


def _write(
    change: Change, item: Item, tally: Tally, *, is_known: bool = False, is_told: bool = False
) -> tuple[str, bytes]:
    """Write a state as `_written()` does, what JSON cannot say of it as escapes."""
    try:
        json_utils.encode(item.record)
    except JSONEncodeError as error:
        tally.troubles.append(sayable(f"{item.key}: {error}"))
        item.record = sayable_all(item.record)
    return _written(change, item, tally, is_known=is_known, is_told=is_told)


def _written(
    change: Change, item: Item, tally: Tally, *, is_known: bool, is_told: bool
) -> tuple[str, bytes]:
    """Write a state, or only its snapshot where a person changed the state here.

    Args:
        change: The transaction's connection.
        item: The state.
        tally: What became of the batch.
        is_known: Whether it was imported before, so that a newer one may have been since.
        is_told: Whether its snapshot is there already.

    Returns:
        The id of the state, and its digest as the import left it.
    """
    if item.trouble and item.trouble not in tally.troubles:
        tally.troubles.append(item.trouble)
    current = world_states.find_state(change, item.record["domain"], item.record.get("session_id"))
    if current is not None:
        state_id = id_of(STATE, current)
        digest = rows.digest(current.values)
        if not ledger.has_left(change, state_id, digest):
            tally.diverged += 1
            tally.held.append(item.key)
            if not is_told:
                world_states.keep_snapshot_of(change, current, item.record)
            return state_id, b""
        if is_known and item.is_dated and _is_past(current, item):
            if not is_told:
                world_states.keep_snapshot_of(change, current, item.record)
            return state_id, digest
    state_id = world_states.add(change, item.record, is_told=is_told and current is not None)
    row = find_one(change, STATE, state_id)
    return state_id, b"" if row is None else rows.digest(row.values)


def _is_past(current: StoredRow, item: Item) -> bool:
    """Say whether a state is older than the one that stands there."""
    at, now = item.record.get("snapshot_time"), current.value("updated_at")
    return isinstance(at, str) and isinstance(now, str) and parse_moment(at) < parse_moment(now)
