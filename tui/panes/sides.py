"""What all panes share: a list with a detail beside or below it, and a selection in the list."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Vertical
from textual.message import Message

from tui.faults import Sturdy
from tui.moments import zone_name
from tui.navigation import Followed, Stop, Wanted
from tui.sources import public_id_of
from tui.toasts import report, tell
from tui.widgets.bar import Part
from tui.widgets.bare import Bare
from tui.widgets.focusing import focus_now
from tui.widgets.line_table import LineTable
from tui.widgets.link_table import LinkTable
from tui.widgets.record_view import HISTORY, LINEAGE, RecordView, Subject
from tui.widgets.sides import Sides

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from storage import IndexStatus
    from tui.filters import Filter
    from tui.memory import Memory
    from tui.panes.talk import Talk
    from tui.screens.filter import Choice
    from tui.standing import Standing
    from tui.widgets.columns import Column, Row


class Pane(Sturdy, Vertical, Bare):
    """A list with its detail. Subclasses say what is in the list and how a record looks.

    Args:
        memory: What is looked at.
        id: As for any widget.

    Attributes:
        outdated: Whether the list has to be read anew before it is looked at again.
        asked_at: Where the person was who asked for a dialog last.
    """

    class DataChanged(Message):
        """Something was changed here, so that every pane has to be read anew."""

    @dataclass
    class SimilarWanted(Message):
        """A person asked for more like one record.

        Attributes:
            kind: `interaction` or `pattern`.
            record_id: Its public id.
        """

        kind: str
        record_id: str

    @dataclass
    class Warned(Message):
        """Something is known to be wrong, or no longer is: the pane's tab says so.

        Attributes:
            pane: The id of the pane.
            is_wrong: Whether it is.
        """

        pane: str
        is_wrong: bool

    Followed = Followed
    Wanted = Wanted

    NOUN: ClassVar[str] = "record"
    COLUMNS: ClassVar[Sequence[Column]] = ()
    TYPED: ClassVar[Sequence[tuple[str, str]]] = ()
    TABLE: ClassVar[type[LineTable]] = LineTable

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.memory = memory
        self.outdated = True
        self.asked_at: Standing | None = None
        self._is_painted = False
        self._looked_at: Hashable | None = None
        self._progress = ""
        self.table = self.TABLE(self.COLUMNS, id=f"{id}-table")
        if memory.mirroring is not None:
            from tui.divergences import sign_of

            self.table.sign = partial(sign_of, memory.mirroring)
        self.detail = RecordView(id=f"{id}-detail")
        self.sides = Sides(self.table, self.detail)

    def compose_sides(self) -> ComposeResult:
        """Lay out the list and the detail."""
        yield self.sides

    @cached_property
    def talk(self) -> Talk:
        """The conversation around a record, as the detail shows it."""
        from tui.panes.talk import Talk

        return Talk(self.memory)

    # For subclasses

    def reload(self, *, from_top: bool = False) -> None:
        """Read the list anew, without moving the cursor unless it is to start from the top."""
        raise NotImplementedError

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Say how the record of a key is looked at."""
        raise NotImplementedError

    async def choices(self) -> list[Choice]:
        """Give what the list can be filtered by."""
        raise NotImplementedError

    def filter_by(self, chosen: Filter) -> None:
        """Show only what this lets through too."""
        raise NotImplementedError

    def show_bar(self) -> None:
        """Show anew what stands above the list."""
        raise NotImplementedError

    async def paint_anew(self) -> None:
        """Have all that is shown go through the door from data to the screen once more."""
        self.table.notify_style_update()
        self.table.refresh()
        self.show_bar()
        await self.detail.show_anew()

    async def forget(self) -> None:
        """Let go of what was read of a file in whose place another one was opened."""
        from tui.widgets.row_list import RowSource

        self.outdated = True
        self.talk.forget()
        self.table.clear_marks()
        await self.table.show(RowSource(()))

    def index_is(self, status: IndexStatus) -> None:
        """Take notice of how far the index is."""

    @property
    def noun(self) -> str:
        """What one row is called."""
        return self.NOUN

    def selected(self, *kinds: str) -> Sequence[Any]:
        """Give kind and key of each selected record, or of the one under the cursor.

        Args:
            kinds: Kinds of lists that are meant; a pane that has no others need not look.
        """
        del kinds
        return self.table.selected_keys()

    def show_progress(self, progress: str) -> None:
        """Say how far long work is, in the place of the counts; nothing ends it."""
        self._progress = progress
        self.show_bar()

    def counts(self, shown: str) -> list[Part]:
        """Make the right side of the bar: what is selected, how many there are, the zone.

        Args:
            shown: How many there are; empty while that is not known.
        """
        marks = self.table.marks
        selected = marks.count(self.table.cursor, self.table.keys)
        parts = [Part(f"{selected:,} selected  ", "strong")] if marks else []
        if self._progress:
            parts.append(Part(f"{self._progress}  ", "strong"))
        elif shown:
            parts.append(Part(f"{shown}  ", "text"))
        return [*parts, Part(f"times {zone_name()} ", "dim")]

    # Coming back

    def stop(self) -> Stop:
        """Say where a person is, so that they can come back here."""
        row = self.table.row_at(self.table.cursor) or {}
        name = (self.id or "").replace("_", " ").capitalize()
        return Stop(
            self.id or "",
            f"{name} {public_id_of(row)}".strip(),
            self.table.cursor_key,
            view=self.detail.view,
            in_detail=self.detail.has_focus_within,
            record_id=public_id_of(row),
        )

    def return_to(self, stop: Stop) -> None:
        """Go back to where a person was."""
        with contextlib.suppress(ValueError):
            self.table.cursor = self.table.keys.index(stop.key)
        self._return_to_detail(stop)

    def _return_to_detail(self, stop: Stop) -> None:
        if stop.view and stop.view != self.detail.view:
            self.detail.choose(stop.view)
        if stop.in_detail:
            self.detail.focus_content()

    def remembered(self) -> dict[str, Any]:
        """Give what is to be as it was at the next visit, as JSON can say it."""
        return {
            "shares": self.sides.shares,
            "zoomed": self.has_class("-zoomed"),
            "view": self.detail.chosen,
        }

    def recall(self, remembered: Mapping[str, Any]) -> None:
        """Be as at the last visit; called once, before there is anything to see.

        Args:
            remembered: What `remembered` gave, if nobody wrote something else there.
        """
        shares, view = remembered.get("shares"), remembered.get("view")
        self.sides.recall(shares if isinstance(shares, dict) else {})
        self.set_class(remembered.get("zoomed") is True, "-zoomed")
        self.detail.chosen = view if isinstance(view, str) else ""

    # Looking

    @on(LineTable.Moved)
    def _moved(self, event: LineTable.Moved) -> None:
        event.stop()
        if self._is_painted:
            self.look()

    def look(self) -> None:
        """Show the record under the cursor, or show it anew."""
        key = self.table.cursor_key
        row = self.table.row_at(self.table.cursor)
        subject = None if key is None else self.subject(key, row)
        is_same = self._looked_at in (key, self.table.identities.were(key))
        self.detail.show(subject, is_same=is_same)
        self._looked_at = key

    @on(LineTable.Opened)
    def _opened(self, event: LineTable.Opened) -> None:
        event.stop()
        self.open(event.key)

    def open(self, key: Hashable) -> None:
        """Do what Enter does on a record."""
        del key
        self.action_other_side()

    @on(LinkTable.LinkFollowed)
    def _link_followed(self, event: LinkTable.LinkFollowed) -> None:
        event.stop()
        place = getattr(event.key, "place", None)
        if place is not None:
            self.post_message(Followed(place.kind, place.key))
        elif record_id := getattr(event.key, "record_id", ""):
            tell(
                self,
                f"There is no {record_id} any more: it is neither live nor archived.",
                "warning",
            )

    @on(LineTable.Marked)
    def _marked(self, event: LineTable.Marked) -> None:
        event.stop()
        self.show_bar()

    @on(LineTable.Failed)
    def _failed(self, event: LineTable.Failed) -> None:
        event.stop()
        report(self, event.error)

    def take_up(self) -> None:
        """Begin here, where the program was left; nothing is being typed yet, and keys are keys."""
        focus_now(self.table)

    def focus_list(self) -> None:
        """Put the focus on the list."""
        focus_now(self.table)

    def action_other_side(self) -> None:
        """Go from the list to the detail, or back."""
        was_detail = self.detail.has_focus_within
        self.set_class(self.has_class("-zoomed") and not was_detail, "-detail-first")
        if was_detail:
            focus_now(self.table)
        else:
            self.detail.focus_content()

    def action_zoom(self) -> None:
        """Give all the space to the side that has the focus, or share it again."""
        self.set_class(self.detail.has_focus_within, "-detail-first")
        self.toggle_class("-zoomed")

    def action_resize(self, steps: int) -> None:
        """Give the list more of the space, or less."""
        self.sides.move(steps)

    def action_next_view(self) -> None:
        """Show the record in another way."""
        self.detail.next_view()

    def action_why(self) -> None:
        """Show what the record was made from."""
        self._show_in_detail(LINEAGE, "source")

    def action_became(self) -> None:
        """Show what became of the record."""
        self._show_in_detail(LINEAGE, "product")

    def action_history(self) -> None:
        """Show what happened to the record."""
        self._show_in_detail(HISTORY)

    def _show_in_detail(self, view: str, way: str = "") -> None:
        if self.has_class("-zoomed"):
            self.add_class("-detail-first")
        self.detail.choose(view, way)

    def action_more(self) -> None:
        """Show the next part of a long text."""
        self.detail.more()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer more only where there is more."""
        del parameters
        return action != "more" or self.detail.has_more

    def let_go(self) -> bool:
        """Stop a long change, leave the detail, or let go of the selection; say whether it did."""
        if self.memory.stop_change():
            return True
        if self.detail.has_focus_within:
            self.action_other_side()
        elif self.has_class("-zoomed"):
            self.remove_class("-zoomed")
        elif self.table.marks:
            self.table.clear_marks()
        else:
            return False
        return True

    def action_filter(self) -> None:
        """Ask what to show."""
        from tui.screens.filter import FilterScreen

        if self.memory.is_open:
            asking = FilterScreen(self.noun, self.choices, self.TYPED)
            self.app.push_screen(asking, self._filter_chosen)

    def _filter_chosen(self, chosen: Filter | None) -> None:
        if chosen is not None:
            for each in chosen.parts or (chosen,):
                self.filter_by(each)

    def action_curate(self, what: str) -> None:
        """Do one of the things that put records in order, or take them elsewhere."""
        from tui.panes.curating import CALLS

        CALLS[what](self)

    def action_similar(self) -> None:
        """Ask for more like the record under the cursor."""
        row = self.table.row_at(self.table.cursor)
        kind = str(row["kind"]).removeprefix("archived_") if row is not None else ""
        if row is None or kind not in ("interaction", "pattern"):
            tell(self, "There is no interaction or pattern here to find more like.", "warning")
            return
        self.post_message(self.SimilarWanted(kind, public_id_of(row)))
