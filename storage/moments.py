"""When something happened, as one integer that Python and SQLite agree on to the bit.

A *moment* is the number of microseconds since 1970-01-01T00:00:00 UTC. Stored times are text in
many spellings; text compares by spelling, moments compare by time. SQL orders and indexes by
`moment_sql()`, paging cursors are made with `parse_moment()`, so both follow one grammar:

    YYYY-MM-DD [ (T or space) HH:MM [ :SS [ .f+ ] ] [ Z or z or +HH:MM or -HH:MM ] ]

Dates are real ones of the years 0001 to 9999; offsets go up to 14:59; a time without one is UTC;
of a fraction the first six digits count. Whatever else stands there has the moment `UNREADABLE`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

Time = str | date | datetime
"""A time as it may be given; without a zone it means UTC."""

UNREADABLE: Final = -(2**63)
"""The moment of what is not a time: before every other."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_SECOND: Final = 1_000_000

_CANONICAL: Final = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}\+00:00", re.ASCII
)
_GRAMMAR: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?"
    r"(?:[Zz]|([+-])(0\d|1[0-4]):([0-5]\d))?)?",
    re.ASCII,
)


def parse_moment(value: object) -> int:
    """Read the moment of a stored value, exactly as `moment_sql()` reads it.

    Args:
        value: What a column holds. Only text can be a time.

    Returns:
        Microseconds since the epoch, or `UNREADABLE`.
    """
    if not isinstance(value, str):
        return UNREADABLE
    if _CANONICAL.fullmatch(value):
        return _canonical(value)
    match = _GRAMMAR.fullmatch(value)
    if match is None:
        return UNREADABLE
    day, hour, minute, second, fraction, sign, zone_hour, zone_minute = match.groups()
    try:
        days = date.fromisoformat(day).toordinal() - _EPOCH_DAY
    except ValueError:
        return UNREADABLE
    seconds = days * 86400 + int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    if sign:
        offset = int(zone_hour) * 3600 + int(zone_minute) * 60
        seconds += offset if sign == "-" else -offset
    return seconds * _SECOND + int((fraction or "")[:6].ljust(6, "0"))


def _canonical(text: str) -> int:
    """Read the spelling that nearly every row has, in less than half of the time."""
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except ValueError:
        return UNREADABLE
    return (since.days * 86400 + since.seconds) * _SECOND + since.microseconds


def from_moment(moment: int) -> datetime | None:
    """Give a moment as a `datetime` in UTC, or None where it is outside the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(microseconds=moment)
    except OverflowError:
        return None


def to_text(value: Time) -> str:
    """Spell a given time in the one form that is stored, `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`.

    Args:
        value: A time; naive means UTC, a date alone its first moment. Text may be in the grammar
            above or in any other form of ISO 8601 that `datetime.fromisoformat` reads.

    Raises:
        ValueError: It is no time, or it is outside the years 1 to 9999 in UTC.
    """
    if isinstance(value, str):
        if _CANONICAL.fullmatch(value) and is_date(value[:10]):
            return value
        time = _read(value)
    elif isinstance(value, datetime):
        time = value
    else:
        time = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if time.utcoffset() is None:
        time = time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC).isoformat(timespec="microseconds")
    except OverflowError:
        raise ValueError(f"{value} is outside the years 1 to 9999 in UTC; give another.") from None


def now_text() -> str:
    """Spell the present moment as `to_text()` does."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def is_date(text: str) -> bool:
    """Say whether a text is a date that there is, such as `2026-02-28`."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _read(text: str) -> datetime:
    moment = parse_moment(text)
    time = None if moment == UNREADABLE else from_moment(moment)
    if time is not None:
        return time
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{text[:40]!a} is no time; give one like 2026-01-31T09:30:00+00:00."
        ) from None


# The expression is made of GLOBs and date functions, with `@` for the column. Four rules make it
# fit for indexes on other people's tables, and the same in one version of SQLite as in another:
# - A date function is reached only behind a GLOB: given the text 'now' it raises in an index.
# - It is given whole seconds only: SQLite's rounding of fractions differs by version.
# - `date(…, '+0 days') = substr(…)` turns down what SQLite would carry over: February 30, 24:00.
#   The modifier matters, without it older versions give the text back as it came.
# - No bare `@` is compared: its affinity and collation are those of the column.
_SHAPE: Final = "????-??-??"
_DIGITS: Final = "[0-9][0-9][0-9][0-9][0-9][0-9]"

# How long the part before the fraction and the zone is; that part; the zone.
_LENGTH: Final = (
    "CASE WHEN substr(@, 17, 1) = ':' THEN 19 WHEN substr(@, 11) = '' THEN 10 ELSE 16 END"
)
_WHOLE: Final = f"substr(@, 1, {_LENGTH})"
_ZONE: Final = f"""CASE WHEN substr(@, 17, 5) GLOB ':??.[0-9]'
  THEN ltrim(substr(@, 21), '0123456789') ELSE substr(@, 1 + {_LENGTH}) END"""

# The second branch is the canonical spelling, that of nearly every row; the third is the grammar.
_SQL: Final = f"""CASE
WHEN typeof(@) <> 'text' OR instr(@, char(0)) OR substr(@, 1, 4) = '0000' THEN {UNREADABLE + 1} - 1
WHEN @ GLOB '{_SHAPE}T??:??:??.{_DIGITS}+00:00'
  AND date(substr(@, 1, 19), '+0 days') = substr(@, 1, 10)
THEN strftime('%s', substr(@, 1, 19)) * {_SECOND} + substr(@, 21, 6)
WHEN (@ GLOB '{_SHAPE}' OR @ GLOB '{_SHAPE}[T ]??:??*')
  AND date({_WHOLE}, '+0 days') = substr(@, 1, 10)
  AND ({_ZONE} IN ('', 'Z', 'z')
    OR {_ZONE} GLOB '[+-]0[0-9]:[0-5][0-9]' OR {_ZONE} GLOB '[+-]1[0-4]:[0-5][0-9]')
THEN (strftime('%s', {_WHOLE}) - CASE WHEN {_ZONE} GLOB '[+-]*'
  THEN (substr(@, -6, 1) || '60') * (substr(@, -5, 2) * 60 + substr(@, -2)) ELSE 0 END) * {_SECOND}
  + CASE WHEN substr(@, 20, 1) = '.'
    THEN CAST(CAST('0' || substr(@, 20, 7) AS REAL) * {_SECOND} + 0.5 AS INTEGER) ELSE 0 END
ELSE {UNREADABLE + 1} - 1 END"""


def moment_sql(column: str) -> str:
    """Write the SQL expression for the moment of a column, in one pair of brackets.

    It may be indexed. It never raises, whatever is stored, and never gives NULL.

    Args:
        column: The column's name, quoted as the statement needs it.
    """
    return f"({_SQL.replace('@', column)})"
