"""A line to type in, which holds nothing that a terminal would obey."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Input

from tui.actions import bindings_for
from tui.text import typeable

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class LineInput(Input):
    """Takes what is typed and pasted; what cannot be seen becomes a space.

    The widget paints its value as it is, so that the value itself has to be harmless.
    """

    def validate_value(self, value: str) -> str:
        """Put a space where a character does something else than to be seen."""
        return typeable(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual takes the first line of what is pasted, and drops the rest without a word.
        event.prevent_default()
        event.stop()
        start, end = sorted(self.selection)
        self.replace(" ".join(event.text.split()), start, end)


class Question(LineInput):
    """The line of a question, with the keys that lead on to its answers."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("question")

    def action_answers(self) -> None:
        """Go on to what was found."""
        self.post_message(self.Submitted(self, self.value))
