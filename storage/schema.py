"""The tables, declared once, and the migration that brings a file up to them.

A JSON column is declared TEXT: a column declared JSON gets numeric affinity, which rewrites
`1.10` as `1.1`. What memglass adds for itself is named `memglass_…`, because an agent may own
any other name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from storage import driver
from storage.errors import SchemaError
from storage.moments import moment_sql
from storage.rows import fetch, is_plain, quote
from storage.view import Layout, TableLayout

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its SQL type, its constraint, and the type that its JSON has, if it holds JSON."""

    name: str
    type: str = "TEXT"
    constraint: str = ""
    json: Callable[[], Any] | None = None


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
)
NOTES: Final = Table(
    "memglass_notes",
    (_ID, *_text("kind", "record_id"), *_json(list, "tags"), *_text("text", "updated_at", "actor")),
)
ARCHIVED_ROWS: Final = Table(
    "memglass_archived_rows",
    (
        _ID,
        *_text("table_name", "record_id"),
        *_json(dict, "data", constraint="NOT NULL"),
        *_text("archived_at", "archive_reason"),
    ),
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
    Index("memglass_patterns_order", "patterns", ("confidence", "id")),
    Index("memglass_patterns_type", "patterns", ("pattern_type", "confidence", "id")),
    Index("memglass_archived_interactions_key", "archived_interactions", ("interaction_id",)),
    # The reason comes last: one index then serves the whole list and that of one reason.
    Index(
        "memglass_archived_interactions_time",
        "archived_interactions",
        moment="archived_at",
        then=("id", "archive_reason"),
    ),
    Index("memglass_archived_patterns_key", "archived_patterns", ("original_id",)),
    Index("memglass_archived_patterns_reason", "archived_patterns", ("archive_reason",)),
    Index("memglass_snapshots_model", "world_model_snapshots", ("world_model_id",)),
    Index("memglass_snapshots_time", "world_model_snapshots", moment="snapshot_time", then=("id",)),
    Index("memglass_journal_transaction", "memglass_journal", ("transaction_id",)),
    Index("memglass_journal_record", "memglass_journal", ("record_id",)),
    Index("memglass_notes_record", "memglass_notes", ("kind", "record_id")),
    Index("memglass_archived_rows_record", "memglass_archived_rows", ("table_name", "record_id")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a migration: in words for a person, and in SQL."""

    sentence: str
    sql: str


def plan(connection: driver.Connection, layout: Layout) -> list[Step]:
    """Compare the file with the declaration and return what is missing from it.

    Raises:
        SchemaError: Something has the name of one of our tables and is not that table.
    """
    strangers = _strangers(connection)
    steps: list[Step] = []
    for table in TABLES:
        there = layout.get(table.name)
        what = strangers.get(table.name)
        if what and (table.created or there is not None):
            raise SchemaError(
                f"{table.name} is a {what} in this file; memglass needs a table there."
            )
        if there is None:
            steps += [_creation(table)] if table.created else []
            continue
        check_shape(connection, table, there)
        steps += [] if table.agents_own else _additions(table, there)
    return steps + _missing_indexes(connection, layout)


def _strangers(connection: driver.Connection) -> dict[str, str]:
    """Return what is named as a table may be and is none, by its name in lower case."""
    return {
        str(name).lower(): "view" if kind == "view" else "virtual table"
        for kind, name in fetch(
            connection,
            "SELECT type, name FROM sqlite_schema"
            " WHERE type = 'view' OR sql LIKE 'CREATE VIRTUAL TABLE%'",
        )
    }


def check_shape(connection: driver.Connection, table: Table, there: TableLayout) -> None:
    """Refuse a table of our name that is something else.

    Raises:
        SchemaError: It lacks a column that makes it that table, or has what we cannot work with.
    """
    for column in table.essential:
        if not there.has(column):
            raise SchemaError(
                f"Table {there.name} has no column {column}, so it is not an agent's"
                f" {table.name}; memglass cannot work with this file."
            )
    if not table.essential:
        return
    described = fetch(connection, f"PRAGMA table_xinfo({quote(there.name)})")
    names = {str(row[1]).lower() for row in described}
    if not is_plain(names):
        raise SchemaError(
            f"Table {there.name} has a column whose name is not UTF-8, so that its rows cannot be"
            " kept whole; memglass can only open this file read-only."
        )
    for each in () if table.agents_own else table.columns:
        if each.name in names and not there.has(each.name):
            raise SchemaError(
                f"Column {each.name} of table {there.name} is generated, but memglass has to write"
                " it; it can only open this file read-only."
            )
    if "rowid" in names or not _has_rowid(connection, there):
        raise SchemaError(
            f"The rows of table {there.name} have no rowid of their own; memglass cannot work with"
            " this file."
        )


def _has_rowid(connection: driver.Connection, there: TableLayout) -> bool:
    try:
        connection.execute(f"SELECT rowid FROM {quote(there.name)} LIMIT 0")
    except driver.OperationalError as error:
        if "no such column" not in str(error):
            raise
        return False
    return True


def _creation(table: Table) -> Step:
    columns = ", ".join(
        f"{quote(column.name)} {column.type} {column.constraint}".rstrip()
        for column in table.columns
    )
    return Step(f"create table {table.name}", f"CREATE TABLE {quote(table.name)} ({columns})")


def _additions(table: Table, there: TableLayout) -> list[Step]:
    # A column that is added to filled rows can be neither NOT NULL without a default nor UNIQUE.
    return [
        Step(
            f"add column {column.name} to {there.name}",
            f"ALTER TABLE {quote(there.name)} ADD COLUMN {quote(column.name)} {column.type}"
            + (f" {column.constraint}" if column.constraint.startswith("DEFAULT") else ""),
        )
        for column in table.columns
        if not there.has(column.name)
    ]


def _missing_indexes(connection: driver.Connection, layout: Layout) -> list[Step]:
    existing = {
        name.lower()
        for (name,) in fetch(connection, "SELECT name FROM sqlite_schema WHERE type = 'index'")
    }
    steps = []
    for index in INDEXES:
        if index.name in existing:
            continue
        there = layout.get(index.table)
        table = BY_NAME[index.table]
        if there is None and not table.created:
            continue
        if there is not None and _is_served(connection, there, index):
            continue
        if there is None and index.columns == ("interaction_id",) and table is INTERACTIONS:
            continue  # The UNIQUE of the table that is about to be created serves.
        terms = ", ".join(index.terms(_as_declared(table, there)))
        where = quote(there.name if there else table.name)
        steps.append(
            Step(
                f"create index {index.name} on {index.table}",
                f"CREATE INDEX {quote(index.name)} ON {where} ({terms})",
            )
        )
    return steps


def _as_declared(table: Table, there: TableLayout | None) -> TableLayout:
    """Return the layout that the table has once the steps before the indexes are done."""
    spelling = {column.name: column.name for column in table.columns}
    spelling |= there.spelling if there else {}
    return TableLayout(table.name, tuple(spelling.values()), frozenset(), spelling)


def _is_served(connection: driver.Connection, there: TableLayout, index: Index) -> bool:
    """Say whether an index of the agent does what ours would: same plain columns in front."""
    if index.moment:
        return False
    wanted = [column.lower() for column in index.columns]
    for row in fetch(connection, f"PRAGMA index_list({quote(there.name)})"):
        if row[4]:  # a partial index serves only some rows
            continue
        described = fetch(connection, f"PRAGMA index_info({quote(row[1])})")
        if [str(name).lower() for _, _, name in described][: len(wanted)] == wanted:
            return True
    return False
