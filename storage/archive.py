"""The archive: nothing leaves a table without first standing here, whole and with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from storage import driver, fields, interactions, journal, json_utils, rows
from storage.cursors import read_cursor
from storage.errors import RecordExistsError, RestoreError, ValidationError
from storage.json_utils import CorruptJSON
from storage.kinds import INTERACTION, LEGACY, PATTERN, Kind, find, id_of, public_id, tables_of
from storage.moments import UNREADABLE, moment_sql, now_text, parse_moment
from storage.records import Record, stored_record
from storage.rows import quote
from storage.schema import ARCHIVED_INTERACTIONS, ARCHIVED_PATTERNS, BY_NAME
from storage.schema import PATTERNS as PATTERNS_TABLE
from storage.view import Change, StoredRow, TableLayout, View

_CHUNK: Final = 500


def archive(
    change: Change,
    kind: Kind,
    ids: Sequence[str],
    reason: str,
    target: str | None,
    archived_at: Any = None,
) -> int:
    """Move live records into their archive.

    Args:
        change: The transaction's connection.
        kind: What they are.
        ids: Their public ids; those that are not live are not counted.
        reason: Why.
        target: What they became, if anything.
        archived_at: When; now if it is None.

    Returns:
        How many rows were archived.
    """
    fields.required_text("reason", reason)
    fields.text(kind.target or "target", target)
    at = fields.moment("archived_at", archived_at) or now_text()
    count = 0
    for start in range(0, len(ids), _CHUNK):
        change.breathe()
        found = find(change, kind, ids[start : start + _CHUNK])
        stored = [row for each in found.values() for row in each]
        for group in _by_table(stored):
            move(change, kind, group, [envelope(kind, row, reason, target, at) for row in group])
        count += len(stored)
    return count


def archive_before(change: Change, before: Any, reason: str, target: str | None = None) -> int:
    """Archive all interactions whose time is readable and strictly before `before`."""
    if before is None:
        raise ValidationError("before_date must be a time.", field="before_date")
    limit = parse_moment(fields.moment("before_date", before))
    ids = [
        public_id(key, rowid)
        for table in tables_of(change, INTERACTION)
        for key, rowid in change.fetch(
            f"SELECT {table.sql(INTERACTION.key)}, rowid FROM {quote(table.name)}"
            f" WHERE {moment_sql(table.sql('timestamp'))} < ?"
            f" AND {moment_sql(table.sql('timestamp'))} > ?",
            (limit, UNREADABLE),
        )
    ]
    return archive(change, INTERACTION, list(dict.fromkeys(ids)), reason, target)


def move(
    change: Change, kind: Kind, stored: Sequence[StoredRow], envelopes: Sequence[rows.Row]
) -> None:
    """Put live rows of one table into the archive, each in its envelope, and journal it."""
    archive_table = change.layout[kind.archive]
    columns = list(envelopes[0])
    change.insert(archive_table, columns, [list(each.values()) for each in envelopes])
    last = change.last_rowid()
    numbers = list(range(last - len(stored) + 1, last + 1))
    change.delete(stored[0].table, [row.rowid for row in stored])
    number = archive_table.spell("id")
    journal.record(
        change,
        "archive",
        stored[0].table.name,
        [id_of(kind, row) for row in stored],
        [
            rows.digest({**envelope, number: envelope.get(number, at)})
            for envelope, at in zip(envelopes, numbers, strict=True)
        ],
        {
            "archived_as": [
                each.get(number, at) for each, at in zip(envelopes, numbers, strict=True)
            ]
        },
    )


def envelope(
    kind: Kind, row: StoredRow, reason: str, target: str | None, at: rows.Value
) -> rows.Row:
    """Return the archive row that takes `row`, without its number."""
    record_id = id_of(kind, row)
    number = row.value("id") if row.table.has("id") else record_id
    special: rows.Row
    if kind is INTERACTION:
        special = {"original_id": str(number), "interaction_id": record_id}
    elif kind is PATTERN:
        special = {
            "original_id": record_id,
            "pattern_name": _as_text(row.value("name")),
            "pattern_type": _as_text(row.value("pattern_type")),
        }
    else:
        special = {"table_name": row.table.name, "record_id": record_id}
    envelope = {
        **special,
        "data": rows.encode_row(row.values).decode(),
        "archived_at": at,
        "archive_reason": reason,
    }
    return envelope if kind.target is None else {**envelope, kind.target: target}


def _as_text(value: rows.Value) -> rows.Value:
    return value if value is None or isinstance(value, str) else str(value)


def _by_table(stored: Sequence[StoredRow]) -> Iterator[list[StoredRow]]:
    for name in dict.fromkeys(row.table.name for row in stored):
        yield [row for row in stored if row.table.name == name]


# Restoring.


def restore(change: Change, kind: Kind, ids: Sequence[str]) -> int:
    """Give archived records back as they were, each from its newest archive row.

    Returns:
        How many were restored; ids that are not in the archive are not counted.

    Raises:
        RecordExistsError: A live record has one of the ids.
        RestoreError: An archive row is corrupt or does not fit its table.
    """
    count = 0
    for start in range(0, len(ids), _CHUNK):
        change.breathe()
        newest = _newest(change, kind, ids[start : start + _CHUNK])
        count += put_back(change, kind, newest)
    return count


def _newest(view: View, kind: Kind, ids: Sequence[str]) -> list[StoredRow]:
    best: dict[str, StoredRow] = {}
    for row in _archive_rows(view, kind, ids):
        record_id = archived_id(kind, row)
        if record_id not in best or _age(row) > _age(best[record_id]):
            best[record_id] = row
    return [best[each] for each in ids if each in best]


def _age(row: StoredRow) -> tuple[int, int]:
    return parse_moment(row.value("archived_at")), row.rowid


def _archive_rows(view: View, kind: Kind, ids: Sequence[str]) -> list[StoredRow]:
    table = view.layout.get(kind.archive)
    if table is None:
        return []
    pairs = [rows.bindable(each) for each in ids]
    marks, values = ", ".join(mark for mark, _ in pairs), [value for _, value in pairs]
    found = view.rows(table, f"{table.sql(_key_column(kind))} IN ({marks})", values)
    legacy = [each.removeprefix(LEGACY) for each in ids if each.startswith(LEGACY)]
    if kind is INTERACTION and legacy:
        marks = ", ".join("?" * len(legacy))
        found += view.rows(
            table,
            f"{table.sql('original_id')} IN ({marks}) AND"
            f" typeof({table.sql('interaction_id')}) <> 'text'",
            legacy,
        )
    return found


def _key_column(kind: Kind) -> str:
    if kind is INTERACTION:
        return "interaction_id"
    return "original_id" if kind is PATTERN else "record_id"


def archived_id(kind: Kind, row: StoredRow) -> str:
    """Return the public id of the record that an archive row holds."""
    return public_id(row.value(_key_column(kind)), row.value("original_id"))


def put_back(change: Change, kind: Kind, archived: Sequence[StoredRow]) -> int:
    """Restore these archive rows and remove them, and journal it."""
    ids = [archived_id(kind, row) for row in archived]
    if live := next(iter(find(change, kind, ids)), None):
        raise RecordExistsError(
            f"{kind.name} {live} is live; archive it first, then restore the older one."
        )
    restored = [(each, _target(change, kind, each)) for each in archived]
    for name in dict.fromkeys(table.name for _, (table, _) in restored):
        group = [(row, table, values) for row, (table, values) in restored if table.name == name]
        _insert_group(change, kind, group)
    return len(archived)


def _insert_group(
    change: Change, kind: Kind, group: Sequence[tuple[StoredRow, TableLayout, rows.Row]]
) -> None:
    table = group[0][1]
    for columns in dict.fromkeys(tuple(values) for _, _, values in group):
        alike = [list(values.values()) for _, _, values in group if tuple(values) == columns]
        try:
            change.insert(table, columns, alike)
        except driver.IntegrityError as error:
            raise RecordExistsError(
                f"A row cannot be restored into {table.name}: {error}; nothing was restored."
            ) from error
    archived = [row for row, _, _ in group]
    ids = [archived_id(kind, row) for row in archived]
    live = find(change, kind, ids)
    if len(live) != len(ids):
        raise RestoreError(
            f"A trigger on table {table.name} kept rows from being restored; nothing was changed."
        )
    change.delete(archived[0].table, [row.rowid for row in archived])
    journal.record(
        change,
        "restore",
        table.name,
        ids,
        [rows.digest(live[each][0].values) for each in ids],
        {"archive_rows": [_remembered(row, live[archived_id(kind, row)][0]) for row in archived]},
    )


def _remembered(row: StoredRow, live: StoredRow) -> dict[str, Any]:
    """Return the archive row for the journal; `data` only where the live row does not give it."""
    kept = dict(row.values)
    data = row.table.spell("data")
    if kept[data] == rows.encode_row(live.values).decode():
        del kept[data]
    return rows.wrapped(kept)


def _target(change: Change, kind: Kind, row: StoredRow) -> tuple[TableLayout, rows.Row]:
    """Return the table that an archive row goes back into, and the row."""
    where = f"row {row.rowid} of {row.table.name}"
    document = json_utils.decode(row.value("data"), dict)
    if isinstance(document, CorruptJSON):
        raise RestoreError(f"{where} holds corrupt data ({document.error}); repair it first.")
    if not isinstance(document, Mapping) or not document:
        raise RestoreError(f"{where} holds no row in its data; nothing was restored.")
    values = rows.decode_row(document)
    names = {name.lower() for name in values}
    if kind.archive == "memglass_archived_rows":
        tables = [change.layout[str(row.value("table_name"))]]
    else:
        tables = tables_of(change, kind)
    table = min(tables, key=lambda each: len(names ^ set(each.spelling)))
    for name in values:
        if not table.has(name):
            raise RestoreError(
                f"{where} has a value for {name}, a column that {table.name} lacks by now;"
                " nothing was restored."
            )
    return table, {table.spell(name): value for name, value in values.items()}


# Reading.


def _archive_of(kind: Kind) -> Any:
    return BY_NAME[kind.archive]


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
    where, values = ["1"], list[Any]()
    for column, wanted in ((_key_column(kind), record_id), ("archive_reason", reason)):
        if wanted is not None:
            mark, value = rows.bindable(wanted)
            where.append(f"{table.sql(column)} = {mark}")
            values.append(value)
    if record_id is not None and kind is INTERACTION and record_id.startswith(LEGACY):
        where[1] = f"({where[1]} OR {table.sql('original_id')} = ?)"
        values.insert(1, record_id.removeprefix(LEGACY))
    moment = moment_sql(table.sql("archived_at"))
    if before is not None:
        at, last = read_cursor(before, "archive", 2)
        where.append(f"{moment} <= ? AND ({moment} < ? OR {table.sql('id')} < ?)")
        values += [at, at, last]
    names = ", ".join(map(quote, table.columns))
    found = view.fetch(
        f"SELECT rowid, {names} FROM {quote(table.name)} WHERE {' AND '.join(where)}"
        f" ORDER BY {moment} DESC, {table.sql('id')} DESC LIMIT ?",
        [*values, fields.check_limit(limit)],
    )
    return [
        read(kind, StoredRow(table, row[0], dict(zip(table.columns, row[1:], strict=True))))
        for row in found
    ]


def read(kind: Kind, row: StoredRow) -> Record:
    """Return an archive row as a record: its columns, and the source row decoded in `record`."""
    shape = ARCHIVED_INTERACTIONS if kind is INTERACTION else ARCHIVED_PATTERNS
    archived = stored_record(shape, row)
    if kind is INTERACTION:
        archived["interaction_id"] = archived_id(kind, row)
    archived["record"] = _source_record(kind, archived["data"])
    return archived


def _source_record(kind: Kind, document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    values = rows.decode_row(document)
    names = {name.lower() for name in values}
    tables = [name for name in kind.tables if name in BY_NAME]
    is_complete = "user_query" in names and "data" in names and len(tables) > 1
    layout = TableLayout(
        tables[1] if is_complete else tables[0],
        tuple(values),
        frozenset(),
        {name.lower(): name for name in values},
    )
    stored = StoredRow(layout, 0, values)
    if kind is INTERACTION:
        return interactions.read_row(stored)
    return stored_record(PATTERNS_TABLE, stored)


def statistics(view: View) -> dict[str, dict[str, int]]:
    """Return how many rows each archive holds by reason."""
    told: dict[str, dict[str, int]] = {}
    for name, archive_name in (
        ("interactions", INTERACTION.archive),
        ("patterns", PATTERN.archive),
        ("rows", "memglass_archived_rows"),
    ):
        table = view.layout.get(archive_name)
        told[name] = (
            {}
            if table is None
            else dict(
                view.fetch(
                    f"SELECT COALESCE({table.sql('archive_reason')}, ''), count(*)"
                    f" FROM {quote(table.name)} GROUP BY 1 ORDER BY 2 DESC, 1"
                )
            )
        )
    return told
