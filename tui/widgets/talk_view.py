"""A conversation of any length to read: the turns around where one is, the others left unread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import events

from tui.actions import bindings_for
from tui.lines import Line, TextRole
from tui.navigation import Followed
from tui.toasts import report
from tui.widgets.pages import NoRows
from tui.widgets.relocate import relocate
from tui.widgets.text_view import TextView
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.widgets.columns import Row
    from tui.widgets.pages import PageSource

_AROUND: Final = 40
"""Turns that are read before and after the one in view, beside those that fit on the screen."""

_MARGIN: Final = 10
_LINES: Final = 3
"""Lines of a turn: who and when, what was said, and a space."""

_INDENT: Final = "   "


class TalkView(TextView, inherit_bindings=False):
    """Shows turns one below the other, wrapped in full, with a cursor on one of them.

    Args:
        lines_of: Gives heading, text and what stands below it for a row, None for one that is gone.
        id: As for any widget.

    Attributes:
        cursor: The index of the turn under the cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("links")

    def __init__(
        self,
        lines_of: Callable[[Row | None], tuple[str, Line, Line]],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._lines_of = lines_of
        self._source: PageSource = NoRows()
        self._rows: Sequence[Row | None] = ()
        self._loaded = range(0)
        self._marked: frozenset[int] = frozenset()
        self._mark = ""
        self._signed = 0
        # The turn that is being read because the cursor is on it.
        self._sought: int | None = None
        self.cursor = 0

    # What it shows

    def show_hint(self, hint: str) -> None:
        """Say why there is no conversation."""
        self._source, self._rows, self._loaded = NoRows(), (), range(0)
        self._sought = None
        self.show([Line(hint, role="dim")])

    async def show_talk(
        self,
        source: PageSource,
        about: int,
        *,
        keep_place: bool,
        marked: frozenset[int] = frozenset(),
        mark: str = "",
    ) -> None:
        """Show the conversation around a turn.

        Args:
            source: The turns, oldest first; each key is kind and key.
            about: The index of the turn to begin with.
            keep_place: Whether to stay where one is instead of going to that turn.
            marked: The indexes of the turns that have a sign beside them.
            mark: What the sign says.

        Raises:
            Exception: Whatever the source raises; then it still shows what it did.
        """
        keep_place = keep_place and bool(self._loaded)
        centre = self._now_at(source, self._turn_at(self._top)) if keep_place else about
        window = self._window(centre, source)
        rows = await source.fetch(source.keys[window.start : window.stop])
        top = self._turn_at(self._top)
        offset = self._top - self._top_of(top)
        if keep_place:
            about_cursor, top = self._now_at(source, self.cursor), self._now_at(source, top)
        else:
            about_cursor = about
        self._source, self.cursor, self._sought = source, about_cursor, None
        self._marked, self._mark = marked, f"  \u25c2 {mark}"
        self._put(window, rows)
        if keep_place and top in window:
            self._scroll(self._top_of(top) + offset)
        else:
            self._centre()

    def _now_at(self, source: PageSource, turn: int) -> int:
        return relocate(self._source.keys, source.keys, turn)

    def _window(self, centre: int, source: PageSource) -> range:
        around = _AROUND + self.size.height
        return range(max(0, centre - around), min(len(source.keys), centre + around + 1))

    def _put(self, window: range, rows: Sequence[Row | None]) -> None:
        self._loaded, self._rows = window, rows
        lines: list[Line] = []
        for turn, row in zip(self._loaded, self._rows, strict=True):
            heading, said, below = self._lines_of(row)
            # What was said stands further in than any heading, so that it cannot pass for one.
            said, below = said._replace(label=_INDENT), below._replace(label=_INDENT)
            lines += [self._headed(turn, heading), said, below]
        self._signed = self.cursor
        self.show(lines, keep_place=True)

    def _headed(self, turn: int, heading: str) -> Line:
        sign = "\u25b8" if turn == self.cursor else " "
        mark = self._mark if turn in self._marked else ""
        role: TextRole = "accent" if turn == self.cursor else "strong"
        return Line(f"{sign} {heading}{mark}", role=role, full=True)

    def _draw_cursor(self) -> None:
        for turn in {self._signed, self.cursor}.intersection(self._loaded):
            at = turn - self._loaded.start
            self.replace(at * _LINES, self._headed(turn, self._lines_of(self._rows[at])[0]))
        self._signed = self.cursor

    # Where it is

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    def _turn_at(self, y: int) -> int:
        """Give the turn that stands there, in lines of the text."""
        return self._loaded.start + self.number_at(y) // _LINES

    def _top_of(self, turn: int) -> int:
        return self.top_of(max(0, turn - self._loaded.start) * _LINES)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _centre(self) -> None:
        self._scroll(self._top_of(self.cursor) - self.size.height // 4)

    def _reveal(self) -> None:
        top, end, height = (
            self._top_of(self.cursor),
            self._top_of(self.cursor + 1),
            self.size.height,
        )
        if top < self._top:
            self._scroll(top)
        elif end > self._top + height:
            self._scroll(min(top, end - height))

    def on_resize(self) -> None:
        """Wrap to the new width, and stay with the turn under the cursor."""
        super().on_resize()
        self._centre()
        self._want_turns()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read the turns that one comes near to."""
        super().watch_scroll_y(old_value, new_value)
        self._want_turns()

    def _want_turns(self) -> None:
        # What is read for the cursor is not put off for what it is about to leave.
        if not self._loaded or not self.size.height or self._sought is not None:
            return
        first, last = self._turn_at(self._top), self._turn_at(self._top + self.size.height)
        loaded, there = self._loaded, len(self._source.keys)
        is_near = (loaded.start and first - loaded.start < _MARGIN) or (
            loaded.stop < there and loaded.stop - last <= _MARGIN
        )
        centre = (first + last) // 2
        if is_near and self._window(centre, self._source) != loaded:
            begin(self, partial(self._load, centre), group="talk", exclusive=True)

    async def _seek(self, turn: int) -> None:
        await self._load(turn, reveals=True)
        if self._sought == turn:
            self._sought = None

    async def _load(self, centre: int, *, reveals: bool = False) -> None:
        source = self._source
        window = self._window(centre, source)
        try:
            rows = await source.fetch(source.keys[window.start : window.stop])
        except Exception as error:  # noqa: BLE001 - said to the person, and the turns stay
            report(self, error)
            return
        if source is not self._source or (reveals and self._sought != centre):
            return
        top = self._turn_at(self._top)
        offset = self._top - self._top_of(top)
        self._put(window, rows)
        if top in window:
            self._scroll(self._top_of(top) + offset)
        if reveals or top not in window:
            self._reveal()

    # For a screen reader

    def line_of_cursor(self) -> int:
        """Say where the turn under the cursor begins, as it stands on the screen."""
        return max(0, self._top_of(self.cursor) - self._top)

    def told_place(self) -> str:
        """Say which turn that is."""
        return f"turn {self.cursor + 1:,} of {len(self._source.keys):,}"

    # Moving

    def _go(self, turn: int, *, reveals: bool = True) -> None:
        self.cursor = max(0, min(turn, len(self._source.keys) - 1))
        self._sought = None
        if self.cursor in self._loaded:
            self._draw_cursor()
            if reveals:
                self._reveal()
        elif self._loaded:
            self._sought = self.cursor
            begin(self, partial(self._seek, self.cursor), group="talk", exclusive=True)

    def action_move(self, rows: int) -> None:
        """Go to the next turn or the one before, once this one was read to its edge."""
        top, end = self._top_of(self.cursor), self._top_of(self.cursor + 1)
        first, last = self._top, self._top + self.size.height
        is_in_view = self.cursor in self._loaded and top < last and end > first
        if is_in_view and (end > last if rows > 0 else top < first):
            self._scroll(first + rows)
        else:
            self._go(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move by what is in view."""
        self._leap(pages * max(1, self.size.height - 1))

    def action_half(self, halves: int) -> None:
        """Move by half of what is in view."""
        self._leap(halves * max(1, self.size.height // 2))

    def _leap(self, rows: int) -> None:
        self._scroll(self._top + rows)
        edge = self._top + (self.size.height - 1 if rows > 0 else 0)
        self._go(self._turn_at(edge), reveals=False)

    def action_first(self) -> None:
        """Go to the first turn."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the last turn."""
        self._go(len(self._source.keys) - 1)

    def action_follow(self) -> None:
        """Go to the turn under the cursor, in the list."""
        if self._loaded:
            kind, key = cast("tuple[str, Any]", self._source.keys[self.cursor])
            self.post_message(Followed(kind, key))

    def on_click(self, event: events.Click) -> None:
        """Move to the turn that was clicked; twice goes to it."""
        if self._loaded:
            event.stop()
            self._go(self._turn_at(self._top + event.y), reveals=False)
            if event.chain == 2:
                self.action_follow()
