"""The whole memory as plain records, before any of it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tui.demo import beliefs, bulk, consolidation, damage, story, worlds
from tui.demo.clock import moment, spell, squeeze, workday
from tui.demo.dice import Dice
from tui.demo.turns import AGENT, TOOL, Turn

DEMO_LIVE: Final = 18_330
"""Interactions that are not archived."""

DEMO_RELEASE_LIVE: Final = 1_204
"""Those of them in the session of the release, s-91."""

_RELEASE_TURNS: Final = DEMO_RELEASE_LIVE + consolidation.RELEASE_ARCHIVED
_TOTAL: Final = DEMO_LIVE + consolidation.USUAL_ARCHIVED + consolidation.RELEASE_ARCHIVED
_SHORT_IDS: Final = "2026-10-01T00:00"
_LATE_SESSIONS: Final = range(94, 111)
_LATE_TURNS: Final = 850
_RELEASE_AREAS: Final = (
    *("invoices", "billing", "orders", "exports", "refunds", "migrations", "deploy", "frontend"),
    *("webhooks", "reports", "tax", "currency"),
)

# Stretches of the two days before the deploy, one after the other, so that the ids of the story
# come out as they are told: session, turns, from, to.
_STRETCHES: Final = (
    (91, 104, "2026-10-01T08:46", "2026-10-01T10:58"),
    (92, 60, "2026-10-01T11:08", "2026-10-01T13:05"),
    (91, 110, "2026-10-01T13:20", "2026-10-01T17:50"),
    (93, 50, "2026-10-02T08:31", "2026-10-02T10:22"),
    (91, 45, "2026-10-02T10:30", "2026-10-02T13:48"),
    (91, 14, "2026-10-02T14:22", "2026-10-02T14:50"),
    (91, 86, "2026-10-02T14:56", "2026-10-02T16:35"),
    (91, 40, "2026-10-02T16:42", "2026-10-02T17:50"),
)
_OTHER_TURNS: Final = sum(
    count for number, count, *_ in _STRETCHES if number != story.RELEASE_SESSION
)
_LAST_DAYS: Final = (
    ("2026-10-05T08:37", "2026-10-05T17:40"),
    ("2026-10-06T08:51", "2026-10-06T18:05"),
    ("2026-10-07T08:33", "2026-10-07T17:15"),
    ("2026-10-08T08:45", "2026-10-08T17:52"),
    ("2026-10-09T08:39", "2026-10-09T15:14"),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that Kestrel remembers, in the order in which it came to be.

    Attributes:
        turns: Every interaction, archived ones included, by time.
        beliefs: The patterns that were learned from what people said.
        runs: The consolidations.
        states: The states of the world models, with their times.
    """

    turns: list[Turn]
    beliefs: list[beliefs.Belief]
    runs: list[consolidation.Run]
    states: list[tuple[datetime, dict[str, Any]]]


def remember() -> Memory:
    """Make the memory; it is the same in every run."""
    seen: Counter[str] = Counter()
    nights = _nights()
    release = _RELEASE_TURNS + _OTHER_TURNS + _LATE_TURNS
    turns = _usual_weeks(_TOTAL - len(nights) - release, seen)
    turns += [*_release_weeks(seen), *nights]
    turns.sort(key=lambda turn: turn.moment)
    _number(turns)
    known = beliefs.form(turns)
    cited = {turn.id for belief in known for turn in belief.sources}
    runs = consolidation.plan(turns, cited)
    _write_diary(nights, runs)
    damage.damage({turn.id: turn for turn in turns})
    return Memory(turns, known, runs, list(worlds.states()))


def record(turn: Turn) -> dict[str, Any]:
    """Return a turn as the interaction that is stored."""
    return {
        "interaction_id": turn.id,
        "timestamp": spell(turn.moment),
        "session_id": turn.session,
        "action": turn.action,
        "role": turn.role,
        "content": turn.content,
        "file_path": turn.file_path,
        "details": turn.details,
        "metadata": turn.metadata,
    }


def _usual_weeks(total: int, seen: Counter[str]) -> list[Turn]:
    said = beliefs.remarks()
    for number, more in story.remarks().items():
        said.setdefault(number, []).extend(more)
    turns: list[Turn] = []
    for number, size in enumerate(bulk.usual_sizes(total), 1):
        turns += bulk.usual_session(number, size, said.get(number, []), seen)
    return turns


def _release_weeks(seen: Counter[str]) -> list[Turn]:
    scenes = ("opening", "staging", "friday", "splice", "hostile", "why")
    turns = [turn for name in scenes for turn in story.scene(name)]
    release = bulk.Session(story.RELEASE_SESSION, seen, "Mara", _RELEASE_AREAS)
    for number, count, start, end in _STRETCHES:
        usual = number != story.RELEASE_SESSION
        part = (bulk.Session(number, seen) if usual else release).write(count)
        squeeze(part, moment(start), moment(end))
        turns += part
    there = sum(1 for turn in turns if turn.session == bulk.session_id(story.RELEASE_SESSION))
    return turns + _last_week(release, _RELEASE_TURNS - there, seen)


def _last_week(release: bulk.Session, left: int, seen: Counter[str]) -> list[Turn]:
    dice = Dice("last week")
    turns: list[Turn] = []
    for index, (start, end) in enumerate(_LAST_DAYS):
        part = release.write(left // (len(_LAST_DAYS) - index))
        left -= len(part)
        squeeze(part, moment(start), moment(end))
        turns += part
    sizes = [dice.number(38, 62) for _ in _LATE_SESSIONS]
    sizes[-1] += _LATE_TURNS - sum(sizes)
    for index, number in enumerate(_LATE_SESSIONS):
        day = workday(50 + index * 5 // len(_LATE_SESSIONS))
        start_of = day + timedelta(hours=dice.number(8, 12), minutes=dice.number(20, 59))
        part = bulk.Session(number, seen).write(sizes[index])
        squeeze(part, start_of, start_of + timedelta(minutes=dice.number(75, 135)))
        turns += part
    return turns


def _nights() -> list[Turn]:
    times = [*consolidation.run_times(), moment("2026-10-03T03:10")]
    times.append(moment(consolidation.RELEASE_NIGHT))
    turns = []
    for at in sorted(times):
        turn = Turn(AGENT, "consolidate", "", at=at, session="night")
        turn.starts = True
        turns.append(turn)
    return turns


def _write_diary(nights: Iterable[Turn], runs: Iterable[consolidation.Run]) -> None:
    by_time = {run.at: run for run in runs}
    for turn in nights:
        run = by_time.get(turn.moment)
        if run is None:
            turn.content = "Learned pat-no-approval from int-0112, int-0385 and int-0386."
            turn.details = {"pattern": story.NO_APPROVAL, "sources": 3}
        else:
            turn.content = run.says()
            turn.details = {"pattern": run.product.id, "archived": len(run.turns)}


def _number(turns: Iterable[Turn]) -> None:
    """Give every turn its id and its metadata."""
    dice = Dice("metadata")
    change = moment(_SHORT_IDS)
    old = new = 0
    for turn in turns:
        if turn.moment < change:
            old += 1
            turn.id = f"int-a{old:05d}"
        else:
            new += 1
            turn.id = f"int-{new:04d}"
        if turn.who == AGENT:
            model = "kestrel-1.4" if turn.moment >= change else "kestrel-1.3"
            turn.metadata = {"model": model, "tokens": 40 + len(turn.content) + dice.number(0, 900)}
        elif turn.who != TOOL:
            turn.metadata = {"author": turn.who}
