"""Memories to look at, and a way to look at them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from rich.cells import cell_len
from textual import app as textual_app
from textual import pilot as textual_pilot
from textual.css.stylesheet import Stylesheet
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.screen import Screen
from textual.worker import WorkerCancelled

from storage import SQLiteStore
from tui.app import MemglassApp
from tui.demo import create_demo
from tui.memory import Memory

Browse = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


# How many messages are being handled; one whose handler reads something waits for a thread.
_HANDLED: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
_dispatch_message = MessagePump._dispatch_message


async def _dispatch_counted(pump: MessagePump, message: Message) -> None:
    loop = asyncio.get_running_loop()
    _HANDLED[loop] = _HANDLED.get(loop, 0) + 1
    try:
        await _dispatch_message(pump, message)
    finally:
        _HANDLED[loop] -= 1


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
    loop: Any = asyncio.get_running_loop()
    until = loop.time() + timeout
    while not pilot.app._exception_event.is_set():
        await _idle(max_sleep=timeout)
        if not _HANDLED.get(loop):
            return True
        if loop.time() > until:
            raise WaitForScreenTimeout("A message is still being handled.")
        await asyncio.sleep(0.001)
    return False


MessagePump._dispatch_message = _dispatch_counted  # type: ignore[method-assign]
Pilot._wait_for_screen = _all_handled  # type: ignore[assignment,method-assign]
textual_app.wait_for_idle = textual_pilot.wait_for_idle = _idle  # type: ignore[attr-defined]

# Each program reads the style sheets anew, and at each first dialog all of them once more: together
# a tenth of what its test takes. Rules are never changed once they are read.
_RULES: dict[Hashable, Any] = {}
_parse_rules = Stylesheet._parse_rules


def _rules(sheet: Stylesheet, *source: Any, **options: Any) -> Any:
    """Read a style sheet, unless a program before has read it with the same colours."""
    key = (*source, *options.items(), *sheet._variables.items())
    if key not in _RULES:
        _RULES[key] = _parse_rules(sheet, *source, **options)
    return _RULES[key]


Stylesheet._parse_rules = _rules  # type: ignore[assignment,method-assign]

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def interaction(number: int, **fields: Any) -> dict[str, Any]:
    """An interaction; a higher number is newer."""
    return {
        "interaction_id": f"int-{number:04}",
        "timestamp": START + timedelta(minutes=number),
        "session_id": f"s-{number // 10}",
        "action": ("edit", "test", "deploy")[number % 3],
        "role": ("user", "agent")[number % 2],
        "content": f"turn {number}",
        "details": {"tool": "pytest", "number": number},
        **fields,
    }


def pattern(number: int, **fields: Any) -> dict[str, Any]:
    """A pattern; a higher number is surer."""
    return {
        "id": f"pat-{number}",
        "name": f"Pattern {number}",
        "description": f"what pattern {number} says",
        "pattern_type": ("workflow", "preference")[number % 2],
        "sequence": ["read", "edit"],
        "frequency": number,
        "confidence": number / 10,
        "metadata": {"source_interactions": ["int-0001"]},
        **fields,
    }


async def fill(path: Path, interactions: int = 30) -> None:
    """Make a small memory with something of everything."""
    async with SQLiteStore(path) as store:
        await store.add_interactions([interaction(number) for number in range(interactions)])
        await store.add_patterns([pattern(number) for number in range(1, 8)])
        await store.archive_interactions(
            ["int-0003", "int-0004"], "consolidated_to_working", "pat-7"
        )
        await store.archive_patterns(["pat-1"], "wrong")
        for day, engine in enumerate(("mysql", "mysql", "postgres"), 1):
            await store.add_world_model_state(
                {
                    "domain": "infra",
                    "session_id": "s-1",
                    "entities": [
                        {"id": "orders-db", "type": "database", "properties": {"engine": engine}}
                    ],
                    "relations": [
                        {"source_id": "orders-db", "target_id": "db2", "type": "replica"}
                    ],
                    "confidence": 0.5 + day / 10,
                    "trigger_event": "consolidation",
                    "snapshot_time": START + timedelta(days=day),
                }
            )


@pytest.fixture(scope="session")
def _places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not made yet, another at each `next`."""
    folder = tmp_path_factory.mktemp("places")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_places(_places: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered of a test's memories apart from what is the person's own."""
    # Not of `mktemp`, which looks through all that it ever made for the next number.
    place = next(_places)
    for name, variable in (
        ("state", "MEMGLASS_STATE"),
        ("config", "XDG_CONFIG_HOME"),
        ("data", "XDG_DATA_HOME"),
    ):
        (place / name).mkdir(parents=True)
        monkeypatch.setenv(variable, str(place / name))


@pytest.fixture(scope="session")
def demo_memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo memory, to be read or copied, and not to be changed."""
    path = tmp_path_factory.mktemp("demo") / "memory.db"
    asyncio.run(create_demo(path))
    return path


@pytest.fixture
async def memory_file(tmp_path: Path) -> Path:
    """A small memory: 28 interactions, 6 patterns, 3 archived records, 3 snapshots."""
    path = tmp_path / "memory.db"
    await fill(path)
    return path


@pytest.fixture
def browse() -> Browse:
    """Open the program on a file: `async with browse(path) as pilot`."""

    @asynccontextmanager
    async def opened(
        path: Path,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        start: str = "interactions",
        **options: Any,
    ) -> AsyncIterator[Pilot[None]]:
        memory = Memory(path, read_only=read_only, why_read_only="it is read-only here.")
        app = MemglassApp(memory, start=start, **options)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            await settled(pilot)
            yield pilot
        # What a person would be told and could live with is still a fault of ours.
        assert app.faults == []

    return opened


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
        elif pilot.app._exit or not _is_to_be_drawn(pilot.app.screen):
            break
        else:
            # Drawn once all is there: a picture after each step is most of what a key press takes.
            pilot.app.screen._on_timer_update()


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


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each when the one before has done its work.

    What begins with `=` is typed.
    """
    for key in keys:
        await pilot.press(*(key[1:] if key.startswith("=") and key != "=" else [key]))
        await settled(pilot)


def lines(pilot: Pilot[None]) -> list[str]:
    """The screen as text, a string a line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    texts = [strip.text for strip in strips]
    assert len(texts) == height
    assert all(cell_len(text) == width for text in texts)
    return texts


def screen(pilot: Pilot[None]) -> str:
    """The screen as one text."""
    return "\n".join(lines(pilot))


def toasts(pilot: Pilot[None]) -> str:
    """The messages that are shown."""
    return "\n".join(note.message for note in pilot.app._notifications)


async def stored(path: Path, read: Callable[[SQLiteStore], Awaitable[Any]]) -> Any:
    """Ask the file itself, through a store of its own."""
    async with SQLiteStore(path, read_only=True) as store:
        return await read(store)
