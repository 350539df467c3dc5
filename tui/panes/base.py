"""What all panes share: a list with a detail beside or below it, a filter, a selection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.containers import Container, Vertical
from textual.message import Message

from tui.filters import Filter
from tui.moments import zone_name
from tui.toasts import report
from tui.widgets.bar import Bar, Part
from tui.widgets.line_table import LineTable
from tui.widgets.record_view import RecordView, Subject
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.columns import Column, Row
    from tui.widgets.pages import PageSource

FIRST_PAGE: Final = 100


class ListPane(Vertical):
    """A list with its detail. Subclasses say what is in the list and how a record looks.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    class DataChanged(Message):
        """Something was changed here, so that every pane has to be read anew."""

    NOUN: ClassVar[str] = "record"
    COLUMNS: ClassVar[Sequence[Column]] = ()
    EMPTY: ClassVar[str] = ""
    TYPED: ClassVar[Sequence[tuple[str, str]]] = ()

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.memory = memory
        self.filters: list[Filter] = []
        self.outdated = True
        self._is_painted = False
        self._looked_at: Hashable | None = None
        self._total: int | None = None
        self._progress = ""
        self._reading = 0
        self._read_again = False
        self._bar = Bar(classes="list-bar")
        self.table = LineTable(self.COLUMNS, id=f"{id}-table")
        self.detail = RecordView(id=f"{id}-detail")

    def compose(self) -> ComposeResult:
        """Lay out the bar, the list and the detail."""
        yield self._bar
        with Container(classes="sides"):
            yield self.table
            yield self.detail

    # For subclasses

    async def source(self, limit: int | None) -> PageSource:
        """Give what the list shows with the filters as they are, at most `limit` rows of it."""
        raise NotImplementedError

    async def count_all(self) -> int:
        """Count what the list shows without a filter."""
        raise NotImplementedError

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Say how the record of a key is looked at."""
        raise NotImplementedError

    async def choices(self) -> list[Choice]:
        """Give what the list can be filtered by."""
        raise NotImplementedError

    def add_filter(self, chosen: Filter) -> None:
        """Filter by this too; it takes the place of one for the same field."""
        self.filters = [each for each in self.filters if each.field != chosen.field] + [chosen]

    # Reading

    def reload(self, *, from_top: bool = False) -> None:
        """Read the list anew, without moving the cursor unless it is to start from the top."""
        if self._reading and not from_top:
            # What is being read now may be older than the change, and must not be cancelled either:
            # where reading takes longer than the agent's pauses, nothing would ever be shown.
            self._read_again = True
            return
        read = partial(self._read_until_current, from_top)
        begin(self, read, group="listing", exclusive=True)

    async def _read_until_current(self, from_top: bool) -> None:
        self._reading += 1
        try:
            while True:
                self._read_again = False
                began = time.monotonic()
                await self._reload(from_top)
                if not self._read_again:
                    return
                from_top = False
                # Half of the time belongs to everything else.
                await asyncio.sleep(time.monotonic() - began)
        finally:
            self._reading -= 1

    async def _reload(self, from_top: bool) -> None:
        self.outdated = False
        try:
            if from_top or not len(self.table.keys):
                # The first page shows at once, however many there are.
                first = await self.source(FIRST_PAGE)
                await self.table.show(first, from_top=True)
                await self._until_painted()
            await self.table.show(await self.source(None))
            self._look()
            self._total = await self.count_all() if self.filters else len(self.table.keys)
        except Exception as error:  # noqa: BLE001 - said to the person, and the list stays
            self.outdated = True
            report(self, error)
        self.table.set_hint(self._hint())
        self._show_bar()

    async def _until_painted(self) -> None:
        """Wait until the rows are on screen: what else there is to do comes after them."""
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()
        self._is_painted = True

    def _hint(self) -> str:
        if self.filters:
            return f"No {self.NOUN} here matches the filter. Esc lets go of it."
        return self.EMPTY

    def show_progress(self, progress: str) -> None:
        """Say how far long work is, in the place of the counts; nothing ends it."""
        self._progress = progress
        self._show_bar()

    def _show_bar(self) -> None:
        left = [
            Part(f" {each.label} \u00d7 ", "accent", f"filter:{number}")
            for number, each in enumerate(self.filters)
        ]
        if not left:
            left = [Part(f" {self.summary()}", "dim")]
        shown = len(self.table.keys)
        selected = self.table.marks.count(self.table.cursor, self.table.keys)
        right = [Part(f"{selected:,} selected  ", "strong")] if selected else []
        if self._progress:
            right.append(Part(f"{self._progress}  ", "strong"))
        elif self._total is not None and self.filters:
            right.append(Part(f"{shown:,} of {self._total:,}  ", "text"))
        elif self._total is not None:
            right.append(Part(f"{shown:,}  ", "text"))
        right.append(Part(f"times {zone_name()} ", "dim"))
        self._bar.show(left, right)

    def summary(self) -> str:
        """Say in a few words what the list shows when there is no filter."""
        return ""

    # Looking

    @on(LineTable.Moved)
    def _moved(self, event: LineTable.Moved) -> None:
        event.stop()
        if self._is_painted:
            self._look()

    def _look(self) -> None:
        """Show the record under the cursor, or show it anew."""
        key = self.table.cursor_key
        row = self.table.row_at(self.table.cursor)
        subject = None if key is None else self.subject(key, row)
        self.detail.show(subject, is_same=key == self._looked_at)
        self._looked_at = key

    @on(LineTable.Opened)
    def _opened(self, event: LineTable.Opened) -> None:
        event.stop()
        self.action_other_side()

    @on(LineTable.Marked)
    def _marked(self, event: LineTable.Marked) -> None:
        event.stop()
        self._show_bar()

    @on(LineTable.Failed)
    def _failed(self, event: LineTable.Failed) -> None:
        event.stop()
        report(self, event.error)

    def focus_list(self) -> None:
        """Put the focus on the list."""
        self.table.focus()

    def action_other_side(self) -> None:
        """Go from the list to the detail, or back."""
        was_detail = self.detail.has_focus_within
        self.set_class(self.has_class("-zoomed") and not was_detail, "-detail-first")
        if was_detail:
            self.table.focus()
        else:
            self.detail.focus_content()

    def action_zoom(self) -> None:
        """Give all the space to the side that has the focus, or share it again."""
        self.set_class(self.detail.has_focus_within, "-detail-first")
        self.toggle_class("-zoomed")

    def action_next_view(self) -> None:
        """Show the record in another way."""
        self.detail.next_view()

    def action_more(self) -> None:
        """Show the next part of a long text."""
        self.detail.more()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer more only where there is more."""
        del parameters
        return action != "more" or self.detail.has_more

    # Filtering

    def action_filter(self) -> None:
        """Ask what to show."""
        begin(self, self._ask_filter, group="filter", exclusive=True)

    async def _ask_filter(self) -> None:
        from tui.screens.filter import FilterScreen

        try:
            choices = await self.choices()
        except Exception as error:  # noqa: BLE001 - said to the person
            report(self, error)
            return
        self.app.push_screen(FilterScreen(self.NOUN, choices, self.TYPED), self._filter_chosen)

    def _filter_chosen(self, chosen: Filter | None) -> None:
        if chosen is not None:
            self.add_filter(chosen)
            self._refiltered()

    def _refiltered(self) -> None:
        self.table.clear_marks()
        self.reload(from_top=True)

    @on(Bar.Pressed)
    def _bar_pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        number = int(event.target.removeprefix("filter:"))
        if number < len(self.filters):
            del self.filters[number]
            self._refiltered()

    def action_clear(self) -> None:
        """Leave the detail, let go of the selection, or of the filter: one of them a time."""
        if self.detail.has_focus_within:
            self.action_other_side()
        elif self.has_class("-zoomed"):
            self.remove_class("-zoomed")
        elif self.table.marks:
            self.table.clear_marks()
        elif self.filters:
            self.filters = []
            self._refiltered()
