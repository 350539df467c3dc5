"""How records read: the shapes that go in and come out, and rows turned into them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any, TypedDict

from storage import schema
from storage.json_utils import decode_all
from storage.kinds import public_id
from storage.layout import TableLayout
from storage.view import StoredRow

Record = dict[str, Any]


class Interaction(TypedDict, total=False):
    """One recorded event or turn. Given and returned; ids and times are made where missing."""

    id: int
    interaction_id: str
    timestamp: str
    session_id: str | None
    action: str | None
    role: str | None
    content: str | None
    file_path: str | None
    details: dict[str, Any]
    metadata: dict[str, Any]


class Pattern(TypedDict, total=False):
    """Something learned. `metadata["source_interactions"]` holds the ids that it was made from."""

    id: str
    name: str
    description: str | None
    pattern_type: str
    sequence: list[Any]
    frequency: int
    confidence: float
    created_at: str
    last_seen: str
    metadata: dict[str, Any]


class ArchivedInteraction(TypedDict, total=False):
    """An interaction in the archive; `record` is how it read, `data` how its row was stored."""

    id: int
    original_id: str
    interaction_id: str
    data: dict[str, Any]
    archived_at: str
    archive_reason: str
    consolidated_to: str | None
    record: Interaction


class ArchivedPattern(TypedDict, total=False):
    """A pattern in the archive; `record` is how it read, `data` how its row was stored."""

    id: int
    original_id: str
    pattern_name: str
    pattern_type: str
    data: dict[str, Any]
    archived_at: str
    archive_reason: str
    promoted_to: str | None
    record: Pattern


class WorldModelState(TypedDict, total=False):
    """What the agent believes about one domain. `confidence` is from 0 to 1; None if unknown."""

    id: str
    session_id: str
    domain: str
    confidence: float | None
    domain_confidence: float | None
    entities: list[Any] | dict[str, Any]
    relations: list[Any]
    goals: list[Any]
    metrics: dict[str, Any]
    constraints: dict[str, Any]
    created_at: str
    updated_at: str
    is_active: int


class Snapshot(TypedDict, total=False):
    """A world-model state at one moment, and what caused it to be kept."""

    id: int
    world_model_id: str
    snapshot_time: str
    trigger_event: str | None
    domain: str
    confidence: float | None
    domain_confidence: float | None
    entities: list[Any] | dict[str, Any]
    relations: list[Any]


class JournalEntry(TypedDict):
    """One change. `record_id` is None for a batch; `record_ids` always lists the records."""

    id: int
    transaction_id: str
    at: str
    actor: str
    operation: str
    table_name: str
    record_id: str | None
    record_ids: list[str]
    before: dict[str, Any]
    after_hash: list[str]
    note: str | None


class Note(TypedDict):
    """What a person put on a record."""

    id: int
    kind: str
    record_id: str
    tags: list[str]
    text: str | None
    updated_at: str
    actor: str


class Shape:
    """Turns rows of one table, as this file has it, into plain records with decoded JSON."""

    __slots__ = ("_absent", "_json", "_names", "columns", "key")

    def __init__(self, table: schema.Table, there: TableLayout, key: str = "id") -> None:
        declared = {column.name for column in table.columns}
        self.columns = there.columns
        self.key = key
        stored = [
            column.lower() if column.lower() in declared else column for column in there.columns
        ]
        self._absent = [column for column in table.columns if not there.has(column.name)]
        self._names = [*stored, *(column.name for column in self._absent)]
        self._json = [
            (self._names.index(column.name), column.json)
            for column in table.json_columns
            if column.json and there.has(column.name)
        ]

    def records(self, found: Sequence[Sequence[Any]]) -> list[Record]:
        """Return the records of rows, each its rowid and then the values of `columns`."""
        if not found:
            return []
        # Column by column, because making records takes longer than fetching their rows.
        rowids, *columns = map(list, zip(*found, strict=True))
        for at, default in self._json:
            columns[at] = decode_all(columns[at], default)
        for column in self._absent:
            columns.append([column.json() if column.json else None for _ in found])
        keys = columns[self._names.index(self.key)]
        if {*map(type, keys)} != {str}:
            keys[:] = map(self._known_by, keys, rowids)
        pairs = map(zip, repeat(self._names), zip(*columns, strict=True))
        return list(map(dict, pairs))

    def _known_by(self, key: Any, rowid: int) -> str | int:
        return key if self.key == "id" and key.__class__ is int else public_id(key, rowid)

    def record(self, rowid: int, values: Sequence[Any]) -> Record:
        """Return the record of a row whose values stand in the order of `columns`."""
        return self.records([[rowid, *values]])[0]


def stored_record(table: schema.Table, row: StoredRow) -> Record:
    """Return the record of a whole stored row."""
    shape = Shape(table, row.table)
    return shape.record(row.rowid, list(row.values.values()))
