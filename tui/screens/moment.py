"""Going to a time: typed as a date, a time or how long ago."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from tui.moments import zone_name
from tui.screens.modal import Modal
from tui.widgets.bar import Bar, Part
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class MomentScreen(Modal[datetime]):
    """Asks for a time; returns it, or None to stay."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Stay here")]

    def __init__(self) -> None:
        super().__init__()
        self._keys = Bar(id="ask-answers")

    def compose(self) -> ComposeResult:
        """Lay out the line to type in."""
        heading = Bar(id="ask-title")
        heading.show([Part(" Go to which time?", "strong")], [Part(f"times {zone_name()} ", "dim")])
        self._say(" Enter goes to the record nearest to it, Esc stays here")
        with Vertical(classes="dialog short"):
            yield heading
            yield LineInput(placeholder="10-02 14:05, 2026-10, 3d, yesterday", id="moment")
            yield self._keys

    def _say(self, text: str) -> None:
        self._keys.show([Part(text, "dim")])

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        from storage import StorageError, read_time

        try:
            self.dismiss(read_time(event.value, datetime.now().astimezone()))
        except StorageError as error:
            self._say(f" {error}")
