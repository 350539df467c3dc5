"""Days and how much happened on them, bundled to as many bars as there is space for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

_UNITS: Final = ("day", "week", "month", "quarter", "year")
_TICK: Final = 12
"""Cells that a tick needs for itself."""


class Bar(NamedTuple):
    """The interactions of one stretch of days.

    Attributes:
        start: Its first day.
        end: The day after its last.
        live: How many of them are live.
        archived: How many are archived.
    """

    start: date
    end: date
    live: int
    archived: int

    def told(self) -> str:
        """Name the stretch: a day with its weekday, or the first and last day."""
        last = self.end - timedelta(days=1)
        if last == self.start:
            return f"{self.start:%a} {self.start}"
        return f"{self.start} to {last}"


class Bars(NamedTuple):
    """Bars from the first day with interactions to the last.

    Attributes:
        bars: The bars, oldest first.
        unit: What each of them stands for: day, week, month, quarter, year.
    """

    bars: Sequence[Bar]
    unit: str


def bundle(live: Mapping[date, int], archived: Mapping[date, int], most: int) -> Bars:
    """Bundle days to at most `most` bars, the finest that fits; what is older is left out then.

    Args:
        live: Live interactions by day.
        archived: Archived ones by day.
        most: How many bars there may be, 1 or more.
    """
    days = sorted({*live, *archived})
    if not days:
        return Bars([], "day")
    starts: list[date] = []
    unit = _UNITS[-1]
    for unit in _UNITS:
        starts = _starts(days[0], days[-1], unit, most)
        if starts[0] <= days[0]:
            break
    sums = {start: [0, 0] for start in starts}
    for which, counted in enumerate((live, archived)):
        for day, count in counted.items():
            if (start := _start_of(day, unit)) in sums:
                sums[start][which] += count
    return Bars([Bar(each, _next(each, unit), *sums[each]) for each in starts], unit)


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
