"""The file is no longer the one that was opened: what that means, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.toasts import report, tell
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.screens.browser import BrowserScreen

REOPEN: Final = "reopen"


class LostScreen(Ask):
    """Says what became of the file; returns `REOPEN` to open what stands there now.

    Args:
        why: What became of it.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("escape,k,q", "Keep looking at what was opened", ""),
        Answer("o,enter", "Open what stands there now", REOPEN),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, why: str) -> None:
        lines = [
            Line(why, role="strong"),
            Line(),
            Line("What was opened can still be looked at, but nothing more is written to it."),
            Line("F5 opens the file again whenever it is back.", role="dim"),
        ]
        super().__init__("The file is not the one that was opened", lines)


def tell_lost(screen: BrowserScreen, why: str) -> None:
    """Ask how to go on without the file.

    Args:
        screen: The screen with the panes.
        why: What became of the file.
    """

    def answered(answer: str | None) -> None:
        if answer == REOPEN:
            begin_reopen(screen)

    screen.app.push_screen(LostScreen(why), answered)


def begin_reopen(screen: BrowserScreen) -> None:
    """Open the file anew, as it stands there now."""

    async def reopen() -> None:
        memory = screen.memory
        try:
            # A change that is on its way comes to its end first.
            async with memory.lock:
                await memory.reopen()
        except Exception as error:  # noqa: BLE001 - said to the person, who keeps what was opened
            report(screen, error)
            return
        screen.opened()
        tell(screen, f"Opened {memory.path.name} anew.")

    begin(screen, reopen, group="change")
