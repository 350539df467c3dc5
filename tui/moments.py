"""Stored times as a person reads them: local, short, and never guessed at."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

TIMES: Final = frozenset(
    {"timestamp", "created_at", "updated_at", "last_seen", "archived_at", "snapshot_time"}
)
"""Fields of records that hold a time."""

THIS_YEAR: int | None = None
"""Taken for the year of the clock, where pictures have to be the same every year."""

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.ASCII)


@lru_cache(maxsize=16_384)
def local(value: object) -> datetime | None:
    """Read a stored time, as local time where there is one; None where it is no time."""
    if not isinstance(value, str) or len(value) > 40 or not _DATE.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone()
    except (ValueError, OverflowError):
        # The last evening that there is has no local time east of it, but it is one.
        return aware


def short_time(value: object, *, this_year: int | None = None) -> str:
    """Give a time in 11 cells: with the hour if it is of this year, else with the year.

    Args:
        value: What is stored. What is no time is given as it is.
        this_year: The year to compare with; `THIS_YEAR`, else that of the clock, if None.
    """
    moment = local(value)
    if moment is None:
        return "" if value is None else str(value)[:100]
    year = this_year or THIS_YEAR or time.localtime().tm_year
    if moment.year != year:
        return moment.date().isoformat()
    return f"{moment.month:02}-{moment.day:02} {moment.hour:02}:{moment.minute:02}"


def long_time(value: object) -> str:
    """Give a time to the second; beside what is no time it is said that it is none."""
    moment = local(value)
    if moment is None:
        return "" if value is None else f"{str(value)[:200]} (no time that can be read)"
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def exact_time(value: object) -> str:
    """Give a time to the second with its offset, for a line that may be read on its own."""
    moment = local(value)
    if moment is None:
        return "" if value is None else str(value)[:100]
    return moment.isoformat(sep=" ", timespec="seconds")


def zone_name() -> str:
    """Name the zone that times are shown in, with both names where clocks change."""
    if time.daylight and time.tzname[0] != time.tzname[1]:
        return "/".join(time.tzname)
    offset = time.localtime().tm_gmtoff
    hours, minutes = divmod(abs(offset) // 60, 60)
    sign = "-" if offset < 0 else "+"
    return "UTC" + (f"{sign}{hours}" if offset else "") + (f":{minutes:02}" if minutes else "")
