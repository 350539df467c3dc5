"""What a report tells, read from a store: of everything only so much, and how much there is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.lead_documents import RULES
from tui.moments import local
from tui.sources import summaries
from tui.world.domains import read_domains, snapshots_by_state
from tui.world.timeline import SNAPSHOT, STATE

if TYPE_CHECKING:
    from storage import HealthFinding, Lead, Piece, Place, SQLiteStore, WorldModelDiff
    from tui.world.timeline import Point

LEADS: Final = 60
LEADS_SECONDS: Final = 20.0
PATTERNS: Final = 150
EVIDENCE: Final = 4
REASONS: Final = 30
ARCHIVED: Final = 4
DOMAINS: Final = 40
POINTS: Final = 60
BROKEN: Final = 80
CHANGES: Final = 60

Row = Mapping[str, Any]


class Part(NamedTuple):
    """Some of many.

    Attributes:
        shown: Those that are shown.
        total: How many there are.
    """

    shown: Sequence[Any]
    total: int


class Believed(NamedTuple):
    """A pattern, and what it was made from.

    Attributes:
        record: The pattern.
        evidence: The first of its sources, as short rows; an id that is gone stands alone.
        sources: How many sources it names.
    """

    record: Row
    evidence: Sequence[Row]
    sources: int


class Domain(NamedTuple):
    """What one world model believes of a domain, and how that came about.

    Attributes:
        record: The state as it is now.
        points: The confidences of its snapshots, oldest first.
        old: The snapshot before the newest, or None.
        new: The newest snapshot, or None.
        diff: What changed between them.
        snapshots: How many there are.
    """

    record: Row
    points: Sequence[float]
    old: Row | None
    new: Row | None
    diff: WorldModelDiff | None
    snapshots: int


class Left(NamedTuple):
    """What was archived for one reason.

    Attributes:
        reason: The reason.
        interactions: How many interactions.
        patterns: How many patterns.
        newest: Short rows of the newest of them.
    """

    reason: str
    interactions: int
    patterns: int
    newest: Sequence[Row]


@dataclass(frozen=True)
class Report:
    """All that a report tells.

    Attributes:
        path: The memory.
        masked: Whether secrets are to be masked.
        counts: How many records of each kind there are; None where a table of it is damaged.
        size: Bytes of the file.
        live: Of each day, how many interactions are live.
        archived: Of each day, how many are archived.
        types: The types of patterns.
        limits: What was left out of a big memory, in sentences.
        leads: What is suspicious, the weightiest first.
        patterns: What was learned, the most confident first.
        archive: What was archived, by reason, the most frequent first.
        domains: The world model.
        broken: Fields that cannot be read, and damage.
        changes: The newest transactions.
    """

    path: Path
    masked: bool
    counts: Mapping[str, int | None]
    size: int
    live: Mapping[date, int]
    archived: Mapping[date, int]
    types: Sequence[Any]
    limits: Sequence[str]
    leads: Part
    patterns: Part
    archive: Part
    domains: Part
    broken: Part
    changes: Part

    @property
    def records(self) -> int:
        """How many records the memory has, live and archived."""
        return sum(count or 0 for kind, count in self.counts.items() if kind != "change")


async def gather(
    store: SQLiteStore,
    path: Path,
    *,
    masked: bool = True,
    tell: Callable[[str], None] = lambda _what: None,
) -> Report:
    """Read what a report tells.

    Args:
        store: The memory.
        path: Its name on the command line.
        masked: Whether secrets are to be masked.
        tell: Told what is looked for, where that may take long.

    Raises:
        StorageError: It could not be read.
    """
    overview = await store.get_overview()
    live: Counter[date] = Counter()
    archived: Counter[date] = Counter()
    limits: dict[str, None] = {}
    async for part in store.get_activity():
        live.update(part.live)
        archived.update(part.archived)
        limits |= dict.fromkeys([part.limit] if part.limit else [])
    tell("leads")
    leads, more = await _leads(store)
    tell("broken fields")
    broken = await _broken(store)
    return Report(
        path=path,
        masked=masked,
        counts=overview["counts"],
        size=overview["file"]["bytes"],
        live=live,
        archived=archived,
        types=overview["types"] or [],
        limits=list(limits | dict.fromkeys(more)),
        leads=leads,
        patterns=await _patterns(store),
        archive=await _archive(store, await store.get_archive_statistics()),
        domains=await _domains(store),
        broken=broken,
        changes=await _changes(store),
    )


async def _leads(store: SQLiteStore) -> tuple[Part, list[str]]:
    from storage import Lead

    found: list[Lead] = []
    limits: dict[str, None] = {}
    rule = ""
    try:
        async with asyncio.timeout(LEADS_SECONDS):
            async for each in store.find_leads():
                if isinstance(each, Lead):
                    found.append(each)
                    continue
                rule = each.rule
                limits |= dict.fromkeys([each.limit] if each.limit else [])
    except TimeoutError:
        at = f" at \u201c{RULES.get(rule, rule)}\u201d" if rule else ""
        limits[
            f"the search for leads was stopped after {LEADS_SECONDS:g} seconds{at}; the program"
            " follows every rule to its end"
        ] = None
    found.sort(key=lambda lead: (-lead.weight, lead.title))
    return Part(found[:LEADS], len(found)), list(limits)


async def _patterns(store: SQLiteStore) -> Part:
    keys = await store.list_keys("pattern")
    records = await store.get_records("pattern", keys[:PATTERNS])
    found = []
    for record in records:
        if record is not None:
            sources = (await store.get_lineage("pattern", str(record["id"]))).sources
            rows = await _short_rows(store, sources[:EVIDENCE])
            found.append(Believed(record, rows, len(sources)))
    return Part(found, len(keys))


async def _short_rows(store: SQLiteStore, pieces: Sequence[Piece]) -> list[Row]:
    """Give the short rows of pieces of a lineage; of what is gone the id alone."""
    places = [each.place for each in pieces if each.place is not None]
    found: dict[Place | None, Any] = dict(zip(places, await summaries(store, places), strict=True))
    return [{"kind": "", "id": each.record_id, **(found.get(each.place) or {})} for each in pieces]


async def _archive(store: SQLiteStore, statistics: Mapping[str, Mapping[str, int]]) -> Part:
    turns, patterns = statistics["interactions"], statistics["patterns"]
    reasons = sorted(
        {*turns, *patterns}, key=lambda each: (-turns.get(each, 0) - patterns.get(each, 0), each)
    )
    found = []
    for reason in reasons[:REASONS]:
        newest: list[Row] = []
        for kind in ("archived_pattern", "archived_interaction"):
            if not reason:
                # What has no reason cannot be filtered by it.
                continue
            keys = await store.list_keys(kind, archive_reason=reason, limit=ARCHIVED)
            rows = await summaries(store, [(kind, key) for key in keys])
            newest += [row for row in rows if row is not None]
        found.append(Left(reason, turns.get(reason, 0), patterns.get(reason, 0), newest))
    return Part(found, len(reasons))


async def _domains(store: SQLiteStore) -> Part:
    from storage import diff_world_models

    keys = list(await store.list_keys(STATE))
    courses = snapshots_by_state(await read_domains(store))
    found = []
    shown = keys[:DOMAINS]
    for key, record in zip(shown, await store.get_records(STATE, shown), strict=True):
        if record is None:
            continue
        points = courses.get(key, [])
        ends = await store.get_records(SNAPSHOT, [each.key for each in reversed(points[-2:])])
        new, old = (*ends, None, None)[:2]
        diff = None if new is None else diff_world_models(old or {}, new)
        found.append(Domain(record, _course(points[-POINTS:]), old, new, diff, len(points)))
    found.sort(key=lambda each: str(each.record.get("domain")))
    return Part(found, len(keys))


def _course(points: Sequence[Point]) -> list[float]:
    """Give the confidences of snapshots, in their order."""
    values = [each.confidence for each in points if local(each.time)]
    return [float(each) for each in values if isinstance(each, int | float)]


async def _broken(store: SQLiteStore) -> Part:
    from storage import HealthFinding

    found: list[HealthFinding] = []
    total = 0
    async for each in store.check_health():
        if isinstance(each, HealthFinding):
            total += 1
            if len(found) < BROKEN:
                found.append(each)
    return Part(found, total)


async def _changes(store: SQLiteStore) -> Part:
    numbers = await store.history.list_transactions()
    found = await store.history.get_transactions(numbers[:CHANGES])
    return Part([each for each in found if each is not None], len(numbers))
