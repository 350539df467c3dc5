"""The screen with the panes: a line of tabs above, a line of keys below."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.containers import Container
from textual.screen import Screen

from tui.actions import bindings_for
from tui.panes.base import ListPane
from tui.panes.interactions import InteractionsPane
from tui.toasts import report, tell
from tui.widgets.bar import Bar, Part, tabs
from tui.widgets.cells import fit_middle
from tui.widgets.key_bar import KeyBar
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.memory import Memory

PANES: Final = {
    "interactions": ("2 Interactions", "2 Int", "InteractionsPane"),
    "patterns": ("3 Patterns", "3 Pat", "PatternsPane"),
    "archive": ("4 Archive", "4 Arc", "ArchivePane"),
    "world_model": ("5 World model", "5 Wld", "WorldModelPane"),
}
_WIDE: Final = 110
_ROOMY: Final = 76


class BrowserScreen(Screen[None]):
    """Shows one pane at a time; each is made on its first visit.

    Args:
        memory: What is looked at. The panes are filled once it is open.
        keymap: A person's own keys by the id of the action.

    Attributes:
        looks_every: Seconds between two looks for changes that others made.
    """

    looks_every = 1.0

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("browser")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self, memory: Memory, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self.memory = memory
        self._keymap = keymap
        self._pane: ListPane = InteractionsPane(memory, id="interactions")
        self._version: int | None = None
        self._looking = False
        self._trouble = ""
        self._top = Bar(id="top-bar")

    def compose(self) -> ComposeResult:
        """Lay out the bars and the first pane."""
        # Set before there are widgets, it costs no second round of styling them.
        self.set_class(self.app.size.width >= _WIDE, "-wide")
        self.set_class(self.app.size.width < _WIDE, "-narrow")
        yield self._top
        with Container(id="panes"):
            yield self._pane
        yield KeyBar(id="key-bar")

    def on_mount(self) -> None:
        """Begin to follow what others write."""
        self._show_top()
        self._pane.focus_list()
        self.set_interval(self.looks_every, self.look)

    def on_resize(self) -> None:
        """Fit the file's name into the new width."""
        self._show_top()

    def opened(self) -> None:
        """Fill the pane: the memory can be read from now on."""
        self._show_top()
        begin(self, self._begin_to_follow, group="look")

    async def _begin_to_follow(self) -> None:
        # The version first: what is written while the list is read is then seen at the next look.
        await self._look_for_changes()
        self._pane.reload()

    def _show_top(self) -> None:
        short = int(self.size.width < _ROOMY)
        left = tabs([(name, each[short]) for name, each in PANES.items()], self._pane.id or "")
        room = self.size.width - sum(len(part.text) for part in left)
        state = self._state()
        name = fit_middle(self.memory.path.name, max(8, room - len(state) - 3))
        self._top.show(left, [Part(f"{name}  ", "strong"), Part(f"{state} ", "dim")])

    def _state(self) -> str:
        if not self.memory.is_open:
            return "opening"
        return "read-only" if self.memory.read_only else "live \u25cf"

    # Panes

    async def action_pane(self, name: str) -> None:
        """Go to a pane; it is made when it is first wanted."""
        if name == self._pane.id:
            self._pane.focus_list()
            return
        panes = self.query_one("#panes")
        found = panes.query(f"#{name}").results(ListPane)
        pane = next(iter(found), None)
        if pane is None:
            kind = getattr(import_module(f"tui.panes.{name}"), PANES[name][2])
            pane = kind(self.memory, id=name)
            await panes.mount(pane)
        self._pane.display = False
        pane.display = True
        self._pane = pane
        self._show_top()
        pane.focus_list()
        if pane.outdated and self.memory.is_open:
            pane.reload()

    @on(Bar.Pressed)
    async def _tab_pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        await self.action_pane(event.target)

    # Changes, ours and others'

    def look(self) -> None:
        """Look whether somebody changed the file, unless the last look is still on its way."""
        if self.memory.is_open and not self._looking:
            self._looking = True
            begin(self, self._look_for_changes, group="look")

    async def _look_for_changes(self) -> None:
        try:
            version = await self.memory.store.get_data_version()
            if self._version not in (None, version):
                self._all_outdated()
            self._version = version
            self._trouble = ""
        except Exception as error:  # noqa: BLE001 - said once; the next look may work again
            if str(error) != self._trouble:
                report(self, error)
            self._trouble = str(error)
        finally:
            self._looking = False

    @on(ListPane.DataChanged)
    def _changed_here(self, event: ListPane.DataChanged) -> None:
        event.stop()
        self._all_outdated()

    def _all_outdated(self) -> None:
        for pane in self.query(ListPane):
            pane.outdated = True
        self._pane.reload()

    def action_undo(self) -> None:
        """Take back the last change that was made here."""
        begin(self, self._undo, group="change")

    async def _undo(self) -> None:
        from storage import UndoConflictError
        from tui.changes import undo_last

        try:
            async with self.memory.lock:
                label = await undo_last(self.memory)
        except UndoConflictError as error:
            self._explain_conflict(str(error))
        except Exception as error:  # noqa: BLE001 - said to the person; nothing was undone
            report(self, error)
        else:
            self._tell_undone(label)

    def _tell_undone(self, label: str) -> None:
        if not label:
            tell(self, "There is nothing to undo: only what is changed here can be.", "warning")
            return
        left = len(self.memory.changes)
        more = f" {left:,} more can be undone." if left else ""
        tell(self, f"Undone: {label}.{more}")
        self._all_outdated()

    def _explain_conflict(self, why: str) -> None:
        from tui.screens.conflict import SKIP, ConflictScreen

        change = self.memory.changes[-1]

        def answered(answer: str | None) -> None:
            if answer == SKIP and change in self.memory.changes:
                self.memory.changes.remove(change)

        self.app.push_screen(ConflictScreen(change.label, why), answered)

    # Help

    def action_show_help(self) -> None:
        """Show all keys."""
        from tui.screens.help import HelpScreen

        bindings = [held.binding for held in self.active_bindings.values()]
        here = frozenset(binding.id for binding in bindings if binding.id)
        self.app.push_screen(HelpScreen(here, self._keymap))
