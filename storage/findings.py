"""What a scan for broken things tells, and how it walks through a table a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from storage import driver, rows
from storage.kinds import public_id
from storage.view import View

_BYTES_PER_STEP: Final = 4 * 2**20
_ROWS_PER_STEP: Final = 2000
_FIRST: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class HealthProgress:
    """How far the scan is: rows looked at, of how many, and in which table.

    A scan that was interrupted goes on from here.
    """

    done: int
    total: int
    table: str
    step: int = field(default=0, compare=False, repr=False)
    last: int | None = field(default=None, compare=False, repr=False)


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
        rowid: The row of the table, where it is about one.
        archive_reason: Why the row is in an archive, where it is in one and that is said.
    """

    problem: Literal["corrupt", "type", "orphan", "integrity"]
    table: str
    record_id: str
    column: str
    message: str
    offset: int | None = None
    raw: bytes = b""
    rowid: int | None = field(default=None, compare=False)
    archive_reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """What one step of the scan found.

    Attributes:
        last: The rowid to go on after, or None at the end of the table.
        count: How many rows were looked at.
    """

    findings: list[HealthFinding]
    last: int | None
    count: int


def is_damage(error: driver.Error) -> bool:
    """Say whether `error` is about the file being damaged or unreadable in places."""
    return "malformed" in str(error) or "disk I/O" in str(error)


def damage(table: str, error: driver.Error) -> HealthFinding:
    """Return damage that SQLite met in `table`, or anywhere if it is empty, as a finding."""
    where = f"the rest of table {table} cannot be read" if table else "the file is damaged"
    return HealthFinding("integrity", table, "", "", f"{where}: {error}")


def walk(
    view: View,
    table: str,
    sql: str,
    last: int | None,
    look: Callable[..., Iterable[HealthFinding]],
) -> Part:
    """Look at rows one at a time, so that only one row and the findings are held in memory.

    Args:
        view: Where to read.
        table: What is looked at, for a finding of damage.
        sql: A query that begins with the rowid, after which and how many being its parameters.
        last: The rowid to go on after, or None to begin.
        look: Is given the values of each row, text as bytes of UTF-8, and tells what is wrong.
    """
    findings: list[HealthFinding] = []
    count = size = 0
    number: int | None = None
    view.connection.text_factory = bytes
    try:
        cursor = view.connection.execute(sql, (_FIRST if last is None else last, _ROWS_PER_STEP))
        try:
            for number, *values in cursor:
                count += 1
                size += sum(len(value) for value in values if isinstance(value, bytes))
                findings += look(number, *values)
                if size >= _BYTES_PER_STEP:
                    return Part(findings, number, count)
        finally:
            cursor.close()
    except driver.DatabaseError as error:
        if not is_damage(error):
            raise
        return Part([*findings, damage(table, error)], None, count)
    finally:
        view.connection.text_factory = str
    return Part(findings, number if count == _ROWS_PER_STEP else None, count)


def told_id(key: Any, key_type: bytes, number: int) -> str:
    """Return the public id of a row that `walk` gave, from its key and the key's `typeof()`."""
    if key_type == b"text":
        return rows.tolerant_text(key)
    return public_id(key if key_type == b"integer" else None, number)
