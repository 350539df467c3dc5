"""Interactions as they read: one list over `interactions` and `complete_interactions`."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from storage import rows
from storage.cursors import read_cursor
from storage.json_utils import decode
from storage.kinds import INTERACTION, find_one, id_sql, place_sql, public_id
from storage.layout import TableLayout
from storage.moments import moment_sql, parse_moment
from storage.records import Record, Shape
from storage.schema import COMPLETE_INTERACTIONS, INTERACTIONS
from storage.view import StoredRow, View
from storage.where import Where

READS_AS: Final = {"user_query": "content", "data": "details"}
"""Columns of `complete_interactions` that read under another name."""

_COMPLETE_ACTION: Final = "interaction"


@dataclass(frozen=True, slots=True)
class Source:
    """One table of interactions, and how its rows read.

    Attributes:
        rank: Where its rows stand among those of the same moment; also in cursors.
        key: The SQL of what orders rows of the same moment.
        read: Turns rows, each its rowid and then its values, into records.
    """

    table: TableLayout
    rank: int
    key: str
    read: Callable[[Sequence[Sequence[Any]]], list[Record]]

    def moment(self) -> str:
        """Return the SQL of the moment of a row."""
        return moment_sql(self.table.sql("timestamp"))

    def order(self) -> str:
        """Return the order of the list in SQL, newest first."""
        return f"{self.moment()} DESC, {self.key} DESC"

    def where(
        self, session_id: str | None, action: str | None, cursor: Sequence[Any] | None
    ) -> Where | None:
        """Return the conditions of a page, or None where no row can be on it."""
        if action is not None and not self.table.has("action"):
            if self.rank or action != _COMPLETE_ACTION:
                return None
            action = None
        where = Where().equals(self.table.sql("session_id"), session_id)
        where.equals(self.table.sql("action"), action)
        return where if cursor is None else self._after(where, *cursor)

    def _after(self, where: Where, at: int, rank: int, key: rows.Value) -> Where:
        """Ask for what comes after a cursor in this table."""
        moment = self.moment()
        if rank != self.rank:
            return where.add(f"{moment} {'<=' if self.rank < rank else '<'} ?", at)
        mark, value = rows.bindable(key)
        return where.add(f"{moment} <= ? AND ({moment} < ? OR {self.key} < {mark})", at, at, value)


def sources(view: View) -> list[Source]:
    """Return the tables of interactions that this file has."""
    return [
        view.layout.made(make, name)
        for name, make in (
            (INTERACTIONS.name, _ordinary_source),
            (COMPLETE_INTERACTIONS.name, _complete_source),
        )
        if name in view.layout
    ]


def source_of(table: TableLayout) -> Source:
    """Return how a table of interactions reads."""
    is_complete = table.name.lower() == COMPLETE_INTERACTIONS.name
    return _complete_source(table) if is_complete else _ordinary_source(table)


def _ordinary_source(table: TableLayout) -> Source:
    key = place_sql(table, id_sql(table.sql("interaction_id")))
    return Source(table, 1, key, Shape(INTERACTIONS, table, INTERACTION.key).records)


def _complete_source(table: TableLayout) -> Source:
    read = _complete_reader(table)
    key = id_sql(table.sql("interaction_id"))
    return Source(table, 0, key, lambda found: [read(row[0], row[1:]) for row in found])


def read_row(row: StoredRow) -> Record:
    """Return the record of a whole stored row of either table."""
    values = list(row.values.values())
    if row.table.name.lower() == COMPLETE_INTERACTIONS.name:
        return _complete_reader(row.table)(row.rowid, values)
    return Shape(INTERACTIONS, row.table, INTERACTION.key).record(row.rowid, values)


def _complete_reader(table: TableLayout) -> Callable[[int, Sequence[Any]], Record]:
    declared = {column.name for column in COMPLETE_INTERACTIONS.columns}
    names = [name.lower() if name.lower() in declared else name for name in table.columns]

    def read(rowid: int, values: Sequence[Any]) -> Record:
        row = dict(zip(names, values, strict=True))
        key = row.pop("interaction_id", None)
        return {
            "interaction_id": public_id(key, rowid),
            "timestamp": row.pop("timestamp", None),
            "session_id": row.pop("session_id", None),
            "action": _COMPLETE_ACTION,
            "role": None,
            "content": row.pop("user_query", None),
            "file_path": None,
            "details": decode(row.pop("data", None), dict),
            "metadata": row,
        }

    return read


def get(view: View, interaction_id: str) -> Record | None:
    """Return one interaction, or None."""
    row = find_one(view, INTERACTION, interaction_id)
    return None if row is None else read_row(row)


def recent(
    view: View,
    limit: int | None,
    session_id: str | None,
    action: str | None,
    before: str | None,
) -> list[Record]:
    """Return interactions, newest first by (moment, id)."""
    cursor = None if before is None else read_cursor(before, "interaction", 3)
    pages = []
    for source in sources(view):
        where = source.where(session_id, action, cursor)
        if where is not None:
            pages.append(source.read(view.select(source.table, where, source.order(), limit)))
    filled = [page for page in pages if page]
    if len(filled) < 2:
        return filled[0] if filled else []
    return list(islice(heapq.merge(*filled, key=_newest_first), limit))


def _newest_first(record: Record) -> tuple[int, int]:
    return -parse_moment(record["timestamp"]), -1 if "id" in record else 0
