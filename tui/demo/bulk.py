"""The sessions of eleven weeks: who works when, on what, and how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tui.demo import episodes_code, episodes_work
from tui.demo.clock import moment, place, squeeze, workday
from tui.demo.dice import Deck, Dice
from tui.demo.turns import AGENT, Turn, Voices

Episode = Callable[[Voices, str], list[Turn]]

_EPISODES: Final[Mapping[str, tuple[Episode, float]]] = {
    "fix": (episodes_code.fix, 38),
    "question": (episodes_code.question, 14),
    "review": (episodes_code.review, 11),
    "chore": (episodes_code.chore, 8),
    "flaky": (episodes_work.flaky, 4),
    "pipeline": (episodes_work.pipeline, 4),
    "count": (episodes_work.count, 4),
    "standup": (episodes_work.standup, 4),
    "upgrade": (episodes_work.upgrade, 3),
    "alarm": (episodes_work.alarm, 3),
    "docs": (episodes_work.docs, 3),
    "staging": (episodes_work.staging, 3),
    "small": (episodes_work.small, 5),
    "release": (episodes_work.release, 1.2),
}
_AREAS: Final[Mapping[str, tuple[str, ...]]] = {
    "Mara": ("invoices", "billing", "tax", "refunds"),
    "Jonas": ("orders", "webhooks", "jobs", "auth"),
    "Ines": ("deploy", "migrations", "ci", "jobs"),
    "Teo": ("frontend", "exports", "search", "reports"),
    "Amara": ("reports", "exports", "currency", "search"),
}
_AUTHORS: Final = {"Mara": 30.0, "Jonas": 27.0, "Ines": 18.0, "Teo": 13.0, "Amara": 12.0}

USUAL_SESSIONS: Final = 90
"""Sessions before the release of 4.2, which begins with session 91."""

_WEEKENDS: Final = {
    12: "2026-08-01T10:20",
    31: "2026-08-15T14:05",
    45: "2026-08-30T11:52",
    58: "2026-09-05T09:40",
    82: "2026-09-26T15:15",
}
"""Sessions of weekends; number 45 is the alarm on a Sunday, which Ines takes."""

_SUNDAY_ALARM: Final = 45
_USUAL_DAYS: Final = 48
_LAST_EVENING: Final = "2026-09-30T19:20"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said in a session besides its work, which something else refers to."""

    who: str
    text: str
    topic: str


def session_id(number: int) -> str:
    """Return the id of a session."""
    return f"s-{number:02d}"


class Session:
    """Writes the turns of one session, stretch by stretch."""

    def __init__(
        self, number: int, seen: Counter[str], author: str = "", areas: Sequence[str] = ()
    ) -> None:
        self._dice = Dice(f"session {number}")
        author = author or self._dice.weighted(_AUTHORS)
        other = self._dice.pick([name for name in _AUTHORS if name != author])
        deck = Deck(self._dice)
        version = f"4.1.{number // 10}" if number <= USUAL_SESSIONS else "4.2.0"
        self._voices = Voices(self._dice, deck, author, other, version, seen)
        self._areas = areas or _AREAS[author]
        self._id = session_id(number)
        # Before 4.2 releases were a matter of course; the story tells of the one that was not.
        self._weights = {
            name: weight
            for name, (_, weight) in _EPISODES.items()
            if name != "release" or number <= USUAL_SESSIONS
        }

    def write(self, count: int, first: str = "") -> list[Turn]:
        """Write exactly `count` more turns, beginning with an episode of the kind `first`."""
        turns: list[Turn] = []
        if first:
            turns += _EPISODES[first][0](self._voices, self._areas[0])
        while (room := count - len(turns)) > 0:
            area = self._voices.deck.deal("areas", self._areas)
            turns += _episode(self._voices, area, self._weights, room)
        for turn in turns:
            turn.session = self._id
        return turns


def _episode(voices: Voices, area: str, weights: Mapping[str, float], room: int) -> list[Turn]:
    for _ in range(6):
        turns = _EPISODES[voices.dice.weighted(weights)][0](voices, area)
        if len(turns) <= room:
            return turns
    # The end of a session: small words until the number is right.
    return episodes_work.small(voices, area)[:room]


def usual_sizes(total: int) -> list[int]:
    """Return how many turns each of the usual sessions has, `total` together."""
    dice = Dice("sizes")
    weights = [
        dice.between(0.15, 0.3) if number in _WEEKENDS else 0.5 + dice.pause(0, 1.8)
        for number in range(1, USUAL_SESSIONS + 1)
    ]
    sizes = [int(total * weight / sum(weights)) for weight in weights]
    for index in range(total - sum(sizes)):
        sizes[index % USUAL_SESSIONS] += 1
    return sizes


def usual_start(number: int) -> datetime:
    """Return when a usual session begins."""
    if number in _WEEKENDS:
        return moment(_WEEKENDS[number])
    dice = Dice(f"start {number}")
    day = workday((number - 1) * _USUAL_DAYS // USUAL_SESSIONS)
    late = dice.number(0, 390) if number % 2 else dice.number(0, 100)
    return day + timedelta(hours=8, minutes=10 + late, seconds=dice.number(0, 59))


def usual_session(
    number: int, size: int, remarks: Sequence[Remark], seen: Counter[str]
) -> list[Turn]:
    """Write and place a whole session of the weeks before the release, remarks included."""
    author, first = ("Ines", "alarm") if number == _SUNDAY_ALARM else ("", "")
    dice = Dice(f"remarks {number}")
    turns = Session(number, seen, author).write(size - 2 * len(remarks), first)
    for remark in remarks:
        begins = [index for index, turn in enumerate(turns) if turn.starts and index]
        index = dice.pick(begins) if begins else len(turns)
        turns[index:index] = _remark(remark, number, dice)
    start = usual_start(number)
    if number in _WEEKENDS:
        squeeze(turns, start, start + timedelta(hours=3))
    else:
        place(turns, start, dice)
        if turns[-1].moment > moment(_LAST_EVENING):
            squeeze(turns, start, moment(_LAST_EVENING))
    return turns


_NOTED: Final = (
    "Noted.",
    "I'll keep that in mind.",
    "Understood, I'll do it that way from now on.",
    "Good to know. I'll remember.",
    "Thank you, noted.",
    "Will do.",
    "That's clear.",
    "I've written it down.",
)
_AGREED: Final = ("Good.", "Keep doing that.", "I see.", "Fine by me.", "Yes, I noticed.")


def _remark(remark: Remark, number: int, dice: Dice) -> list[Turn]:
    first = Turn(remark.who, "message", remark.text, dice.pause(60, 500), topic=remark.topic)
    first.starts = True
    if remark.who == AGENT:
        answer = Turn("Mara", "message", dice.pick(_AGREED), dice.pause(30, 200))
    else:
        answer = Turn(AGENT, "message", dice.pick(_NOTED), dice.pause(5, 20))
    for turn in (first, answer):
        turn.session = session_id(number)
    return [first, answer]
