"""When the demo's people work: the dates of the story and the rhythm of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Final

from tui.demo.dice import Dice
from tui.demo.turns import Turn

DEMO_ZONE: Final = timezone(timedelta(hours=2))
"""The zone of the team, in which the story's times are told; it is summer all the time."""

DEMO_EPOCH: Final = datetime(2026, 7, 27, tzinfo=DEMO_ZONE)
"""The Monday on which Kestrel began."""

DEMO_WEEKS: Final = 11

_SATURDAY: Final = 5
_A_LONG_PAUSE: Final = 150.0
_MOST_STRETCHED: Final = 2.5


def moment(text: str) -> datetime:
    """Return the time that `text` (ISO 8601, without a zone) means to the team, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=DEMO_ZONE).astimezone(UTC)


def week_of(at: datetime) -> int:
    """Return the week of the story, 0 to 10, that a time belongs to."""
    return max(0, min(DEMO_WEEKS - 1, (at - DEMO_EPOCH).days // 7))


def spell(at: datetime) -> str:
    """Return a time as it is stored."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def workday(number: int) -> datetime:
    """Return midnight of the `number`th working day of the story, the first being 0."""
    weeks, day = divmod(number, 5)
    return DEMO_EPOCH + timedelta(weeks=weeks, days=day)


def place(turns: Sequence[Turn], start: datetime, dice: Dice) -> None:
    """Give every turn its time, from `start` on, by the pauses and the hours of work."""
    at = start.astimezone(DEMO_ZONE)
    for turn in turns:
        at += timedelta(seconds=round(turn.pause, 3))
        if turn.starts or turn.pause > _A_LONG_PAUSE:
            at = _working(at, dice)
        turn.at = at.astimezone(UTC)


def squeeze(turns: Sequence[Turn], start: datetime, end: datetime) -> None:
    """Give every turn its time between `start` and `end`; the pauses shrink or grow as needed."""
    whole = sum(turn.pause for turn in turns)
    room = (end - start).total_seconds()
    scale = min(_MOST_STRETCHED, room / whole) if whole else 1.0
    at = start
    for turn in turns:
        at += timedelta(seconds=turn.pause * scale)
        # A scaled pause has more digits than a clock.
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        turn.at = at.astimezone(UTC)


def _working(at: datetime, dice: Dice) -> datetime:
    if time(12, 15) <= at.time() < time(13) and dice.chance(0.7):
        return at.replace(hour=13, minute=dice.number(0, 14))
    evening = at.time() >= time(18) and (at.time() >= time(21) or dice.chance(0.8))
    if evening or at.time() < time(7):
        return _next_morning(at, dice)
    return at


def _next_morning(at: datetime, dice: Dice) -> datetime:
    days = 1 if at.time() >= time(7) else 0
    day = at + timedelta(days=days)
    if day.weekday() >= _SATURDAY and not (day.weekday() == _SATURDAY and dice.chance(0.12)):
        day += timedelta(days=7 - day.weekday())
    opens = time(10 if day.weekday() >= _SATURDAY else 8, dice.number(5, 59), dice.number(0, 59))
    return datetime.combine(day.date(), opens, DEMO_ZONE)
