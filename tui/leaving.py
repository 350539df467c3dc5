"""Leaving the program: what was asked for just before is done first."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.worker import WorkerError

from tui.toasts import tell
from tui.told_keys import key_for
from tui.work import begin

if TYPE_CHECKING:
    from textual.worker import Worker

    from tui.app import MemglassApp

_FIRST: Final = ("change", "copy", "export")
_SOON: Final = 0.5
"""Seconds after which it is said why the program is still there."""


def begin_to_leave(app: MemglassApp) -> None:
    """Leave once what was asked for is done; asked again meanwhile, leave at once.

    What a person has agreed to would be rolled back without a word where the key to leave comes
    right behind. Where it fails, or asks something, the program stays, so that this is seen.
    """
    if app.is_leaving or not _under_way(app):
        app.exit()
        return
    app.is_leaving, app.is_well = True, True
    begin(app, partial(_leave, app), group="leave")


async def _leave(app: MemglassApp) -> None:
    seen = app.screen
    telling = app.set_timer(_SOON, partial(_tell_why, app))
    try:
        while busy := _under_way(app):
            with contextlib.suppress(WorkerError):
                await app.workers.wait_for_complete(busy)
        if app.is_well and app.screen is seen:
            app.exit()
    finally:
        telling.stop()
        app.is_leaving = False


def _under_way(app: MemglassApp) -> list[Worker[object]]:
    return [each for each in app.workers if each.group in _FIRST and not each.is_finished]


def _tell_why(app: MemglassApp) -> None:
    key = key_for("quit")
    tell(app.screen, f"The program leaves when that is done; {key} once more leaves it undone.")
