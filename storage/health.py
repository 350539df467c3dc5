"""Looking for what is broken: JSON that cannot be read, orphans, damage of the file.

SQLite's `json_valid` is wrong in both directions, so that every field is decoded here, on its
exact bytes, a bounded part of a table at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from storage import driver, orphans, rows
from storage.archive_reading import declared_home
from storage.findings import HealthFinding, HealthProgress, Part, damage, is_damage, told_id, walk
from storage.json_utils import CorruptJSON, decode
from storage.kinds import BY_TABLE, KINDS
from storage.layout import TableLayout
from storage.rows import quote
from storage.schema import ARCHIVED_ROWS, BY_NAME, TABLES, Column, Table, json_types
from storage.view import View

__all__ = ["HealthFinding", "HealthProgress", "check", "counts", "scan"]

T = TypeVar("T")
_WORST: Final = 100
_ARCHIVES: Final = frozenset(kind.archive for kind in KINDS)

Run = Callable[[Callable[[View], T]], Awaitable[T]]
_Look = Callable[..., Part]


async def check(
    run: Run[Any], resume: HealthProgress | None = None
) -> AsyncIterator[HealthProgress | HealthFinding]:
    """Scan everything; yields findings as they are met, and progress in between.

    Progress never goes back, and ends where `done` is `total`. Damage of the file is a finding
    like any other: of a table with a page that cannot be read, the rows before it are looked at.

    Args:
        run: Runs a function on a reader and returns what it returns.
        resume: What an interrupted scan told last; all that it found was told before that.
    """
    totals: dict[str, int] = await run(counts)
    start = resume or HealthProgress(0, 0, "")
    total, done = sum(totals.values()), start.done
    looks: list[tuple[str, _Look]] = [(name, partial(scan, name=name)) for name in totals]
    looks += [("world_model_snapshots", orphans.snapshots), ("patterns", orphans.patterns)]
    for i, (name, look) in enumerate(looks[start.step :], start.step):
        last = start.last if i == start.step else None
        while True:
            part: Part = await run(partial(look, last=last))
            for finding in part.findings:
                yield finding
            # The references are looked at in rows that were counted already.
            done = min(done + (part.count if i < len(totals) else 0), total)
            last = part.last
            yield HealthProgress(done, total, name, i if last is not None else i + 1, last)
            if last is None:
                break
    for finding in await run(_integrity):
        yield finding
    yield HealthProgress(total, total, "")


def _scanned(view: View) -> Iterator[tuple[Table, TableLayout]]:
    for table in TABLES:
        there = view.layout.get(table.name)
        if there is not None and any(there.has(column.name) for column in table.json_columns):
            yield table, there


def counts(view: View) -> dict[str, int]:
    """Count the rows of each table that is scanned, in the order of the scan."""
    totals = {}
    for table, there in _scanned(view):
        try:
            count = view.fetch(f"SELECT count(*) FROM {quote(there.name)}")[0][0]
        except driver.DatabaseError as error:
            # The scan of the table comes upon damage again, and tells it.
            if not is_damage(error):
                raise
            count = 0
        totals[table.name] = count
    return totals


def scan(view: View, *, name: str, last: int | None) -> Part:
    """Decode the JSON fields of some rows of a table.

    Args:
        view: Where to read.
        name: The table, one of `counts()`.
        last: The rowid to go on after, or None to begin.
    """
    table, there = BY_NAME[name], view.layout[name]
    columns = [column for column in table.json_columns if there.has(column.name)]
    kind = BY_TABLE.get(name)
    key = there.sql(kind.key) if kind else "rowid"
    source = there.sql("table_name") if name == ARCHIVED_ROWS.name else "NULL"
    reason = there.sql("archive_reason") if name in _ARCHIVES else "NULL"

    def look(
        number: int, key: Any, key_type: bytes, source: Any, reason: Any, *values: rows.Value
    ) -> Iterator[HealthFinding]:
        record_id = told_id(key, key_type, number)
        why = rows.tolerant_text(reason) if isinstance(reason, bytes) else ""
        for column, value in zip(columns, values, strict=True):
            if value is not None:
                for found in _look(there.name, record_id, column, value, source):
                    yield replace(found, rowid=number, archive_reason=why)

    read = ", ".join(there.sql(column.name) for column in columns)
    sql = (
        f"SELECT rowid, {key}, typeof({key}), {source}, {reason}, {read}"
        f" FROM {quote(there.name)} WHERE rowid > ? ORDER BY rowid LIMIT ?"
    )
    return walk(view, there.name, sql, last, look)


def _look(
    table: str, record_id: str, column: Column, stored: str | bytes | float, source: bytes | None
) -> Iterator[HealthFinding]:
    value = decode(stored, dict)
    yield from _judge(table, record_id, column.name, column, stored, value)
    if column.name == "data" and isinstance(value, dict):
        yield from _look_inside(table, record_id, value, source)


def _judge(
    table: str, record_id: str, name: str, column: Column, stored: str | bytes | float, value: Any
) -> Iterator[HealthFinding]:
    """Say whether a decoded field is corrupt or of another type than it should be."""
    if isinstance(value, CorruptJSON):
        told, raw = value.error, rows.stored_bytes(stored)
        yield HealthFinding("corrupt", table, record_id, name, told, value.offset, raw)
    elif value is not None and not isinstance(value, json_types(column)):
        told = f"holds {_word(type(value))} where {_word(json_types(column)[0])} is expected"
        raw = rows.stored_bytes(stored)
        yield HealthFinding("type", table, record_id, name, told, None, raw)


def _look_inside(
    table: str, record_id: str, document: Mapping[str, Any], source: bytes | None
) -> Iterator[HealthFinding]:
    """Look at the JSON fields of an archived row, which are text inside its JSON."""
    values = {name.lower(): value for name, value in rows.decode_row(document).items()}
    told = None if source is None else rows.tolerant_text(source)
    declared = declared_home(table.lower(), told, values)
    if declared is None:
        return
    for column in declared.json_columns:
        value = values.get(column.name)
        if value is not None:
            name = f"data.{column.name}"
            yield from _judge(table, record_id, name, column, value, decode(value, dict))


def _word(kind: type) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
    return names.get(kind, "a number")


def _integrity(view: View) -> list[HealthFinding]:
    try:
        told = view.fetch(f"PRAGMA integrity_check({_WORST})")
    except driver.DatabaseError as error:
        if not is_damage(error):
            raise
        return [damage("", error)]
    return [
        HealthFinding("integrity", "", "", "", message) for (message,) in told if message != "ok"
    ]
