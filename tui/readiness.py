"""What the first keys would wait for, made ready once the first screen is there."""

from __future__ import annotations

import asyncio
import pkgutil
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.garbage import Tidying, collect_rarely
from tui.toasts import report

if TYPE_CHECKING:
    from tui.app import MemglassApp

PACKAGES: Final = ("tui.panes", "tui.screens", "tui.widgets", "tui.world")
DIALOGS: Final = Path(__file__).parent / "styles" / "dialogs.tcss"
_PAUSE: Final = 0.005


async def get_ready(app: MemglassApp) -> None:
    """Do once what else the first visit of a pane and the first dialog would do.

    Modules are imported in a thread, with pauses in which the event loop has its turn; the style
    sheet of the dialogs is read, which the first one would otherwise do together with all others;
    and garbage is collected when nobody does anything.

    Args:
        app: The program, which has settled. It may be left meanwhile.
    """
    try:
        await _make_ready(app)
    except Exception as error:  # noqa: BLE001 - said to the person; what fails is done when needed
        report(app.screen, error)
    finally:
        # Garbage that was put off would else never be collected in this visit.
        collect_rarely()
    tidying = Tidying()
    app.set_interval(1.0, lambda: tidying.rest(app.touched_at, time.monotonic()))


async def _make_ready(app: MemglassApp) -> None:
    is_left = threading.Event()
    try:
        await asyncio.to_thread(import_all, is_left)
    finally:
        # What waits for a thread can be cancelled, the thread cannot.
        is_left.set()
    app.stylesheet.read(DIALOGS)
    app.stylesheet.parse()


def import_all(is_left: threading.Event) -> None:
    """Import every module of the panes and dialogs, until the program is left."""
    for name in PACKAGES:
        package = import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            if is_left.wait(_PAUSE):
                return
            import_module(module.name)
