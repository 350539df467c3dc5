"""The tables of a file as they stand there, whoever has made or changed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from storage import driver, rows
from storage.errors import SchemaError
from storage.rows import quote

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table as it stands in this file.

    Attributes:
        name: Its name, spelled as the file spells it.
        columns: The stored columns in order, as the file spells them; generated ones left out.
        required: Those that must not be NULL and have no default, in lower case.
        never_null: Those that must not be NULL, in lower case.
        spelling: The columns by their names in lower case.
        unique: Those of which SQLite itself keeps values apart, in lower case.
        exact: Those that store text as it is given, never as a number, in lower case.
        computed: Those that SQLite generates, which nobody writes, in lower case.
        row_number: The one that is the rowid under a name of its own, in lower case; or None.
        defaults: The SQL of what a column holds where nothing is given, by lower case.
    """

    name: str
    columns: tuple[str, ...]
    required: frozenset[str]
    spelling: dict[str, str]
    unique: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()
    row_number: str | None = None
    never_null: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)

    def has(self, column: str) -> bool:
        """Say whether the table has `column`, in whatever case."""
        return column.lower() in self.spelling

    def is_unique(self, column: str) -> bool:
        """Say whether SQLite itself refuses a second row with the same `column`."""
        return column.lower() in self.unique

    def spell(self, column: str) -> str:
        """Return `column` as the file spells it.

        Raises:
            SchemaError: The table lacks it, as it may since an agent changed the table.
        """
        try:
            return self.spelling[column.lower()]
        except KeyError:
            raise SchemaError(f"Table {self.name} has no column {column} by now.") from None

    def sql(self, column: str) -> str:
        """Return the expression that reads `column`: NULL where the file lacks it."""
        return quote(self.spell(column)) if self.has(column) else "NULL"


class Layout:
    """The tables of one file as they are now.

    Attributes:
        version: The counter that SQLite raises whenever anybody changes the schema.
        triggered: The tables that have triggers, in lower case.
        threatened: The tables of a memory that triggers may delete from, in lower case.
        is_steady: Whether a statement changes just the rows that it says, and no trigger or
            conflict clause of the agent's others.
    """

    def __init__(self, connection: driver.Connection) -> None:
        self.version = schema_version(connection)
        self._made: dict[tuple[Callable[[TableLayout], Any], str], Any] = {}
        self._tables = {
            name.lower(): _read_table(connection, name)
            for (name,) in rows.fetch(
                connection,
                # Virtual tables belong to the agent, and need its modules even to be described.
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'",
            )
            # SQL text cannot name what is not UTF-8.
            if not name.startswith("sqlite_") and rows.is_plain((name,))
        }

        triggers = rows.fetch(
            connection, "SELECT tbl_name, lower(sql) FROM sqlite_schema WHERE type = 'trigger'"
        )
        self.triggered = frozenset(str(name).lower() for name, _ in triggers)
        self.threatened = self._named_in([str(sql) for _, sql in triggers])
        # `UNIQUE (…) ON CONFLICT REPLACE` deletes a row for another without a word.
        self.is_steady = not self.triggered and not rows.fetch(
            connection, "SELECT 1 FROM sqlite_schema WHERE sql LIKE '%CONFLICT%' LIMIT 1"
        )

    def _named_in(self, triggers: Sequence[str]) -> frozenset[str]:
        """Return the tables of a memory that triggers may delete from, in lower case."""
        from storage.schema import BY_NAME  # which is built on this module

        losing = [sql for sql in triggers if "delete" in sql or "replace" in sql]
        ours = BY_NAME.keys() & self._tables.keys()
        return frozenset(name for name in ours if any(name in sql for sql in losing))

    def __contains__(self, table: str) -> bool:
        return table.lower() in self._tables

    def __getitem__(self, table: str) -> TableLayout:
        try:
            return self._tables[table.lower()]
        except KeyError:
            raise SchemaError(f"The file has no table {table}.") from None

    def get(self, table: str) -> TableLayout | None:
        """Return the table, or None where the file lacks it."""
        return self._tables.get(table.lower())

    def made(self, make: Callable[[TableLayout], T], table: str) -> T:
        """Return what `make` makes of a table, made once for as long as the layout holds.

        Raises:
            SchemaError: The file has no such table.
        """
        key = (make, table.lower())
        if key not in self._made:
            self._made[key] = make(self[table])
        made: T = self._made[key]
        return made

    def names(self) -> list[str]:
        """Return the names of all tables, spelled as the file spells them."""
        return [table.name for table in self._tables.values()]


def schema_version(connection: driver.Connection) -> int:
    """Return the counter that SQLite raises whenever anybody changes the schema."""
    return int(connection.execute("PRAGMA schema_version").fetchone()[0])


def _read_table(connection: driver.Connection, name: str) -> TableLayout:
    # table_xinfo: cid, name, type, notnull, default, pk, hidden (2 and 3 are generated columns).
    all_columns = [
        row
        for row in rows.fetch(connection, f"PRAGMA table_xinfo({quote(name)})")
        if rows.is_plain((row[1],))
    ]
    described = [row for row in all_columns if row[6] == 0]
    row_number = _row_number(described)
    return TableLayout(
        name=name,
        columns=tuple(row[1] for row in described),
        required=frozenset(row[1].lower() for row in described if row[3] and row[4] is None),
        spelling={row[1].lower(): row[1] for row in described},
        unique=_unique_columns(connection, name) | ({row_number} if row_number else set()),
        exact=frozenset(row[1].lower() for row in described if _keeps_text(row[2])),
        computed=frozenset(row[1].lower() for row in all_columns if row[6] in (2, 3)),
        row_number=row_number,
        never_null=frozenset(row[1].lower() for row in described if row[3]),
        defaults={row[1].lower(): row[4] for row in described if row[4] is not None},
    )


def _row_number(described: Sequence[Any]) -> str | None:
    """Return the column that is the rowid, which has no index (sqlite.org/rowidtable.html)."""
    keys = [row for row in described if row[5]]
    is_alias = len(keys) == 1 and str(keys[0][2]).upper() == "INTEGER"
    return str(keys[0][1]).lower() if is_alias else None


def _keeps_text(declared: str) -> bool:
    """Say whether a column of this type has TEXT or BLOB affinity (sqlite.org/datatype3.html)."""
    words = declared.upper()
    if "INT" in words:
        return False
    return not words or any(word in words for word in ("CHAR", "CLOB", "TEXT", "BLOB"))


def _unique_columns(connection: driver.Connection, table: str) -> frozenset[str]:
    found = set()
    for _, index, unique, _, partial in rows.fetch(
        connection, f"PRAGMA index_list({quote(table)})"
    ):
        if not rows.is_plain((index,)):
            continue
        columns = rows.fetch(connection, f"PRAGMA index_info({quote(index)})")
        if unique and not partial and len(columns) == 1:
            found.add(str(columns[0][2]).lower())
    return frozenset(found)
