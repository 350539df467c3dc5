"""The file is no longer the one that was opened: what that means, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.screens.trouble import report_change
from tui.screens.unasked import show_unasked
from tui.toasts import tell
from tui.told_keys import key_for
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.screens.browser import BrowserScreen

REOPEN: Final = "reopen"


class LostScreen(Ask):
    """Says what became of the file; returns `REOPEN` to open what stands there now.

    Args:
        why: What became of it.
        is_there: Whether something stands in its place.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("escape,k,q", "Keep looking at what was opened", ""),
        Answer("o,enter,f5", "Open what stands there now", REOPEN),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, why: str, *, is_there: bool) -> None:
        lines = [
            Line(why, role="strong"),
            Line(),
            Line("What was opened can still be looked at, but nothing more is written to it."),
            Line(f"{key_for('reopen')} opens the file again whenever it is back.", role="dim"),
        ]
        super().__init__("The file is not the one that was opened", lines)
        self._is_there = is_there

    def answers(self) -> Sequence[Answer]:
        """Say what opening comes to where there is nothing yet."""
        keep, again = self.ANSWERS
        return (keep, again if self._is_there else again._replace(label="Look for it again"))


def tell_lost(screen: BrowserScreen, why: str) -> None:
    """Ask how to go on without the file.

    Args:
        screen: The screen with the panes.
        why: What became of the file.
    """

    def answered(answer: str | None) -> None:
        if answer == REOPEN:
            begin_reopen(screen)

    is_there = screen.memory.path.exists()
    lost = LostScreen(why, is_there=is_there)
    show_unasked(screen, lost, answered, why, lambda: bool(screen.memory.lost))


def begin_reopen(screen: BrowserScreen, *, look_only: bool = False) -> None:
    """Open the file anew, as it stands there now.

    Args:
        screen: The screen with the panes.
        look_only: Whether nothing may be changed in it.
    """

    async def reopen() -> None:
        memory = screen.memory
        try:
            # A change that is on its way comes to its end first.
            async with memory.lock:
                is_other = await memory.reopen(look_only=look_only)
                if is_other:
                    await screen.forget()
        except FileNotFoundError as error:
            tell_lost(screen, str(error))
        except Exception as error:  # noqa: BLE001 - said to the person, who keeps what was opened
            again = partial(begin_reopen, screen, look_only=look_only)
            report_change(screen, error, again, was_looking=look_only)
        else:
            screen.opened()
            why = (
                f"{key_for('reopen')} opens it for changes again"
                if look_only
                else memory.why_read_only
            )
            how = f", only to look at it: {why}" if memory.read_only else ""
            tell(screen, f"Opened {memory.named.name} anew{how}")

    begin(screen, reopen, group="change")
