"""Points in time of the world model, as a person names them: an id, now, from the end, a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.moments import local
from tui.world.timeline import Point, point_before, sessions_of

if TYPE_CHECKING:
    from tui.world.domains import Domain

_FROM_END: Final = re.compile(r"-\d{1,9}", re.ASCII)


class Pair(NamedTuple):
    """Two points to compare; A or B is None where the domain was not known then.

    Attributes:
        name: What is compared: the domain, or both of them.
        a: The older one, as it was asked for.
        b: The newer one.
        sessions: What the world models are called, where there are several.
    """

    name: str
    a: Point | None
    b: Point | None
    sessions: Mapping[Any, str]


class NoPointError(Exception):
    """Nothing is called like that: a sentence that says what there is."""


def pairs(
    domains: Mapping[str, Domain], a: str, b: str | None, now: datetime, only: str | None = None
) -> list[Pair]:
    """Give what is to be compared: in each domain, or between two snapshots that are named.

    Args:
        domains: All domains, by name.
        a: What A is called.
        b: What B is called; None for A against the one before it.
        now: What relative times count from; its zone is that of times without one.
        only: The one domain that is meant; None for all of them.

    Returns:
        The pairs of which there is one side at least.

    Raises:
        NoPointError: There is no such point, or in no domain anything at either.
        ValidationError: It is no time.
    """
    homes = {text: _home(domains.values(), text) for text in (a, b) if text is not None}
    named = [home for home in homes.values() if home is not None]
    for text, home in homes.items():
        if home is not None and only not in (None, home[0].name):
            where = home[0].name or "no domain"
            raise NoPointError(f"{text} is of {where} and not of {only}; leave one of them out.")
    if len(named) == 2 and named[0][0] != named[1][0]:
        (one, older), (other, newer) = named
        sessions = _sessions([*one.points, *other.points])
        return [Pair(f"{one.name} \u2192 {other.name}", older, newer, sessions)]
    meant = list(domains.values()) if only is None else [domains[only]]
    wanted = [named[0][0]] if named else meant
    found = [_pair(domain, a, b, now) for domain in wanted]
    there = [pair for pair in found if pair.a is not None or pair.b is not None]
    if not there:
        asked = a if b is None else f"{a} or {b}"
        raise NoPointError(f"There was nothing yet at {asked}; memglass world FILE lists what is.")
    return there


def _home(domains: Iterable[Domain], text: str) -> tuple[Domain, Point] | None:
    """Find the point with an id, whichever domain it is of; a snapshot counts before a state."""
    for domain in domains:
        for point in domain.points:
            if str(point.record_id) == text:
                return domain, point
    return None


def _pair(domain: Domain, a: str, b: str | None, now: datetime) -> Pair:
    first = find_point(domain.points, a, now)
    sessions = _sessions(domain.points)
    if b is not None:
        return Pair(domain.name, first, find_point(domain.points, b, now), sessions)
    before = None if first is None else point_before(domain.points, first)
    return Pair(domain.name, before, first, sessions)


def _sessions(points: Sequence[Point]) -> Mapping[Any, str]:
    names = sessions_of(points)
    return names if len(names) > 1 else {}


def find_point(points: Sequence[Point], text: str, now: datetime) -> Point | None:
    """Find a point of a domain.

    Args:
        points: Oldest first, the states as they are now at the end; at least one.
        text: An id, `now`, `first`, `-1` for the newest snapshot, `-2` for the one before, or a
            time, which means the newest snapshot that was there by then.
        now: What relative times count from; its zone is that of times without one.

    Returns:
        None where there was nothing yet at that time.

    Raises:
        NoPointError: There is no such point.
        ValidationError: It is no time.
    """
    if (own := next((each for each in points if str(each.record_id) == text), None)) is not None:
        return own
    if text in ("now", "first"):
        return points[-1] if text == "now" else points[0]
    if _FROM_END.fullmatch(text):
        snapshots = [each for each in points if not each.is_now]
        return snapshots[int(text)] if 0 < -int(text) <= len(snapshots) else None
    if text.isdecimal():
        raise NoPointError(f"There is no snapshot {text}; memglass world FILE lists them all.")
    return _by_time(points, text, now)


def _by_time(points: Sequence[Point], text: str, now: datetime) -> Point | None:
    from storage import read_time

    moment = read_time(text, now)
    found = None
    for point in points:
        at = local(point.time)
        if at is not None and at <= moment and not point.is_now:
            found = point
    return found
