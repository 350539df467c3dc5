"""The world model on standard output: its timeline, and what differs between two points of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.lines import Line
from tui.moments import exact_time
from tui.printing import is_terminal, print_lines, print_table
from tui.text import safe_text
from tui.widgets.columns import Column
from tui.wording import confidence, confidences, counted
from tui.world import columns
from tui.world.rows import SIGNS, contradiction_rows, diff_rows, spelled_key, unified
from tui.world.timeline import sessions_of

if TYPE_CHECKING:
    from storage import Contradiction, WorldModelDiff
    from tui.lines import TextRole
    from tui.world.choosing import Pair
    from tui.world.domains import Domain
    from tui.world.timeline import Point

_NAMED: Final = 4
_ROLES: Final[Mapping[str, TextRole]] = {"+": "added", "-": "removed", "!": "bad"}
_SESSION: Final = Column("session", lambda row: row["session"], 7, weight=1)
_COLUMNS: Final = (
    Column("", lambda row: row["back"], 4, right=True, role="dim"),
    Column("id", lambda row: row["id"], 6, right=True, role="strong"),
    Column("when", lambda row: row["point"].when, 11, role="dim"),
    Column("conf", lambda row: confidence(row["point"].confidence), 4),
    Column("by", lambda row: row["point"].trigger or "", 13, weight=1),
    Column("what changed", lambda row: row["what"], 12, weight=3),
)
_OF_SEVERAL: Final = (*_COLUMNS[:-1], _SESSION, _COLUMNS[-1])
_IN_PIPE: Final = (
    Column("domain", lambda row: row["domain"], 10),
    Column("from the end", lambda row: row["back"], 4),
    Column("id", lambda row: row["id"], 6),
    Column("when", lambda row: exact_time(row["point"].time), 25),
    Column("conf", lambda row: confidence(row["point"].confidence), 4),
    Column("by", lambda row: row["point"].trigger or "", 13),
    Column("what changed", lambda row: row["what"], 12),
    _SESSION,
)


def print_timeline(
    domain: Domain, shown: Sequence[Point], told: Sequence[str], found: Sequence[Contradiction]
) -> None:
    """Print the points of a domain, oldest first.

    Args:
        domain: The domain.
        shown: Those of its points that are shown.
        told: What each of them changed.
        found: What other domains say against it.
    """
    snapshots = [each.key for each in domain.points if not each.is_now]
    back = {key: at - len(snapshots) for at, key in enumerate(snapshots)}
    sessions = sessions_of(domain.points)
    rows = [
        {
            "domain": domain.name,
            "session": sessions[point.model],
            "point": point,
            "id": "" if point.is_now else point.record_id,
            "back": "now" if point.is_now else back[point.key],
            "what": what,
        }
        for point, what in zip(shown, told, strict=True)
    ]
    if not is_terminal():
        print_table(_IN_PIPE, rows)
        return
    name = safe_text(domain.name or "no domain", 100)
    print_lines([Line(f"{name}  {counted(len(snapshots), 'snapshot')}", role="strong", full=True)])
    print_table(_COLUMNS if len(sessions) == 1 else _OF_SEVERAL, rows)
    lines = [
        Line(f"! {row.name}  {row.old}, but {row.new}", role="bad", full=True)
        for row in contradiction_rows(found, domain.name)
    ]
    print_lines([*lines, Line()])


def told(diff: WorldModelDiff, *, is_first: bool) -> str:
    """Say in a line what a point changed against the one before it."""
    if is_first:
        entities = len(diff.entities)
        plural = "1 entity" if entities == 1 else f"{entities:,} entities"
        return f"the first: {plural}, {counted(len(diff.relations), 'relation')}"
    changes: list[Any] = [*diff.entities, *diff.relations]
    named = [f"{SIGNS[each.kind]} {spelled_key(each.key)}" for each in changes[:_NAMED]]
    if len(changes) > _NAMED:
        named.append(f"and {len(changes) - _NAMED:,} more")
    named += [f"{SIGNS[each.kind]} {safe_text(each.path, 60)}" for each in diff.fields[:_NAMED]]
    if not named and diff.confidence_changed:
        before, after = confidences(diff.confidence_before, diff.confidence_after)
        named.append(f"confidence {before or 'none'} \u2192 {after or 'none'}")
    return ", ".join(named) or "nothing"


def print_diff(pair: Pair, diff: WorldModelDiff, *, side_by_side: bool) -> None:
    """Print what differs between two points, one under the other or beside each other."""
    old, new = (_title(each, pair.sessions) for each in (pair.a, pair.b))
    heading = f"{safe_text(pair.name or 'no domain', 200)}  A {old} \u2192 B {new}"
    print_lines([Line(heading, role="strong", full=True)])
    rows = diff_rows(diff)
    if not rows:
        print_lines([Line("  Nothing differs.", role="dim", full=True)])
    elif side_by_side:
        shown = columns.side_by_side(f"A {old}", f"B {new}")
        print_table(shown, [each._asdict() for each in rows])
    else:
        print_lines([
            Line(f"{sign} {text}", role=_ROLES.get(sign, "text"), full=True)
            for _, sign, text in unified(rows)
        ])  # fmt: skip


def _title(point: Point | None, sessions: Mapping[Any, str]) -> str:
    if point is None:
        return "nothing yet"
    is_named = point.is_now or not point.time
    more = [] if is_named else [safe_text(point.record_id, 40)]
    if point.model in sessions:
        more.append(safe_text(sessions[point.model], 40))
    return f"{point.when} ({', '.join(more)})" if more else point.when
