"""A monkey at the terminal: keys and clicks at random, the same for the same seed."""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from textual import events
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tui.actions import ACTIONS
from tui.app import MemglassApp
from tui.memory import Memory

KEYS: Final = sorted({key for action in ACTIONS for key in action.keys.split(",")})
# What leads deeper into the program comes up more often than what leaves it.
OFTEN: Final = ("j", "k", "enter", "escape", "tab", "space", "a", "r", "u", "down", "up", "v")
# What a person does in one go; keys alone seldom get to the end of it.
PHRASES: Final = (
    ("escape", "escape", "2", "a", "down", "enter"),
    ("escape", "escape", "3", "space", "j", "j", "V", "a", "down", "down", "enter"),
    ("escape", "escape", "4", "r", "enter"),
    ("escape", "escape", "4", "*", "r", "enter"),
    ("escape", "slash", *"deploy", "enter", "enter"),
    ("escape", "escape", "f", "down", "enter"),
    ("escape", "escape", "u"),
)
TYPED: Final = "abtl 0123456789:-\"'*#/.é漢"
SIZES: Final = ((80, 24), (120, 40), (250, 70), (60, 16), (100, 30))
_REMEMBERED: Final = 40
_TOASTS: Final = ("did not work", "Traceback")


class FaultError(AssertionError):
    """The program did what it must never do."""


@dataclass
class Monkey:
    """Plays with one memory.

    Attributes:
        path: The memory.
        seed: Makes the same game again.
        steps: What it did last, newest last.
    """

    path: Path
    seed: int
    steps: deque[str] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    async def play(self, count: int) -> None:
        """Make so many moves; whenever the program is left, it is opened again.

        Raises:
            FaultError: The program failed, with what had been done.
        """
        left = count
        while left > 0:
            left = await self._sit_down(left)

    async def _sit_down(self, count: int) -> int:
        app = MemglassApp(Memory(self.path))
        faults = _Faults()
        logger = logging.getLogger("tui")
        level = logger.level
        logger.addHandler(faults)
        # Where an error came from is told to who looks for faults only.
        logger.setLevel(logging.DEBUG)
        try:
            async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as pilot:
                await _rest(pilot)
                while count > 0 and app.is_running and not app._exit:
                    count -= 1
                    await self._move(pilot)
                    self._look(app, faults)
                if app.is_running and not app._exit:
                    await _rest(pilot)
                self._look(app, faults)
        except FaultError:
            raise
        except Exception as error:
            raise FaultError(self._story(f"{type(error).__name__}: {error}")) from error
        finally:
            logger.removeHandler(faults)
            logger.setLevel(level)
        return count

    def _look(self, app: MemglassApp, faults: _Faults) -> None:
        """See whether the program is still well.

        Raises:
            FaultError: It is not.
        """
        if app.failure or app._exception is not None:
            raise FaultError(self._story(app.failure or repr(app._exception)))
        if faults.told:
            raise FaultError(self._story(faults.told[0])) from faults.error
        for note in app._notifications:
            if any(word in note.message for word in _TOASTS):
                raise FaultError(self._story(note.message))

    def _story(self, why: str) -> str:
        return f"seed {self.seed}: {why}\nafter: {' '.join(self.steps)}"

    async def _move(self, pilot: Pilot[None]) -> None:
        chance = self._dice.random()
        if chance < 0.12:
            for key in self._dice.choice(PHRASES):
                await self._press(pilot, key)
                await _rest(pilot)
        elif chance < 0.62:
            await self._press(pilot, self._dice.choice(KEYS if chance < 0.4 else OFTEN))
        elif chance < 0.72:
            for _ in range(self._dice.randint(1, 6)):
                await self._press(pilot, self._dice.choice(TYPED))
        elif chance < 0.93:
            await self._click(pilot)
        elif chance < 0.98:
            await self._wheel(pilot)
        else:
            width, height = self._dice.choice(SIZES)
            self.steps.append(f"resize({width},{height})")
            await pilot.resize_terminal(width, height)
        # People do not wait for the program either.
        if self._dice.random() < 0.6:
            await _rest(pilot)

    async def _press(self, pilot: Pilot[None], key: str) -> None:
        self.steps.append(repr(key) if len(key) == 1 else key)
        await pilot.press(key)

    async def _somewhere(self, pilot: Pilot[None]) -> tuple[int, int]:
        # Just after a resize the screen still has the size that it had, and a new one has none.
        while not all(pilot.app.screen._compositor.size):
            await _rest(pilot)
        width, height = map(min, pilot.app.size, pilot.app.screen._compositor.size)
        return self._dice.randrange(width), self._dice.randrange(height)

    async def _click(self, pilot: Pilot[None]) -> None:
        x, y = await self._somewhere(pilot)
        times = self._dice.choice((1, 1, 1, 2))
        self.steps.append(f"click({x},{y})x{times}")
        await pilot.click(offset=(x, y), times=times)

    async def _wheel(self, pilot: Pilot[None]) -> None:
        x, y = await self._somewhere(pilot)
        kind = self._dice.choice((events.MouseScrollDown, events.MouseScrollUp))
        self.steps.append(f"{kind.__name__}({x},{y})")
        pilot.app.screen._forward_event(kind(None, x, y, 0, 0, 0, False, False, False, x, y))
        await pilot.pause()


class _Faults(logging.Handler):
    """Keeps what the program logs of exceptions that it did not expect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())
        if record.exc_info:
            self.error = record.exc_info[1]


async def _rest(pilot: Pilot[None]) -> None:
    """Wait until nothing is being done any more."""
    for _ in range(2):
        await pilot.pause()
        try:
            await pilot.app.workers.wait_for_complete()
        except WorkerCancelled:
            continue
    await pilot.pause()
