"""What the panes with a list of the store share: reading it, and filters."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import on

from tui.filters import DIFFERS, Filter, with_moment
from tui.kept import filters_of, kept_filters, kept_key, key_of
from tui.panes.list_bar import parts_of
from tui.panes.ordered import OrderedPane
from tui.sources import moved
from tui.toasts import report, tell
from tui.told_keys import key_for
from tui.widgets.bar import Bar
from tui.widgets.line_table import LineTable
from tui.widgets.pages import NoRows
from tui.work import begin, drawn

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from textual.app import ComposeResult

    from tui.app import MemglassApp
    from tui.memory import Memory
    from tui.navigation import Stop
    from tui.screens.filter import Choice
    from tui.widgets.columns import Row
    from tui.widgets.pages import PageSource

FIRST_PAGE: Final = 100
_STALE_AFTER: Final = 0.5
"""Seconds after which rows are no longer shown in the place of those that a filter lets through."""


class ListPane(OrderedPane):
    """A list of the store with its detail. Subclasses say which list.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    EMPTY: ClassVar[str] = ""
    TIME: ClassVar[str] = ""

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self.filters: list[Filter] = []
        self._follows_again = False
        self._shares: Sequence[Choice] = ()
        self._total: int | None = None
        self._is_narrowing = False
        self._wanted: tuple[str, Any] | None = None
        self._stayed_on: Hashable | None = None
        self._reading = 0
        self._read_again = False
        self._is_waited_for = False
        self._bar = Bar(classes="list-bar")
        self.table.identities.find = self._moved_on

    def compose(self) -> ComposeResult:
        """Lay out the bar, the list and the detail."""
        yield self._bar
        yield from self.compose_sides()

    # For subclasses

    async def source(self, limit: int | None) -> PageSource:
        """Give what the list shows with the filters as they are, at most `limit` rows of it."""
        raise NotImplementedError

    async def count_all(self) -> int:
        """Count what the list shows without a filter."""
        raise NotImplementedError

    async def shares(self) -> Sequence[Choice]:
        """Give what the list consists of, each with how many there are, to be seen at a glance."""
        return ()

    def filters_for(self, kind: str) -> list[Filter]:
        """Give the filters under which the list shows every record of a kind."""
        del kind
        return []

    def asked(self, kind: str) -> dict[str, Any]:
        """Give the filters as the store takes them for a list of a kind."""
        asked = {each.field: each.value for each in self.filters}
        if asked.pop(DIFFERS, None) is not None:
            mirroring = self.memory.mirroring
            asked["record_ids"] = [] if mirroring is None else mirroring.differing(kind)
        return asked

    def add_filter(self, chosen: Filter) -> None:
        """Filter by this too; it takes the place of one for the same field."""
        self.filters = [each for each in self.filters if each.field != chosen.field] + [chosen]

    def drop_filter(self, dropped: Filter) -> None:
        """Filter by this no longer."""
        self.filters = [each for each in self.filters if each is not dropped]

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
        trouble = ""
        try:
            if from_top or not len(self.table.keys):
                # The first page shows at once, however many there are.
                first = await self._first_page()
                is_part = len(first.keys) == FIRST_PAGE
                await self.table.show(first, from_top=True, is_part=is_part)
                if self._wanted is None:
                    self._let_keys_go()
                # What else there is to do comes after the rows are on screen.
                await drawn(self)
                self._is_painted = True
            await self._note_newest()
            await self._show_all()
            self._go_to_wanted()
            self._let_keys_go()
            self.is_following |= self._follows_again
            self._follows_again = False
            if self.is_following:
                self.table.cursor = self._newest_row()
            self.look()
            self._total = await self.count_all() if self.filters else len(self.table.keys)
            self._shares = await self.shares()
        except Exception as error:  # noqa: BLE001 - said to the person, and the list stays
            self.outdated = True
            self._let_keys_go()
            trouble = report(self, error)
        self._is_narrowing = False
        # That there is nothing is said only where it was read.
        self.table.set_hint(trouble or self._hint())
        self.show_bar()

    async def _first_page(self) -> PageSource:
        """Read what shows first; where that takes long, what was asked before is let go of."""
        reading = asyncio.ensure_future(self.source(FIRST_PAGE))
        try:
            done, _ = await asyncio.wait({reading}, timeout=_STALE_AFTER)
            if not done and self._is_narrowing:
                self.table.set_hint("Reading.")
                await self.table.show(NoRows(), from_top=True)
            return await reading
        finally:
            reading.cancel()

    async def _show_all(self) -> None:
        await self.table.show(await self.source(None))

    # What is typed behind a key that asks for other rows is meant for those.

    def _hold_keys(self) -> None:
        self._is_waited_for = True
        cast("MemglassApp", self.app).key_order.hold()

    def _let_keys_go(self) -> None:
        if self._is_waited_for:
            self._is_waited_for = False
            cast("MemglassApp", self.app).key_order.release()

    async def _moved_on(self, rows: Mapping[Hashable, Row]) -> Mapping[Hashable, Hashable]:
        return await moved(self.memory.store, rows)

    def _hint(self) -> str:
        if self.filters:
            return f"No {self.noun} here matches the filter. {key_for('clear')} lets go of it."
        return self.empty()

    def empty(self) -> str:
        """Say why there may be nothing here, and when there will be."""
        return self.EMPTY

    def show_bar(self) -> None:
        """Show the filters or the order, and how many records there are."""
        left = parts_of(self.filters, self.summary(), self._shares, is_following=self.is_following)
        shown = len(self.table.keys)
        counts = "reading" if self._is_narrowing else ""
        if self._total is not None:
            counts = f"{shown:,} of {self._total:,}" if self.filters else f"{shown:,}"
        self._bar.show(left, self.counts(counts))

    # Filtering

    def narrow_to(self, chosen: Filter) -> None:
        """Show only what this lets through, whatever else the list was narrowed to."""
        self.filters = []
        self.filter_by(chosen)

    def filter_by(self, chosen: Filter) -> None:
        """Show only what this lets through too."""
        try:
            self.add_filter(with_moment(chosen))
        except ValueError as error:
            tell(self, str(error), "warning")
            return
        self._refiltered()

    def _refiltered(self, *, stays: bool = False) -> None:
        # How many there were says nothing of what is being looked for now.
        self._total, self._is_narrowing = None, True
        # What a filter has found is looked at among what stood around it.
        self._stayed_on = self.table.cursor_key if stays else None
        self.table.clear_marks()
        self._reload_from_top()

    def _reload_from_top(self) -> None:
        # Going to the top is no move of the person's, but being led to a record is.
        is_led = self._wanted is not None
        self._follows_again = self.is_following and self.order.by_time and not is_led
        self.is_following = False
        self._hold_keys()
        self.reload(from_top=True)

    @on(Bar.Pressed)
    def _bar_pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        what, _, number = event.target.partition(":")
        if what == "share" and int(number) < len(self._shares):
            self.filter_by(self._shares[int(number)].filter)
        elif what == "filter" and int(number) < len(self.filters):
            self.drop_filter(self.filters[int(number)])
            self._refiltered(stays=True)

    def action_clear(self) -> None:
        """Leave the detail, let go of the selection, or of the filter: one of them a time."""
        if not self.let_go() and self.filters:
            self.filters = []
            self._refiltered(stays=True)

    @on(LineTable.Marked)
    def _may_wait_for_all(self) -> None:
        if self.table.is_all_wanted or self.table.is_end_wanted:
            self._hold_keys()

    # From visit to visit

    def remembered(self) -> dict[str, Any]:
        """Give the filters and where the cursor is, too."""
        # What is newest, where a list begins, is another record at the next visit.
        place = self.table.cursor_key if self.table.cursor else self._stayed_on
        return {
            **super().remembered(),
            "filters": kept_filters(self.filters),
            "cursor": kept_key(place),
        }

    def recall(self, remembered: Mapping[str, Any]) -> None:
        """Take the filters and where the cursor was, too."""
        super().recall(remembered)
        self.filters = filters_of(remembered.get("filters"))
        self._stayed_on = key_of(remembered.get("cursor"))

    def action_go_to_time(self) -> None:
        """Ask for a time, and go to the record nearest to it."""
        if self._goes_by_time():
            from tui.panes.going_to_time import ask_and_go

            ask_and_go(self)

    # Coming from elsewhere

    def go_to(self, kind: str, key: Any) -> None:
        """Put the cursor on a record; filters that hide it are let go of.

        Args:
            kind: The kind of list that it stands in.
            key: Its key there.
        """
        if not self.put_cursor_on((kind, key)):
            self._wanted = (kind, key)
            self.filters = self.filters_for(kind)
            self._refiltered()

    def stop(self) -> Stop:
        """Say where a person is, so that they can come back here."""
        return super().stop()._replace(filters=tuple(self.filters))

    def return_to(self, stop: Stop) -> None:
        """Go back to where a person was, with the filters that they had."""
        wanted = cast("tuple[str, Any] | None", stop.key)
        if list(stop.filters) != self.filters:
            self.filters, self._wanted = list(stop.filters), wanted
            self._refiltered()
        elif wanted is not None and not self.put_cursor_on(wanted):
            # The list may not have been read since it came there.
            self._wanted = wanted
            self.reload()
        self._return_to_detail(stop)

    def put_cursor_on(self, wanted: Hashable) -> bool:
        """Put the cursor on the record of a key; say whether the list has it."""
        try:
            self.table.cursor = self.table.keys.index(wanted)
        except ValueError:
            return False
        return True

    def _go_to_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        stayed_on, self._stayed_on = self._stayed_on, None
        if wanted is None:
            # Who has gone elsewhere meanwhile is left there.
            if stayed_on is not None and not self.table.cursor:
                self.put_cursor_on(stayed_on)
        elif not self.put_cursor_on(wanted):
            tell(self, "That record is no longer where it was found; search again.", "warning")
