"""Asking what has to be read first: keys wait for the dialog, and it is not for who has gone on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from tui.standing import Standing
from tui.toasts import report, tell
from tui.told_keys import key_for
from tui.work import begin

if TYPE_CHECKING:
    from textual.screen import Screen, ScreenResultType

    from tui.app import MemglassApp
    from tui.panes.sides import Pane


def begin_asking(pane: Pane, ask: Callable[[], Awaitable[None]]) -> None:
    """Read something and ask, in the background; what fails is said.

    Args:
        pane: Where it was asked for.
        ask: Reads, and then calls `show_dialog`.
    """
    pane.asked_at = Standing(pane)
    # What is typed next is meant for the dialog, and would be taken for commands without it.
    cast("MemglassApp", pane.app).key_order.hold()
    begin(pane, partial(_ask, pane, ask), group="ask", exclusive=True)


async def _ask(pane: Pane, ask: Callable[[], Awaitable[None]]) -> None:
    app = cast("MemglassApp", pane.app)
    try:
        await ask()
    except Exception as error:  # noqa: BLE001 - said to the person
        report(pane, error)
    finally:
        # Not before the dialog, if there is one, has put the focus where it belongs.
        app.screen.call_later(app.key_order.release)


def tell_nothing(pane: Pane, noun: str, verb: str) -> None:
    """Say that there is nothing to ask about: no record, or none of those that were selected.

    Args:
        pane: Where it was asked for.
        noun: What it would be.
        verb: What would be done with it.
    """
    told = f"There is no {noun} here to {verb}."
    if pane.table.marks and len(pane.table.keys):
        told = f"What you selected is no longer in this list. {key_for('clear')} lets go of it."
    tell(pane, told, "warning")


def show_dialog(
    pane: Pane,
    dialog: Screen[ScreenResultType],
    answered: Callable[[ScreenResultType | None], Any],
) -> None:
    """Show what was asked for, unless the person has gone on to something else meanwhile."""
    asked_at = pane.asked_at
    if asked_at is None or not asked_at.is_other:
        pane.app.push_screen(dialog, answered)
    elif pane.app.screen is pane.screen:
        tell(pane, "That took a while, and you have gone on. Press the key again.", "warning")
