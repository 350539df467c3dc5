"""What became of one entity or relation: a list to go through, and what each event changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.lines import Line
from tui.moments import long_time, short_time
from tui.text import safe_text
from tui.widgets.bar import Bar, Part
from tui.widgets.columns import Column
from tui.widgets.row_list import RowList
from tui.widgets.text_view import TextView
from tui.world.rows import SIGNS, claim_text, spelled_key, value_text
from tui.world.timeline import SNAPSHOT, STATE

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import Contradiction, EntityEvent, FieldChange
    from tui.widgets.columns import Row

_COLUMNS: Final = (
    Column("when", lambda row: row["when"], 11, role="dim"),
    Column("domain", lambda row: row["domain"], 8, weight=1, role="strong"),
    Column("what", lambda row: row["event"].kind, 10),
    Column("by", lambda row: row["by"], 13, weight=1),
    Column("change", lambda row: row["change"], 10, weight=4, needs=60),
)
_NONE: Final = "No snapshot that can be read has it."
_MOST: Final = 4_000


class EntityHistoryScreen(ModalScreen[tuple[str, Any]]):
    """Shows the events; returns kind and id of the point to look at, or None.

    Args:
        key: Key of the entity or relation.
        events: What happened, oldest first.
        found: What other domains say against it.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,H,q", "dismiss", "Back"),
        Binding("tab,shift+tab", "other_side", "Detail", priority=True),
    ]

    def __init__(
        self, key: Any, events: Sequence[EntityEvent], found: Sequence[Contradiction] = ()
    ) -> None:
        super().__init__()
        self._key = key
        self._events = events
        self._found = found
        self._list = RowList(_COLUMNS, id="events")
        self._text = TextView(id="event")

    def compose(self) -> ComposeResult:
        """Lay out what it is about, the events, and what the one under the cursor changed."""
        heading, keys = Bar(id="ask-title"), Bar(id="ask-answers")
        heading.show([
            Part(f" {spelled_key(self._key)}  ", "strong"),
            Part(_told_short(self._events), "dim"),
        ])  # fmt: skip
        keys.show([
            Part(" \u2191\u2193", "accent"), Part(" event  ", "text"),
            Part("Enter", "accent"), Part(" look at that snapshot  ", "text"),
            Part("Tab", "accent"), Part(" detail  ", "text"),
            Part("Esc", "accent"), Part(" back", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog wide"):
            yield heading
            yield self._list
            yield self._text
            yield keys

    async def on_mount(self) -> None:
        """Begin with the newest event."""
        rows = [_row(event) for event in reversed(self._events)]
        await self._list.show(rows, _NONE)
        self._list.focus()
        if rows:
            self._tell(rows[0])
        else:
            self._text.show(self._contradictions())

    @on(RowList.Moved)
    def _moved(self, event: RowList.Moved) -> None:
        event.stop()
        self._tell(event.row)

    def _tell(self, row: Row) -> None:
        self._text.show([*_event_lines(row["event"]), *self._contradictions()])

    def _contradictions(self) -> list[Line]:
        lines = []
        for each in self._found:
            name = ".".join(each.keys) or "the relation as such"
            lines += [Line(), Line(f"! Domains disagree on {safe_text(name, 200)}", role="strong")]
            lines += [
                Line(f"  {safe_text(claim.domain, 100)} says {claim_text(claim.value, claim.keys)}")
                for claim in each.claims
            ]
        return lines

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        shown = event.row["event"]
        if shown.snapshot_id is None:
            self.dismiss((STATE, shown.world_model_id))
        else:
            self.dismiss((SNAPSHOT, shown.snapshot_id))

    def action_other_side(self) -> None:
        """Go between the events and what one changed, to scroll in it."""
        (self._list if self._text.has_focus else self._text).focus()


def _row(event: EntityEvent) -> Row:
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
    old, new = (value_text(each, 80, name=_name(field)) for each in (field.old, field.new))
    if field.kind == "added":
        return f"+ {new}"
    return f"- {old}" if field.kind == "removed" else f"{old} \u2192 {new}"


def _name(field: FieldChange) -> str:
    return field.keys[-1] if field.keys else ""


def _told_short(events: Sequence[EntityEvent]) -> str:
    if not events:
        return ""
    last = events[-1]
    by = f" by {safe_text(last.trigger_event, 40)}" if last.trigger_event else ""
    first = f"appeared {short_time(events[0].snapshot_time)}"
    return f"{first}, {last.kind} {short_time(last.snapshot_time)}{by}"


def _event_lines(event: EntityEvent) -> list[Line]:
    by = safe_text(event.trigger_event, 100) or "no trigger"
    where = safe_text(event.domain, 100) or "no domain"
    lines = [Line(f"{event.kind} in {where}, {long_time(event.snapshot_time)}, by {by}", full=True)]
    for each in event.fields:
        lines.append(Line(f"{SIGNS[each.kind]} {safe_text(each.path, 200)}", role="strong"))
        if each.kind != "added":
            lines.append(Line(value_text(each.old, _MOST, name=_name(each)), "  was", "removed"))
        if each.kind != "removed":
            lines.append(Line(value_text(each.new, _MOST, name=_name(each)), "  is", "added"))
    if not event.fields:
        held = event.old if event.kind == "vanished" else event.new
        lines.append(Line(value_text(held, _MOST), "  was" if event.kind == "vanished" else "  is"))
    return lines
