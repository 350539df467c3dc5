"""Messages that come and go; everything in them is only text."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, cast

from tui.mirrors import as_named
from tui.text import LINE_LIMIT, safe_text
from tui.wording import of_system, sentence

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.app import MemglassApp

log = logging.getLogger("tui")


def tell(
    widget: Widget,
    message: str,
    severity: Literal["information", "warning", "error"] = "information",
) -> None:
    """Show a message for a few seconds, in the place of the one before."""
    app = cast("MemglassApp", widget.app)
    if severity != "information":
        # Where what was to be done before leaving fails, the program stays.
        app.is_well = False
    app.clear_notifications()
    # Its colour is not the only thing that tells a warning.
    sign = "" if severity == "information" else "! "
    text = safe_text(f"{sign}{sentence(as_named(message))}", LINE_LIMIT)
    app.notify(text, severity=severity, markup=False, timeout=6)


def report(widget: Widget, error: Exception) -> str:
    """Say what went wrong, and give the same for where nothing can be shown because of it.

    What the store raises says already what to do.
    """
    from storage import StorageError

    message = str(error)
    if isinstance(error, OSError):
        message = f"That did not work: {of_system(error)}"
    elif not isinstance(error, StorageError):
        # The type and not the text goes to the log, because the text may hold what a record says.
        log.error("unexpected %s", type(error).__name__, exc_info=log.isEnabledFor(logging.DEBUG))
        message = f"That did not work: {type(error).__name__}: {error}"
    tell(widget, message, "error")
    return safe_text(sentence(as_named(message)), LINE_LIMIT)
