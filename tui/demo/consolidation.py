"""The nights in which Kestrel makes little of much: what it archives, why, and what it keeps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tui.demo import story
from tui.demo.beliefs import night
from tui.demo.bulk import session_id
from tui.demo.clock import DEMO_EPOCH, DEMO_WEEKS, moment, spell
from tui.demo.dice import Dice
from tui.demo.turns import Turn

NIGHTS: Final = DEMO_WEEKS - 1
RUNS_A_NIGHT: Final = 4
USUAL_ARCHIVED: Final = 2290
"""Interactions that the usual runs archive, all together."""

RELEASE_ARCHIVED: Final = 214
"""Interactions that the over-eager run archives."""

RELEASE_NIGHT: Final = "2026-10-04T03:10"

TO_WORKING: Final = "consolidated_to_working"
TO_EPISODIC: Final = "consolidated_to_episodic"
TO_SEMANTIC: Final = "promoted_to_semantic"

_FIRST_MERGE: Final = 2
_LAST_MERGE: Final = 7
_LESSONS: Final = {6: (3, 1), 9: (4, 2)}
"""Nights in which episodes become a lesson: how many, and the number of the lesson."""


@dataclass(slots=True)
class Product:
    """A pattern that a run made."""

    id: str
    name: str
    description: str
    pattern_type: str
    confidence: float
    at: datetime
    sources: list[Turn]
    patterns: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """Return it as it is stored."""
        metadata: dict[str, Any] = {
            "made_by": "consolidation",
            "source_interactions": [turn.id for turn in self.sources],
        }
        if self.patterns:
            metadata["source_patterns"] = self.patterns
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "pattern_type": self.pattern_type,
            "sequence": [],
            "frequency": max(1, len(self.heads)),
            "confidence": self.confidence,
            "created_at": spell(self.at),
            "last_seen": spell(self.at),
            "metadata": metadata,
        }


@dataclass(slots=True)
class Run:
    """One consolidation: what it took away, why, and what it made of it."""

    at: datetime
    reason: str
    product: Product
    turns: list[Turn] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)

    def says(self) -> str:
        """Return what Kestrel writes about the run."""
        if self.patterns:
            return f"Merged {', '.join(self.patterns)} into {self.product.id}."
        sessions = ", ".join(dict.fromkeys(turn.session for turn in self.turns))
        return f"Consolidated {len(self.turns)} interactions of {sessions} into {self.product.id}."


def run_times() -> list[datetime]:
    """Return when the usual runs over interactions happen, in order."""
    return [
        night(week) + timedelta(minutes=9 * (number + 1))
        for week in range(NIGHTS)
        for number in range(RUNS_A_NIGHT)
    ]


def plan(turns: Sequence[Turn], cited: set[str]) -> list[Run]:
    """Plan all runs, in order, and mark the turns that they archive.

    Args:
        turns: Every turn, placed and numbered, in order.
        cited: Ids of turns that patterns rest on; they are never archived.
    """
    free = _free_by_session(turns, cited)
    runs: list[Run] = []
    working: list[list[Product]] = []
    episodes: list[Product] = []
    sizes = iter(_sizes())
    for week in range(NIGHTS):
        made: list[Product] = []
        for number in range(RUNS_A_NIGHT):
            at = night(week) + timedelta(minutes=9 * (number + 1))
            run = _usual(week, number, at, free, next(sizes))
            runs.append(run)
            made.append(run.product)
        working.append(made[:-1])
        if week % 2 == 0:
            episodes.append(made[-1])
        if _FIRST_MERGE <= week <= _LAST_MERGE:
            runs.append(_merge(week, working[week - _FIRST_MERGE]))
            episodes.append(runs[-1].product)
        if week in _LESSONS:
            count, number = _LESSONS[week]
            runs.append(_lesson(week, number, episodes[:count]))
            del episodes[:count]
    runs.append(_release_run(turns, cited))
    return sorted(runs, key=lambda run: run.at)


def _free_by_session(turns: Iterable[Turn], cited: set[str]) -> dict[str, list[Turn]]:
    late = session_id(story.RELEASE_SESSION)
    free: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.session.startswith("s-") and turn.session < late and len(turn.session) == len(late):
            held = free.setdefault(turn.session, [])
            if turn.id not in cited and turn.topic != "story":
                held.append(turn)
    return free


def _sizes() -> list[int]:
    dice = Dice("runs")
    count = NIGHTS * RUNS_A_NIGHT
    sizes = [dice.number(36, 76) for _ in range(count)]
    place = 0
    while (missing := USUAL_ARCHIVED - sum(sizes)) != 0:
        sizes[place % count] += 1 if missing > 0 else -1
        place += 1
    return sizes


def _usual(week: int, number: int, at: datetime, free: dict[str, list[Turn]], size: int) -> Run:
    dice = Dice(f"run {week} {number}")
    ripe = [
        session for session, turns in free.items() if len(turns) > size and turns[-1].moment < at
    ]
    session = dice.pick(ripe[-9:])
    taken = free.pop(session)[:size]
    for turn in taken:
        turn.archived = True
    reason, kind = _kinds(week, number)
    product = _product(week, number, kind, at, taken, dice)
    return Run(at, reason, product, turns=taken)


def _kinds(week: int, number: int) -> tuple[str, str]:
    if number < RUNS_A_NIGHT - 1:
        return TO_WORKING, "consolidated_working"
    if week % 2 == 0:
        return TO_EPISODIC, "consolidated_episodic"
    return TO_SEMANTIC, "semantic"


def _product(
    week: int, number: int, kind: str, at: datetime, taken: list[Turn], dice: Dice
) -> Product:
    gists = [turn.gist for turn in taken if turn.gist] or [taken[0].content]
    heads = [_head(gist) for gist in gists]
    session = taken[0].session
    if kind == "consolidated_working":
        name = f"{session}: {heads[0]}" + (f", and {len(heads) - 1} more" if heads[1:] else "")
        made, low, high = f"pat-work-{week * (RUNS_A_NIGHT - 1) + number + 1:02d}", 0.5, 0.7
    elif kind == "consolidated_episodic":
        name = f"What happened in {session}: {'; '.join(heads[:2])}"
        made, low, high = f"pat-episode-{week + 1:02d}", 0.6, 0.78
    else:
        name = f"Known since {session}: {'; '.join(heads[:2])}"
        made, low, high = f"pat-known-{week + 1:02d}", 0.74, 0.9
    confidence = round(dice.between(low, high), 2)
    return Product(made, name, _prose(gists), kind, confidence, at, taken, heads=heads)


def _merge(week: int, parts: Sequence[Product]) -> Run:
    at = night(week) + timedelta(minutes=50)
    monday = DEMO_EPOCH + timedelta(weeks=week - _FIRST_MERGE)
    heads = [head for part in parts for head in part.heads[:2]]
    product = Product(
        f"pat-week-{week - _FIRST_MERGE + 1:02d}",
        f"Week of {monday:%m-%d}: {heads[0]}, and {len(heads) - 1} more",
        _prose([part.description for part in parts]),
        "consolidated_episodic",
        round(sum(part.confidence for part in parts) / len(parts) + 0.08, 2),
        at,
        [turn for part in parts for turn in part.sources],
        [part.id for part in parts],
        heads,
    )
    return Run(at, TO_EPISODIC, product, patterns=product.patterns)


def _lesson(week: int, number: int, parts: Sequence[Product]) -> Run:
    at = night(week) + timedelta(minutes=60)
    heads = [head for part in parts for head in part.heads[:2]]
    product = Product(
        f"pat-lesson-{number}",
        f"Lessons so far: {heads[0]}; {heads[1]}",
        _prose(heads),
        "semantic",
        round(0.8 + 0.03 * number, 2),
        at,
        [turn for part in parts for turn in part.sources],
        [part.id for part in parts],
        heads,
    )
    return Run(at, TO_SEMANTIC, product, patterns=product.patterns)


def _release_run(turns: Sequence[Turn], cited: set[str]) -> Run:
    """The run that takes too much and says too little: it buries Mara's correction."""
    release = session_id(story.RELEASE_SESSION)
    spared = cited | {story.SPLICED}
    until = next(turn.moment for turn in turns if turn.id == story.HOSTILE) - timedelta(seconds=5)
    taken = [
        turn
        for turn in turns
        if turn.session == release and turn.moment < until and turn.id not in spared
    ][-RELEASE_ARCHIVED:]
    for turn in taken:
        turn.archived = True
    at = moment(RELEASE_NIGHT)
    product = Product(
        story.RELEASE_RUN,
        "Release work",
        "Work on the release. Files were read and edited, tests were run, questions were answered.",
        "consolidated_working",
        0.66,
        at,
        taken,
    )
    return Run(at, TO_WORKING, product, turns=taken)


def _head(gist: str) -> str:
    return re.split(r"[:?]", gist, maxsplit=1)[0]


def _prose(gists: Sequence[str]) -> str:
    sentences = (gist[:1].upper() + gist[1:].rstrip(". ") for gist in gists)
    return " ".join(f"{each}." for each in sentences)
