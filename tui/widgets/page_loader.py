"""Fetching the pages that a view needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.work import begin

if TYPE_CHECKING:
    from textual.widget import Widget

    from tui.widgets.pages import Pages


class PageLoader:
    """Fetches the pages in view, then those around it, and has the view painted.

    One loader follows the view wherever it goes; what scrolled past is never fetched.

    Args:
        view: What shows the rows.
        needed: Gives the pages, with the first row in view and how many there are of them.
        failed: Called with what went wrong; the pages stay as they are.
    """

    def __init__(
        self,
        view: Widget,
        needed: Callable[[], tuple[Pages, int, int]],
        failed: Callable[[Exception], object],
    ) -> None:
        self._view = view
        self._needed = needed
        self._failed = failed
        self._is_loading = False

    def want(self) -> None:
        """Begin to fetch what is needed and not there yet."""
        if not self._is_loading and self._missing():
            self._is_loading = True
            begin(self._view, self._load, group="pages", exclusive=True)

    def _missing(self) -> list[int]:
        pages, top, rows = self._needed()
        return pages.missing(top, top + rows - 1) or pages.missing(top - rows, top + 2 * rows)

    async def _load(self) -> None:
        try:
            while numbers := self._missing():
                pages, _, _ = self._needed()
                await pages.load(numbers[0])
                if pages is self._needed()[0]:
                    self._view.refresh()
        except Exception as error:  # noqa: BLE001 - the pane says it, with what to do
            self._failed(error)
        finally:
            self._is_loading = False
