"""How a test waits for the program: until there is nothing left to do, and not a moment longer.

Textual's pilot does it by rest and by messages to every widget, which is most of what a test would
take.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from textual import app as textual_app
from textual import pilot as textual_pilot
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.screen import Screen
from textual.worker import WorkerCancelled

from tui.app import MemglassApp

# How many messages are being handled; one whose handler reads something waits for a thread.
_HANDLED: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
_dispatch_message = MessagePump._dispatch_message
_flush_next_callbacks = MessagePump._flush_next_callbacks


@contextlib.contextmanager
def _counted() -> Iterator[None]:
    loop = asyncio.get_running_loop()
    _HANDLED[loop] = _HANDLED.get(loop, 0) + 1
    try:
        yield
    finally:
        _HANDLED[loop] -= 1


async def _dispatch_counted(pump: MessagePump, message: Message) -> None:
    with _counted():
        await _dispatch_message(pump, message)


async def _flush_counted(pump: MessagePump) -> None:
    with _counted():
        await _flush_next_callbacks(pump)


async def _idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Wait until the event loop has nothing left to do, or for so many seconds at most.

    Else a pilot waits until the processor rests for 20 ms, several times a key press, which would
    be most of what a test takes, and tells less: beside other tests a processor never rests.
    """
    loop: Any = asyncio.get_running_loop()
    until = loop.time() + max_sleep
    while loop.time() < until:
        await asyncio.sleep(0)
        if not loop._ready:
            return


async def _all_handled(pilot: Pilot[Any], timeout: float = 30.0) -> bool:  # noqa: ASYNC109
    """Wait until every message is handled; say whether the program goes on.

    A pilot sends a message of its own to every widget for that, a dozen times a key press: a
    quarter of what a test takes.
    """
    app: Any = pilot.app
    loop = asyncio.get_running_loop()
    until = loop.time() + timeout
    while not app._exception_event.is_set():
        await _idle(max_sleep=timeout)
        if _HANDLED.get(loop, 0) == 0:
            return True
        if loop.time() > until:
            raise WaitForScreenTimeout("A message is still being handled.")
        await asyncio.sleep(0.001)
    return False


MessagePump._dispatch_message = _dispatch_counted  # type: ignore[method-assign,assignment]
MessagePump._flush_next_callbacks = _flush_counted  # type: ignore[method-assign,assignment]
Pilot._wait_for_screen = _all_handled  # type: ignore[assignment,method-assign]
textual_app.wait_for_idle = textual_pilot.wait_for_idle = _idle  # type: ignore[attr-defined]


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing is being read or written any more, and all of it is on screen."""
    while True:
        # Else done a moment later.
        pilot.app._check_resize()
        await _all_handled(pilot)
        await pilot.app.animator.wait_until_complete()
        if not all(worker.is_finished for worker in pilot.app.workers):
            # What a newer read took the place of while it was waited for is as good as done.
            with contextlib.suppress(WorkerCancelled):
                await pilot.app.workers.wait_for_complete()
        elif pilot.app._exit:
            break
        elif isinstance(pilot.app, MemglassApp) and pilot.app.key_order._held:
            # One that closed a dialog is given half a second to say that it has passed.
            await asyncio.sleep(0.01)
        elif _is_to_be_drawn(pilot.app.screen):
            pilot.app.screen._on_timer_update()
        else:
            break


def _is_to_be_drawn(screen: Screen[Any]) -> bool:
    """Whether a screen shows something other than what its widgets are."""
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
