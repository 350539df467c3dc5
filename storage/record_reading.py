"""Whole records of lists: one by its id, or many by the keys of their list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage import archive_reading, interaction_reading, kinds, world_states
from storage.kinds import INTERACTION, PATTERN
from storage.layout import TableLayout
from storage.listing import Key
from storage.lists import list_of
from storage.records import Record, Shape
from storage.schema import PATTERNS, WORLD_MODEL_SNAPSHOTS
from storage.view import ROWS_PER_STATEMENT, StoredRow, View


def row_of(view: View, kind: str, record_id: Any, key: Key | None = None) -> StoredRow | None:
    """Return the stored row of a record, or None; the one of `key` where several share the id."""
    wanted = list_of(kind)
    by_name = {each.name: each for each in kinds.KINDS}
    if kind in by_name:
        there = kinds.find(view, by_name[kind], [str(record_id)]).get(str(record_id), [])
        own = (row for row in there if key == _key_of(wanted.tables, row))
        return next(own, there[0] if there else None)
    table = view.layout.get(wanted.tables[0])
    if table is None:
        return None
    found = view.rows(table, f"{table.sql('id')} = ?", [record_id])
    return found[0] if found else None


def _key_of(tables: Sequence[str], row: StoredRow) -> Key:
    return Key(tables.index(row.table.name.lower()), row.rowid)


def record_of(view: View, kind: str, record_id: Any, key: Key | None = None) -> Record | None:
    """Return the whole record, as the store's own reads give it, or None; see `row_of`."""
    row = row_of(view, kind, record_id, key)
    return None if row is None else _records(kind, row.table, [row])[0]


def records_of(view: View, kind: str, keys: Sequence[Key]) -> list[Record | None]:
    """Return the whole record for each key, in their order; None where the row is gone."""
    wanted = list_of(kind)
    found: dict[Key, Record] = {}
    for rank, name in enumerate(wanted.tables):
        table = view.layout.get(name)
        if table is None:
            continue
        numbers = [key.rowid for key in keys if key.rank == rank]
        for start in range(0, len(numbers), ROWS_PER_STATEMENT):
            part = numbers[start : start + ROWS_PER_STATEMENT]
            there = view.rows(table, f"rowid IN ({', '.join('?' * len(part))})", part)
            records = _records(kind, table, there)
            found |= {
                Key(rank, row.rowid): record for row, record in zip(there, records, strict=True)
            }
    return [found.get(key) for key in keys]


def _records(kind: str, table: TableLayout, stored: list[StoredRow]) -> list[Record]:
    if kind == "world_model_state":
        return [world_states.read_state(row) for row in stored]
    if kind.startswith("archived_"):
        own = INTERACTION if kind == "archived_interaction" else PATTERN
        return [archive_reading.read(own, row) for row in stored]
    values = [[row.rowid, *row.values.values()] for row in stored]
    if kind == "interaction":
        return interaction_reading.source_of(table).read(values)
    if kind == "pattern":
        return Shape(PATTERNS, table).records(values)
    snapshots = Shape(WORLD_MODEL_SNAPSHOTS, table).records(values)
    return [world_states.read_snapshot(record) for record in snapshots]
