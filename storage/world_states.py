"""World-model states and their snapshots, as they are stored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from storage import fields, journal, json_utils, rows
from storage.cursors import read_cursor
from storage.errors import RecordExistsError, ValidationError
from storage.ids import new_id
from storage.json_utils import CorruptJSON
from storage.kinds import SNAPSHOT, STATE, find_one, id_of, place_sql
from storage.layout import TableLayout
from storage.moments import moment_sql, now_text
from storage.records import Record, Shape, stored_record
from storage.rows import quote
from storage.schema import WORLD_MODEL_SNAPSHOTS, WORLD_MODEL_STATES
from storage.updates import changed_columns, merge, write_update
from storage.view import Change, StoredRow, View
from storage.where import Where

STORES: Final[dict[str, fields.Store]] = {
    "id": fields.required_text,
    "session_id": fields.text,
    "domain": fields.required_text,
    "domain_confidence": fields.confidence,
    "created_at": fields.moment,
    "updated_at": fields.moment,
    "interaction_count": fields.count,
    "entities": fields.array_or_mapping,
    "relations": fields.array,
    "goals": fields.array,
    "metrics": fields.mapping,
    "discovered_entity_types": fields.array,
    "discovered_relation_types": fields.array,
    "constraints": fields.mapping,
    "is_active": fields.flag,
    "merged_from": fields.text,
    "metadata": fields.mapping,
}
# Not part of what the agent believes: they stand beside it.
_BOOKKEEPING: Final = frozenset(
    {"id", "created_at", "updated_at", "is_active", "merged_from", "metadata"}
)


def add(change: Change, state: Mapping[str, Any], *, is_told: bool = False) -> str:
    """Add a state, or update the one of the same domain and session, and keep a snapshot of it.

    A snapshot that was read, in this memory or another, says what its state is to be.

    Args:
        change: The transaction's connection.
        state: What it says.
        is_told: Whether its snapshot is there already.

    Raises:
        ValidationError: A field holds what it cannot.
        RecordExistsError: Another domain or session has the id that is given.
    """
    table = change.layout[WORLD_MODEL_STATES.name]
    given = _normal(table, state)
    is_snapshot = given.keys() >= {"world_model_id", "snapshot_time"}
    if is_snapshot:
        _speak_for_its_state(change, given)
    at = str(fields.moment("snapshot_time", given.pop("snapshot_time", None)) or now_text())
    trigger = fields.text("trigger_event", given.pop("trigger_event", None))
    domain = fields.required_text("domain", given.get("domain"))
    session = fields.text("session_id", given.get("session_id"))
    current = _current(change, table, domain, session)
    _settle_confidence(given, current)
    if current is None:
        state_id = _insert(change, table, given, at)
    else:
        state_id = id_of(STATE, current)
        if is_snapshot:
            # It may come from another memory, where the state has another id.
            given["id"] = None
        _update(change, current, given, at)
    row = find_one(change, STATE, state_id)
    if row is not None and not is_told:
        _keep_snapshot(change, row, at, trigger or ("created" if current is None else "updated"))
    return state_id


def find_state(change: Change, domain: str, session: str | None = None) -> StoredRow | None:
    """Return the state of a domain and session, the one that is active first, or None."""
    return _current(change, change.layout[WORLD_MODEL_STATES.name], domain, session)


def keep_snapshot_of(change: Change, row: StoredRow, state: Mapping[str, Any]) -> None:
    """Keep a snapshot that belongs to a state and says something else than that does now.

    Args:
        change: The transaction's connection.
        row: The state, which stays as it is.
        state: What the snapshot says, as `add()` takes it.

    Raises:
        ValidationError: A field holds what it cannot.
    """
    given = _normal(row.table, state)
    _settle_confidence(given, row)
    at = str(fields.moment("snapshot_time", given.pop("snapshot_time", None)) or now_text())
    trigger = fields.text("trigger_event", given.pop("trigger_event", None))
    beliefs = {key: value for key, value in given.items() if key not in _BOOKKEEPING}
    _insert_snapshot(change, row, beliefs, at, trigger)


def _normal(table: TableLayout, state: Mapping[str, Any]) -> dict[str, Any]:
    return fields.by_column(fields.check_mapping("state", state), table.has)


def _speak_for_its_state(change: Change, given: dict[str, Any]) -> None:
    """Put what identifies its state in the place of what identifies a snapshot."""
    state_id = fields.required_text("world_model_id", given.pop("world_model_id"))
    row = find_one(change, STATE, state_id)
    given["id"] = state_id if row is None else None
    for name in ("domain", "session_id"):
        if row is not None and given.get(name) is None:
            given[name] = row.value(name)


def _settle_confidence(given: dict[str, Any], current: StoredRow | None) -> None:
    """Make one of the two names of the confidence.

    A state that was read has both, and whoever changes it need not know the other.

    Raises:
        ValidationError: Both are other than what is stored, and not the same.
    """
    told = fields.confidence("confidence", given.pop("confidence", None))
    stored = fields.confidence("domain_confidence", given.get("domain_confidence"))
    now = None if current is None else current.value("domain_confidence")
    if told is not None and stored in (None, told, now):
        given["domain_confidence"] = told
    elif told not in (None, stored, now):
        raise ValidationError(
            f"confidence is {told!r} and domain_confidence {stored!r}, which are one; give one.",
            field="confidence",
        )


def _current(
    change: Change, table: TableLayout, domain: str, session: rows.Value
) -> StoredRow | None:
    where = Where().equals(table.sql("domain"), domain)
    where.equals(f"COALESCE({table.sql('session_id')}, '')", session or "")
    found = change.rows(
        table,
        f"{where.sql} ORDER BY {table.sql('is_active')} DESC,"
        f" {moment_sql(table.sql('updated_at'))} DESC LIMIT 1",
        where.values,
    )
    return found[0] if found else None


def _insert(change: Change, table: TableLayout, given: dict[str, Any], at: str) -> str:
    extras = {key: given[key] for key in given if not table.has(key)}
    given = {key: value for key, value in given.items() if table.has(key)}
    metadata = merge(given.get("metadata"), extras) if extras else given.get("metadata")
    empty: dict[str, Any] = {
        **change.defaults(table, {column.name for column in WORLD_MODEL_STATES.columns}),
        "id": new_id(),
        "session_id": "",
        # Where nothing is said of it, it is unknown, which is another thing than none at all.
        "domain_confidence": 0.0 if "domain_confidence" in table.never_null else None,
        "created_at": at,
        "updated_at": at,
        "interaction_count": 0,
        "is_active": True,
        "metadata": metadata,
        **{column.name: (column.json or dict)() for column in WORLD_MODEL_STATES.json_columns[:-1]},
    }
    row: rows.Row = {}
    # Where `id` is the rowid, SQLite gives it.
    is_counted = table.row_number == "id" and given.get("id") is None
    for column in table.columns:
        name = column.lower()
        if name == "id" and is_counted:
            continue
        value = given.get(name) if name != "metadata" else None
        value = empty.get(name) if value is None else value
        row[column] = STORES.get(name, fields.scalar)(name, value)
        if row[column] is None and name in table.required:
            row[column] = ""
    fields.check_writable(list(row), list(row.values()))
    if not is_counted and find_one(change, STATE, wanted := str(row[table.spell("id")])):
        raise RecordExistsError(f"World-model state {wanted} exists already for another domain.")
    number = change.insert_one(table, row)
    stored = change.rows(table, "rowid = ?", [number])[0]
    state_id = id_of(STATE, stored)
    journal.record(change, "add", table.name, [state_id], [rows.digest(stored.values)])
    return state_id


def _update(change: Change, current: StoredRow, given: dict[str, Any], at: str) -> None:
    changes = {key: value for key, value in given.items() if value is not None}
    changes.setdefault("updated_at", at)
    columns = changed_columns(WORLD_MODEL_STATES, current, changes, STORES, ("id",))
    write_update(change, STATE, current, columns)


def _keep_snapshot(change: Change, row: StoredRow, at: str, trigger: rows.Value) -> None:
    state = stored_record(WORLD_MODEL_STATES, row)
    # A corrupt field has nothing to say in a snapshot, and what no JSON can say, such as a vector
    # of the agent's, has no place there; their bytes stay in the state.
    beliefs = {
        key: value
        for key, value in state.items()
        if key not in _BOOKKEEPING and not isinstance(value, CorruptJSON) and _is_sayable(value)
    }
    metadata = state.get("metadata")
    if isinstance(metadata, dict):
        beliefs = {**metadata, **beliefs}
    _insert_snapshot(change, row, beliefs, at, trigger)


def _is_sayable(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, bytes) and rows.is_plain((value,))


def _insert_snapshot(
    change: Change, row: StoredRow, beliefs: Mapping[str, Any], at: str, trigger: rows.Value
) -> None:
    table = change.layout[WORLD_MODEL_SNAPSHOTS.name]
    snapshot: rows.Row = {
        "world_model_id": id_of(STATE, row),
        "snapshot_time": at,
        "snapshot_data": json_utils.encode(beliefs, "snapshot_data"),
        "trigger_event": trigger,
    }
    if table.row_number != "id":
        snapshot["id"] = new_id() if "id" in table.exact else next(change.free_numbers(table))
    number = change.insert_one(table, {table.spell(name): each for name, each in snapshot.items()})
    stored = change.rows(table, "rowid = ?", [number])[0]
    journal.record(
        change, "add", table.name, [id_of(SNAPSHOT, stored)], [rows.digest(stored.values)]
    )


def active(view: View, session_id: str | None) -> list[Record]:
    """Return the states that are active, by domain, then the one changed last."""
    table = view.layout.get(WORLD_MODEL_STATES.name)
    if table is None:
        return []
    where = Where().add(f"COALESCE({table.sql('is_active')}, 1) <> 0")
    where.equals(table.sql("session_id"), session_id)
    found = view.rows(
        table,
        f"{where.sql} ORDER BY {table.sql('domain')},"
        f" {moment_sql(table.sql('updated_at'))} DESC, rowid",
        where.values,
    )
    return [read_state(row) for row in found]


def read_state(row: StoredRow) -> Record:
    """Return a state as a record; `confidence` reads like `domain_confidence`."""
    state = stored_record(WORLD_MODEL_STATES, row)
    state["confidence"] = state["domain_confidence"]
    return state


def told_sql(view: View, table: TableLayout, name: str) -> str:
    """Return the SQL of what a snapshot is of: its own, else that of its state.

    Args:
        view: Where to read.
        table: The snapshots.
        name: `domain` or `session_id`.
    """
    data = table.sql("snapshot_data")
    # json_valid guards json_extract, which raises on what is no JSON.
    own = f"CASE WHEN json_valid({data}) THEN json_extract({data}, '$.{name}') END"
    states = view.layout.get(WORLD_MODEL_STATES.name)
    if states is None or not states.has(name) or not table.has("world_model_id"):
        return own
    state = (
        f"(SELECT s.{states.sql(name)} FROM {quote(states.name)} s"
        f" WHERE s.{states.sql('id')} = {quote(table.name)}.{table.sql('world_model_id')})"
    )
    return f"COALESCE({own}, {state})"


def snapshots(
    view: View, limit: int | None, domain: str | None, before: str | None = None
) -> list[Record]:
    """Return snapshots, newest first by (moment, id)."""
    table = view.layout.get(WORLD_MODEL_SNAPSHOTS.name)
    if table is None:
        return []
    moment = moment_sql(table.sql("snapshot_time"))
    number = place_sql(table)
    where = Where().equals(told_sql(view, table, "domain"), domain)
    if before is not None:
        where.after(moment, number, read_cursor(before, "snapshot", 2))
    found = view.select(table, where, f"{moment} DESC, {number} DESC", limit)
    shape = Shape(WORLD_MODEL_SNAPSHOTS, table)
    return [read_snapshot(shape.record(row[0], row[1:])) for row in found]


def read_snapshot(stored: Record) -> Record:
    """Return a snapshot as a record: the keys of its data beside what the table says of it."""
    data = stored.pop("snapshot_data")
    beliefs = data if isinstance(data, dict) else {"snapshot_data": data}
    record = {"domain": None, "entities": [], "relations": [], **beliefs, **stored}
    confidence = beliefs.get("domain_confidence", beliefs.get("confidence"))
    record["domain_confidence"] = record["confidence"] = confidence
    return record
