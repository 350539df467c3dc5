"""Keys that come in one burst do what they do when they come one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.timer import Timer

from tests.tui.conftest import Browse, press, screen, stored
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.key_order import KeyOrder
from tui.screens.browser import BrowserScreen

KEYS = {
    "/": "slash",
    "?": "question_mark",
    "*": "asterisk",
    " ": "space",
    "\r": "enter",
    "\x1b": "escape",
}


async def burst(pilot: Pilot[None], typed: str) -> None:
    """Send keys as a program that writes to the terminal does: all at once."""
    for character in typed:
        printable = character if character.isprintable() else None
        pilot.app.post_message(Key(KEYS.get(character, character), printable))
    await settled(pilot)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    """Wait for what a dialog that closes makes the keys wait for."""
    for _ in range(200):
        if holds():
            break
        await pilot.pause(0.02)
    assert holds(), screen(pilot)
    await settled(pilot)


async def test_a_question_typed_in_one_burst_is_asked_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "/deploy a friday")
        await until(pilot, lambda: "deploy a friday" in screen(pilot))
        assert isinstance(pilot.app.screen, BrowserScreen)


async def test_a_key_that_comes_just_behind_one_that_leads_elsewhere_goes_there(
    memory_file: Path, browse: Browse
) -> None:
    """Such a one waits for nothing: the one before it has done what it does."""
    async with browse(memory_file) as pilot:
        browser = pilot.app.screen
        assert isinstance(browser, BrowserScreen)
        await browser.action_pane("patterns")
        assert pilot.app.focused is pilot.app.query_one("#patterns-table")
        await browser.action_search()
        assert pilot.app.focused is pilot.app.query_one("#question")
        await browser.action_pane("interactions")
        assert pilot.app.focused is pilot.app.query_one("#interactions-table")


async def test_a_reason_typed_in_one_burst_is_taken_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "aworn out\r")
        await until(pilot, lambda: isinstance(pilot.app.screen, BrowserScreen))
        await settled(pilot)
    archived = await stored(
        memory_file, lambda store: store.get_archived_interactions(archive_reason="worn out")
    )
    assert [each["interaction_id"] for each in archived] == ["int-0029"]


async def test_keys_after_one_that_closes_a_dialog_go_where_it_was_opened(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await burst(pilot, "?\x1b3")
        await until(pilot, lambda: "[3 Pat" in screen(pilot))
        await press(pilot, "2")
        assert "[2 Int" in screen(pilot)


async def test_keys_behind_one_that_meets_a_fault_are_handed_on_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.key_order._PATIENCE", 0.01)
    handed: list[str] = []

    async def hand_on(key: Key | Paste) -> None:
        assert isinstance(key, Key)
        handed.append(key.key)
        key._set_forwarded()
        if key.key == "x":
            raise LookupError(key.key)

    async with App[None]().run_test() as pilot:
        later: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        monkeypatch.setattr(pilot.app, "call_later", later.put_nowait)
        order = KeyOrder(pilot.app, hand_on)
        for character in "axb":
            await order.take(Key(character, character))
        with pytest.raises(LookupError):
            await (await asyncio.wait_for(later.get(), 20))()
        await (await asyncio.wait_for(later.get(), 20))()
        monkeypatch.undo()
    assert handed == ["a", "x", "b"]


async def test_a_burst_leaves_no_timer_behind(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        begun: list[Timer] = []
        set_timer = pilot.app.set_timer

        def counted(*args: Any, **options: Any) -> Timer:
            begun.append(set_timer(*args, **options))
            return begun[-1]

        pilot.app.set_timer = counted  # type: ignore[method-assign]
        await burst(pilot, "jjkjjkjj")
        assert len(begun) >= 2
        assert [each for each in begun if each._task is not None] == []


async def test_keys_that_are_left_over_when_the_program_ends_are_let_go_of(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        assert isinstance(pilot.app, MemglassApp)
        order = pilot.app.key_order
        order.hold()
        await order.take(Key("j", "j"))
        pilot.app.exit()
    assert not pilot.app.screen_stack
    order.release()
    assert not order._held
    await order.take(Key("j", "j"))
