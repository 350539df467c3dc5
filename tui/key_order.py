"""Keys that come in one burst, handed on one at a time.

Textual hands a key to the widget that has the focus when it comes, and looks for what is bound to
it only once it has gone through all that this widget stands in. Of keys that come together, as a
quick typist, a slow line or a program sends them, the second would therefore still go where the
first one leads away from: of `/deploy` the letters to a list, which would archive something.

What the mouse does is not held back: it goes where the pointer is, whatever has the focus, and so
can overtake keys that wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App
    from textual.events import Key, Paste
    from textual.message_pump import MessagePump
    from textual.timer import Timer

_PATIENCE: Final = 0.5
_FOR_A_DIALOG: Final = 2.0


class KeyPassed(Message):
    """Comes back from a widget once it has done with a key.

    Args:
        key: The key.
    """

    def __init__(self, key: Key | Paste) -> None:
        super().__init__()
        self.key = key


class Wake(NamedTuple):
    """What is sent behind a key.

    Attributes:
        number: The number of the key.
        rounds: How often it goes around still. What a list says to its pane, such as that a record
            was opened, has the pane say something to the screen, which then goes there.
    """

    number: int
    rounds: int = 2


class WakePassed(Message):
    """Comes back once what a key has set going is done: it goes the same way, behind it.

    Args:
        wake: Which one.
    """

    def __init__(self, wake: Wake) -> None:
        super().__init__()
        self.wake = wake


class KeyOrder:
    """Holds back what is typed while the key before it is still on its way.

    Args:
        app: Whose keys.
        hand_on: Gives one to the widget that has the focus.
    """

    def __init__(self, app: App[Any], hand_on: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._hand_on = hand_on
        self._held: deque[Key | Paste] = deque()
        self._under_way: Key | Paste | None = None
        self._taker: MessagePump = app
        self._patience: Timer | None = None
        self._dialog: Timer | None = None
        self._number = 0

    def hold(self) -> None:
        """Hold back what is typed from now on: it is meant for a dialog that is on its way.

        It is handed on with `release`, or where that takes too long: nothing waits for ever.
        """
        self._stop_holding()
        self._dialog = self._app.set_timer(_FOR_A_DIALOG, self.release)

    def release(self) -> None:
        """Hand on what was held back for a dialog."""
        self._stop_holding()
        self._go_on()

    def _stop_holding(self) -> None:
        if self._dialog is not None:
            self._dialog.stop()
            self._dialog = None

    async def take(self, key: Key | Paste) -> None:
        """Hand a key on, now or once the one before it has done what it does."""
        if self._under_way is None and not self._held and self._dialog is None:
            await self._send(key)
            return
        self._held.append(key)
        if len(self._held) == 1:
            self._ask()

    def passed(self, key: Key | Paste) -> None:
        """Let the next one go: this one has done what it does."""
        if key is not self._under_way:
            return
        self._under_way = None
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        self._go_on()

    def _go_on(self) -> None:
        if self._held and self._dialog is None:
            self._number += 1
            self.wake_passed(Wake(self._number))

    def wake_passed(self, wake: Wake) -> None:
        """Have what a key has set going done, before the next key goes."""
        if wake.number != self._number:
            return
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        taker = self._hearer()
        if taker is None:
            self._held.clear()
            return
        behind = WakePassed(wake._replace(rounds=wake.rounds - 1))
        if wake.rounds and taker.post_message(behind):
            last = partial(self.wake_passed, wake._replace(rounds=0))
            self._patience = self._app.set_timer(_PATIENCE, last)
        else:
            # One that comes late, after the time for it was over, is none any more.
            self._number += 1
            # What the key has put off, such as a change of the focus, comes first.
            self._app.call_later(self._next)

    def _hearer(self) -> MessagePump | None:
        """Who hears a key; nobody once the program is being left, and has closed its screens."""
        return (self._app.focused or self._app.screen) if self._app.screen_stack else None

    async def _send(self, key: Key | Paste) -> None:
        taker = self._hearer()
        if taker is None:
            return
        self._under_way, self._taker = key, taker
        await self._hand_on(key)
        if not key.is_forwarded:
            self.passed(key)

    async def _next(self) -> None:
        if self._under_way is None and self._held and self._dialog is None:
            try:
                await self._send(self._held.popleft())
            finally:
                # Also after a fault: those behind would else be held for ever.
                if self._held:
                    self._ask()

    def _ask(self) -> None:
        """Have it said when the key has passed: nobody tells where a widget keeps it for itself."""
        key = self._under_way
        if key is None:
            return
        if not self._taker.post_message(KeyPassed(key)):
            self.passed(key)
            return
        # A dialog that the key has closed says nothing any more.
        self._patience = self._app.set_timer(_PATIENCE, partial(self.passed, key))
