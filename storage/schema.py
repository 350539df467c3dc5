"""The tables and indexes, declared once.

A JSON column is declared TEXT: a column declared JSON gets numeric affinity, which rewrites
`1.10` as `1.1`. What memglass adds for itself is named `memglass_…`, because an agent may own
any other name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from storage.layout import TableLayout
from storage.moments import moment_sql

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its SQL type, its constraint, and the type that its JSON has, if it holds JSON."""

    name: str
    type: str = "TEXT"
    constraint: str = ""
    json: Callable[[], Any] | None = None


def json_types(column: Column) -> tuple[type, ...]:
    """Return the types that the JSON of a column may have, the usual one first."""
    usual: type = type((column.json or dict)())
    # Entities may also stand in an object, by their ids.
    return (usual, dict) if column.name == "entities" else (usual,)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that we read or write.

    Attributes:
        essential: Columns without which a table of this name is not ours to work with.
        created: Whether memglass makes the table where it is missing.
        agents_own: Whether only the agent writes it; then columns are never added either.
    """

    name: str
    columns: tuple[Column, ...]
    essential: tuple[str, ...] = ()
    created: bool = True
    agents_own: bool = False
    json_columns: tuple[Column, ...] = field(init=False)

    def __post_init__(self) -> None:
        holding = tuple(column for column in self.columns if column.json is not None)
        object.__setattr__(self, "json_columns", holding)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over plain columns, then the moments of a time column, then plain columns again."""

    name: str
    table: str
    columns: tuple[str, ...] = ()
    moment: str = ""
    then: tuple[str, ...] = ()

    def terms(self, layout: TableLayout) -> list[str]:
        """Return what is indexed, in SQL, as the file spells it."""
        terms = [layout.sql(column) for column in self.columns]
        if self.moment:
            terms.append(moment_sql(layout.sql(self.moment)))
        return terms + [layout.sql(column) for column in self.then]


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _json(kind: Callable[[], Any], *names: str, constraint: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, constraint=constraint, json=kind) for name in names)


_ID: Final = Column("id", "INTEGER", "PRIMARY KEY AUTOINCREMENT")
_TEXT_ID: Final = Column("id", "TEXT", "PRIMARY KEY")

