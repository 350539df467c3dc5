"""The line under the answers: how far the index is, what is missing, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from tui.index_wording import index_parts, missing_parts
from tui.toasts import report, tell
from tui.widgets.bar import Bar
from tui.widgets.key_bar import key_of
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from storage import IndexStatus
    from tui.memory import Memory


class IndexLine(Vertical):
    """Says how far the index of a memory is, and pauses or rebuilds it.

    Args:
        memory: The memory.

    Attributes:
        status: What the index said of itself last; None while nobody knows.
    """

    DEFAULT_CSS = "IndexLine { height: auto; }"

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self.status: IndexStatus | None = None
        # A complete index does not say whether it goes on following the memory.
        self._is_paused = False
        self._state = Bar(id="index-bar")
        self._missing = Bar(id="missing-bar")

    def compose(self) -> ComposeResult:
        """Lay out what is missing, and the state."""
        yield self._missing
        yield self._state

    def on_mount(self) -> None:
        """Begin without knowing anything; name the keys that work where the focus is."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._show())
        self._show()

    @property
    def is_partial(self) -> bool:
        """Whether the index is known to hold only a part, as while it is built, or is paused."""
        return self.status is not None and self.status.state in ("building", "paused")

    def show(self, status: IndexStatus) -> bool:
        """Show another status; say whether more may be found than with the one before."""
        before, self.status = self.status, status
        if before == status:
            return False
        self._show()
        if before is None:
            return False
        got_ready = status.state == "ready" != before.state
        return got_ready or (before.done, before.embedder) != (status.done, status.embedder)

    def _show(self) -> None:
        if not self.is_attached:
            # A pane that was just opened; it shows what is known by then once it is there.
            return
        key = key_of(self.screen, "pause_index")
        self._state.show(index_parts(self.status, key, is_paused=self._is_paused))
        left, right = missing_parts(self.status, key_of(self.screen, "index"))
        self._missing.show(left, right)
        self._missing.display = bool(left)

    @on(Bar.Pressed)
    def _pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        if event.target == "pause":
            self.pause_or_resume()
        else:
            self.tell_all()

    def tell_all(self) -> None:
        """Say everything about the index, and what can be done with it."""
        from tui.screens.index import IndexScreen

        if self.status is not None:
            self.app.push_screen(IndexScreen(self.status), self._answered)

    def ask_to_rebuild(self) -> None:
        """Ask whether the index is to be built anew."""
        from tui.screens.index import RebuildScreen

        if self.status is not None:
            self.app.push_screen(RebuildScreen(self.status), self._answered)

    def _answered(self, answer: str | None) -> None:
        from tui.screens.index import PAUSE, REBUILD

        if answer == PAUSE:
            self.pause_or_resume()
        elif answer == REBUILD:
            begin(self, self._rebuild, group="index")

    def pause_or_resume(self) -> None:
        """Stop building the index, or go on with it."""
        if self._memory.is_open:
            begin(self, self._pause_or_resume, group="index")

    async def _pause_or_resume(self) -> None:
        searching = self._memory.searching
        is_told = self.status is not None and self.status.state == "paused"
        try:
            if is_paused := self._is_paused or is_told:
                await searching.resume_index()
            else:
                await searching.pause_index()
            self._is_paused = not is_paused
            self.show(await searching.index_status())
            self._show()
        except Exception as error:  # noqa: BLE001 - said to the person
            report(self, error)

    async def _rebuild(self) -> None:
        try:
            await self._memory.searching.rebuild_index()
            self.show(await self._memory.searching.index_status())
        except Exception as error:  # noqa: BLE001 - said to the person
            report(self, error)
        else:
            tell(self, "The index is being built anew.")
