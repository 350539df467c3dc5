"""The screen with the panes: a line of tabs above, a line of keys below."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import on
from textual.containers import Container

from tui.actions import bindings_for
from tui.aloud import is_read_aloud
from tui.clicks import Clickable
from tui.config import LAST
from tui.faults import Sturdy
from tui.navigation import SHOWN_IN, Followed, Wanted
from tui.panes.sides import Pane
from tui.screens.lost import begin_reopen, tell_lost
from tui.screens.mirror_watch import MirrorWatch
from tui.screens.navigator import Navigator
from tui.toasts import report, tell
from tui.widgets.bar import Bar, Part, tabs, up_to_active
from tui.widgets.bare import Bare
from tui.widgets.cells import fit_middle
from tui.widgets.key_bar import KeyBar
from tui.widgets.line_input import LineInput
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import IndexStatus
    from tui.config import Config
    from tui.links import Link
    from tui.memory import Memory

PANES: Final = {
    "overview": ("1 Overview", "1 Ovr", "OverviewPane"),
    "interactions": ("2 Interactions", "2 Int", "InteractionsPane"),
    "patterns": ("3 Patterns", "3 Pat", "PatternsPane"),
    "archive": ("4 Archive", "4 Arc", "ArchivePane"),
    "world_model": ("5 World model", "5 Wld", "WorldModelPane"),
    "search": ("6 Search", "6 Sea", "SearchPane"),
    "health": ("7 Health", "7 Hea", "HealthPane"),
    "history": ("8 History", "8 His", "HistoryPane"),
}
FIRST: Final = "overview"
"""The pane to begin with where nothing else is wanted."""
_WIDE: Final = 110
_HOST: Final = 30
_NAME: Final = 8


class Panes(Container, Bare):
    """Holds the panes, of which one is shown."""


class BrowserScreen(Sturdy, Clickable[None], Bare):
    """Shows one pane at a time; each is made on its first visit.

    Args:
        memory: What is looked at. The panes are filled once it is open.
        config: What a person configured.
        start: Name of the pane to begin with.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("browser")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    def __init__(self, memory: Memory, config: Config, start: str) -> None:
        super().__init__()
        if is_read_aloud():
            self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow")]
        self.memory = memory
        self._config = config
        self._pane = self._made(start)
        self._version: int | None = None
        self._looking = self._looks_again = False
        self._trouble = ""
        self._navigator = Navigator(memory, self._show_pane, lambda: self._pane)
        self._sends_to = ""
        self._wrong: frozenset[str] = frozenset()
        self._top = Bar(id="top-bar")
        self._mirror = None if memory.mirroring is None else MirrorWatch(self, memory.mirroring)

    def compose(self) -> ComposeResult:
        """Lay out the bars and the first pane."""
        # Set before there are widgets, it costs no second round of styling them.
        is_wide = self.app.size.width >= _WIDE and not is_read_aloud()
        self.set_class(is_wide, "-wide")
        self.set_class(not is_wide, "-narrow")
        self.set_class(is_read_aloud(), "-reader")
        yield self._top
        if self._mirror is not None:
            yield self._mirror.bar
        yield self._navigator.crumbs
        with Panes(id="panes"):
            yield self._pane
        if is_read_aloud():
            from tui.widgets.spoken import Spoken

            yield Spoken(id="spoken")
        yield KeyBar(id="key-bar")

    def on_mount(self) -> None:
        """Begin to follow what others write."""
        self._show_top()
        if self._config.start == LAST:
            self._pane.take_up()
        else:
            self._pane.focus_list()
        self.set_interval(self._config.looks_every, self.look)
        if self._mirror is not None:
            self._mirror.begin()

    def on_resize(self) -> None:
        """Fit the file's name into the new width."""
        self._show_top()
        if self._mirror is not None:
            self._mirror.show()

    def opened(self) -> None:
        """Fill the pane: the memory can be read from now on."""
        self._show_top()
        begin(self, self._begin_to_follow, group="look")
        if self._mirror is not None:
            self._mirror.look()

    async def forget(self) -> None:
        """Show nothing of a file in whose place another one was opened, until that one is read.

        What stands in a list, or is asked in a dialog, would be done to other records of it.
        """
        while self.app.screen is not self:
            await self.app.pop_screen()
        for pane in self.query(Pane):
            await pane.forget()

    async def _begin_to_follow(self) -> None:
        # The version first: what is written while the list is read is then seen at the next look.
        try:
            await self._look_for_changes(is_opened=True)
        except Exception as error:  # noqa: BLE001 - said to the person; the next look may work
            report(self, error)
        self._pane.reload()
        from tui.broken import BROKEN

        if self.memory.state.get(BROKEN, 0):
            self.post_message(Pane.Warned("health", is_wrong=True))

    def _show_top(self) -> None:
        state = f"  {self._state()} "
        name = len(self.memory.named.name)
        left = self._tabs(len(state) + min(name, 2 * _NAME), len(state) + min(name, _NAME) + 1)
        right: list[Part] = []
        if self._sends_to:
            right.append(Part(f" ! texts go to {fit_middle(self._sends_to, _HOST)} ", "alert"))
        room = self.size.width - sum(len(part.text) for part in [*left, *right])
        # Where it is narrow, what leaves the machine counts for more than what is known anyway.
        if room >= len(state) + _NAME or not right:
            right.insert(0, Part(state, "dim"))
            room -= len(state)
        if room > _NAME or not self._sends_to:
            shown = fit_middle(self.memory.named.name, max(_NAME, room - 1))
            right.insert(0, Part(shown, "strong"))
        self._top.show(left, right)

    def _tabs(self, others: int, least: int) -> list[Part]:
        """Spell all tabs where there is space, else the one that is shown, else none.

        Args:
            others: Cells that what stands beside them should have.
            least: Cells that it needs; for more than these no tab is left out.
        """
        here = self._pane.id or ""
        for spelled in (list(PANES), [here], []):
            labels = [
                (name, PANES[name][name not in spelled] + "!" * (name in self._wrong))
                for name in PANES
            ]
            left = tabs(labels, here)
            room = self.size.width - others - sum(len(part.text) for part in left)
            if room >= 0 and not (self._sends_to and spelled == [here]):
                break
        return up_to_active(left, here, self.size.width - least)

    @on(Pane.Warned)
    def _warned(self, event: Pane.Warned) -> None:
        event.stop()
        wrong = self._wrong | {event.pane} if event.is_wrong else self._wrong - {event.pane}
        if wrong != self._wrong:
            self._wrong = wrong
            self._show_top()

    def _state(self) -> str:
        if not self.memory.is_open:
            return "opening"
        if self.memory.lost:
            return "file lost"
        return "read-only" if self.memory.read_only else "live \u25cf"

    # Panes

    async def action_pane(self, name: str) -> None:
        """Go to a pane, for good."""
        await self._navigator.visit(name)

    def _made(self, name: str) -> Pane:
        kind = getattr(import_module(f"tui.panes.{name}"), PANES[name][2])
        pane = cast("Pane", kind(self.memory, id=name))
        pane.recall(self.memory.state.get(f"pane.{name}", dict[str, Any]()))
        return pane

    def remember(self) -> None:
        """Keep in mind how the pane is looked at, for the next visit."""
        self.memory.state.put("pane", self._pane.id)
        self.memory.state.put(f"pane.{self._pane.id}", self._pane.remembered())

    async def _show_pane(self, name: str) -> Pane:
        """Show a pane; it is made when it is first wanted."""
        if name == self._pane.id:
            self._pane.focus_list()
            return self._pane
        panes = self.query_one("#panes")
        found = panes.query(f"#{name}").results(Pane)
        pane = next(iter(found), None)
        if pane is None:
            pane = self._made(name)
            await panes.mount(pane)
        self.remember()
        self._pane.display = False
        pane.display = True
        self._pane = pane
        self.remember()
        self._show_top()
        pane.focus_list()
        self.refresh_bindings()
        if pane.outdated and self.memory.is_open:
            pane.reload()
        self.look()
        return pane

    @on(Bar.Pressed)
    async def _bar_pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        if self._mirror is not None and event.bar is self._mirror.bar:
            self._pane.action_curate("sources")
        elif event.bar is self._navigator.crumbs:
            await self._navigator.back(int(event.target.removeprefix("back:")))
        else:
            await self.action_pane(event.target)

    # Going from record to record

    async def action_search(self) -> None:
        """Ask for something."""
        (await self._navigator.search_pane()).focus_question()

    @on(Pane.SimilarWanted)
    async def _show_similar(self, event: Pane.SimilarWanted) -> None:
        event.stop()
        (await self._navigator.search_pane()).show_similar(event.kind, event.record_id)

    @on(Followed)
    async def _follow(self, event: Followed) -> None:
        event.stop()
        await self._navigator.go_to(event.kind, event.key)

    @on(Wanted)
    def _wanted(self, event: Wanted) -> None:
        event.stop()
        go = partial(self._navigator.show_record, event.kind, event.record_id)
        begin(self, go, group="follow", exclusive=True)

    async def open_link(self, link: Link) -> None:
        """Go where a link leads; say so where there is nothing."""
        await self._navigator.open_link(link)

    async def action_back(self) -> None:
        """Come back to the record from which one went on."""
        await self._navigator.back()

    async def action_forward(self) -> None:
        """Go again where one came back from."""
        await self._navigator.forward()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the way back where there is one, and the question to whoever is not in it."""
        del parameters
        if action == "search":
            return not isinstance(self.focused, LineInput)
        if action == "forward":
            return self._navigator.can_go_forward
        return action != "back" or self._navigator.can_go_back

    # Changes, ours and others'

    def look(self) -> None:
        """Look whether somebody changed the file; once more, where a look is on its way already."""
        self._looks_again = self._looking
        if self.memory.is_open and not self._looking:
            self._looking = True
            begin(self, self._look, group="look")

    async def _look(self) -> None:
        try:
            if lost := await self.memory.look_for_file():
                self._show_top()
                tell_lost(self, lost)
            await self._look_for_changes()
            if self.memory.is_followed:
                self.index_is(await self.memory.searching.index_status())
            self._trouble = ""
        except Exception as error:  # noqa: BLE001 - said once; the next look may work again
            if str(error) != self._trouble:
                report(self, error)
            self._trouble = str(error)
        finally:
            self._looking = False
        if self._looks_again:
            self.look()

    async def _look_for_changes(self, *, is_opened: bool = False) -> None:
        version = await self.memory.store.get_data_version()
        # A file that was opened anew can have the version that the one before it had.
        if (is_opened or self._version != version) and self.memory.mirroring is not None:
            await self.memory.mirroring.look_for_diverged()
        if self._version not in (None, version):
            self._all_outdated()
        self._version = version

    def index_is(self, status: IndexStatus) -> None:
        """Say how far the index is; in every pane, if it sends texts to another machine."""
        if status.sends_text_to != self._sends_to:
            self._sends_to = status.sends_text_to
            self._show_top()
        for pane in self.query(Pane):
            pane.index_is(status)

    @on(Pane.DataChanged)
    def _data_changed(self, event: Pane.DataChanged) -> None:
        event.stop()
        self.changed_here()

    def changed_here(self) -> None:
        """Show what a person has just changed; what differs from a source is marked at once."""
        self._all_outdated()
        if self._mirror is not None:
            self.look()

    def _all_outdated(self) -> None:
        """Have every pane read anew: the one in view at once, the others when they are visited."""
        for pane in self.query(Pane):
            pane.outdated = True
        self._pane.reload()

    def show_progress(self, progress: str) -> None:
        """Say how far a change is, in whatever pane is in view; nothing ends it."""
        for pane in self.query(Pane):
            if pane is self._pane or not progress:
                pane.show_progress(progress)

    def action_reopen(self) -> None:
        """Open the file anew, as it stands there now; have a mirror go on."""
        if self._mirror is not None and not self.memory.lost:
            self._mirror.go_on()
        else:
            begin_reopen(self)

    def action_undo(self) -> None:
        """Take back the last change that was made here."""
        if self.memory.lost:
            tell(self, f"Nothing can be changed: {self.memory.why_read_only}", "warning")
            return
        from tui.screens.undoing import begin_undo

        begin_undo(self)

    def action_redo(self) -> None:
        """Do again what was undone last."""
        from tui.screens.undoing import begin_redo

        begin_redo(self)

    async def show_history(self, kind: str, record_id: str) -> None:
        """Show what happened to a record, in its own pane."""
        if kind not in SHOWN_IN:
            tell(self, f"There is no pane for a {kind}; History shows what changed it.", "warning")
            return
        if await self._navigator.show_record(kind, record_id):
            self._pane.action_history()

    # Help

    def action_show_help(self) -> None:
        """Show all keys."""
        from tui.screens.help import HelpScreen

        bindings = [held.binding for held in self.active_bindings.values()]
        here = frozenset(binding.id for binding in bindings if binding.id)
        self.app.push_screen(HelpScreen(here, self._config.keymap))
