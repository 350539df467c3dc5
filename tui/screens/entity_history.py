"""What became of one entity or relation: a list to go through, and what each event changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical

from tui.entity_documents import COLUMNS, SESSION, event_lines, event_row, sessions_in, told_short
from tui.lines import Line
from tui.screens.modal import Modal
from tui.text import safe_text
from tui.widgets.bar import Bar, Part
from tui.widgets.key_hints import KeyHints
from tui.widgets.row_list import RowList
from tui.widgets.text_view import TextView
from tui.world.rows import claim_text, spelled_key
from tui.world.timeline import SNAPSHOT, STATE

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import Contradiction, EntityEvent
    from tui.widgets.columns import Row

_NONE: Final = "No snapshot that can be read has it."


class EntityHistoryScreen(Modal[tuple[str, Any]]):
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
        self._sessions = sessions_in(events)
        shown = (*COLUMNS[:2], SESSION, *COLUMNS[2:]) if self._sessions else COLUMNS
        self._list = RowList(shown, id="events")
        self._text = TextView(id="event")

    def compose(self) -> ComposeResult:
        """Lay out what it is about, the events, and what the one under the cursor changed."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([
            Part(f" {spelled_key(self._key)}  ", "strong"),
            Part(told_short(self._events), "dim"),
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
        rows = [event_row(event, self._sessions) for event in reversed(self._events)]
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
        self._text.show([*event_lines(row["event"], self._sessions), *self._contradictions()])

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
