"""The timeline of one domain: its snapshots and the states as they are now, and two of them chosen.

The point that is looked at is B, the one that it is compared with is A, the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from tui.moments import local, short_time

SNAPSHOT = "snapshot"
STATE = "world_model_state"


class Point(NamedTuple):
    """One moment of a domain.

    Attributes:
        kind: `snapshot`, or `world_model_state` for the state as it is now.
        key: Its key in the list of its kind.
        record_id: Its id.
        model: Id of the world model, which tells sessions of one domain apart.
        time: When it was, as stored.
        trigger: What brought it about, as stored; None for a state.
        confidence: Of the domain, as stored.
        session: Session of the world model, as stored.
    """

    kind: str
    key: Any
    record_id: Any
    model: Any
    time: Any
    trigger: Any
    confidence: Any
    session: Any = None

    @property
    def is_now(self) -> bool:
        """Whether it is the state as it is now."""
        return self.kind == STATE

    @property
    def when(self) -> str:
        """Its time in a few cells, or its number where it has none; now, for a state."""
        return "now" if self.is_now else short_time(self.time) or f"no. {self.record_id}"


def point_of(row: Mapping[str, Any]) -> Point:
    """Make a point of the short row of a snapshot or a state, which says its `kind`."""
    is_state = row["kind"] == STATE
    return Point(
        kind=row["kind"],
        key=row["key"],
        record_id=row["record_id"],
        model=row["record_id"] if is_state else row["world_model_id"],
        time=row["updated_at"] if is_state else row["snapshot_time"],
        trigger=None if is_state else row["trigger_event"],
        confidence=row["confidence"],
        session=row["session_id"],
    )


def sessions_of(points: Iterable[Point]) -> dict[Any, str]:
    """Call each world model by its session, or by its id where it names none.

    Args:
        points: Those of a domain: sessions that know it have a world model each.
    """
    names: dict[Any, str] = {}
    for point in points:
        if point.session or point.model not in names:
            names[point.model] = str(point.session or point.model)
    return names


def point_before(points: Sequence[Point], point: Point) -> Point | None:
    """Give the point before one of the same world model; None for the first."""
    earlier = points[: points.index(point)]
    return next((each for each in reversed(earlier) if each.model == point.model), None)


def domain_of(row: Mapping[str, Any]) -> str:
    """Name the domain of a short row; one that names none has the empty name."""
    domain = row.get("domain")
    return "" if domain is None else str(domain)


@dataclass(frozen=True)
class Timeline:
    """The points of a domain, oldest first, with the states as they are now at the end.

    Attributes:
        points: The points; at least one.
        at: Which one is looked at (B).
        chosen_base: Which one a person chose to compare with; None for the one before.
    """

    points: tuple[Point, ...]
    at: int = 0
    chosen_base: int | None = None

    @property
    def point(self) -> Point:
        """The point that is looked at."""
        return self.points[self.at]

    @property
    def base(self) -> int | None:
        """Which point it is compared with; None where there was none before.

        Without a choice it is the point before of the same world model.
        """
        if self.chosen_base is not None:
            return self.chosen_base
        model = self.point.model
        before = range(self.at - 1, -1, -1)
        return next((at for at in before if self.points[at].model == model), None)

    @property
    def base_point(self) -> Point | None:
        """The point that it is compared with."""
        return None if self.base is None else self.points[self.base]

    @property
    def is_past(self) -> bool:
        """Whether there are newer snapshots than the point that is looked at."""
        return self.at < _last_snapshot(self.points)

    def step(self, points: int) -> Timeline:
        """Look at a point later (or earlier, where negative); it ends at both ends."""
        return replace(self, at=max(0, min(self.at + points, len(self.points) - 1)))

    def toggle_base(self) -> Timeline:
        """Compare with this point from now on; once more, with the one before again."""
        return replace(self, chosen_base=None if self.chosen_base == self.at else self.at)

    def find(self, kind: str, key: Any) -> int | None:
        """Say where the point with this key stands."""
        for at, point in enumerate(self.points):
            if (point.kind, point.key) == (kind, key):
                return at
        return None

    def renewed(self, points: Sequence[Point]) -> Timeline:
        """Give the timeline of points read anew, with the same ones chosen where they still are.

        Who looks at the newest snapshot or at now looks at the newest one that came since.
        """
        fresh = Timeline(tuple(points))
        point = self.point
        was_last = self.at == _last_snapshot(self.points)
        at = _last_snapshot(points) if was_last else fresh.find(point.kind, point.key)
        base = None
        if self.chosen_base is not None:
            chosen = self.points[self.chosen_base]
            base = fresh.find(chosen.kind, chosen.key)
        return Timeline(fresh.points, _last_snapshot(points) if at is None else at, base)


def timeline_of(points: Sequence[Point]) -> Timeline:
    """Begin at the newest snapshot, or now where there are none.

    Args:
        points: As `in_order` gives them; at least one.
    """
    return Timeline(tuple(points), _last_snapshot(points))


def in_order(snapshots: Iterable[Point], states: Iterable[Point]) -> list[Point]:
    """Join the newest-first snapshots and states of a domain to points, oldest first."""
    return [*reversed(list(snapshots)), *reversed(list(states))]


def _last_snapshot(points: Sequence[Point]) -> int:
    for at in range(len(points) - 1, -1, -1):
        if not points[at].is_now:
            return at
    return len(points) - 1


class Mark(NamedTuple):
    """One piece of the line that shows a timeline.

    Attributes:
        text: What stands there.
        at: The point that it stands for, or None.
        is_chosen: Whether it is A or B.
    """

    text: str
    at: int | None = None
    is_chosen: bool = False


def drawn(timeline: Timeline, width: int) -> list[Mark]:
    """Draw the line in at most `width` cells: `○──[A]──[B]──○`, `●` for now.

    Points that have no space are counted at the ends.
    """
    count = len(timeline.points)
    room = max(3, (width - 16) // 3)
    first = 0
    if count > room:
        first = max(0, min(timeline.at - room // 2, count - room))
    last = min(count, first + room)
    marks = [Mark(f"{first:,} \u2026 ")] if first else []
    for at in range(first, last):
        if at > first:
            marks.append(Mark("\u2500" if count * 3 > width - 8 else "\u2500\u2500"))
        marks.append(_mark(timeline, at))
    if last < count:
        marks.append(Mark(f" \u2026 {count - last:,}"))
    return marks


def _mark(timeline: Timeline, at: int) -> Mark:
    base = timeline.base
    if at == timeline.at:
        return Mark("[A=B]" if at == base else "[B]", at, is_chosen=True)
    if at == base:
        return Mark("[A]", at, is_chosen=True)
    return Mark("\u25cf" if timeline.points[at].is_now else "\u25cb", at)


def age(older: Point, newer: Point) -> str:
    """Say in words how long it was from one point to another; empty where that cannot be told."""
    one, other = local(older.time), local(newer.time)
    if one is None or other is None:
        return ""
    minutes = int(abs((other - one).total_seconds()) // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
