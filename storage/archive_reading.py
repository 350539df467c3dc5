"""Reading the archive: its rows as records, a page at a time, by id and by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storage import interaction_reading, rows
from storage.cursors import read_cursor
from storage.kinds import INTERACTION, LEGACY, PATTERN, Kind, keys_of, place_sql, public_id, strings
from storage.layout import TableLayout
from storage.moments import moment_sql, parse_moment
from storage.records import Record, stored_record
from storage.rows import quote
from storage.schema import (
    ARCHIVED_INTERACTIONS,
    ARCHIVED_PATTERNS,
    ARCHIVED_ROWS,
    BY_NAME,
    COMPLETE_INTERACTIONS,
    PATTERNS,
    Table,
)
from storage.view import StoredRow, View
from storage.where import Where


def key_column(kind: Kind) -> str:
    """Return the column of the archive that holds the public id of what was archived."""
    if kind is INTERACTION:
        return "interaction_id"
    return "original_id" if kind is PATTERN else "record_id"


def archived_id(kind: Kind, row: StoredRow) -> str:
    """Return the public id of the record that an archive row holds."""
    return public_id(row.value(key_column(kind)), row.value("original_id"))


def by_ids(table: TableLayout, kind: Kind, ids: Sequence[str]) -> tuple[str, list[rows.Value]]:
    """Return the SQL that finds the archive rows of records, and its values."""
    marks, keys = keys_of(ids)
    key = table.sql(key_column(kind))
    where, values = f"{key} IN ({marks})", list(keys)
    numbers = [each.removeprefix(LEGACY) for each in ids if each.startswith(LEGACY)]
    if kind is not INTERACTION or not numbers:
        return where, values
    # What an agent archived before it knew ids is known by its old row number.
    marks, bound = keys_of(numbers)
    by_number = (
        f"typeof({key}) NOT IN ('text', 'integer') AND {table.sql('original_id')} IN ({marks})"
    )
    return f"({where} OR {by_number})", [*values, *bound]


def rows_of(view: View, kind: Kind, ids: Sequence[str]) -> list[StoredRow]:
    """Return all archive rows of the records with these public ids."""
    table = view.layout.get(kind.archive)
    return [] if table is None else view.rows(table, *by_ids(table, kind, ids))


def newest(view: View, kind: Kind, ids: Sequence[str]) -> list[StoredRow]:
    """Return the newest archive row of each record, in the order of `ids`; at most 500 of them."""
    best: dict[str, StoredRow] = {}
    for row in rows_of(view, kind, ids):
        record_id = archived_id(kind, row)
        if record_id not in best or _age(row) > _age(best[record_id]):
            best[record_id] = row
    return [best[each] for each in ids if each in best]


def _age(row: StoredRow) -> tuple[int, int]:
    return parse_moment(row.value("archived_at")), row.rowid


def page(
    view: View,
    kind: Kind,
    record_id: str | None,
    reason: str | None,
    limit: int | None,
    before: str | None,
) -> list[Record]:
    """Return archived records, newest first by (`archived_at`, id)."""
    table = view.layout.get(kind.archive)
    if table is None:
        return []
    where = Where().equals(table.sql("archive_reason"), reason)
    if record_id is not None:
        found_by, wanted = by_ids(table, kind, strings([record_id]))
        where.add(found_by, *wanted)
    moment, number = moment_sql(table.sql("archived_at")), place_sql(table)
    if before is not None:
        where.after(moment, number, read_cursor(before, kind.archive, 2))
    found = view.select(table, where, f"{moment} DESC, {number} DESC", limit)
    return [
        read(kind, StoredRow(table, row[0], dict(zip(table.columns, row[1:], strict=True))))
        for row in found
    ]


def read(kind: Kind, row: StoredRow) -> Record:
    """Return an archive row as a record: its columns, and the source row decoded in `record`."""
    shape = ARCHIVED_INTERACTIONS if kind is INTERACTION else ARCHIVED_PATTERNS
    archived = stored_record(shape, row)
    record_id = archived_id(kind, row)
    if kind is INTERACTION:
        archived["interaction_id"] = record_id
    archived["record"] = _source_record(kind, archived["data"], record_id)
    return archived


def home_of(kind: Kind, values: Mapping[str, Any]) -> Table:
    """Return the table, as it is declared, that an archived interaction or pattern stood in."""
    names = {name.lower() for name in values}
    is_complete = kind is INTERACTION and {"user_query", "data"} <= names
    return COMPLETE_INTERACTIONS if is_complete else BY_NAME[kind.tables[0]]


def declared_home(archive: str, source: Any, values: Mapping[str, Any]) -> Table | None:
    """Return the table, as it is declared, that a row of any archive stood in; None if unknown.

    Args:
        archive: The archive, in lower case.
        source: What the row says of the table, as the archive of all other kinds has it.
        values: The archived row.
    """
    for kind in (INTERACTION, PATTERN):
        if kind.archive == archive:
            return home_of(kind, values)
    return BY_NAME.get(str(source).lower())


def _source_record(kind: Kind, document: Any, record_id: str) -> Any:
    if not isinstance(document, dict):
        return document
    values = rows.decode_row(document)
    spelling = {each.lower(): each for each in values}
    home = home_of(kind, values).name
    stored = StoredRow(TableLayout(home, tuple(values), frozenset(), spelling), 0, values)
    record = (
        interaction_reading.read_row(stored)
        if kind is INTERACTION
        else stored_record(PATTERNS, stored)
    )
    if not isinstance(stored.value(kind.key), str | int):
        record[kind.key] = record_id
    return record


def statistics(view: View) -> dict[str, dict[str, int]]:
    """Return how many rows each archive holds by reason, the most frequent reason first."""
    told: dict[str, dict[str, int]] = {}
    for name, archive_name in (
        ("interactions", INTERACTION.archive),
        ("patterns", PATTERN.archive),
        ("rows", ARCHIVED_ROWS.name),
    ):
        table = view.layout.get(archive_name)
        told[name] = {} if table is None else _by_reason(view, table)
    return told


def _by_reason(view: View, table: TableLayout) -> dict[str, int]:
    return dict(
        view.fetch(
            f"SELECT CAST(COALESCE({table.sql('archive_reason')}, '') AS TEXT), count(*)"
            f" FROM {quote(table.name)} GROUP BY 1 ORDER BY 2 DESC, 1"
        )
    )
