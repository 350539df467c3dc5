"""What a list should show: chosen from what there is, or typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.filters import Filter, typed_apart
from tui.screens.modal import Modal
from tui.text import safe_text, spans
from tui.toasts import report
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_LISTED: Final = 300
_NAMED: Final = 3


class Choice(NamedTuple):
    """One thing to filter by.

    Attributes:
        filter: What it does.
        note: How many there are of it, or where it was seen.
    """

    filter: Filter
    note: str = ""


class FilterScreen(Modal[Filter]):
    """Asks what to show; returns a filter, or None to leave the list as it is.

    Args:
        noun: What is in the list.
        read: Gives what there is to choose from; the list stands there once it is counted.
        typed: Field and name of what can also be typed, as in `session:s-91`.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave as it is"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(
        self,
        noun: str,
        read: Callable[[], Awaitable[Sequence[Choice]]],
        typed: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__()
        self._noun = noun
        self._read = read
        self._choices: Sequence[Choice] = ()
        self._is_counted = False
        self._is_submitted = False
        self._typed = typed
        self._shown: list[Choice] = []
        self._options = Choices(id="choices")

    def compose(self) -> ComposeResult:
        """Lay out a line to type in and what there is."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" Show which {self._noun}s?", "strong")])
        keys.show([
            Part(" \u2191\u2193", "accent"), Part(" choose  ", "text"),
            Part("Enter", "accent"), Part(" show  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        hint = f"Type to narrow, or {self._names}" if self._typed else "Type to narrow"
        with Vertical(classes="dialog"):
            yield heading
            yield LineInput(placeholder=safe_text(hint), id="narrow")
            yield self._options
            yield keys

    @property
    def _names(self) -> str:
        return " or ".join(f"{name}:\u2026" for _, name in self._typed[:_NAMED])

    def on_mount(self) -> None:
        """Begin to count what there is."""
        begin(self, self._count, group="filter")

    async def _count(self) -> None:
        try:
            self._choices = await self._read()
        except Exception as error:  # noqa: BLE001 - said to the person, who can still type
            report(self, error)
        self._is_counted = True
        self._narrow(self.query_one(LineInput).value.strip())
        if self._is_submitted:
            self._submit()

    @on(Input.Changed)
    def _typed_more(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value.strip())

    def _narrow(self, text: str) -> None:
        wanted = text.casefold()
        found = [each for each in self._choices if wanted in each.filter.label.casefold()]
        # Who types the beginning of something that is there means that, not a value of its own.
        is_there = any(each.filter.label.casefold().startswith(wanted) for each in found)
        typed = self._several(text) or self._from_text(text)
        self._shown = ([*found, *typed] if is_there else [*typed, *found])[:_LISTED]
        self._options.clear_options()
        self._options.add_options(
            [
                Option(spans((safe_text(each.filter.label, 100), ""), (f"  {each.note}", "dim")))
                for each in self._shown
            ]
        )
        if self._shown:
            self._options.highlighted = 0
        else:
            told = self._why_none() if self._is_counted else "counting what there is"
            self._options.add_option(Option(spans((safe_text(told), "dim")), disabled=True))

    def _why_none(self) -> str:
        is_asked = bool(self.query_one(LineInput).value.strip())
        told = "nothing to choose is called so" if is_asked else "there is nothing to choose"
        return f"{told}; type {self._names}" if self._typed else told

    def _from_text(self, text: str) -> list[Choice]:
        """Make a filter of what was typed, if it begins with the name of a field."""
        name, _, value = (part.strip() for part in text.partition(":"))
        known = {(each.filter.field, each.filter.value) for each in self._choices}
        return [
            Choice(Filter(field, value, f"{name}:{value}"), "as typed")
            for field, own in self._typed
            if own == name and value and (field, value) not in known
        ]

    def _several(self, text: str) -> list[Choice]:
        """Make one choice of several filters that were typed after one another."""
        offered = {each.filter.label.casefold(): each for each in self._choices}
        names = {label.partition(":")[0] for label in offered} | {name for _, name in self._typed}
        parts = typed_apart(text, names)
        made = [
            [offered[part.casefold()]] if part.casefold() in offered else self._from_text(part)
            for part in parts
        ]
        filters = [each[0].filter for each in made if each]
        # Two values of one field are none that a record could have.
        if len(parts) < 2 or len({each.field for each in filters}) < len(parts):
            return []
        return [Choice(Filter("", None, text, tuple(filters)), "all of them, as typed")]

    def action_move(self, lines: int) -> None:
        """Choose another line while typing."""
        if self._shown:
            at = (self._options.highlighted or 0) + lines
            self._options.highlighted = max(0, min(at, len(self._shown) - 1))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        # Who types faster than the counting goes means the first one that will stand there.
        self._is_submitted = not self._is_counted and not self._shown
        self._submit()

    def _submit(self) -> None:
        at = self._options.highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at].filter)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].filter)
