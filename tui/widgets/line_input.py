"""A line to type in, which holds nothing that a terminal would obey."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Input

from tui.actions import bindings_for
from tui.text import seen_joins, typeable

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class LineInput(Input):
    """Takes what is typed and pasted; what cannot be seen becomes a space.

    The widget paints its value as it is, so that the value itself has to be harmless. What joins
    signs is kept, and painted as a dot of one cell: terminals disagree about the width of what it
    makes of them.
    """

    @property
    def _value(self) -> Text:
        return Text(seen_joins(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(seen_joins(self.value[:position]))

    def _cell_offset_to_index(self, offset: int) -> int:
        ends = accumulate(map(cell_len, seen_joins(self.value)))
        at = offset + self.scroll_offset.x
        return next((index for index, end in enumerate(ends) if at < end), len(self.value))

    def validate_value(self, value: str) -> str:
        """Put a space where a character does something else than to be seen."""
        return typeable(value)

    async def _on_key(self, event: events.Key) -> None:
        # Textual takes only what Python would print.
        if event.character and seen_joins(event.character) != event.character:
            event.prevent_default()
            event.stop()
            start, end = sorted(self.selection)
            self.replace(event.character, start, end)

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
