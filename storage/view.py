"""A connection as the operations see it: rows to read and to write.

Operations are plain functions over a `View` (to read) or a `Change` (to write) that run as a
whole in the connection's thread, one hop from the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count as count_from
from typing import Any, Final

from storage import driver, rows
from storage.errors import StorageError
from storage.fields import check_limit
from storage.layout import Layout, TableLayout, schema_version
from storage.rows import quote
from storage.where import Where

ROWS_PER_STATEMENT: Final = 500
"""How many ids stand in one SQL statement; SQLite before 3.32 takes at most 999 parameters."""


class CancelledInThreadError(StorageError):
    """The task that asked for this work was cancelled; the work stops and is rolled back."""


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
