"""The timeline of a world model: its points, stepping through them, and how it is drawn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.world.timeline import Point, Timeline, drawn, in_order, timeline_of


def point(number: int, *, model: str = "wm", kind: str = "snapshot") -> Point:
    time = f"2026-01-01T00:{number:02}:00Z"
    return Point(kind, (0, number), number, model, time, "run", 0.5)


def line(count: int, *, now: bool = True) -> Timeline:
    states = [point(59, kind="world_model_state")] if now else []
    return timeline_of(in_order([point(number) for number in range(count, 0, -1)], states))


def test_a_timeline_begins_at_the_newest_snapshot_compared_with_the_one_before() -> None:
    timeline = line(3)
    assert (timeline.point.record_id, timeline.base) == (3, 1)
    assert line(1).base is None
    assert timeline_of([point(1, kind="world_model_state")]).point.is_now


def test_stepping_ends_at_both_ends_and_now_is_the_last_point() -> None:
    timeline = line(3)
    assert timeline.step(1).point.is_now
    assert timeline.step(9) == timeline.step(1)
    assert timeline.step(-9).at == 0
    assert timeline.step(-9).base is None


def test_the_one_before_is_of_the_same_world_model() -> None:
    points = [point(1, model="a"), point(2, model="b"), point(3, model="a"), point(4, model="c")]
    timeline = timeline_of(points)
    assert timeline.base is None
    assert timeline.step(-1).base == 0


def test_a_chosen_base_stays_while_stepping_until_it_is_let_go_of() -> None:
    timeline = line(4).step(-3).toggle_base().step(2)
    assert (timeline.base, timeline.at) == (0, 2)
    assert timeline.step(-2).toggle_base().step(2).base == 1


def test_points_that_come_leave_the_chosen_ones_chosen() -> None:
    newer = in_order([point(number) for number in range(5, 0, -1)], [])
    watching = line(3).renewed(newer)
    assert watching.point.record_id == 5
    earlier = line(3).step(-1).toggle_base().renewed(newer)
    assert (earlier.point.record_id, earlier.base_point) == (2, point(2))
    gone = line(3).step(-1).toggle_base().renewed(newer[2:])
    assert (gone.point.record_id, gone.chosen_base) == (5, None)


@given(st.integers(1, 500), st.integers(0, 600), st.integers(12, 200), st.booleans())
def test_a_timeline_of_any_length_fits_with_b_in_it(
    count: int, steps: int, width: int, now: bool
) -> None:
    timeline = line(min(count, 59), now=now)
    timeline = Timeline(timeline.points * (count // 59 + 1)).step(steps)
    marks = drawn(timeline, width)
    assert sum(len(mark.text) for mark in marks) <= max(width, 34)
    assert any(mark.at == timeline.at for mark in marks)


def test_a_line_shows_the_base_what_is_looked_at_and_now() -> None:
    text = "".join(mark.text for mark in drawn(line(4), 80))
    assert text == "○──○──[A]──[B]──●"


def test_a_snapshot_without_a_time_is_called_by_its_number() -> None:
    assert point(7)._replace(time=None).when == "no. 7"