INTERACTIONS: Final = Table(
    "interactions",
    (
        _ID,
        Column("interaction_id", constraint="UNIQUE"),
        *_text("timestamp", "session_id", "action", "role", "content", "file_path"),
        *_json(dict, "details", "metadata"),
    ),
    essential=("id", "timestamp"),
)
COMPLETE_INTERACTIONS: Final = Table(
    "complete_interactions",
    (*_text("interaction_id", "timestamp", "session_id", "user_query"), *_json(dict, "data")),
    essential=("interaction_id", "timestamp"),
    created=False,
    agents_own=True,
)
PATTERNS: Final = Table(
    "patterns",
    (
        _TEXT_ID,
        Column("name", constraint="NOT NULL"),
        Column("description"),
        Column("pattern_type", constraint="NOT NULL"),
        *_json(list, "sequence", constraint="NOT NULL"),
        Column("frequency", "INTEGER", "DEFAULT 1"),
        Column("confidence", "REAL", "DEFAULT 0.5"),
        *_text("created_at", "last_seen"),
        *_json(dict, "metadata"),
    ),
    essential=("id",),
)
ARCHIVED_INTERACTIONS: Final = Table(
    "archived_interactions",
    (
        _ID,
        *_text("original_id", "interaction_id"),
        *_json(dict, "data", constraint="NOT NULL"),
        Column("archived_at", constraint="NOT NULL"),
        *_text("archive_reason", "consolidated_to"),
    ),
    essential=("id", "data"),
)
ARCHIVED_PATTERNS: Final = Table(
    "archived_patterns",
    (
        _ID,
        *_text("original_id", "pattern_name", "pattern_type"),
        *_json(dict, "data", constraint="NOT NULL"),
        Column("archived_at", constraint="NOT NULL"),
        *_text("archive_reason", "promoted_to"),
    ),
    essential=("id", "data"),
)
WORLD_MODEL_STATES: Final = Table(
    "world_model_states",
    (
        _TEXT_ID,
        Column("session_id", constraint="NOT NULL"),
        Column("domain"),
        Column("domain_confidence", "REAL", "DEFAULT 0.0"),
        Column("created_at", constraint="NOT NULL"),
        Column("updated_at", constraint="NOT NULL"),
        Column("interaction_count", "INTEGER", "DEFAULT 0"),
        *_json(list, "entities", "relations", "goals", constraint="NOT NULL"),
        *_json(dict, "metrics", constraint="NOT NULL"),
        *_json(list, "discovered_entity_types", "discovered_relation_types", constraint="NOT NULL"),
        *_json(dict, "constraints"),
        Column("is_active", "INTEGER", "DEFAULT 1"),
        Column("merged_from"),
        *_json(dict, "metadata"),
    ),
    essential=("id",),
)
WORLD_MODEL_SNAPSHOTS: Final = Table(
    "world_model_snapshots",
    (
        _ID,
        Column("world_model_id", constraint="NOT NULL"),
        Column("snapshot_time", constraint="NOT NULL"),
        *_json(dict, "snapshot_data", constraint="NOT NULL"),
        Column("trigger_event"),
    ),
    essential=("id", "snapshot_data"),
)
FEEDBACK: Final = Table("feedback", _json(dict, "context"), created=False, agents_own=True)
JOURNAL: Final = Table(
    "memglass_journal",
    (
        _ID,
        *_text("transaction_id", "at", "actor", "operation", "table_name", "record_id"),
        *_json(list, "record_ids"),
        *_json(dict, "before"),
        Column("after_hash", "BLOB"),
        Column("note"),
    ),
    essential=("id", "transaction_id", "operation"),
)
NOTES: Final = Table(
    "memglass_notes",
    (_ID, *_text("kind", "record_id"), *_json(list, "tags"), *_text("text", "updated_at", "actor")),
    essential=("id", "kind", "record_id"),
)
ARCHIVED_ROWS: Final = Table(
    "memglass_archived_rows",
    (
        _ID,
        *_text("table_name", "record_id"),
        *_json(dict, "data", constraint="NOT NULL"),
        *_text("archived_at", "archive_reason"),
    ),
    essential=("id", "table_name", "data"),
)
SOURCES: Final = Table(
    "memglass_sources",
    (
        _ID,
        *_text("path", "root", "format"),
        *_json(dict, "position"),
        *_text("first_at", "synced_at"),
    ),
    essential=("id", "path"),
)
IMPORTED: Final = Table(
    "memglass_imported",
    (
        _ID,
        Column("source", "INTEGER"),
        *_text("key", "kind", "record_id"),
        Column("hash", "BLOB"),
        Column("digest", "BLOB"),
        Column("archived"),
    ),
    essential=("id", "source", "key"),
)
META: Final = Table(
    "memglass_meta",
    (Column("key", constraint="PRIMARY KEY"), Column("value")),
    essential=("key", "value"),
)

TABLES: Final = (
    INTERACTIONS,
    COMPLETE_INTERACTIONS,
    PATTERNS,
    ARCHIVED_INTERACTIONS,
    ARCHIVED_PATTERNS,
    WORLD_MODEL_STATES,
    WORLD_MODEL_SNAPSHOTS,
    FEEDBACK,
    JOURNAL,
    NOTES,
    ARCHIVED_ROWS,
    SOURCES,
    IMPORTED,
    META,
)
BY_NAME: Final = {table.name: table for table in TABLES}

INDEXES: Final = (
    Index("memglass_interactions_key", "interactions", ("interaction_id",)),
    Index("memglass_interactions_time", "interactions", moment="timestamp", then=("id",)),
    Index(
        "memglass_interactions_session", "interactions", ("session_id",), "timestamp", then=("id",)
    ),
    Index(
        "memglass_complete_time",
        "complete_interactions",
        moment="timestamp",
        then=("interaction_id",),
    ),
    Index("memglass_patterns_type", "patterns", ("pattern_type",)),
    Index("memglass_archived_interactions_key", "archived_interactions", ("interaction_id",)),
    # The reason comes last: one index then serves the whole list and that of one reason.
    Index(
        "memglass_archived_interactions_time",
        "archived_interactions",
        moment="archived_at",
        then=("id", "archive_reason"),
    ),
    Index("memglass_archived_patterns_key", "archived_patterns", ("original_id",)),
    Index(
        "memglass_archived_patterns_time",
        "archived_patterns",
        moment="archived_at",
        then=("id", "archive_reason"),
    ),
    Index("memglass_states_domain", "world_model_states", ("domain", "session_id")),
    Index("memglass_snapshots_time", "world_model_snapshots", moment="snapshot_time", then=("id",)),
    Index("memglass_journal_record", "memglass_journal", ("record_id",)),
    Index("memglass_imported_key", "memglass_imported", ("key", "source")),
    Index("memglass_imported_record", "memglass_imported", ("record_id",)),
    Index("memglass_notes_record", "memglass_notes", ("kind", "record_id")),
)
