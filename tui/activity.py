"""Days and how much happened on them, bundled to as many bars as there is space for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

_UNITS: Final = ("day", "week", "month", "quarter", "year")
_TICK: Final = 12
"""Cells that a tick needs for itself."""
_YEARS_AWAY: Final = 3 * 365
"""Days without interactions after which others are taken for strays."""


class Bar(NamedTuple):
    """The interactions of one stretch of days.

    Attributes:
        start: Its first day.
        end: The day after its last; the last day that there is, where none comes after it.
        live: How many of them are live.
        archived: How many are archived.
    """

    start: date
    end: date
    live: int
    archived: int

    def told(self) -> str:
        """Name the stretch: a day with its weekday, or the first and last day."""
        last = self.end if self.end == date.max else self.end - timedelta(days=1)
        if last == self.start:
            return f"{self.start:%a} {self.start}"
        return f"{self.start} to {last}"


class Bars(NamedTuple):
    """Bars from the first day with interactions to the last.

    Attributes:
        bars: The bars, oldest first.
        unit: What each of them stands for: day, week, month, quarter, year.
        left_out: How many interactions are in none of them.
    """

    bars: Sequence[Bar]
    unit: str
    left_out: int = 0


def bundle(live: Mapping[date, int], archived: Mapping[date, int], most: int) -> Bars:
    """Bundle days to at most `most` bars, the finest that fits.

    Where not even years fit, as with a time in the year 9999, those that are years away from most
    of the others are left out, and else what is older.

    Args:
        live: Live interactions by day.
        archived: Archived ones by day.
        most: How many bars there may be, 1 or more.
    """
    days = sorted({*live, *archived})
    if not days:
        return Bars([], "day")
    starts, unit = _finest(days, most)
    if starts[0] > days[0]:
        counted = {day: live.get(day, 0) + archived.get(day, 0) for day in days}
        fullest = max(_runs(days), key=lambda run: sum(counted[day] for day in run))
        starts, unit = _finest(fullest, most)
    sums = {start: [0, 0] for start in starts}
    left_out = 0
    for which, counts in enumerate((live, archived)):
        for day, count in counts.items():
            if (start := _start_of(day, unit)) in sums:
                sums[start][which] += count
            else:
                left_out += count
    bars = [Bar(each, _next(each, unit), *sums[each]) for each in starts]
    return Bars(bars, unit, left_out)


def _finest(days: Sequence[date], most: int) -> tuple[list[date], str]:
    """Give the first days of the bars and their unit, the finest in which all days fit."""
    for unit in _UNITS:
        starts = _starts(days[0], days[-1], unit, most)
        if starts[0] <= days[0]:
            break
    return starts, unit


def _runs(days: Sequence[date]) -> list[list[date]]:
    """Part days, oldest first, where years without any are between them."""
    runs = [[days[0]]]
    for before, day in pairwise(days):
        if (day - before).days > _YEARS_AWAY:
            runs.append([])
        runs[-1].append(day)
    return runs


def _starts(first: date, last: date, unit: str, most: int) -> list[date]:
    """Give the first days of the last `most` bars up to `last`, none of them before `first`'s."""
    starts = [_start_of(last, unit)]
    while len(starts) < most and starts[-1] > first:
        starts.append(_start_of(starts[-1] - timedelta(days=1), unit))
    return starts[::-1]


def _start_of(day: date, unit: str) -> date:
    if unit == "day":
        return day
    if unit == "week":
        return date.fromordinal(max(1, day.toordinal() - day.weekday()))
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1}.get(unit, 1)
    return day.replace(month=month, day=1)


def _next(start: date, unit: str) -> date:
    try:
        if unit in ("day", "week"):
            return start + timedelta(days=1 if unit == "day" else 7)
        months = {"month": 1, "quarter": 3}.get(unit, 12)
        number = start.year * 12 + start.month - 1 + months
        return date(number // 12, number % 12 + 1, 1)
    except (OverflowError, ValueError):
        return date.max


def ticks(bars: Sequence[Bar], unit: str, width: int) -> dict[int, str]:
    """Choose bars that get a date below them, so many that none touches another."""
    if not bars:
        return {}
    count = max(1, min(len(bars), width // _TICK))
    chosen = sorted(
        {round(number * (len(bars) - 1) / max(1, count - 1)) for number in range(count)}
    )
    one_year = bars[0].start.year == bars[-1].start.year
    form = "%m-%d" if one_year and unit in ("day", "week") else "%Y-%m"
    form = "%Y" if unit == "year" else form
    return {number: bars[number].start.strftime(form) for number in chosen}
