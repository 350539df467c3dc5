"""Before taking back a change, or all after it: what that does to each record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.screens.ask import Answer, Ask, answer_bindings
from tui.screens.conflict import STORY

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.lines import Line

DO: Final = "do"
_LEAVE: Final = Answer("escape,q", "Leave it", "")
_DO: Final = Answer("enter,b", "Take back", DO)
_STORY: Final = Answer("H", "See what happened to the record in the way", STORY)


class TakingBackScreen(Ask):
    """Asks whether to do what is shown; with a conflict in it, only explains.

    It returns `DO`, or `STORY` where the record in the way is to be looked at.

    Args:
        title: What is to be taken back.
        lines: What that does.
        label: What the answer is called that does it.
        is_blocked: Whether something stands in the way.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (_DO, _STORY, _LEAVE)
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, title: str, lines: Sequence[Line], *, label: str, is_blocked: bool) -> None:
        super().__init__(title, lines)
        self._label = label
        self._is_blocked = is_blocked

    def answers(self) -> Sequence[Answer]:
        """Give the answers that make sense here."""
        do = _DO._replace(label=self._label)
        return (_STORY, _LEAVE) if self._is_blocked else (do, _LEAVE)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take only the answers that make sense here."""
        senseless = DO if self._is_blocked else STORY
        return action != "answer" or parameters != (senseless,)
