"""What became of an entity or a relation, as text to read: a line for each event, or all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
SESSION: Final = Column("session", lambda row: row["session"], 8, weight=1)
"""Which of the world models of a domain it is, where there are several."""

COLUMNS: Final = (
    Column("when", lambda row: row["when"], 11, role="dim"),
    Column("domain", lambda row: row["domain"], 8, weight=1, role="strong"),
    Column("what", lambda row: row["event"].kind, 10),
    Column("by", lambda row: row["by"], 13, weight=1),
    Column("change", lambda row: row["change"], 10, weight=4, needs=60),
)
"""How the events look in a list."""


def sessions_in(events: Iterable[EntityEvent]) -> dict[str, str]:
    """Call each world model by its session, or by its id where it names none.

    Args:
        events: What happened: sessions that know one domain have a world model each.

    Returns:
        The names by `model_of`; only those of domains of which several are there.
    """
    domains: dict[str, dict[str, str]] = {}
    for event in events:
        names = domains.setdefault(str(event.domain), {})
        model = model_of(event)
        if event.session_id or model not in names:
            names[model] = str(event.session_id or event.world_model_id or "")
    return {
        model: name for names in domains.values() if len(names) > 1 for model, name in names.items()
    }


def model_of(event: EntityEvent) -> str:
    """Give what tells the world model of an event from others."""
    return str(event.world_model_id)


def event_row(event: EntityEvent, sessions: Mapping[str, str]) -> Row:
    """Make a row for one event.

    Args:
        event: What happened.
        sessions: As `sessions_in` gives them.
    """
    is_now = event.snapshot_id is None
    return {
        "event": event,
        "when": short_time(event.snapshot_time),
        "domain": event.domain,
        "session": sessions.get(model_of(event), ""),
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
    sessions = sessions_in(events)
    is_elsewhere = _where(first, sessions) != _where(last, sessions)
    told = []
    for event in (first, *events[1:][-1:]):
        where = _where(event, sessions) if is_elsewhere else ""
        told.append(f"{event.kind}{where} {short_time(event.snapshot_time)}")
    return f"{', '.join(told)}{by}"


def _where(event: EntityEvent, sessions: Mapping[str, str], limit: int = 20) -> str:
    session = safe_text(sessions.get(model_of(event), ""), limit)
    told = f" in {safe_text(event.domain, limit) or 'no domain'}"
    return f"{told} ({session})" if session else told


def event_lines(event: EntityEvent, sessions: Mapping[str, str]) -> list[Line]:
    """Show one event, and each field that it changed.

    Args:
        event: What happened.
        sessions: As `sessions_in` gives them.
    """
    by = safe_text(event.trigger_event, 100) or "no trigger"
    where = _where(event, sessions, 100)
    lines = [Line(f"{event.kind}{where}, {long_time(event.snapshot_time)}, by {by}", full=True)]
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
