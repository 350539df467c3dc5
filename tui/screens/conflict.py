"""Why a change cannot be undone as things are, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.told_keys import key_for
from tui.wording import sentence

if TYPE_CHECKING:
    from textual.binding import BindingType

SKIP: Final = "skip"
STORY: Final = "story"
_STORY: Final = Answer("H", "See what happened to it", STORY)
_ALWAYS: Final = (Answer("escape,enter,q", "Keep it for later", ""), _STORY)
_SKIP: Final = Answer("s", "Skip it", SKIP)


class ConflictScreen(Ask):
    """Explains a conflict; returns `STORY` where the record in the way is to be looked at.

    Args:
        label: What the change did.
        why: What stands in the way.
        can_skip: Whether undo can go on with the change before, for which it returns `SKIP`.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (*_ALWAYS, _SKIP)
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, label: str, why: str, *, can_skip: bool = True) -> None:
        lines = [
            Line(sentence(label), "the change"),
            Line(sentence(why), "in the way"),
            Line(),
            Line("Undoing it would overwrite what came after, so nothing was changed."),
            Line(
                f"The way out: look at what came after ({_STORY.keys}), undo that first if it is to"
                " go too and stands in History, or go back to the change before both"
                f" ({key_for('back_to')} in History).",
            ),
            Line("What the journal holds stays there.", role="dim"),
        ]
        if can_skip:
            lines.insert(5, Line(f"Skip it, and {key_for('undo')} goes on with the change before."))
        super().__init__("This cannot be undone as things are", lines)
        self._can_skip = can_skip

    def answers(self) -> Sequence[Answer]:
        """Give the answers that make sense here."""
        return self.ANSWERS if self._can_skip else _ALWAYS

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take only the answers that make sense here."""
        return action != "answer" or self._can_skip or parameters != (SKIP,)
