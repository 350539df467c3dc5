"""A fault of the program itself is told, and what else there is goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import press, screen, toasts
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.memory import Memory
from tui.panes.interactions import InteractionsPane
from tui.screens.browser import BrowserScreen


def broken(*_: object) -> None:
    raise ZeroDivisionError("as a test")


@pytest.mark.parametrize(
    ("where", "name", "key"),
    [
        (BrowserScreen, "action_show_help", "?"),
        (InteractionsPane, "subject", "j"),
        (InteractionsPane, "show_bar", "space"),
    ],
    ids=["in an action", "in a message", "in a message from below"],
)
async def test_one_fault_is_told_and_the_next_key_works(
    memory_file: Path, monkeypatch: pytest.MonkeyPatch, where: type, name: str, key: str
) -> None:
    app = MemglassApp(Memory(memory_file), start="interactions")
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await settled(pilot)
        with monkeypatch.context() as patched:
            patched.setattr(where, name, broken)
            await press(pilot, key)
            assert "That did not work: ZeroDivisionError: as a test." in toasts(pilot)
            assert [type(error) for error in app.faults] == [ZeroDivisionError]
        await press(pilot, "j", "3")
        assert "Pattern 7" in screen(pilot)
        await press(pilot, "2", "down", "v")
        assert "[Talk]" in screen(pilot)


async def test_keys_pressed_twice_or_before_there_is_anything_do_no_harm(
    memory_file: Path,
) -> None:
    app = MemglassApp(Memory(memory_file), start="interactions")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for key in ("a", "enter", "v", "j", "space", "r", "f", "escape", "3", "z", "z", "2"):
            await pilot.press(key)
        await settled(pilot)
        await pilot.press("escape", "escape")
        for key in ("a", "f", "?", ":", "enter", "tab", "slash"):
            await pilot.press(key, key)
            await pilot.resize_terminal(40, 10)
            await settled(pilot)
            await pilot.resize_terminal(120, 30)
            await settled(pilot)
            await pilot.press(*["escape"] * 3)
            await settled(pilot)
        assert len(app.screen_stack) == 1
        await pilot.press("q", "q")
    assert app.faults == []
    assert app.failure == ""
