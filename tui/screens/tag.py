"""A tag for the selected records: one that there is, or another one."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.screens.modal import Modal
from tui.text import safe_text, spans
from tui.widgets.bar import Bar, Part
from tui.widgets.choices import Choices
from tui.widgets.key_hints import KeyHints
from tui.widgets.line_input import LineInput
from tui.wording import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

_LISTED: Final = 300


class TagScreen(Modal[tuple[str, ...]]):
    """Asks for tags; returns them, or None to leave things as they are.

    Args:
        what: How many of what get it.
        counts: The tags that there are, and how many records have each.
        shared: The tags that all of them have; choosing one takes it off.
    """

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Leave as it is"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, what: str, counts: Mapping[str, int], shared: AbstractSet[str]) -> None:
        super().__init__()
        self._what = what
        self._counts = counts
        self._shared = shared
        self._shown: list[tuple[str, ...]] = []
        self._options = Choices(id="tags")

    def compose(self) -> ComposeResult:
        """Lay out a line to type in and the tags that there are."""
        heading, keys = Bar(id="ask-title"), KeyHints(id="ask-answers")
        heading.show([Part(f" Tag {self._what}", "strong")])
        keys.show([
            Part(" \u2191\u2193", "accent"), Part(" choose  ", "text"),
            Part("Enter", "accent"), Part(" put on, or take off  ", "text"),
            Part("Esc", "accent"), Part(" leave as it is", "text"),
        ])  # fmt: skip
        with Vertical(classes="dialog"):
            yield heading
            yield LineInput(placeholder="A tag, or several with commas between", id="tag")
            yield self._options
            yield keys

    def on_mount(self) -> None:
        """Show the tags: those that can be taken off first."""
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        typed = tuple(filter(None, (part.strip().lstrip("#") for part in text.split(","))))
        wanted = typed[-1].casefold() if typed else ""
        fitting = [tag for tag in self._counts if wanted in tag.casefold()]
        # What is typed in full stands first, because that is what Enter takes.
        fitting.sort(key=lambda tag: (typed != (tag,), tag not in self._shared))
        is_new = bool(typed) and (len(typed) > 1 or typed[0] not in self._counts)
        self._shown = [*([typed] if is_new else []), *((tag,) for tag in fitting)][:_LISTED]
        self._options.clear_options()
        self._options.add_options(
            Option(
                spans(
                    (safe_text(" ".join(f"#{tag}" for tag in tags), 100), ""),
                    (self._note(tags), "dim"),
                )
            )
            for tags in self._shown
        )
        if self._shown:
            self._options.highlighted = 0 if typed else None

    def _note(self, tags: tuple[str, ...]) -> str:
        if len(tags) > 1:
            return "  take them off" if self._shared >= set(tags) else "  put them on"
        if tags[0] not in self._counts:
            return "  new"
        there = counted(self._counts[tags[0]], "record")
        return f"  {there}, take it off" if tags[0] in self._shared else f"  {there}"

    def action_move(self, lines: int) -> None:
        """Choose another line while typing."""
        if self._shown:
            at = self._options.highlighted
            at = 0 if at is None else at + lines
            self._options.highlighted = max(0, min(at, len(self._shown) - 1))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self._options.highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at])

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index])
