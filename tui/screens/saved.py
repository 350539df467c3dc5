"""What to do with a question that is saved already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.screens.ask import Answer, Ask, answer_bindings

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.lines import Line

AGAIN: Final = "again"
FORGET: Final = "forget"


class SavedScreen(Ask):
    """Asks whether to save the ranks of now, or to let go of the question.

    Args:
        lines: Which question it is, and how it was saved.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("enter,S", "Save the ranks of now", AGAIN),
        Answer("d", "Forget the question", FORGET),
        Answer("escape,q", "Leave it", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__("This question is saved", lines)
