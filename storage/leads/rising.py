"""A confidence that rises while its evidence does not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from storage import journal
from storage.evidence import Source
from storage.json_utils import decode
from storage.kinds import PATTERN, id_of
from storage.kinds import find as find_rows
from storage.leads.beliefs import confidence_of, sources_of, text_of
from storage.leads.model import Evidence, Found, Lead, Run, listed, told
from storage.moments import moment_sql
from storage.rows import quote
from storage.view import StoredRow, View

RULE: Final = "rising"

_ROWS_PER_STEP: Final = 20_000
_MOST_ROWS: Final = 400_000
_MOST_ARCHIVED: Final = 20_000
_PATTERNS_PER_STEP: Final = 200
_RISE: Final = 0.15
_RISE_AT_ONCE: Final = 0.25
# What a person decides is no belief that feeds itself.
_PERSON: Final = "person"


@dataclass(slots=True)
class Version:
    """What a pattern was: its confidence, its sources, and who made the next version of it."""

    confidence: float | None
    sources: tuple[Source, ...]
    ended_by: str = ""


@dataclass(slots=True)
class _Change:
    """What one transaction took away from a pattern."""

    transaction_id: str
    actor: str
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rise:
    """How a confidence rose on the same sources."""

    start: float
    end: float
    steps: int
    sources: tuple[Source, ...]


async def find(run: Run) -> AsyncIterator[Found]:
    """Look through the journal, and through the archive for earlier versions of live patterns.

    It fires where a confidence rose by .15 in several steps, or by .25 in one, since its sources
    were last other ones, and nobody but the agent raised it.
    """
    first, last = await run(_ends)
    if last - first > _MOST_ROWS:
        first = last - _MOST_ROWS
        yield f"rising confidence was looked for in the newest {_MOST_ROWS:,} rows of the journal."
    changes: dict[str, list[_Change]] = {}
    for start in range(first, last, _ROWS_PER_STEP):
        end = min(last, start + _ROWS_PER_STEP)
        for record_id, change in await run(partial(_changes, start=start, end=end)):
            _add(changes.setdefault(record_id, []), change)
    risen = [each for each, held in changes.items() if _has(held, "confidence")]
    earlier: dict[str, list[Version]] = await run(_archived)
    ids = list(dict.fromkeys([*risen, *earlier]))
    for at in range(0, len(ids), _PATTERNS_PER_STEP):
        part = ids[at : at + _PATTERNS_PER_STEP]
        for row in await run(partial(_live, ids=part)):
            each = id_of(PATTERN, row)
            versions = _versions(row, changes.get(each, ()))
            rise = best([versions, [*earlier.get(each, ()), *versions[-1:]]])
            if rise is not None:
                yield _lead(each, row, rise)


def _has(changes: Iterable[_Change], column: str) -> bool:
    return any(column in change.before for change in changes)


def _ends(view: View) -> tuple[int, int]:
    if journal.TABLE not in view.layout:
        return 0, 0
    low, high = view.fetch(f"SELECT min(id), max(id) FROM {journal.TABLE}")[0]
    return (0, 0) if high is None else (low - 1, high)


def _changes(view: View, *, start: int, end: int) -> list[tuple[str, _Change]]:
    found = []
    for record_id, transaction_id, actor, before in view.fetch(
        f"SELECT record_id, transaction_id, actor, before FROM {journal.TABLE}"
        " WHERE id > ? AND id <= ? AND operation = 'update' AND lower(table_name) = 'patterns'"
        " AND record_id IS NOT NULL ORDER BY id",
        (start, end),
    ):
        taken = decode(before, dict)
        if isinstance(taken, dict) and taken.keys() & {"confidence", "metadata"}:
            held = {name: taken[name] for name in ("confidence", "metadata") if name in taken}
            change = _Change(text_of(transaction_id), text_of(actor), held)
            found.append((text_of(record_id), change))
    return found


def _add(changes: list[_Change], change: _Change) -> None:
    """Add a change; of one transaction, what was there before the first of them counts."""
    if changes and changes[-1].transaction_id == change.transaction_id:
        changes[-1].before = change.before | changes[-1].before
    else:
        changes.append(change)


def _archived(view: View) -> dict[str, list[Version]]:
    """Read the archived versions of patterns that are live, oldest first."""
    table, live = view.layout.get(PATTERN.archive), view.layout.get(PATTERN.tables[0])
    if table is None or live is None or not live.has("id"):
        return {}
    original = f"a.{table.sql('original_id')}"
    rows = view.fetch(
        f"SELECT {original}, a.{table.sql('data')} FROM {quote(table.name)} a"
        f" WHERE EXISTS (SELECT 1 FROM {quote(live.name)} p WHERE p.{live.sql('id')} = {original})"
        f" ORDER BY {moment_sql(table.sql('archived_at'))}, a.rowid LIMIT {_MOST_ARCHIVED}"
    )
    found: dict[str, list[Version]] = {}
    for key, data in rows:
        row = decode(data, dict)
        if isinstance(row, dict):
            sources = sources_of(row.get("metadata"))
            version = Version(confidence_of(row.get("confidence")), sources)
            found.setdefault(text_of(key), []).append(version)
    return found


def _live(view: View, *, ids: Sequence[str]) -> list[StoredRow]:
    return [rows[0] for rows in find_rows(view, PATTERN, ids).values()]


def _versions(row: StoredRow, changes: Sequence[_Change]) -> list[Version]:
    """Rebuild what a pattern was, oldest first, from what it is and what changes took away."""
    now = Version(confidence_of(row.value("confidence")), sources_of(row.value("metadata")))
    versions = [now]
    for change in reversed(changes):
        newer = versions[-1]
        before = change.before
        confidence = newer.confidence
        if "confidence" in before:
            confidence = confidence_of(before["confidence"])
        sources = newer.sources
        if "metadata" in before:
            sources = sources_of(before["metadata"])
        versions.append(Version(confidence, sources, change.actor))
    return versions[::-1]


def best(histories: Iterable[Sequence[Version]]) -> Rise | None:
    """Return the greatest rise of several histories of one pattern, if it is a suspicious one."""
    rises = [rise for each in histories if (rise := rise_of(each)) is not None]
    return max(rises, key=lambda rise: rise.end - rise.start, default=None)


def rise_of(versions: Sequence[Version]) -> Rise | None:
    """Return how the confidence rose since the sources are what they are now, if suspiciously."""
    if not versions or not versions[-1].sources or versions[-1].confidence is None:
        return None
    sources = _ids(versions[-1])
    end = start = versions[-1].confidence
    steps = 0
    for version in reversed(versions[:-1]):
        if version.confidence is None or _ids(version) != sources:
            break
        if version.confidence > start or version.ended_by == _PERSON:
            break
        steps += version.confidence < start
        start = version.confidence
    rise = round(end - start, 6)
    if rise < (_RISE if steps > 1 else _RISE_AT_ONCE):
        return None
    return Rise(start, end, steps, versions[-1].sources)


def _ids(version: Version) -> set[str]:
    return {each.record_id for each in version.sources}


def _lead(record_id: str, row: StoredRow, rise: Rise) -> Lead:
    count = len(rise.sources)
    known = [each for each in rise.sources if each.kind]
    noun = "source" if count == 1 else "sources"
    steps = "one step" if rise.steps == 1 else f"{rise.steps} steps"
    way = f"from {told(rise.start)} to {told(rise.end)}"
    return Lead(
        RULE,
        f"{record_id} rose {way} on the same {count} {noun}",
        f"The confidence of “{text_of(row.value('name'))}” rose {way} in {steps}, and nothing was"
        f" added to what it rests on: {listed([each.record_id for each in rise.sources])}.",
        "Read its sources; set the confidence to what they carry, or archive the pattern.",
        Evidence("pattern", record_id, "the belief"),
        (
            Evidence("pattern", record_id, "the belief"),
            *(Evidence(each.kind, each.record_id, "a source") for each in known[:20]),
        ),
        weight=min(0.95, 0.5 + (rise.end - rise.start)),
    )
