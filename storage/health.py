"""Looking for what is broken: JSON that cannot be read, orphans, damage of the file.

SQLite's `json_valid` is wrong in both directions, so that every field is decoded here, on its
exact bytes, a bounded part of a table at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeVar

from storage import json_utils, rows
from storage.json_utils import CorruptJSON, decode
from storage.kinds import BY_TABLE, INTERACTION, PATTERN, find, public_id
from storage.rows import quote
from storage.schema import BY_NAME, TABLES, Column, Table
from storage.view import TableLayout, View

T = TypeVar("T")
_BYTES_PER_STEP: Final = 4 * 2**20
_ROWS_PER_STEP: Final = 2000
_WORST: Final = 100


@dataclass(frozen=True, slots=True)
class HealthProgress:
    """How far the scan is: rows looked at, of how many, and in which table."""

    done: int
    total: int
    table: str


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """Something that is broken.

    Attributes:
        problem: `corrupt` (no JSON), `type` (JSON of another type than the field's), `orphan`
            (speaks of what is not there), or `integrity` (SQLite found damage).
        table: Where; empty for damage of the file.
        record_id: The public id of the record, or the number of an archive row.
        column: Which field; `data.details` is the field `details` of an archived row.
        message: What is wrong, in words.
        offset: The byte at which it goes wrong, where there is one.
        raw: The exact bytes of the field.
    """

    problem: Literal["corrupt", "type", "orphan", "integrity"]
    table: str
    record_id: str
    column: str
    message: str
    offset: int | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class _Part:
    findings: list[HealthFinding]
    last: int | None
    count: int


Run = Callable[[Callable[[View], T]], Awaitable[T]]


async def check(run: Run[Any]) -> AsyncIterator[HealthProgress | HealthFinding]:
    """Scan everything; yields findings as they are met, and progress in between.

    Args:
        run: Runs a function on a reader and returns what it returns.
    """
    totals: dict[str, int] = await run(_count)
    total, done = sum(totals.values()), 0
    for name in totals:
        last: int | None = None
        while True:
            part: _Part = await run(partial(_scan, name=name, last=last))
            for finding in part.findings:
                yield finding
            done += part.count
            yield HealthProgress(min(done, total), total, name)
            if part.last is None:
                break
            last = part.last
    for look in (_orphaned_snapshots, _orphaned_patterns, _integrity):
        for finding in await run(look):
            yield finding
    yield HealthProgress(total, total, "")


def _scanned(view: View) -> Iterator[tuple[Table, TableLayout]]:
    for table in TABLES:
        there = view.layout.get(table.name)
        if there is not None and any(there.has(column.name) for column in table.json_columns):
            yield table, there


def _count(view: View) -> dict[str, int]:
    return {
        table.name: view.fetch(f"SELECT count(*) FROM {quote(there.name)}")[0][0]
        for table, there in _scanned(view)
    }


def _scan(view: View, *, name: str, last: int | None) -> _Part:
    table, there = BY_NAME[name], view.layout[name]
    columns = [column for column in table.json_columns if there.has(column.name)]
    kind = BY_TABLE.get(name)
    key = there.sql(kind.key) if kind else "rowid"
    read = ", ".join(f"CAST({there.sql(column.name)} AS BLOB)" for column in columns)
    cursor = view.connection.execute(
        f"SELECT rowid, CAST({key} AS BLOB), typeof({key}), {read} FROM {quote(there.name)}"
        " WHERE rowid > ? ORDER BY rowid LIMIT ?",
        (-(2**63) if last is None else last, _ROWS_PER_STEP),
    )
    findings: list[HealthFinding] = []
    count = size = 0
    number: int | None = None
    try:
        for number, raw_key, key_type, *values in cursor:
            count += 1
            record_id = _told_id(raw_key, key_type, number)
            for column, raw in zip(columns, values, strict=True):
                if raw is not None:
                    size += len(raw)
                    findings += _look(there.name, record_id, column, raw)
            if size >= _BYTES_PER_STEP:
                return _Part(findings, number, count)
    finally:
        cursor.close()
    return _Part(findings, number if count == _ROWS_PER_STEP else None, count)


def _told_id(raw: bytes | None, key_type: str, number: int) -> str:
    if raw is None or key_type not in ("text", "integer"):
        return public_id(None, number)
    return rows.tolerant_text(raw)


def _look(table: str, record_id: str, column: Column, raw: bytes) -> Iterator[HealthFinding]:
    value = decode(raw, dict)
    expected = column.json or dict
    if isinstance(value, CorruptJSON):
        yield HealthFinding(
            "corrupt", table, record_id, column.name, value.error, value.offset, raw
        )
    elif not _fits(column, value, expected):
        yield HealthFinding(
            "type",
            table,
            record_id,
            column.name,
            f"holds {_word(value)} where {_word(expected())} is expected",
            None,
            raw,
        )
    elif column.name == "data" and table.lower().startswith("archived_"):
        yield from _look_inside(table, record_id, value)


def _look_inside(table: str, record_id: str, document: dict[str, Any]) -> Iterator[HealthFinding]:
    """Look at the JSON fields of an archived row, which are text inside its JSON."""
    kind = INTERACTION if table.lower() == INTERACTION.archive else PATTERN
    values = rows.decode_row(document)
    source = kind.tables[1 if "user_query" in values and len(kind.tables) > 1 else 0]
    for column in BY_NAME[source].json_columns:
        value = values.get(column.name)
        # An agent may archive a field as an object of its own; what is not text was read above.
        if isinstance(value, str | bytes) and not isinstance(
            document.get(column.name), dict | list
        ):
            raw = rows.exact_bytes(value) if isinstance(value, str) else value
            inner = decode(raw, dict)
            if isinstance(inner, CorruptJSON):
                yield HealthFinding(
                    "corrupt",
                    table,
                    record_id,
                    f"data.{column.name}",
                    inner.error,
                    inner.offset,
                    raw,
                )


def _fits(column: Column, value: Any, expected: Callable[[], Any]) -> bool:
    if value is None or isinstance(value, type(expected())):
        return True
    return column.name == "entities" and isinstance(value, dict)


def _word(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}
    return names.get(type(value), "null" if value is None else "a number")


def _orphaned_snapshots(view: View) -> list[HealthFinding]:
    snapshots = view.layout.get("world_model_snapshots")
    states = view.layout.get("world_model_states")
    if snapshots is None or states is None:
        return []
    found = view.fetch(
        f"SELECT {snapshots.sql('id')}, {snapshots.sql('world_model_id')}"
        f" FROM {quote(snapshots.name)} WHERE {snapshots.sql('world_model_id')} NOT IN"
        f" (SELECT {states.sql('id')} FROM {quote(states.name)} WHERE {states.sql('id')} NOT NULL)"
        " ORDER BY 1"
    )
    return [
        HealthFinding(
            "orphan",
            snapshots.name,
            str(number),
            "world_model_id",
            f"speaks of world-model state {state}, which is not there",
        )
        for number, state in found
    ]


def _orphaned_patterns(view: View) -> list[HealthFinding]:
    patterns = view.layout.get("patterns")
    if patterns is None or not patterns.has("metadata"):
        return []
    findings = []
    names = f"{patterns.sql('id')}, rowid, {patterns.sql('metadata')}"
    for key, rowid, metadata in view.fetch(f"SELECT {names} FROM {quote(patterns.name)}"):
        read = json_utils.decode(metadata, dict)
        sources = read.get("source_interactions") if isinstance(read, dict) else None
        ids = (
            [each for each in sources if isinstance(each, str)] if isinstance(sources, list) else []
        )
        findings += [
            HealthFinding(
                "orphan",
                patterns.name,
                public_id(key, rowid),
                "metadata",
                f"was made from interaction {missing}, which is neither live nor archived",
            )
            for missing in _missing(view, ids)
        ]
    return findings


def _missing(view: View, ids: list[str]) -> list[str]:
    live = find(view, INTERACTION, ids) if ids else {}
    absent = [each for each in ids if each not in live]
    table = view.layout.get(INTERACTION.archive)
    if not absent or table is None:
        return absent
    pairs = [rows.bindable(each) for each in absent]
    marks = ", ".join(mark for mark, _ in pairs)
    archived = view.fetch(
        f"SELECT {table.sql('interaction_id')} FROM {quote(table.name)}"
        f" WHERE {table.sql('interaction_id')} IN ({marks})",
        [value for _, value in pairs],
    )
    there = {each for (each,) in archived}
    return [each for each in absent if each not in there]


def _integrity(view: View) -> list[HealthFinding]:
    return [
        HealthFinding("integrity", "", "", "", message)
        for (message,) in view.fetch(f"PRAGMA integrity_check({_WORST})")
        if message != "ok"
    ]
