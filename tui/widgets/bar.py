"""One line of short texts, some of which can be clicked: tabs, filters, counts, keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, Final, Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.text import LINE_LIMIT, safe_text
from tui.widgets.cells import fit
from tui.widgets.plain import Plain

BarRole = Literal["text", "dim", "strong", "accent", "alert"]

_MORE: Final = " \u2026"


class Part(NamedTuple):
    """One text of a bar.

    Attributes:
        text: What it says.
        role: How it is drawn.
        target: What `Bar.Pressed` names when it is clicked; empty where nothing happens.
    """

    text: str
    role: BarRole = "text"
    target: str = ""


class Bar(Plain):
    """A line with parts on the left and parts on the right.

    Where there is too little space the left side gives way.

    Args:
        id: As for any widget.
        classes: As for any widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "bar--dim",
        "bar--strong",
        "bar--accent",
        "bar--alert",
    }
    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    @dataclass
    class Pressed(Message):
        """A part was clicked."""

        bar: Bar
        target: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._left: Sequence[Part] = ()
        self._right: Sequence[Part] = ()
        self._targets: list[tuple[int, int, str]] = []

    def show(self, left: Sequence[Part], right: Sequence[Part] = ()) -> None:
        """Show other parts."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the line, and remember what stands where."""
        width = self.size.width
        base = self.plain
        if y:
            return Strip.blank(width, base)
        right = self._measured(self._right)
        room = width - sum(length for _, length, _ in right)
        gap = 0 if not right or right[0][0].text.startswith(" ") else 1
        left = self._cut(self._measured(self._left), room, gap)
        room -= sum(length for _, length, _ in left)
        placed = [*left, (Segment(" " * max(0, room), base), max(0, room), ""), *right]
        self._remember(placed)
        return Strip([segment for segment, _, _ in placed]).adjust_cell_length(width, base)

    def _cut(
        self, parts: Sequence[tuple[Segment, int, str]], room: int, gap: int
    ) -> list[tuple[Segment, int, str]]:
        """Cut parts so that this shows, and `gap` cells are left; the rest can still be clicked.

        What consists of several parts with one target is whole or not there.
        """
        has_gap = bool(parts) and parts[-1][0].text.endswith(" ")
        if sum(length for _, length, _ in parts) > room - (0 if has_gap else gap):
            room -= gap
        parts = _whole(parts, room)
        left: list[tuple[Segment, int, str]] = []
        for segment, length, target in parts:
            if length <= room:
                left.append((segment, length, target))
                room -= length
                continue
            if room <= 0 and left:
                # What follows would take what is whole for its own beginning: `t14` and `2,950`.
                segment, room, target = left.pop()
                text = segment.text + " "
            else:
                text = segment.text
            left.append((Segment(fit(text, max(0, room)), segment.style), max(0, room), target))
            break
        return left

    def _measured(self, parts: Sequence[Part]) -> list[tuple[Segment, int, str]]:
        measured = []
        for part in parts:
            text = safe_text(part.text, LINE_LIMIT)
            plain = part.role == "text"
            style = self.plain if plain else self.style_of(f"bar--{part.role}")
            measured.append((Segment(text, style), cell_len(text), part.target))
        return measured

    def _remember(self, placed: Sequence[tuple[Segment, int, str]]) -> None:
        self._targets = []
        x = 0
        for _, length, target in placed:
            if target:
                self._targets.append((x, x + length, target))
            x += length

    def on_click(self, event: events.Click) -> None:
        """Say which part was clicked."""
        for start, end, target in self._targets:
            if start <= event.x < end:
                event.stop()
                self.press(target)
                return

    def press(self, target: str) -> None:
        """Do what a click on this part does."""
        self.post_message(self.Pressed(self, target))


def _whole(
    parts: Sequence[tuple[Segment, int, str]], room: int
) -> Sequence[tuple[Segment, int, str]]:
    """Leave out what consists of several parts from where one of those has no space any more.

    Half of a number would be taken for a number, and a name without its own for that of the next.
    """
    if sum(length for _, length, _ in parts) <= room:
        return parts
    kept: list[tuple[Segment, int, str]] = []
    for target, group in groupby(parts, key=itemgetter(2)):
        held = list(group)
        room -= sum(length for _, length, _ in held)
        if target and len(held) > 1 and room < cell_len(_MORE):
            return [*kept, (Segment(_MORE, held[0][0].style), cell_len(_MORE), "")]
        kept += held
    return kept


def tabs(items: Sequence[tuple[str, str]], active: str) -> list[Part]:
    """Make the parts of a row of tabs; the active one stands in brackets.

    Args:
        items: Target and label of each.
        active: Target of the active one.
    """
    return [
        Part(f"[{label}]", "accent", target)
        if target == active
        else Part(f" {label} ", "text", target)
        for target, label in items
    ]


def up_to_active(row: Sequence[Part], active: str, width: int) -> list[Part]:
    """Leave out so many of the first tabs of a row that the active one is seen.

    Args:
        row: The tabs.
        active: Target of the active one.
        width: Cells that there are for them.
    """
    at = next((number for number, part in enumerate(row) if part.target == active), 0)
    first = 0
    while first < at and sum(cell_len(part.text) for part in row[first : at + 1]) > width:
        first += 1
    return list(row[first:])
