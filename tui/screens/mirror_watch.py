"""The line of a mirror, and the looks at its source, about once a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tui.mirror_wording import mirror_parts
from tui.toasts import report, tell
from tui.widgets.bar import Bar
from tui.work import begin

if TYPE_CHECKING:
    from tui.mirroring import Mirroring
    from tui.screens.browser import BrowserScreen

EVERY: Final = 0.5
"""Seconds between two looks at a source."""


class MirrorWatch:
    """Keeps a mirror up to date while it is on screen.

    Args:
        screen: The screen with the panes.
        mirroring: The mirror.

    Attributes:
        bar: The line that says what it follows and how far it is.
    """

    def __init__(self, screen: BrowserScreen, mirroring: Mirroring) -> None:
        self.bar = Bar(id="mirror-bar")
        self._screen = screen
        self._mirroring = mirroring
        self._is_looking = False
        self._not_before = 0.0
        self._told = ""

    def begin(self) -> None:
        """Begin to look at the source again and again."""
        self._mirroring.when_told = self.show
        self.show()
        self._screen.set_interval(EVERY, self._look_again)

    def show(self) -> None:
        """Say how far it is, and once what is in the way."""
        self.bar.show(*mirror_parts(self._mirroring, self._screen.size.width))
        trouble = self._mirroring.trouble
        if trouble and trouble != self._told:
            tell(self._screen, trouble, "warning")
        self._told = trouble

    def look(self) -> None:
        """Take over what is new in the source, unless the last look is still on its way."""
        if self._screen.memory.is_open and not self._is_looking:
            self._is_looking = True
            begin(self._screen, self._look, group="mirror")

    def _look_again(self) -> None:
        """Look, but leave time to everything else where looks take long."""
        if time.monotonic() >= self._not_before:
            self.look()

    async def _look(self) -> None:
        began = time.monotonic()
        try:
            if await self._mirroring.sync():
                self._screen.look()
        except Exception as error:  # noqa: BLE001 - said once; the next look may work again
            if str(error) != self._told:
                report(self._screen, error)
            self._told = str(error)
        finally:
            self._is_looking = False
            now = time.monotonic()
            self._not_before = now + min(0.3, now - began)

    def go_on(self) -> None:
        """Go on with what a person stopped."""
        self._mirroring.resume()
        self.look()
