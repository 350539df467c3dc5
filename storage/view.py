"""A connection as the operations see it: rows to fetch, and the layout of the file.

Operations are plain functions over a `View` (to read) or a `Change` (to write) that run as a
whole in the connection's thread, one hop from the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as count_from
from typing import Any, Final, TypeVar

from storage import driver, rows
from storage.errors import SchemaError, StorageError
from storage.fields import check_limit
from storage.rows import quote
from storage.where import Where

T = TypeVar("T")

ROWS_PER_STATEMENT: Final = 500
"""How many ids stand in one SQL statement; SQLite before 3.32 takes at most 999 parameters."""


class CancelledInThreadError(StorageError):
    """The task that asked for this work was cancelled; the work stops and is rolled back."""


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


class View:
    """Reads through one connection.

    Attributes:
        connection: The connection.
        layout: The tables of the file.
        commits: A number that changes with the commits of others, as of the last `catch_up()`;
            None where that was never asked, as of a connection that writes.
    """

    __slots__ = ("commits", "connection", "layout")

    def __init__(self, connection: driver.Connection) -> None:
        self.connection = connection
        self.layout = Layout(connection)
        self.commits: int | None = None

    def refresh(self) -> None:
        """Read the layout anew if somebody changed the schema, so that no column is overlooked."""
        if schema_version(self.connection) != self.layout.version:
            self.layout = Layout(self.connection)

    def catch_up(self) -> None:
        """See whether anybody has committed anything, on a connection that itself only reads."""
        commits = int(self.fetch("PRAGMA data_version")[0][0])
        if commits != self.commits:
            self.refresh()
            self.commits = commits

    def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Read all rows of a query as tuples."""
        return rows.fetch(self.connection, sql, values)

    def select(
        self, table: TableLayout, where: Where, order: str, limit: int | None = None
    ) -> list[Any]:
        """Read whole rows as tuples: the rowid, then every stored column.

        Raises:
            ValidationError: `limit` is no count.
        """
        # SQLite compiles a query with a bound LIMIT anew each time, longer than it then runs.
        return self.fetch(
            f"SELECT rowid, {rows.names(table.columns)} FROM {quote(table.name)} WHERE {where.sql}"
            f" ORDER BY {order} LIMIT {check_limit(limit)}",
            where.values,
        )

    def rows(self, table: TableLayout, where: str, values: Sequence[Any]) -> list[StoredRow]:
        """Read whole rows, every stored column, in the order of `where`."""
        return [
            StoredRow(table, row[0], dict(zip(table.columns, row[1:], strict=True)))
            for row in self.fetch(
                f"SELECT rowid, {rows.names(table.columns)} FROM {quote(table.name)} WHERE {where}",
                values,
            )
        ]

    def defaults(self, table: TableLayout, declared: Collection[str]) -> dict[str, Any]:
        """Return what the agent's own columns, which are not `declared`, hold by default."""
        own = {name: sql for name, sql in table.defaults.items() if name not in declared}
        if not own:
            return {}
        found = self.fetch("SELECT " + ", ".join(f"({sql})" for sql in own.values()))
        return dict(zip(own, found[0], strict=True))


@dataclass(slots=True)
class StoredRow:
    """A row with everything that its table stores of it."""

    table: TableLayout
    rowid: int
    values: rows.Row

    def value(self, column: str) -> rows.Value:
        """Return the value of `column`, or None where the table lacks it."""
        name = self.table.spelling.get(column.lower())
        return None if name is None else self.values[name]


@dataclass(slots=True)
class Stamp:
    """What the journal says of every change of one transaction."""

    transaction_id: str
    actor: str
    note: str | None


class Change(View):
    """Reads and writes through the writing connection, inside one transaction."""

    __slots__ = ("_is_cancelled", "stamp")

    def __init__(self, view: View, stamp: Stamp, is_cancelled: Callable[[], bool]) -> None:
        self.connection = view.connection
        self.layout = view.layout
        self.commits = None
        self.stamp = stamp
        self._is_cancelled = is_cancelled

    def breathe(self) -> None:
        """Stop here if the task that asked for this work has been cancelled."""
        if self._is_cancelled():
            raise CancelledInThreadError("The work was cancelled and rolled back.")

    def insert(
        self, table: TableLayout, columns: Sequence[str], values: Sequence[Sequence[rows.Value]]
    ) -> None:
        """Insert rows in their order.

        Raises:
            StorageError: A trigger or conflict clause of the file kept a row out, let another in,
                or took one away.
        """
        with self.balanced({table.name: len(values)}):
            rows.insert(self.connection, table.name, columns, values)

    def insert_one(self, table: TableLayout, row: rows.Row) -> int:
        """Insert one row and return its rowid."""
        self.insert(table, list(row), [list(row.values())])
        return self.last_rowid()

    def last_rowid(self) -> int:
        """Return the rowid of the row that was inserted last."""
        return int(self.connection.execute("SELECT last_insert_rowid()").fetchone()[0])

    def free_numbers(self, table: TableLayout) -> Iterator[rows.Value]:
        """Yield values of `id` for a table of an agent, to which SQLite gives none."""
        number = table.sql("id")
        highest = f"max(max(rowid), max(CAST({number} AS INTEGER)))"
        (last,) = self.fetch(f"SELECT {highest} FROM {quote(table.name)}")[0]
        is_text = "id" in table.exact
        return (str(each) if is_text else each for each in count_from((last or 0) + 1))

    def update(self, table: TableLayout, changes: Mapping[int, rows.Row]) -> None:
        """Write changes into rows, each by its rowid.

        Raises:
            StorageError: A trigger or conflict clause of the file kept a row as it was, or took
                another away.
        """
        # A trigger may keep in the same table what an update took away.
        with self.balanced({}, kept=(table.name,)):
            for rowid, values in changes.items():
                if rows.update(self.connection, table.name, rowid, values) != 1:
                    raise _interference(table.name)

    def delete(self, table: TableLayout, rowids: Sequence[int]) -> None:
        """Delete rows that stand in an archive by now.

        Raises:
            StorageError: A trigger of the file kept a row, or lost another.
        """
        with self.balanced({table.name: -len(rowids)}):
            for start in range(0, len(rowids), ROWS_PER_STATEMENT):
                part = rowids[start : start + ROWS_PER_STATEMENT]
                marks = ", ".join("?" * len(part))
                self.connection.execute(
                    f"DELETE FROM {quote(table.name)} WHERE rowid IN ({marks})", part
                )

    @contextmanager
    def balanced(
        self, expected: Mapping[str, int], *, kept: Collection[str] = ()
    ) -> Iterator[None]:
        """Check that tables gain just the rows expected of them, whatever triggers do meanwhile.

        Args:
            expected: How many rows each table gains.
            kept: Tables that lose none, as those that triggers may delete from.

        Raises:
            StorageError: A trigger or conflict clause of the file kept a row, lost one or added
                one; or a trigger took one from another table of the memory.
        """
        if self.layout.is_steady:
            yield
            return
        watched = self.layout.threatened | {name.lower() for name in kept}
        others = watched - {name.lower() for name in expected}
        before = {name: self._count(name) for name in (*expected, *others)}
        yield
        for name, count in before.items():
            gain = self._count(name) - count
            if gain != expected[name] if name in expected else gain < 0:
                raise _interference(name)

    def _count(self, table: str) -> int:
        return int(self.fetch(f"SELECT count(*) FROM {quote(table)}")[0][0])


def _interference(table: str) -> StorageError:
    return StorageError(
        f"A trigger or an ON CONFLICT clause interferes with the rows of table {table}; nothing"
        " was changed."
    )
