"""Records of a mirror that were changed here: which they are, and how to change their source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.divergences import DIVERGED, explained_lines, what_was_done
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.screens.modal import Modal
from tui.text import safe_text, spans
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.wording import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import Divergence, Explained

COPY: Final = "copy"
_MOST: Final = 1000


class InSourceScreen(Ask):
    """Tells what the source says of a record, and how it is changed there; `COPY` to copy that.

    Args:
        explained: The record.
        source: The name of the source.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("y", "Copy the calls", COPY),
        Answer("escape,q,equals_sign", "Close", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, explained: Explained, source: str) -> None:
        self._has_code = bool(explained.how_to.code)
        title = f"{safe_text(source, 60)} is only read: this changes nothing there"
        super().__init__(title, explained_lines(explained))

    def answers(self) -> Sequence[Answer]:
        """Offer to copy where there is something."""
        return self.ANSWERS if self._has_code else self.ANSWERS[1:]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Copy only where there is something."""
        return action != "answer" or parameters != (COPY,) or self._has_code


class DivergedScreen(Modal["Divergence"]):
    """Lists what differs from the source because it was changed here; returns what is chosen.

    Args:
        diverged: The records.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Close")]

    def __init__(self, diverged: Sequence[Divergence]) -> None:
        super().__init__()
        self._diverged = diverged

    def compose(self) -> ComposeResult:
        """Lay out the records."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" {DIVERGED} {_title(len(self._diverged))}", "strong")])
        keys.show([
            Part(" Enter", "accent"), Part(" go there, and see how to change the source  ", "text"),
            Part("Esc", "accent"), Part(" close", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog"):
            yield heading
            yield Choices(*map(_option, self._diverged[:_MOST]), id="copies")
            yield keys

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._diverged[event.option_index])


def _title(count: int) -> str:
    if count > _MOST:
        return f"the first {_MOST:,} of {count:,} changed here, other than in the source"
    return f"{counted(count, 'record')} changed here, and other than in the source"


def _option(each: Divergence) -> Option:
    return Option(
        spans(
            (f"{each.kind.replace('_', ' ')}  ", "dim"), (safe_text(each.record_id, 60), "bold"),
            (f"  {safe_text(what_was_done(each), 80)}", ""),
        )
    )  # fmt: skip
