"""A table of any length: it draws the lines that are seen and fetches the pages around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.actions import bindings_for
from tui.faults import Sturdy
from tui.widgets.bare import Bare
from tui.widgets.columns import Column, Row
from tui.widgets.fresh import Fresh
from tui.widgets.identities import Identities, Renamed
from tui.widgets.marks import Marks
from tui.widgets.page_loader import PageLoader
from tui.widgets.pages import NoRows, Pages, PageSource
from tui.widgets.relocate import place_in
from tui.widgets.row_painter import GUTTER, RowPainter, RowState, note_sign, palette_of

if TYPE_CHECKING:
    from textual.binding import BindingType

_HEADER: Final = 1


class LineTable(Sturdy, ScrollView, Bare, can_focus=True):
    """A table over pages fetched by key, with a cursor and a selection.

    The cursor belongs to a record, not to a line: when rows appear or vanish it stays where its
    record is. Columns share the width; there is no scrolling sideways.

    Attributes:
        is_all_wanted: Whether all rows are to be selected once all are there.
        is_end_wanted: Whether the cursor is to go to the last row once all are there.

    Args:
        columns: The columns.
        id: As for any widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--dim",
        "line-table--strong",
        "line-table--accent",
        "line-table--header",
        "line-table--quiet",
        "line-table--cursor",
    }
    DEFAULT_CSS = """
    LineTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("table")

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Moved(Message):
        """The cursor stands on another record, or on none (`key` is None)."""

        table: LineTable
        key: Hashable | None

    @dataclass
    class Opened(Message):
        """A person asked for the detail of the record under the cursor."""

        table: LineTable
        key: Hashable

    @dataclass
    class Marked(Message):
        """The selection changed, or something waits for all rows."""

        table: LineTable

    @dataclass
    class TitlePressed(Message):
        """The title of a column was clicked."""

        table: LineTable
        title: str

    @dataclass
    class Failed(Message):
        """Rows could not be fetched."""

        table: LineTable
        error: Exception

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.marks = Marks()
        self.fresh = Fresh()
        self.identities = Identities()
        self._columns = columns
        self._pages = Pages(NoRows())
        self._painter: RowPainter | None = None
        self._announced: Hashable | None = None
        self._loader = PageLoader(
            self, self._needed, lambda error: self.post_message(self.Failed(self, error))
        )
        self._is_part = self.is_all_wanted = self.is_end_wanted = False
        self._hint = ""
        self.sign: Callable[[Row], str] = note_sign

    # What it shows

    @property
    def keys(self) -> Sequence[Hashable]:
        """The keys of all rows."""
        return self._pages.source.keys

    @property
    def cursor_key(self) -> Hashable | None:
        """The key of the record under the cursor, or None when there are no rows."""
        return self.keys[self.cursor] if self.cursor < len(self._pages) else None

    def row_at(self, index: int) -> Row | None:
        """Give the row at an index, or None while it is not fetched, or when it is gone."""
        row = self._pages.row(index) if 0 <= index < len(self._pages) else None
        return row if isinstance(row, dict) else None

    def row_of_line(self, y: int) -> int | None:
        """Give the index of the row that stands on a line of the widget, or None."""
        index = self.scroll_offset.y + y - _HEADER
        return index if y >= _HEADER and index < len(self._pages) else None

    def selected_keys(self) -> Sequence[Hashable]:
        """Give the selected records in order, or the one under the cursor where none is."""
        if self.marks:
            self.marks.end_range(self.keys, self.cursor)
            return self.marks.among(self.keys)
        return [] if self.cursor_key is None else [self.cursor_key]

    async def show(
        self, source: PageSource, *, from_top: bool = False, is_part: bool = False
    ) -> None:
        """Show other rows; what is in view is fetched first, so that nothing flickers.

        Args:
            source: The rows.
            from_top: Whether to go to the first row instead of staying with the record.
            is_part: Whether these are only the first rows, and all of them will follow.

        Raises:
            Exception: Whatever the source raises; then the table still shows what it did.
        """
        pages = Pages(source)
        old = () if from_top else self.keys
        _, top = place_in(old, source.keys, self.cursor, self.scroll_offset.y)
        for number in pages.missing(top, top + max(self._page_rows, 1)):
            await pages.load(number)
        if from_top:
            self.marks.end_range(self.keys, self.cursor)
        names = await self.identities.follow(self._pages, pages, self.cursor_key, self.marks)
        await self.marks.settle(source.keys, names)
        self.fresh.compare(self._pages, pages)
        keys = Renamed(self.keys, names) if names else self.keys
        # The person may have moved while the rows were fetched.
        old = () if from_top else keys
        cursor, top = place_in(old, source.keys, self.cursor, self.scroll_offset.y)
        self.marks.carry_range(keys, self.cursor, source.keys, cursor)
        self._announced = names.get(self._announced, self._announced)
        self._pages, self._is_part = pages, is_part
        self._forget_paint()
        self.virtual_size = Size(self.size.width, len(pages) + _HEADER)
        self.set_reactive(LineTable.cursor, cursor)
        self.scroll_to(y=top, animate=False, force=True)
        self._reveal_cursor()
        self._announce()
        self._loader.want()
        if not is_part:
            self._do_what_waited()

    def _do_what_waited(self) -> None:
        """Do what was asked for while only the first rows were there."""
        if self.is_end_wanted:
            self.is_end_wanted = False
            self.action_last()
        if self.is_all_wanted:
            self.is_all_wanted = False
            self.action_all()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show the rows in other columns."""
        self._columns = columns
        self._forget_paint()

    def set_hint(self, hint: str) -> None:
        """Say what stands there when there are no rows, and what to do about it."""
        self._hint = hint
        self.refresh()

    # Painting

    def render_line(self, y: int) -> Strip:
        """Paint one line of what is in view."""
        if self._painter is None:
            width, palette = self.size.width, palette_of(self)
            self._painter = RowPainter(self._columns, width, palette, self.sign)
        painter = self._painter
        if y < _HEADER:
            return painter.header()
        index = self.scroll_offset.y + y - _HEADER
        if index >= len(self._pages):
            hint = "" if len(self._pages) else self._hint
            return painter.hint(hint, index - 1)
        is_cursor = index == self.cursor
        key = self.keys[index]
        marked = bool(self.marks) and self.marks.holds(key, index, self.cursor)
        has_focus = is_cursor and self.has_focus
        state = RowState(is_cursor, marked, self.fresh.sign(key), has_focus)
        return painter.row(index, self._pages.row(index), state)

    # For a screen reader

    def line_of_cursor(self) -> int:
        """Say on which line the cursor is, as it stands on the screen."""
        return _HEADER + self.cursor - self.scroll_offset.y if len(self._pages) else _HEADER + 1

    def told_place(self) -> str:
        """Say how far down that is."""
        return f"row {self.cursor + 1:,} of {len(self._pages):,}" if len(self._pages) else ""

    def _forget_paint(self) -> None:
        self._painter = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Paint anew in the styles of another theme or focus."""
        super().notify_style_update()
        self._painter = None

    def on_resize(self) -> None:
        """Give the columns their new widths."""
        self.virtual_size = Size(self.size.width, len(self._pages) + _HEADER)
        self._forget_paint()
        self._reveal_cursor()
        self._loader.want()

    # Fetching

    @property
    def _page_rows(self) -> int:
        return max(0, self.size.height - _HEADER)

    def _needed(self) -> tuple[Pages, int, int]:
        return self._pages, self.scroll_offset.y, self._page_rows

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Fetch what came into view."""
        super().watch_scroll_y(old_value, new_value)
        self._loader.want()

    # Moving

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, len(self._pages) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two lines that changed, and say where the cursor is."""
        self.is_end_wanted = False
        if self.marks.anchor is None:
            self._refresh_row(old)
            self._refresh_row(new)
        else:
            self.refresh()
            self.post_message(self.Marked(self))
        self._reveal_cursor()
        self._announce()

    def _refresh_row(self, index: int) -> None:
        self.refresh(Region(0, index - self.scroll_offset.y + _HEADER, self.size.width, 1))

    def _reveal_cursor(self) -> None:
        rows, top, cursor = self._page_rows, self.scroll_offset.y, self.cursor
        if not rows or top <= cursor < top + rows:
            return
        # Who comes from far away wants to see what stands around it.
        y = cursor - rows // 2
        if top - rows <= cursor < top + 2 * rows:
            y = cursor if cursor < top else cursor - rows + 1
        self.scroll_to(y=y, animate=False, force=True)

    def _announce(self) -> None:
        key = self.cursor_key
        if key != self._announced:
            self._announced = key
            self.post_message(self.Moved(self, key))

    def action_move(self, rows: int) -> None:
        """Move the cursor by single rows."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move by what is in view."""
        self._leap(pages * max(1, self._page_rows - 1))

    def action_half(self, halves: int) -> None:
        """Move by half of what is in view."""
        self._leap(halves * max(1, self._page_rows // 2))

    def _leap(self, rows: int) -> None:
        # The view moves along, so that the cursor keeps its line on the screen.
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False, force=True)
        self.cursor += rows

    def action_first(self) -> None:
        """Go to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Go to the last row."""
        self.cursor = len(self._pages) - 1
        if self._is_part:
            self.is_end_wanted = True
            self._marks_changed()

    # Selecting

    def action_open(self) -> None:
        """Ask for the detail."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor_key))

    def action_mark(self) -> None:
        """Select the record under the cursor, or let go of it, and go on to the next."""
        if self.cursor_key is None:
            return
        if self.marks.anchor is not None:
            self.marks.end_range(self.keys, self.cursor)
        else:
            self.marks.toggle(self.cursor_key)
            self.cursor += 1
        self._marks_changed()

    def action_range(self) -> None:
        """Begin a range at the cursor, or end it there."""
        if self.marks.anchor is None:
            self.marks.anchor = self.cursor if len(self._pages) else None
        else:
            self.marks.end_range(self.keys, self.cursor)
        self._marks_changed()

    def action_all(self) -> None:
        """Select every row of the list, or none where all are."""
        if self._is_part:
            self.is_all_wanted = True
        elif self.marks.count(self.cursor, self.keys) >= len(self._pages):
            self.marks.clear()
        else:
            self.marks.select_all(self.keys)
        self._marks_changed()

    def clear_marks(self, noted: Collection[Hashable] | None = None) -> None:
        """Let go of the selection, or of what was selected when this was noted."""
        self.marks.let_go_of(noted)
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.refresh()
        self.post_message(self.Marked(self))

    def on_click(self, event: events.Click) -> None:
        """Move to the row that was clicked; its left edge or Ctrl selects it, twice opens it."""
        index = self.row_of_line(event.y)
        if index is None:
            if event.y < _HEADER and self._painter:
                self.post_message(self.TitlePressed(self, self._painter.title_at(event.x)))
            return
        event.stop()
        if event.shift and self.marks.anchor is None:
            self.marks.anchor = self.cursor
        self.cursor = index
        if event.shift:
            self.action_range()
        elif event.x < GUTTER or event.ctrl:
            self.marks.toggle(self.keys[index])
            self._marks_changed()
        elif event.chain == 2:
            self.action_open()
