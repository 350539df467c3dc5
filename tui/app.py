"""The terminal program: it opens a memory and wires the screens together."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual import on
from textual.app import App, SystemCommand
from textual.events import InputEvent, Key, Paste

from tui.actions import GROUPS, in_order
from tui.aloud import is_read_aloud, read_aloud, wants_aloud
from tui.config import LAST, Config
from tui.hang_up import HANG_UP, TO_LEAVE, has_own_terminal, is_terminal_gone
from tui.key_order import KeyOrder, KeyPassed, WakePassed
from tui.memory import why_no_memory
from tui.screens.browser import FIRST, PANES, BrowserScreen
from tui.state import State
from tui.text import hide_secrets
from tui.theme import DARK, OURS, heed_no_color, variables_for
from tui.toasts import report, tell
from tui.told_keys import tell_keys
from tui.work import begin

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.events import Event
    from textual.screen import Screen
    from textual.theme import Theme

    from storage import StorageError
    from tui.links import Link
    from tui.memory import Memory

_SETTLED_AFTER: Final = 1.0
_LOOK_FOR_TERMINAL: Final = 2.0


class MemglassApp(App[None]):
    """Shows one memory.

    Args:
        memory: What to open and show.
        config: What a person configured.
        start: Name of the pane to begin with, whatever is configured.
        link: Where to go once the memory is open.
        when_settled: Done once, a moment after the start, before the index is followed.

    Attributes:
        failure: Why the program ended, as a sentence; empty if the person ended it.
        faults: What went wrong in the program itself, and did not end it.
        is_leaving: Whether the program leaves when what was asked for is done.
        is_well: Whether no warning came since it was decided to leave.
        key_order: Takes keys one after the other.
        touched_at: When a person last pressed a key or moved the mouse, on the monotonic clock.
    """

    TITLE = "memglass"
    CSS_PATH = ["styles/browser.tcss", "styles/widgets.tcss"]  # noqa: RUF012 - as Textual has it
    COMMAND_PALETTE_BINDING = "ctrl+backslash"

    def __init__(
        self,
        memory: Memory,
        *,
        config: Config | None = None,
        start: str = "",
        link: Link | None = None,
        when_settled: Callable[[MemglassApp], Awaitable[None]] | None = None,
    ) -> None:
        # Told that a terminal has its own colours, Textual leaves them alone; else it paints greys.
        super().__init__(ansi_color=heed_no_color() or None)
        self.memory = memory
        self.failure = ""
        self.faults: list[Exception] = []
        self.is_leaving = False
        self.is_well = True
        self.touched_at = time.monotonic()
        self.key_order = KeyOrder(self, super().on_event)
        self._when_settled = when_settled
        self._link = link
        self.config = config or Config()
        self.state = State(None)
        self._troubles = list(self.config.problems)
        hide_secrets(self.config.mask_secrets)
        read_aloud(wants_aloud(self.config))
        tell_keys(self.config.keymap)
        if is_read_aloud() or not self.config.animations:
            self.animation_level = "none"
        for theme in OURS:
            self.register_theme(theme)
        # Chosen here and not later, the theme is the one that the style sheets are first read with.
        self.theme = self._theme_to_begin_with()
        self._browser = BrowserScreen(memory, self.config, start or self._pane_to_begin_with())

    def get_driver_class(self) -> type[Driver]:
        """Use a driver that a terminal may leave, where Textual would use its own."""
        usual = super().get_driver_class()
        if sys.platform == "win32" or usual.__name__ != "LinuxDriver":
            return usual
        from tui.terminal_driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> BrowserScreen:
        """Start with the panes."""
        return self._browser

    def on_load(self) -> None:
        """Begin to open the memory while the screen is made."""
        if keymap := self.config.keymap:
            self.set_keymap(dict(keymap))
        self._open()

    def on_mount(self) -> None:
        """Leave what is not urgent for later."""
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self.set_timer(_SETTLED_AFTER, self._settle)
        self._leave_when_told()
        if has_own_terminal() and not self.is_headless:
            self.set_interval(_LOOK_FOR_TERMINAL, self._leave_without_terminal)
        if is_read_aloud() and self._driver is not None:
            # A cursor that is hidden is none for most screen readers.
            self._driver.write("\x1b[?25h")

    def _leave_when_told(self) -> None:
        """Give the terminal back, and keep what is to be kept, when `kill` or its end says so."""
        # Only a main thread hears signals, and only of some systems.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            for number in TO_LEAVE:
                leave = partial(self.exit, return_code=128 + number)
                asyncio.get_running_loop().add_signal_handler(number, leave)

    def _leave_without_terminal(self) -> None:
        if is_terminal_gone():
            self.exit(return_code=128 + HANG_UP)

    async def on_unmount(self) -> None:
        """Keep in mind how the memory was looked at, and let go of the file."""
        self._browser.remember()
        await self.state.save()
        await self.memory.close()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give Textual's own themes what only ours know."""
        return {} if self.current_theme in OURS else variables_for(self.current_theme)

    def _theme_to_begin_with(self) -> str:
        wanted = self.config.theme
        if wanted == LAST:
            wanted = self.state.get("theme", DARK.name)
        elif wanted not in self.available_themes:
            self._troubles.append(
                f"There is no theme {wanted}, which the configuration names; the palette lists all."
            )
        return wanted if wanted in self.available_themes else DARK.name

    def _remember_theme(self, theme: Theme) -> None:
        self.state.put("theme", theme.name)
        if self.config.theme not in (LAST, theme.name):
            tell(self.screen, f"The configuration still begins with {self.config.theme}.")

    def _pane_to_begin_with(self) -> str:
        wanted = self.config.start
        if wanted == LAST:
            wanted = self.memory.state.get("pane", FIRST)
        return wanted if wanted in PANES else FIRST

    def _tell_troubles(self) -> None:
        """Say what is wrong around the program: what a person configured, what was remembered."""
        if self._troubles:
            more = f" ({len(self._troubles) - 1} more: memglass config)"
            is_all = len(self._troubles) == 1
            tell(self._browser, f"{self._troubles[0]}{'' if is_all else more}", "warning")
        for state in (self.state, self.memory.state):
            state.tell_troubles(partial(tell, self._browser, severity="warning"))

    def _settle(self) -> None:
        begin(self, self._settle_in, group="index")

    async def _settle_in(self) -> None:
        if self._when_settled is not None:
            await self._when_settled(self)
        await self.memory.follow(asked=False)

    def _open(self, *, migrate: bool = False, look_only: bool = False) -> None:
        begin(self, partial(self._open_memory, migrate, look_only), group="open")

    async def _open_memory(self, migrate: bool, look_only: bool) -> None:
        from storage import MigrationRequiredError, StorageError

        try:
            await self.memory.open(migrate=migrate, look_only=look_only)
        except MigrationRequiredError as error:
            await self._ask_to_migrate(error.steps)
        except StorageError as error:
            was_looking = look_only or self.memory.read_only
            self._ask_how_to_open(error, migrate=migrate, was_looking=was_looking)
        else:
            self._browser.opened()
            if self._link is not None:
                link, self._link = self._link, None
                await self._browser.open_link(link)
            self._tell_troubles()
            if self.memory.backup is not None:
                tell(self._browser, f"Updated; {self.memory.backup.name} is the file as it was")

    def _ask_how_to_open(self, error: StorageError, *, migrate: bool, was_looking: bool) -> None:
        from tui.screens.trouble import AGAIN, LOOK, ask_how_to_open, passes

        if not passes(error):
            return self.fail(str(error))

        def answered(answer: str) -> None:
            if answer == AGAIN:
                self._open(migrate=migrate)
            elif answer == LOOK:
                self._open(look_only=True)
            else:
                self.fail(str(error))

        return ask_how_to_open(self, error, answered, was_looking=was_looking)

    async def _ask_to_migrate(self, steps: tuple[str, ...]) -> None:
        from tui.screens.migrate import MIGRATE, QUIT, MigrateScreen

        if why := await asyncio.to_thread(why_no_memory, self.memory.path):
            return self.fail(why)

        def answered(answer: str | None) -> None:
            if answer == QUIT:
                self.exit()
            elif answer == MIGRATE:
                self._open(migrate=True)
            else:
                self.memory.read_only = True
                self.memory.why_read_only = (
                    "this file has an older form, and you chose not to update it."
                    " Open it again to be asked again."
                )
                self._open()

        self.push_screen(MigrateScreen(self.memory.path, steps), answered)
        return None

    async def on_event(self, event: Event) -> None:
        """Keep in mind when a person did something last, and take keys one after the other."""
        if isinstance(event, InputEvent):
            self.touched_at = time.monotonic()
        if not isinstance(event, Key | Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            self.key_order.passed(event)
        else:
            await self.key_order.take(event)

    @on(KeyPassed)
    def _key_passed(self, event: KeyPassed) -> None:
        event.stop()
        self.key_order.passed(event.key)

    @on(WakePassed)
    def _wake_passed(self, event: WakePassed) -> None:
        event.stop()
        self.key_order.wake_passed(event.wake)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do something; a fault in it is told, and the program goes on."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 - said to the person
            self.tell_fault(error)
            return True

    def tell_fault(self, error: Exception) -> None:
        """Say what went wrong in the program itself, and go on, unless a developer looks.

        Raises:
            Exception: The fault, so that Textual shows all of it to the developer.
        """
        if "debug" in self.features:
            raise error
        self.faults.append(error)
        report(self.screen, error)

    def _fatal_error(self) -> None:
        """End after a fault in the program itself: in a sentence, unless a developer looks."""
        if "debug" in self.features:
            super()._fatal_error()
            return
        error = sys.exc_info()[1] or self._exception
        self.failure = (
            f"The program met a fault of its own ({type(error).__name__}: {error}) and had to end."
            " What was being changed was rolled back; TEXTUAL=debug shows more."
        )
        self._close_messages_no_wait()

    async def action_quit(self) -> None:
        """Leave, once what was asked for just before is done."""
        from tui.leaving import begin_to_leave

        begin_to_leave(self)

    def fail(self, why: str) -> None:
        """End the program, and leave it to the command line to say why."""
        self.failure = why
        self.exit(return_code=2)

    def action_command_palette(self) -> None:
        """Offer whatever can be done now."""
        from tui.screens.palette import Palette

        if not Palette.is_open(cast("App[object]", self)):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what can be done now, from the one list of actions."""
        held = {each.binding.id: each for each in screen.active_bindings.values()}
        for action, _ in in_order(each.binding for each in held.values()):
            if action.id != "palette" and action not in GROUPS["Move"]:
                name = f"Go to {action.label}" if action in GROUPS["Panes"] else action.label
                call = held[action.id]
                run: Callable[[], object] = partial(
                    self.call_later, self.run_action, call.binding.action, call.node
                )
                yield SystemCommand(name, action.help, run)
        yield SystemCommand("Theme", "Choose other colours.", self.action_change_theme)
