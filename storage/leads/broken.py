"""Records that are corrupt, or that speak of what is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from storage import orphans
from storage.findings import HealthFinding, Part
from storage.health import counts, scan
from storage.kinds import BY_TABLE, NOTE
from storage.leads.model import Evidence, Found, Lead, Run, listed
from storage.rows import quote
from storage.view import View

RULE: Final = "broken"

_MOST_ROWS: Final = 100_000
_MOST_FINDINGS: Final = 1000


async def find(run: Run) -> AsyncIterator[Found]:
    """Decode the JSON fields of the newest 100,000 rows of each table, and check snapshots.

    The health scan looks at everything; this only says whether it is worth it.
    """
    findings: list[HealthFinding] = []
    for name, count in (await run(counts)).items():
        last: int | None = None
        if count > _MOST_ROWS:
            last = await run(partial(_start, name=name))
            yield f"corrupt fields were looked for in the newest {_MOST_ROWS:,} rows of {name}."
        while len(findings) < _MOST_FINDINGS:
            part: Part = await run(partial(scan, name=name, last=last))
            findings += part.findings
            last = part.last
            if last is None:
                break
    orphaned: Part = await run(partial(orphans.snapshots, last=None))
    for problem, told in _PROBLEMS.items():
        same = [each for each in [*findings, *orphaned.findings] if each.problem == problem]
        if same:
            yield _lead(told, same)


_PROBLEMS: Final = {
    "integrity": ("damage of the file", "damages of the file", 0.95),
    "corrupt": ("field that cannot be read", "fields that cannot be read", 0.7),
    "type": ("field of a wrong type", "fields of a wrong type", 0.3),
    "orphan": ("snapshot of a state that is nowhere", "snapshots of states that are nowhere", 0.4),
}


def _start(view: View, *, name: str) -> int | None:
    table = view.layout[name]
    found = view.fetch(
        f"SELECT rowid FROM {quote(table.name)} ORDER BY rowid DESC LIMIT 1 OFFSET {_MOST_ROWS}"
    )
    return int(found[0][0]) if found else None


def _lead(told: tuple[str, str, float], findings: Sequence[HealthFinding]) -> Lead:
    # What holds the most bytes has the most to lose.
    worst = sorted(findings, key=lambda each: -len(each.raw))
    first = worst[0]
    where = f" at byte {first.offset:,}" if first.offset is not None else ""
    what = " ".join(each for each in (_name(first), first.column) if each)
    names = [" ".join(each for each in (_name(rest), rest.column) if each) for rest in worst[1:]]
    evidence = [each for each in map(_evidence, worst) if each is not None]
    rest = f" and {len(names):,} more" if names else ""
    return Lead(
        RULE,
        f"{len(findings):,} {told[1] if names else told[0]}: {_name(first)}{rest}",
        f"{what}{where}: {first.message}." + (f" Also {listed(names, 4)}." if names else ""),
        "Scan all of it in Health, and repair there what can be repaired.",
        evidence[0] if evidence else None,
        tuple(evidence[:20]),
        weight=told[2],
    )


def _name(finding: HealthFinding) -> str:
    if finding.record_id and finding.table.lower() in BY_TABLE:
        return finding.record_id
    return f"{finding.table} {finding.record_id}".strip() or "the file"


def _evidence(finding: HealthFinding) -> Evidence | None:
    # A row of an archive is told by its number, by which no record is found.
    kind = BY_TABLE.get(finding.table.lower())
    if kind is None or kind is NOTE:
        return None
    return Evidence(kind.name, finding.record_id, f"{finding.column}: {finding.message}")
