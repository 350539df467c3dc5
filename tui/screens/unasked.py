"""Dialogs that come of themselves: they wait while a person types, or is asked something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tui.toasts import tell
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.screen import ModalScreen

    from tui.screens.browser import BrowserScreen

_LOOK_AGAIN: Final = 0.2


def show_unasked(
    screen: BrowserScreen,
    dialog: ModalScreen[str],
    answered: Callable[[str | None], None],
    why: str,
    holds: Callable[[], bool] = lambda: True,
) -> None:
    """Show a dialog that nobody asked for once what is typed is not meant for something else.

    Its answers are single letters: those of a question or a note would be taken for them.

    Args:
        screen: The screen with the panes.
        dialog: The dialog.
        answered: Is told the answer.
        why: What is said meanwhile.
        holds: Whether there is still a reason for it once it can be shown.
    """
    if not _is_busy(screen):
        screen.app.push_screen(dialog, answered)
        return
    tell(screen, why, "warning")

    def look_again() -> None:
        if not _is_busy(screen):
            timer.stop()
            if holds():
                screen.app.push_screen(dialog, answered)

    timer = screen.set_interval(_LOOK_AGAIN, look_again)


def _is_busy(screen: BrowserScreen) -> bool:
    """Whether a person types something, or is asked something, now."""
    return screen.app.screen is not screen or isinstance(screen.focused, LineInput)
