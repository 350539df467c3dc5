"""Masking secrets on screen, and pictures of the screen that hold none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.files import free_place, place_of, refuses_files
from tui.picture import picture_of
from tui.text import hide_secrets, hides_secrets
from tui.toasts import tell
from tui.told_keys import key_for
from tui.work import drawn

if TYPE_CHECKING:
    from tui.panes.sides import Pane


def toggle_masking(pane: Pane) -> None:
    """Mask secrets on screen from now on, or show them again; the memory stays as it is."""
    hide_secrets(not hides_secrets())
    if hides_secrets():
        copies = key_for("copy")
        told = f"Keys, tokens and passwords are masked on screen and in what {copies} copies."
        tell(pane, told)
    else:
        tell(pane, "Keys, tokens and passwords are shown as they are.", "warning")
    pane.post_message(pane.DataChanged())


async def take_picture(pane: Pane) -> None:
    """Write what is on screen to a file in the current folder, secrets masked."""
    if refuses_files(pane):
        return
    were_hidden = hides_secrets()
    hide_secrets(True)
    try:
        # A message on the screen may hold what a record says.
        pane.app.clear_notifications()
        await _paint_anew(pane)
        picture = picture_of(pane.app, "memglass")
    finally:
        hide_secrets(were_hidden)
    await _paint_anew(pane)
    path = free_place(f"memglass-{(pane.id or 'screen').replace('_', '-')}", ".svg")
    path.touch(0o600, exist_ok=False)
    path.write_text(picture, encoding="utf-8")
    tell(pane, f"A picture of the screen, secrets masked, is in {place_of(pane, path)}")


async def _paint_anew(pane: Pane) -> None:
    """Have all that is shown go through the door once more, and wait until it is on screen."""
    await pane.paint_anew()
    await drawn(pane, within=None)
