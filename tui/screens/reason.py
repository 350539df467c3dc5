"""Why something is archived. There is no default: a reason that nobody chose says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.reasons import AGENTS, PERSONS
from tui.screens.modal import Modal
from tui.text import spans
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Key

REASONS: Final = (*AGENTS, *PERSONS)


class ReasonScreen(Modal[str]):
    """Asks for a reason; returns it, or None to archive nothing.

    Args:
        what: How many of what is archived.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave as it is"),
        *(Binding(str(n + 1), f"choose({n})", show=False) for n in range(len(REASONS))),
    ]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        """Lay out the reasons, and a line for one's own."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" Archive {self._what}: why?", "strong")])
        keys.show([
            Part(" 1-7", "accent"), Part(" choose  ", "text"),
            Part("Tab", "accent"), Part(" or typing: own words  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        options = [
            Option(spans((f"{number} ", "bold"), (reason, ""), (_said_by(reason), "dim")))
            for number, reason in enumerate(REASONS, 1)
        ]
        reasons = Choices(*options, id="reasons")
        # Textual highlights the first one, and a hasty Enter would choose it.
        reasons.highlighted = None
        with Vertical(classes="dialog short"):
            yield heading
            yield reasons
            yield LineInput(
                placeholder="or in your own words, then Enter",
                id="own-reason",
                select_on_focus=False,
            )
            yield keys

    def on_key(self, event: Key) -> None:
        """Take a letter for the first one of a reason in one's own words."""
        if not event.character or not event.is_printable or event.key in self.active_bindings:
            return
        if isinstance(self.focused, Choices):
            event.stop()
            own = self.query_one("#own-reason", LineInput)
            own.focus()
            own.insert_text_at_cursor(event.character)

    def action_choose(self, number: int) -> None:
        """Archive with one of the reasons that have a number."""
        self.dismiss(REASONS[number])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_choose(event.option_index)

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())


def _said_by(reason: str) -> str:
    return "  the agent's" if reason in AGENTS else ""
