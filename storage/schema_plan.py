"""What a file lacks of the declared schema, as the steps of a migration."""

from __future__ import annotations

from dataclasses import dataclass

from storage import driver
from storage.errors import SchemaError
from storage.layout import Layout, TableLayout
from storage.rows import fetch, is_plain, quote
from storage.schema import BY_NAME, INDEXES, INTERACTIONS, TABLES, Index, Table


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
    # Not from the layout: another process may have migrated the file since that was read, and a
    # column that was added is no generated one.
    generated = {str(row[1]).lower() for row in described if row[6]}
    for each in () if table.agents_own else table.columns:
        if each.name in generated:
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
