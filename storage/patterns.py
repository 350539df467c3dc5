"""Patterns: what the agent learned, by confidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from storage import driver, fields, journal, kinds, rows
from storage.cursors import read_cursor
from storage.errors import RecordExistsError, RecordNotFoundError, ValidationError
from storage.ids import new_id
from storage.kinds import PATTERN, find, find_one
from storage.layout import TableLayout
from storage.moments import now_text
from storage.records import Record, Shape, stored_record
from storage.rows import quote
from storage.schema import PATTERNS
from storage.updates import changed_columns, merge, not_added, write_update
from storage.view import Change, View
from storage.where import Where

STORES: Final[dict[str, fields.Store]] = {
    "id": fields.required_text,
    "name": fields.text,
    "description": fields.text,
    "pattern_type": fields.text,
    "sequence": fields.array,
    "frequency": fields.count,
    "confidence": fields.confidence,
    "created_at": fields.moment,
    "last_seen": fields.moment,
    "metadata": fields.mapping,
}


def rank_sql(table: TableLayout) -> str:
    """Return the SQL of where a pattern's confidence sorts; `cursors.rank` in Python."""
    column = table.sql("confidence")
    return f"CASE WHEN typeof({column}) IN ('real', 'integer') THEN {column} ELSE -1.0e308 END"


def id_sql(table: TableLayout) -> str:
    """Return the SQL of a pattern's public id."""
    return kinds.id_sql(table.sql("id"))


def get(view: View, pattern_id: str) -> Record | None:
    """Return one pattern, or None."""
    row = find_one(view, PATTERN, pattern_id)
    return None if row is None else stored_record(PATTERNS, row)


def page(
    view: View, pattern_type: str | None, limit: int | None, before: str | None = None
) -> list[Record]:
    """Return patterns, the most confident first, then by id."""
    table = view.layout.get(PATTERNS.name)
    if table is None:
        return []
    where = Where().equals(table.sql("pattern_type"), pattern_type)
    if before is not None:
        confidence, last = read_cursor(before, "pattern", 2)
        mark, value = rows.bindable(last)
        where.add(
            f"({rank_sql(table)} < ? OR ({rank_sql(table)} = ? AND {id_sql(table)} > {mark}))",
            *(confidence, confidence, value),
        )
    found = view.select(table, where, f"{rank_sql(table)} DESC, {id_sql(table)}", limit)
    shape = Shape(PATTERNS, table)
    return [shape.record(row[0], row[1:]) for row in found]


def types(view: View) -> dict[str, int]:
    """Return how many patterns there are of each type, the most frequent type first."""
    table = view.layout.get(PATTERNS.name)
    if table is None:
        return {}
    column = table.sql("pattern_type")
    return dict(
        view.fetch(
            f"SELECT COALESCE({column}, ''), count(*) FROM {quote(table.name)}"
            " GROUP BY 1 ORDER BY 2 DESC, 1"
        )
    )


def add_many(change: Change, batch: Iterable[Mapping[str, Any]]) -> list[str]:
    """Add patterns, with one journal row for all of them.

    Raises:
        RecordExistsError: A live pattern has one of their ids.
        ValidationError: A field holds what it cannot.
    """
    table = change.layout[PATTERNS.name]
    defaults = change.defaults(table, {column.name for column in PATTERNS.columns})
    prepared = [_prepare(table, data, defaults) for data in batch]
    if not prepared:
        return []
    key = table.spell("id")
    given = [str(row[key]) for row in prepared if row[key] is not None]
    if len(set(given)) < len(given):
        raise RecordExistsError("A pattern id is given twice; nothing was added.")
    if there := next(iter(find(change, PATTERN, given)), None):
        raise RecordExistsError(f"Pattern {there} exists already; nothing was added.")
    for row in prepared:
        fields.check_writable(list(row), list(row.values()))
    try:
        ids = _insert(change, table, prepared)
    except driver.IntegrityError as error:
        raise not_added(table, "a pattern", error) from error
    after = find(change, PATTERN, ids)
    if other := next((each for each in ids if each not in after), None):
        raise ValidationError(
            f"Table {table.name} makes another id of {other}; nothing was added.", field="id"
        )
    digests = [rows.digest(after[each][0].values) for each in ids]
    journal.record(change, "add", PATTERNS.name, ids, digests)
    return ids


def _insert(change: Change, table: TableLayout, prepared: Sequence[rows.Row]) -> list[str]:
    """Insert patterns and return their ids, which SQLite gives where `id` is the rowid."""
    if table.row_number == "id":
        return [str(change.insert_one(table, row)) for row in prepared]
    columns = list(table.columns)
    change.insert(table, columns, [[row[name] for name in columns] for row in prepared])
    return [str(row[table.spell("id")]) for row in prepared]


def check(view: View, data: Mapping[str, Any]) -> None:
    """Refuse what cannot be a pattern.

    Raises:
        ValidationError: A field holds what it cannot; the error names it.
        JSONEncodeError: A field holds what JSON cannot say.
    """
    row = _prepare(view.layout[PATTERNS.name], data, {})
    fields.check_writable(list(row), list(row.values()))


def _prepare(table: TableLayout, data: Mapping[str, Any], defaults: rows.Row) -> rows.Row:
    given = fields.by_column(fields.check_mapping("pattern", data), table.has)
    extras = {key: given.pop(key) for key in list(given) if not table.has(key)}
    if extras:
        given["metadata"] = merge(given.get("metadata"), extras)
    now = now_text()
    empty: dict[str, Any] = {
        **defaults,
        "id": None if table.row_number == "id" else new_id(),
        "name": "",
        "pattern_type": "",
        "sequence": [],
        "frequency": 1,
        "confidence": 0.5,
        "created_at": now,
        "last_seen": now,
    }
    row: rows.Row = {}
    for column in table.columns:
        name = column.lower()
        value = given.get(name)
        value = empty.get(name) if value is None else value
        if name == "id" and value is None:
            row[column] = None
            continue
        row[column] = STORES.get(name, fields.scalar)(name, value)
        if row[column] is None and name in table.required:
            row[column] = ""
    return row


def update(change: Change, pattern_id: str, changes: Mapping[str, Any]) -> None:
    """Change fields of one pattern; keys without a column go into metadata.

    Raises:
        RecordNotFoundError: No live pattern has the id.
        ValidationError: A field holds what it cannot, or cannot be changed.
    """
    row = find_one(change, PATTERN, pattern_id)
    if row is None:
        raise RecordNotFoundError(f"There is no live pattern {pattern_id}.")
    write_update(change, PATTERN, row, changed_columns(PATTERNS, row, changes, STORES, ("id",)))
