"""Drawings of a report: SVG that stands in the page and takes its colours from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from tui.report.html import Html, join, tag

_BARS: Final = 110
_WIDTH: Final = 1000
_HEIGHT: Final = 150
_BASE: Final = 122


def days_chart(live: Mapping[date, int], archived: Mapping[date, int]) -> Html:
    """Draw how many interactions there were over time, archived ones below live ones.

    Args:
        live: Of each day, how many are live.
        archived: Of each day, how many are archived.
    """
    days = sorted({*live, *archived})
    if not days:
        return Html("")
    span = (days[-1] - days[0]).days + 1
    step = -(-span // _BARS)
    count = -(-span // step)
    sums = [[0, 0] for _ in range(count)]
    for which, counts in enumerate((archived, live)):
        for day, number in counts.items():
            sums[(day - days[0]).days // step][which] += number
    most = max(map(sum, sums)) or 1
    cell = _WIDTH / count
    bars = [
        _bar(number * cell, cell, each, most, _named(days[0], days[-1], number * step, step))
        for number, each in enumerate(sums)
    ]
    axis = (
        tag("line", x1=0, x2=_WIDTH, y1=_BASE + 0.5, y2=_BASE + 0.5, class_="axis"),
        tag("text", days[0], x=0, y=_HEIGHT - 6, class_="label"),
        tag("text", days[-1], x=_WIDTH, y=_HEIGHT - 6, class_="label end"),
        tag("text", f"{most:,} at most in {_days(step)}", x=_WIDTH, y=12, class_="label end"),
    )
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return tag("svg", *bars, *axis, viewBox=box, role="img", aria_label="Interactions over time")


def _bar(x: float, cell: float, sums: Sequence[int], most: int, named: str) -> Html:
    below, above = (number / most * (_BASE - 22) for number in sums)
    gap = min(2.0, cell * 0.25)
    parts = [
        tag(
            "rect",
            x=f"{x:.1f}",
            y=f"{_BASE - top:.1f}",
            width=f"{cell - gap:.1f}",
            height=f"{height:.1f}",
            class_=kind,
        )
        for kind, top, height in (("archived", below, below), ("live", below + above, above))
        if height
    ]
    told = f"{named}: {sums[1]:,} live, {sums[0]:,} archived"
    return tag("g", tag("title", told), *parts)


def _named(first: date, last: date, offset: int, step: int) -> str:
    begin = first + timedelta(days=offset)
    # Not the smaller of two days: none comes after the last day that there is.
    end = begin + timedelta(days=min(step - 1, (last - begin).days))
    return str(begin) if begin == end else f"{begin} to {end}"


def _days(step: int) -> str:
    return "a day" if step == 1 else f"{step} days"


def course(points: Sequence[float], label: str) -> Html:
    """Draw how a confidence went, from 0 to 1, oldest first.

    Args:
        points: The confidences.
        label: What it is, for who cannot see it.
    """
    if len(points) < 2:
        return Html("")
    step = 118 / (len(points) - 1)
    line = " ".join(
        f"{1 + number * step:.1f},{27 - 26 * min(1.0, max(0.0, value)):.1f}"
        for number, value in enumerate(points)
    )
    end = line.rsplit(" ", 1)[1].split(",")
    return tag(
        "svg",
        tag("polyline", points=line, class_="course"),
        tag("circle", cx=end[0], cy=end[1], r="2.2", class_="dot"),
        viewBox="0 0 122 30",
        class_="course",
        role="img",
        aria_label=label,
    )


def share(part: float) -> Html:
    """Draw a share from 0 to 1 as a bar."""
    width = f"width:{100 * min(1.0, max(0.0, part)):.1f}%"
    return tag("span", tag("span", style=width), class_="share", aria_hidden="true")


def spread(tenths: Sequence[int]) -> Html:
    """Draw how many there are in each tenth from 0 to 1."""
    most = max(tenths, default=0) or 1
    bars = [
        tag("rect", x=i * 9, y=f"{24 - 22 * n / most:.1f}", width=7, height=f"{22 * n / most:.1f}")
        for i, n in enumerate(tenths)
    ]
    base = tag("line", x1=0, x2=88, y1=24.5, y2=24.5, class_="axis")
    return tag("svg", join(*bars), base, viewBox="0 0 88 26", class_="spread", aria_hidden="true")
