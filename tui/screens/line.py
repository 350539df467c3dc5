"""A text of a line or more: typed here, or written in the person's own editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from tui.external_editor import EditorError, edit_text
from tui.lines import Line
from tui.screens.modal import Modal
from tui.text import safe_text, typeable
from tui.toasts import tell
from tui.widgets.bar import Bar, Part
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput
from tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class LineScreen(Modal[str]):
    """Asks for a text; returns it, or None to leave things as they are.

    Args:
        title: What it is for.
        value: What it is now.
        hint: Stands in the line while that is empty.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave as it is"),
        # Before the line, which would go to its end.
        Binding("ctrl+e", "edit", "Editor", priority=True),
        Binding("enter", "save", "Save"),
    ]

    def __init__(self, title: str, value: str, hint: str) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Lay out the line; a text that no line can hold is shown, to be edited elsewhere."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" {safe_text(self._title, 100)}", "strong")])
        keys.show([
            Part(" Enter", "accent"), Part(" save  ", "text"),
            Part("Ctrl+e", "accent"), Part(" in your editor  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog short"):
            yield heading
            if typeable(self._value) == self._value:
                yield LineInput(
                    self._value,
                    placeholder=safe_text(self._hint),
                    id="line",
                    select_on_focus=False,
                )
            else:
                yield TextView(id="long-text")
            yield keys

    def on_mount(self) -> None:
        """Show a long text."""
        for view in self.query(TextView):
            view.show([Line(self._value)])
            view.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())

    def action_save(self) -> None:
        """Leave a text that was only looked at as it is."""
        self.dismiss(None)

    def action_edit(self) -> None:
        """Edit the text in the person's own editor, and be done with what comes back."""
        typed = next((line.value for line in self.query(LineInput)), self._value)
        try:
            edited = edit_text(self.app, typed)
        except EditorError as error:
            tell(self.query_one("#ask-title", Bar), str(error), "error")
        else:
            if edited != self._value:
                self.dismiss(edited.strip())
