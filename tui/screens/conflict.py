"""Why a change cannot be undone as things are, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.screens.ask import Answer, Ask, answer_bindings
from tui.widgets.text_view import Line
from tui.wording import sentence

if TYPE_CHECKING:
    from textual.binding import BindingType

SKIP: Final = "skip"


class ConflictScreen(Ask):
    """Explains a conflict; returns `SKIP` where undo should go on with the change before.

    Args:
        label: What the change did.
        why: What stands in the way.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("escape,enter,q", "Keep it, to try again later", ""),
        Answer("s", "Skip it: u goes on with the change before", SKIP),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, label: str, why: str) -> None:
        lines = [
            Line(sentence(label), "the change"),
            Line(sentence(why), "in the way"),
            Line(),
            Line("Undoing it would overwrite what came after, so nothing was changed."),
            Line("Both changes stay in the journal.", role="dim"),
        ]
        super().__init__("This cannot be undone as things are", lines)
