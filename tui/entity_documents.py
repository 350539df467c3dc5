"""What became of an entity or a relation, as text to read: a line for each event, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui.lines import Line
from tui.moments import long_time, short_time
from tui.text import safe_text
from tui.widgets.columns import Column
from tui.world.rows import SIGNS, value_text, value_texts

if TYPE_CHECKING:
    from storage import EntityEvent, FieldChange
    from tui.widgets.columns import Row

_MOST: Final = 4_000
COLUMNS: Final = (
    Column("when", lambda row: row["when"], 11, role="dim"),
    Column("domain", lambda row: row["domain"], 8, weight=1, role="strong"),
    Column("what", lambda row: row["event"].kind, 10),
    Column("by", lambda row: row["by"], 13, weight=1),
    Column("change", lambda row: row["change"], 10, weight=4, needs=60),
)
"""How the events look in a list."""


def event_row(event: EntityEvent) -> Row:
    """Make a row for one event."""
    is_now = event.snapshot_id is None
    return {
        "event": event,
        "when": short_time(event.snapshot_time),
        "domain": event.domain,
        "by": "now, no snapshot" if is_now else event.trigger_event or "no trigger",
        "change": "; ".join(
            f"{safe_text(each.path, 60)} {_arrow(each)}" for each in event.fields[:4]
        ),
    }


def _arrow(field: FieldChange) -> str:
    old, new = value_texts(field, 80)
    if field.kind == "added":
        return f"+ {new}"
    return f"- {old}" if field.kind == "removed" else f"{old} \u2192 {new}"


def told_short(events: Sequence[EntityEvent]) -> str:
    """Say in a line when it appeared, and what happened last; where, if that was not the same."""
    if not events:
        return ""
    first, last = events[0], events[-1]
    by = f" by {safe_text(last.trigger_event, 40)}" if last.trigger_event else ""
    is_elsewhere = _where(first) != _where(last)
    told = []
    for event in (first, *events[1:][-1:]):
        where = _where(event) if is_elsewhere else ""
        told.append(f"{event.kind}{where} {short_time(event.snapshot_time)}")
    return f"{', '.join(told)}{by}"


def _where(event: EntityEvent) -> str:
    return f" in {safe_text(event.domain, 20) or 'no domain'}"


def event_lines(event: EntityEvent) -> list[Line]:
    """Show one event, and each field that it changed."""
    by = safe_text(event.trigger_event, 100) or "no trigger"
    where = safe_text(event.domain, 100) or "no domain"
    lines = [Line(f"{event.kind} in {where}, {long_time(event.snapshot_time)}, by {by}", full=True)]
    for each in event.fields:
        lines.append(Line(f"{SIGNS[each.kind]} {safe_text(each.path, 200)}", role="strong"))
        old, new = value_texts(each, _MOST)
        if each.kind != "added":
            lines.append(Line(old, "  was", "removed"))
        if each.kind != "removed":
            lines.append(Line(new, "  is", "added"))
    if not event.fields:
        held = event.old if event.kind == "vanished" else event.new
        lines.append(Line(value_text(held, _MOST), "  was" if event.kind == "vanished" else "  is"))
    return lines
