"""A question over the panes: a title, a text to read, and a key for each answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical

from tui.actions import key_name
from tui.faults import Sturdy
from tui.lines import Line
from tui.screens.modal import Modal
from tui.widgets.bar import Bar, Part
from tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class Answer(NamedTuple):
    """One answer.

    Attributes:
        keys: Keys that give it, separated by commas.
        label: What it does.
        value: What the question returns.
    """

    keys: str
    label: str
    value: str


def answer_bindings(answers: Sequence[Answer]) -> list[Binding]:
    """Make the bindings of a question; each answer is `action_answer` with its value."""
    return [Binding(each.keys, f"answer('{each.value}')", each.label) for each in answers]


class Ask(Sturdy, Modal[str]):
    """A question. It returns the value of the answer, `""` for leaving things as they are.

    Subclasses set `ANSWERS` and `BINDINGS = answer_bindings(ANSWERS)`.

    Args:
        title: What is asked, in a few words.
        lines: What there is to know before answering.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    ANSWERS: ClassVar[Sequence[Answer]] = ()

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._text = TextView(id="ask-text")

    def compose(self) -> ComposeResult:
        """Lay out title, text and answers."""
        heading, answers = Bar(id="ask-title"), Bar(id="ask-answers")
        heading.show([Part(f" {self._title}", "strong")])
        answers.show([part for each in self.answers() for part in _parts(each)])
        with Vertical(classes="dialog"):
            yield heading
            yield from self.above()
            yield self._text
            yield answers

    def above(self) -> Sequence[Widget]:
        """Give what stands between the title and the text."""
        return ()

    def answers(self) -> Sequence[Answer]:
        """Give the answers that are offered, where some of them make no sense."""
        return self.ANSWERS

    def on_mount(self) -> None:
        """Show the text, with the focus on it so that it can be scrolled."""
        self._text.show(self._lines)
        self._text.focus()

    def action_answer(self, value: str) -> None:
        """Answer."""
        self.dismiss(value)

    @on(Bar.Pressed)
    def _pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        self.action_answer(event.target.removeprefix("answer:"))


def _parts(answer: Answer) -> list[Part]:
    key, target = answer.keys.split(",")[0], f"answer:{answer.value}"
    return [Part(f" {key_name(key)}", "accent", target), Part(f" {answer.label}  ", "text", target)]
