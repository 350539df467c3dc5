"""Days bundled to bars, what stands below them, and the plots."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chance import examples
from tui import plots
from tui.activity import bundle, ticks
from tui.widgets.day_chart import window

DAY = date(2026, 3, 2)


@given(
    values=st.lists(st.floats(0, 1), min_size=1, max_size=300),
    width=st.integers(24, 200),
    height=st.integers(6, 20),
    place=st.floats(0, 1),
)
@settings(deadline=None, max_examples=examples(30))
def test_a_course_fits_and_marks_one_of_its_points(
    values: list[float], width: int, height: int, place: float
) -> None:
    chosen = round(place * (len(values) - 1))
    plot = plots.course(values, chosen, ("03-01", "03-09"), width, height)
    assert len(plot.lines) <= height
    assert all(len(line) <= width for line in plot.lines)
    assert sum(line.count("X") for line in plot.lines) == 1
    assert 0 < plot.left < plot.right <= width


COUNTS = st.dictionaries(st.dates(), st.integers(1, 9), max_size=20)


@settings(deadline=None, max_examples=examples(50))
@given(live=COUNTS, archived=COUNTS, most=st.integers(1, 200))
def test_bars_follow_one_another_and_what_is_in_none_is_counted(
    live: dict[date, int], archived: dict[date, int], most: int
) -> None:
    bars, _, left_out = bundle(live, archived, most)
    assert len(bars) <= most
    assert all(one.end == other.start for one, other in pairwise(bars))
    shown = sum(bar.live + bar.archived for bar in bars)
    assert shown + left_out == sum(live.values()) + sum(archived.values())
    assert bool(shown) == bool(live or archived)
    if not left_out and bars:
        last = max([*live, *archived])
        assert bars[-1].start <= last
        assert bars[-1].end > last or last == date.max


@settings(deadline=None, max_examples=examples(25))
@given(live=COUNTS, archived=COUNTS)
def test_nothing_is_left_out_where_there_is_space(
    live: dict[date, int], archived: dict[date, int]
) -> None:
    bars = bundle(live, archived, 10_000).bars
    assert sum(bar.live for bar in bars) == sum(live.values())
    assert sum(bar.archived for bar in bars) == sum(archived.values())


@pytest.mark.parametrize(
    ("days", "unit"), [(70, "day"), (71, "week"), (491, "month"), (2200, "quarter")]
)
def test_the_finest_unit_that_fits_is_taken(days: int, unit: str) -> None:
    counts = {DAY: 1, DAY + timedelta(days=days - 1): 1}
    assert bundle(counts, {}, 70).unit == unit


def test_a_time_in_the_year_9999_does_not_hide_the_rest() -> None:
    counts = {date.min: 1, DAY: 40, DAY + timedelta(days=9): 50, date.max: 2}
    found = bundle(counts, {}, 70)
    assert (found.unit, found.left_out) == ("day", 3)
    assert [found.bars[0].live, found.bars[-1].live] == [40, 50]


def test_the_last_day_that_there_is_is_told_as_itself() -> None:
    assert bundle({date.max: 1}, {}, 9).bars[0].told() == "Fri 9999-12-31"


def test_a_bar_says_which_days_it_stands_for() -> None:
    assert bundle({DAY: 1}, {}, 9).bars[0].told() == "Mon 2026-03-02"
    assert bundle({DAY: 1, DAY + timedelta(days=20): 1}, {}, 9).bars[0].told() == (
        "2026-03-02 to 2026-03-08"
    )


@settings(deadline=None, max_examples=examples(50))
@given(count=st.integers(1, 300), width=st.integers(20, 250))
def test_dates_below_the_bars_leave_each_other_space(count: int, width: int) -> None:
    counts = {DAY + timedelta(days=number): 1 for number in range(count)}
    found = bundle(counts, {}, count)
    below = ticks(found.bars, found.unit, width)
    assert set(below) <= set(range(count))
    assert len(below) * 12 <= max(12, width)


@given(count=st.integers(0, 900), room=st.integers(1, 300), data=st.data())
def test_the_cursor_is_always_in_the_part_that_is_drawn(
    count: int, room: int, data: st.DataObject
) -> None:
    cursor = data.draw(st.integers(0, max(0, count - 1)))
    first, end = window(count, cursor, room, data.draw(st.integers(0, 900)))
    assert 0 <= first <= end <= count
    assert end - first == min(room, count)
    assert first <= cursor < end or not count


def test_a_plot_is_text_with_its_area_marked() -> None:
    plot = plots.bars([[1, 2, 3], [0, 1, 0]], "\u2588\u2591", {0: "03-02"}, 60, 9)
    assert any("\u2591" in line for line in plot.lines)
    assert any("03-02" in line for line in plot.lines)
    floor = next(line for line in plot.lines if "\u2514" in line)
    assert (floor[plot.left - 1], floor[plot.right]) == ("\u2514", "\u2518")
    assert not any("\x1b" in line for line in plot.lines)
    assert max(map(len, plot.lines)) <= 60


def test_a_plot_of_nothing_is_drawn_too() -> None:
    assert plots.bars([[0, 0], [0, 0]], "ab", {}, 40, 8).lines
