"""What happened to one record: its journal, its archive rows and its snapshots as one timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from storage import fields, journal, rows, world_states
from storage.history import archived_rows, explained, lowered, reason_and_target
from storage.history_records import RecordEvent
from storage.kinds import KINDS, STATE, Kind, find_one
from storage.moments import moment_sql, parse_moment
from storage.records import Record, stored_record
from storage.schema import WORLD_MODEL_SNAPSHOTS
from storage.view import StoredRow, View
from storage.where import Where
from storage.world_keys import is_model_readable
from storage.world_model import diff_world_models

_BY_NAME: Final = {kind.name: kind for kind in KINDS}
# At the same moment a snapshot follows the change that it was taken of.
_ORDER: Final = {"archive": 0, "journal": 1, "snapshot": 2, "outside": 3}


def of_record(view: View, kind_name: str, record_id: str, limit: int | None) -> list[RecordEvent]:
    """Return what happened to a record, newest first.

    Args:
        view: Where to read.
        kind_name: interaction, pattern, world_model_state, snapshot or note. A world-model state
            has its snapshots in its history, each with what it changed in the one before.
        record_id: Its public id.
        limit: How many events at most of each source, the newest; None for all.

    Raises:
        ValidationError: There is no such kind.
    """
    fields.check_choice("kind", kind_name, _BY_NAME)
    kind = _BY_NAME[kind_name]
    entries = journal.read(view, limit, None, record_id, kind.name)
    archived = archived_rows(view, kind, record_id)
    events = [_told(view, kind, entry, record_id, archived) for entry in entries]
    if len(entries) != limit:
        events += _untold(kind, archived, entries, record_id)
    if kind is STATE:
        events += _snapshots(view, record_id, limit)
    events += _outside(view, kind, record_id, entries)
    return sorted(
        events,
        key=lambda each: (parse_moment(each.at), _ORDER[each.source], each.number),
        reverse=True,
    )


def _told(
    view: View,
    kind: Kind,
    entry: Mapping[str, Any],
    record_id: str,
    archived: Sequence[StoredRow],
) -> RecordEvent:
    """Return what an entry of the journal tells of a record."""
    reason = target = None
    if entry["operation"] == "archive":
        number = _place(entry, record_id, "archived_as")
        row = next((each for each in archived if each.value("id") == number), None)
        if row is not None:
            reason, target = reason_and_target(kind, lowered(row.values))
    elif entry["operation"] == "restore":
        remembered = _place(entry, record_id, "archive_rows")
        if isinstance(remembered, dict):
            reason, target = reason_and_target(kind, lowered(rows.decode_row(remembered)))
    return RecordEvent(
        at=_text(entry["at"]),
        what=_text(entry["operation"]),
        source="journal",
        actor=_text(entry["actor"]),
        note=entry["note"],
        transaction_id=_text(entry["transaction_id"]),
        number=entry["id"],
        changes=explained(view, entry)["changes"],
        reason=reason,
        target=target,
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _place(entry: Mapping[str, Any], record_id: str, name: str) -> Any:
    """Return what an entry says under `name` of one of its records."""
    listed, ids = entry["before"].get(name), entry["record_ids"]
    if isinstance(listed, list) and len(listed) == len(ids) and record_id in ids:
        return listed[ids.index(record_id)]
    return None


def _untold(
    kind: Kind, archived: Iterable[StoredRow], entries: Sequence[Mapping[str, Any]], record_id: str
) -> list[RecordEvent]:
    """Return the archive rows that an agent wrote by itself."""
    told = [_place(entry, record_id, "archived_as") for entry in entries]
    events = []
    for row in archived:
        if row.value("id") not in told:
            reason, target = reason_and_target(kind, lowered(row.values))
            events.append(
                RecordEvent(
                    at=_text(row.value("archived_at")),
                    what="archive",
                    source="archive",
                    number=row.rowid,
                    reason=reason,
                    target=target,
                )
            )
    return events


def _outside(
    view: View, kind: Kind, record_id: str, entries: Sequence[Mapping[str, Any]]
) -> list[RecordEvent]:
    """Say so where a live record is no longer what the newest entry left."""
    if not entries or entries[0]["operation"] == "archive":
        return []
    newest, row = entries[0], find_one(view, kind, record_id)
    hashes, ids = newest["after_hash"], newest["record_ids"]
    left = hashes[ids.index(record_id)] if len(hashes) == len(ids) and record_id in ids else ""
    if row is None or rows.digest(row.values).hex() == left:
        return []
    return [RecordEvent(at=_text(newest["at"]), what="outside", source="outside")]


def _snapshots(view: View, state_id: str, limit: int | None) -> list[RecordEvent]:
    """Return the snapshots of a state, each compared with the one before."""
    table = view.layout.get(WORLD_MODEL_SNAPSHOTS.name)
    if table is None:
        return []
    where = Where().equals(table.sql("world_model_id"), state_id)
    order = f"{moment_sql(table.sql('snapshot_time'))} DESC, {table.sql('id')} DESC"
    # One more, which the last is compared with.
    most = -1 if limit is None else limit + 1
    found = [
        world_states.read_snapshot(stored_record(WORLD_MODEL_SNAPSHOTS, row))
        for row in view.rows(table, f"{where.sql} ORDER BY {order} LIMIT {most}", where.values)
    ]
    shown = found if limit is None else found[:limit]
    return [_snapshot(new, _before(found[place + 1 :])) for place, new in enumerate(shown)]


def _before(older: Sequence[Record]) -> Record | None:
    """Return the newest that can be read: damage is no belief that was given up."""
    return next((each for each in older if is_model_readable(each)), None)


def _snapshot(new: Record, old: Record | None) -> RecordEvent:
    number = new.get("id")
    return RecordEvent(
        at=_text(new["snapshot_time"]),
        what="snapshot",
        source="snapshot",
        note=None if new["trigger_event"] is None else str(new["trigger_event"]),
        number=number if isinstance(number, int) else 0,
        diff=diff_world_models(old or {}, new),
    )
