"""The file cannot be written for now: what that means, and how to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, cast

from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.screens.unasked import show_unasked
from tui.toasts import report
from tui.told_keys import key_for

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import BindingType
    from textual.widget import Widget

    from tui.screens.browser import BrowserScreen

AGAIN: Final = "again"
LOOK: Final = "look"
_AGAIN: Final = Answer("enter,t", "Try again", AGAIN)
_LOOK: Final = Answer("o", "Only look at it", LOOK)


class TroubleScreen(Ask):
    """Says why a change could not be made; returns `AGAIN`, `LOOK`, or nothing to leave it.

    Args:
        error: What went wrong.
        was_looking: Whether it went wrong though it was only to be looked at.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (_AGAIN, _LOOK, Answer("escape,q", "Leave it", ""))
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, error: Exception, *, was_looking: bool = False) -> None:
        advice = _advice(error, was_looking=was_looking)
        lines = [Line(error, role="strong"), Line(), *map(Line, advice)]
        super().__init__(
            f"The memory cannot be {'read' if was_looking else 'written'} now",
            lines,
        )
        self._was_looking = was_looking

    def answers(self) -> Sequence[Answer]:
        """Give the answers that make sense here."""
        return [each for each in self.ANSWERS if not (self._was_looking and each == _LOOK)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take only the answers that make sense here."""
        return action != "answer" or not self._was_looking or parameters != (LOOK,)


class OpeningScreen(TroubleScreen):
    """Says why the memory could not be opened; nothing leaves the program."""

    ANSWERS: ClassVar[Sequence[Answer]] = (_AGAIN, _LOOK, Answer("escape,q", "Quit", ""))
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]


def _advice(error: Exception, *, was_looking: bool) -> Sequence[str]:
    from storage import DiskError

    if was_looking and not isinstance(error, DiskError):
        return (
            "As it holds the lock, nobody else can even look at the memory.",
            "An agent that is busy lets go of it at its end; one that hangs, when it is ended.",
        )
    if was_looking:
        return ("Mend the disk, and try again.",)
    later = f"{key_for('reopen')} opens it for changes again."
    if isinstance(error, DiskError):
        return (
            "Make some space on the disk, or mend it, and try again.",
            f"Only looking at the memory needs no space; {later}",
        )
    return (
        "An agent that is busy lets go of the lock at its end; one that hangs, when it is ended.",
        f"Only looking at the memory needs no lock; {later}",
    )


def passes(error: Exception) -> bool:
    """Say whether the same may well work a little later."""
    from storage import DiskError, StoreBusyError

    return isinstance(error, DiskError | StoreBusyError)


def report_change(
    widget: Widget, error: Exception, again: Callable[[], None], *, was_looking: bool = False
) -> None:
    """Say why a change was not made, and offer a way on where there is one.

    Args:
        widget: Where it was asked for, in the browser.
        error: What went wrong.
        again: Makes the change once more.
        was_looking: Whether the file was only to be opened to look at it.
    """
    if not passes(error):
        report(widget, error)
        return
    from tui.screens.lost import begin_reopen

    def answered(answer: str | None) -> None:
        if answer == AGAIN:
            again()
        elif answer == LOOK:
            begin_reopen(screen, look_only=True)

    screen = cast("BrowserScreen", widget.screen)
    trouble = TroubleScreen(error, was_looking=was_looking)
    show_unasked(screen, trouble, answered, str(error))


def ask_how_to_open(
    app: App[None], error: Exception, opened: Callable[[str], None], *, was_looking: bool
) -> None:
    """Ask how to go on where the memory cannot be opened for now.

    Args:
        app: The program.
        error: What went wrong.
        was_looking: Whether it was only to be looked at.
        opened: Is told `AGAIN` or `LOOK`, or nothing where the person wants neither.
    """
    app.push_screen(OpeningScreen(error, was_looking=was_looking), partial(_told, opened))


def _told(opened: Callable[[str], None], answer: str | None) -> None:
    opened(answer or "")
