"""The patterns that Kestrel learned from what people said, and how its confidence grew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tui.demo.bulk import USUAL_SESSIONS, Remark
from tui.demo.clock import DEMO_EPOCH, DEMO_WEEKS, moment, spell, week_of
from tui.demo.damage import broken
from tui.demo.data import load
from tui.demo.dice import Dice
from tui.demo.turns import Turn

_MOST_SOURCES: Final = 6
_LEARNED: Final = "2026-10-03T03:10"
_LAST_LESSON: Final = "2026-10-01T00:00"
_NIGHTS: Final = DEMO_WEEKS - 1
_BARE_PATH: Final = b"tests/billing"


@dataclass(frozen=True, slots=True)
class Step:
    """What a pattern was after one night: its confidence, and how many sources it had."""

    at: datetime
    confidence: float
    evidence: int


@dataclass(slots=True)
class Belief:
    """A pattern and how it came about."""

    record: dict[str, Any]
    sources: list[Turn]
    steps: list[Step] = field(default_factory=list)

    def as_of(self, number: int) -> dict[str, Any]:
        """Return the record after step `number`, the first being 0."""
        step = self.steps[number]
        known = self.sources[: step.evidence]
        history = [
            {"at": spell(each.at), "confidence": each.confidence, "evidence": each.evidence}
            for each in self.steps[: number + 1]
        ]
        seen = self.record["frequency"] * step.evidence // len(self.sources)
        return {
            **self.record,
            "confidence": step.confidence,
            "frequency": max(step.evidence, seen),
            "created_at": spell(self.steps[0].at),
            "last_seen": spell(known[-1].moment),
            "metadata": {
                "source_interactions": [turn.id for turn in known],
                "confidence_history": history,
                **self.record["metadata"],
            },
        }


def told() -> list[dict[str, Any]]:
    """Return the beliefs as they are written down."""
    found: list[dict[str, Any]] = [
        *load("beliefs_habits")["belief"],
        *load("beliefs_facts")["belief"],
    ]
    return found


def remarks() -> dict[int, list[Remark]]:
    """Return what was said to make Kestrel believe, by the number of its session."""
    found: dict[int, list[Remark]] = {}
    for belief in told():
        said = belief.get("said", [])
        numbers = belief.get("sessions") or _spread(belief, len(said))
        for number, line in zip(numbers, said, strict=True):
            who, text = line.split(": ", 1)
            found.setdefault(number, []).append(Remark(who, text, f"belief:{belief['id']}"))
    return found


def _spread(belief: Mapping[str, Any], count: int) -> list[int]:
    """Choose sessions for the evidence: the first two within a week or so, the others later."""
    if not count:
        return []
    dice = Dice(f"belief {belief['id']}")
    numbers = [belief["first"]]
    room = (USUAL_SESSIONS - belief["first"]) // count
    while len(numbers) < count:
        step = dice.number(3, 12) if len(numbers) == 1 else dice.number(room // 2, room)
        numbers.append(min(USUAL_SESSIONS, numbers[-1] + max(1, step)))
    return numbers


def form(turns: Iterable[Turn]) -> list[Belief]:
    """Make the beliefs from turns that have been placed and numbered, in order."""
    by_topic: dict[str, list[Turn]] = {}
    by_id: dict[str, Turn] = {}
    for turn in turns:
        if turn.moment < moment(_LAST_LESSON):
            by_topic.setdefault(turn.topic, []).append(turn)
        by_id[turn.id] = turn
    return [_belief(each, by_topic, by_id) for each in told()]


def _belief(
    held: Mapping[str, Any], by_topic: Mapping[str, list[Turn]], by_id: Mapping[str, Turn]
) -> Belief:
    if "story" in held:
        sources = [by_id[each] for each in held["story"]]
    elif "issue" in held:
        sources = by_topic[f"issue:{held['issue']}"][:_MOST_SOURCES]
    else:
        sources = by_topic[f"belief:{held['id']}"]
    damaged = held["id"] == "pat-xdist-two"
    record = {
        "id": held["id"],
        "name": held["name"],
        "description": held["description"],
        "pattern_type": held["type"],
        # The agent once wrote a path where a list of actions belongs.
        "sequence": broken(_BARE_PATH) if damaged else held.get("sequence", []),
        "frequency": held.get("seen", len(sources)),
        "metadata": {"made_by": "kestrel"},
    }
    belief = Belief(record, sources)
    belief.steps = _steps(held, sources)
    return belief


def _steps(held: Mapping[str, Any], sources: list[Turn]) -> list[Step]:
    if "story" in held:
        return [Step(moment(_LEARNED), held["confidence"], len(sources))]
    if "drift" in held:
        first = week_of(sources[-1].moment)
        return [
            Step(night(first + number), confidence, len(sources))
            for number, confidence in enumerate(held["drift"])
        ]
    known_in = [min(week_of(turn.moment), _NIGHTS - 1) for turn in sources]
    weeks = sorted(set(known_in[1:]))
    return [_step(held, known_in, week) for week in weeks]


def _step(held: Mapping[str, Any], known_in: list[int], week: int) -> Step:
    known = sum(1 for each in known_in if each <= week)
    share = 0.5 + 0.5 * known / len(known_in)
    return Step(night(week), round(held["confidence"] * share, 2), known)


def night(week: int) -> datetime:
    """Return when Kestrel thinks over a week: before Sunday's dawn."""
    return DEMO_EPOCH + timedelta(weeks=week, days=6, hours=2, minutes=40)
