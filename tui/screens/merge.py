"""Near-duplicates beside each other: which of them stays, and what will come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.aloud import is_read_aloud
from tui.beside import columns_that_fit, one_by_one, outcome, side_by_side
from tui.lines import Line
from tui.screens.modal import Modal
from tui.text import safe_text, spans
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.widgets.text_view import TextView
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.memory import Memory

_NUMBERED = 9


class Merge(NamedTuple):
    """What is to be merged.

    Attributes:
        keep: The id of the pattern that stays.
        others: The ids of those that go.
    """

    keep: str
    others: list[str]


class MergeScreen(Modal[Merge]):
    """Shows patterns beside each other; returns what is to be merged, or None.

    Args:
        memory: The memory.
        records: The patterns, the one to keep first.
        left: How many more say the same, and are not shown.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Leave as it is"),
        Binding("enter,M", "merge", "Merge"),
        Binding("left,h", "stay(-1)", "The one before stays"),
        Binding("right,l", "stay(1)", "The next one stays"),
        Binding("tab", "turn", "Show the others"),
        *(Binding(str(n + 1), f"leave_out({n})", show=False) for n in range(_NUMBERED)),
    ]

    def __init__(self, memory: Memory, records: Sequence[Mapping[str, Any]], left: int = 0) -> None:
        super().__init__()
        self._memory = memory
        self._records = records
        self._left = left
        self._stays = 0
        self._first = 0
        self._out: set[int] = set()
        self._outcome: list[Line] = []
        self._problem = ""
        self._text = TextView(id="ask-text")

    def compose(self) -> ComposeResult:
        """Lay out title, text and keys."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        more = f"  and then {self._left:,} more that say nearly the same" if self._left else ""
        heading.show([
            Part(f" Merge {counted(len(self._records), 'pattern')}", "strong"), Part(more, "dim"),
        ])  # fmt: skip
        keys.show([
            Part(" Enter", "accent"), Part(" merge  ", "text"),
            Part("\u2190\u2192", "accent"), Part(" stays  ", "text"),
            Part("1-9", "accent"), Part(" leave out  ", "text"),
            *([] if is_read_aloud() else [Part("Tab", "accent"), Part(" others  ", "text")]),
            Part("Esc", "accent"), Part(" leave", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog"):
            yield heading
            yield self._text
            yield keys

    def on_mount(self) -> None:
        """Show the patterns as they would be merged."""
        self._text.focus()
        self._changed()

    def on_resize(self) -> None:
        """Fit the columns into the new width."""
        self.call_after_refresh(self._show)

    def _merge(self) -> Merge:
        going = [
            str(record["id"])
            for number, record in enumerate(self._records)
            if number != self._stays and number not in self._out
        ]
        return Merge(str(self._records[self._stays]["id"]), going)

    def _changed(self) -> None:
        self._outcome, self._problem = [], ""
        begin(self, self._look_ahead, group="outcome", exclusive=True)

    async def _look_ahead(self) -> None:
        merge = self._merge()
        try:
            if merge.others:
                merged = await self._memory.store.preview_merge(*merge)
                self._outcome = list(outcome(self._records[self._stays], merged))
            else:
                self._problem = "Nothing is left to merge into it."
        except Exception as error:  # noqa: BLE001 - said to the person
            self._problem = str(error)
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        order = [self._stays, *(n for n in range(len(self._records)) if n != self._stays)]
        # First what will come of it: in a small terminal the rest is further down.
        lines = [Line("What will come of it", role="strong", full=True), *self._told(), Line()]
        if is_read_aloud():
            lines += one_by_one([self._records[n] for n in order], [*map(self._heading, order)])
        else:
            lines += self._beside(order, max(30, self._text.size.width - 3))
        self._text.show(lines, keep_place=True)

    def _beside(self, order: Sequence[int], width: int) -> Iterator[Line]:
        room = columns_that_fit(width)
        others = order[1:]
        start = self._first % len(others)
        shown = [order[0], *[*others[start:], *others[:start]][: room - 1]]
        yield from side_by_side(
            [self._records[n] for n in shown], [*map(self._heading, shown)], width
        )
        if len(shown) < len(order):
            more = len(order) - len(shown)
            yield Line(f"{more:,} more beside these; Tab shows them", role="dim", full=True)

    def _heading(self, number: int) -> str:
        fate = "stays" if number == self._stays else "left out" if number in self._out else "goes"
        return f"{number + 1} {fate}: {self._records[number]['id']}"

    def _told(self) -> list[Line]:
        if self._problem:
            return [Line(self._problem, role="bad", full=True)]
        merge = self._merge()
        going = safe_text(", ".join(merge.others), 400)
        return [
            Line(
                f"{safe_text(merge.keep, 100)} stays, and all else in it is as it was.", full=True
            ),
            *self._outcome,
            Line(f"Archived as duplicate, leading on to it: {going}", full=True),
        ]

    def action_stay(self, step: int) -> None:
        """Let another one stay."""
        self._stays = (self._stays + step) % len(self._records)
        self._out.discard(self._stays)
        self._first = 0
        self._changed()

    def action_leave_out(self, number: int) -> None:
        """Leave one out of it, or take it in again."""
        if number < len(self._records) and number != self._stays:
            self._out ^= {number}
            self._changed()

    def action_turn(self) -> None:
        """Show the next ones beside the one that stays."""
        self._first += 1
        self._show()

    def action_merge(self) -> None:
        """Merge them, unless something stands against it."""
        if not self._problem and self._merge().others:
            self.dismiss(self._merge())


class GroupsScreen(Modal[int]):
    """Offers groups of near-duplicates; returns the number of one, or None.

    Args:
        groups: The names of the members of each, and how alike they are.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Leave as it is")]

    def __init__(self, groups: Sequence[tuple[Sequence[str], float]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Lay out the groups."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(" Patterns that say nearly the same", "strong")])
        keys.show([
            Part(" Enter", "accent"), Part(" compare them  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        options = [
            Option(
                spans((f"{alike:.2f} alike  ", "dim"), (safe_text("  |  ".join(names), 300), ""))
            )
            for names, alike in self._groups
        ]
        with Vertical(classes="dialog"):
            yield heading
            yield Choices(*options, id="groups")
            yield keys

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_index)
