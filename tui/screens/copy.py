"""What is to be copied of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.copying import Copyable
from tui.screens.modal import Modal
from tui.text import LINE_LIMIT, safe_text, spans
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.wording import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_NUMBERED = 9
# More than any line takes; the list cuts what is too long for one, with an ellipsis.
_SHOWN = LINE_LIMIT


class CopyScreen(Modal[Copyable]):
    """Asks what to copy; returns it, or None to copy nothing.

    Args:
        what: What it belongs to.
        choices: What there is, first what is copied by the same key once more.
        is_masked: Whether secrets are masked in it.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Copy nothing"),
        Binding("y", "first", "Copy the first"),
        *(Binding(str(n + 1), f"choose({n})", show=False) for n in range(_NUMBERED)),
    ]

    def __init__(self, what: str, choices: Sequence[Copyable], *, is_masked: bool) -> None:
        super().__init__()
        self._what = what
        self._choices = choices
        self._is_masked = is_masked

    def compose(self) -> ComposeResult:
        """Lay out what there is, each with its size and beginning."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        masked = [Part("secrets are masked ", "alert")] if self._is_masked else []
        heading.show([Part(f" Copy of {safe_text(self._what, 60)}", "strong")], masked)
        keys.show([
            Part(" Enter", "accent"), Part(" copy  ", "text"),
            Part("y", "accent"), Part(" the first  ", "text"),
            Part("1-9", "accent"), Part(" by number  ", "text"),
            Part("Esc", "accent"), Part(" nothing", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog"):
            yield heading
            yield Choices(*map(_option, range(len(self._choices)), self._choices), id="copies")
            yield keys

    def action_first(self) -> None:
        """Copy what stands first."""
        self.action_choose(0)

    def action_choose(self, number: int) -> None:
        """Copy what has this number, from 0."""
        if number < len(self._choices):
            self.dismiss(self._choices[number])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose(event.option_index)


def _option(number: int, each: Copyable) -> Option:
    key = f"{number + 1} " if number < _NUMBERED else "  "
    size = counted(len(each.text), "character")
    return Option(
        spans(
            (key, "bold"), (safe_text(each.name, 60), ""), (f"  {size}  ", "dim"),
            (safe_text(each.text[:_SHOWN]), "dim"),
        )
    )  # fmt: skip
