"""All about the index that answers searches, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.index_wording import index_lines
from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.text import safe_text

if TYPE_CHECKING:
    from textual.binding import BindingType

    from storage import IndexStatus

PAUSE: Final = "pause"
REBUILD: Final = "rebuild"


class IndexScreen(Ask):
    """Says everything about the index; returns what is to be done with it, `""` for nothing.

    Args:
        status: What the index says of itself.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("p", "Pause or go on", PAUSE),
        Answer("R", "Build it anew", REBUILD),
        Answer("escape,q,i", "Close", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, status: IndexStatus) -> None:
        super().__init__("The index", index_lines(status))


class RebuildScreen(Ask):
    """Asks whether the index is to be built anew.

    Args:
        status: What it says of itself.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("enter,R", "Build it anew", REBUILD),
        Answer("escape,q", "Leave it", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, status: IndexStatus) -> None:
        lines = [
            Line(
                f"The index of {status.total:,} records is thrown away and built again. Nothing"
                " of the memory itself changes; until it is there, searches find less.",
                full=True,
            )
        ]
        if status.sends_text_to:
            host = safe_text(status.sends_text_to, 200)
            lines += [
                Line(),
                Line(f"All texts are sent to {host} once more.", role="bad", full=True),
            ]
        super().__init__("Build the index anew?", lines)
