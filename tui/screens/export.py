"""Where an export goes, and whether secrets are masked in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input

from tui.export import ExportError, PlaceTakenError, check_place, format_of
from tui.screens.modal import Modal
from tui.text import safe_text
from tui.widgets.bar import Bar, Part
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput
from tui.widgets.problem import Problem
from tui.wording import of_system

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Wanted(NamedTuple):
    """What a person wants of an export.

    Attributes:
        path: Where it goes.
        masked: Whether secrets are masked.
        over: Whether it replaces what stands there.
    """

    path: Path
    masked: bool
    over: bool


class ExportScreen(Modal[Wanted]):
    """Asks for the file; returns what is wanted, or None to export nothing.

    Args:
        what: What is exported.
        path: What is proposed.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Export nothing"),
        Binding("ctrl+t", "toggle_masked", "Secrets", priority=True),
    ]

    def __init__(self, what: str, path: Path) -> None:
        super().__init__()
        self._what = what
        self._proposed = path
        self._masked = True
        self._asked_over: Path | None = None
        self._kind = Bar(id="export-kind")
        self._problem = Problem()

    def compose(self) -> ComposeResult:
        """Lay out the line for the file."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" Export {self._what}", "strong")])
        keys.show([
            Part(" Enter", "accent"), Part(" write  ", "text"),
            Part("Ctrl+t", "accent"), Part(" secrets  ", "text"),
            Part("Esc", "accent"), Part(" export nothing", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog short"):
            yield heading
            yield LineInput(
                safe_text(str(self._proposed), 4000),
                placeholder="a file: .jsonl for JSON lines, .csv for a table",
                select_on_focus=False,
                id="export-path",
            )
            yield self._kind
            yield self._problem
            yield keys

    def on_mount(self) -> None:
        """Say what the file will be."""
        self._say_kind()

    def _path(self) -> Path:
        typed = Path(self.query_one("#export-path", LineInput).value.strip())
        try:
            return typed.expanduser()
        except RuntimeError:
            # Of nobody's home there is no place, and while one types none is known yet.
            return typed

    def _say_kind(self) -> None:
        table = format_of(self._path()) == "csv"
        form = "a table (CSV)" if table else "JSON, a line for each record (.csv makes a table)"
        secrets = "secrets masked" if self._masked else "SECRETS AS THEY ARE"
        # What goes out of the house counts for more than its form where there is little space.
        self._kind.show(
            [Part(f" {secrets}", "dim" if self._masked else "alert"), Part(f", {form}", "dim")]
        )

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._problem.say("")
        self._say_kind()

    def action_toggle_masked(self) -> None:
        """Mask secrets in the export, or leave them as they are."""
        self._masked = not self._masked
        self._say_kind()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value.strip():
            return
        path = self._path()
        over = path == self._asked_over
        try:
            check_place(path, over=over)
        except ExportError as error:
            more = ""
            if path.is_file() and isinstance(error, PlaceTakenError):
                self._asked_over, more = path, " Enter once more writes over it."
            self._problem.say(f"{error}{more}")
        except OSError as error:
            self._problem.say(f"That is no name for a file: {of_system(error)}.")
        except ValueError as error:
            self._problem.say(f"That is no name for a file: {error}.")
        else:
            self.dismiss(Wanted(path, self._masked, over))
