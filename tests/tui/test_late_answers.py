"""What comes late, and keys that come before it: neither takes anything for what it was not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from storage import SQLiteStore
from tests.tui.asking import indexed
from tests.tui.conftest import START, Browse, lines, press, screen, stored, toasts
from tests.tui.test_key_order import burst, until
from tests.tui.test_sides import pane
from tests.tui.waiting import settled
from tui.documents import Document
from tui.memory import Memory
from tui.panes.base import ListPane
from tui.panes.going_to_time import begin_to_go
from tui.screens.browser import BrowserScreen
from tui.widgets.line_input import Question
from tui.widgets.record_view import View


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Callable[[Pilot[None], str], asyncio.Event]:
    """Have the store answer one of its reads only once an event is set; keys wait for none."""
    monkeypatch.setattr("tui.key_order._FOR_A_DIALOG", 0.01)

    def until_told(pilot: Pilot[None], name: str) -> asyncio.Event:
        memory: Memory = pilot.app.memory  # type: ignore[attr-defined]
        read, goes_on = getattr(memory.store, name), asyncio.Event()

        async def answer(*args: Any, **options: Any) -> Any:
            await goes_on.wait()
            return await read(*args, **options)

        monkeypatch.setattr(memory.store, name, answer)
        return goes_on

    return until_told


async def test_a_tag_typed_in_one_burst_is_taken_whole(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        await burst(pilot, "tapproved\r")
        assert isinstance(pilot.app.screen, BrowserScreen), screen(pilot)
    assert await stored(memory_file, lambda store: store.get_tags()) == {"approved": 1}
    assert len(await stored(memory_file, lambda store: store.get_archived_interactions())) == 2


async def test_a_question_typed_right_behind_a_link_is_asked_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="search") as pilot:
        await press(pilot, "slash")
        await indexed(pilot)
        await press(pilot, "=Pattern", "enter")
        # Enter shows the record in its own pane, for which the list has to tell the screen.
        await burst(pilot, "\r/ a friday")
        await until(pilot, lambda: "Pattern a friday" in screen(pilot))
        assert isinstance(pilot.app.focused, Question)
        assert lines(pilot)[1].count("\u203a") == 2


async def test_what_there_was_before_is_not_counted_as_what_a_filter_finds(
    memory_file: Path, browse: Browse, late: Callable[[Pilot[None], str], asyncio.Event]
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        goes_on = late(pilot, "list_keys")
        await pilot.press("f", *"text:turn 1", "enter")
        while "text:turn 1 \u00d7" not in lines(pilot)[1]:  # noqa: ASYNC110 - a pause waits for it
            await asyncio.sleep(0.01)
        assert "reading" in lines(pilot)[1]
        assert "28" not in lines(pilot)[1]
        goes_on.set()
        await settled(pilot)
        assert "11 of 28" in lines(pilot)[1]


async def test_what_is_typed_behind_a_filter_is_done_to_what_it_finds(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        store, goes_on = pilot.app.memory.store, asyncio.Event()  # type: ignore[attr-defined]
        list_keys = store.list_keys

        async def answer(*args: Any, **options: Any) -> Any:
            await goes_on.wait()
            return await list_keys(*args, **options)

        monkeypatch.setattr(store, "list_keys", answer)
        await press(pilot, "f", "=text:turn 1")
        typing = asyncio.create_task(burst(pilot, "\r*a"))
        while "reading" not in lines(pilot)[1]:  # noqa: ASYNC110 - a pause waits for it
            await asyncio.sleep(0.01)
        goes_on.set()
        await typing
        await until(pilot, lambda: "Archive 11 interactions: why?" in screen(pilot))


async def test_no_row_of_before_stays_beside_a_filter_that_takes_long(
    memory_file: Path, browse: Browse, late: Callable[[Pilot[None], str], asyncio.Event]
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        goes_on = late(pilot, "list_keys")
        await pilot.press("f", *"text:turn 1", "enter")
        while "Reading." not in screen(pilot):  # noqa: ASYNC110 - a pause waits for it
            await asyncio.sleep(0.01)
        assert "turn 29" not in lines(pilot)[3]
        await pilot.press("a")
        assert isinstance(pilot.app.screen, BrowserScreen)
        goes_on.set()
        await settled(pilot)
        assert "turn 19" in lines(pilot)[3]


async def test_a_dialog_that_comes_late_is_not_for_who_types_a_question(
    memory_file: Path, browse: Browse, late: Callable[[Pilot[None], str], asyncio.Event]
) -> None:
    async with browse(memory_file, start="archive") as pilot:
        goes_on = late(pilot, "get_summaries")
        await pilot.press("r")
        await pilot.pause(0.05)
        await pilot.press("slash", "e", "r")
        goes_on.set()
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, BrowserScreen)
        assert pilot.app.query_one(Question).value == "er"
    assert await stored(memory_file, lambda store: store.get_archived_patterns())


async def test_a_dialog_that_comes_late_is_not_for_who_looks_at_another_record(
    memory_file: Path, browse: Browse, late: Callable[[Pilot[None], str], asyncio.Event]
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        goes_on = late(pilot, "get_tags")
        await pilot.press("t")
        await pilot.pause(0.05)
        await pilot.press("j")
        goes_on.set()
        await settled(pilot)
        assert isinstance(pilot.app.screen, BrowserScreen)
        assert "Press the key again" in toasts(pilot)
        await press(pilot, "t")
        assert not isinstance(pilot.app.screen, BrowserScreen)


async def test_a_record_that_is_found_late_takes_nobody_away_from_their_question(
    memory_file: Path, browse: Browse, late: Callable[[Pilot[None], str], asyncio.Event]
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        goes_on = late(pilot, "locate")
        here = pane(pilot, "interactions")
        here.post_message(here.Wanted("pattern", "pat-2"))
        await pilot.pause()
        await pilot.press("slash", "a")
        goes_on.set()
        await settled(pilot)
        assert "[6 Sea" in screen(pilot)
        assert isinstance(pilot.app.focused, Question)


async def test_a_time_is_gone_to_also_where_the_list_is_read_anew_meanwhile(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.panes import time_jump

    goes_on, nearest = asyncio.Event(), time_jump.nearest

    async def found(keys: Sequence[Any], *args: Any, **options: Any) -> int | None:
        await goes_on.wait()
        return await nearest(keys, *args, **options)

    monkeypatch.setattr(time_jump, "nearest", found)
    async with browse(memory_file, start="interactions") as pilot:
        begin_to_go(cast("ListPane", pane(pilot)), START)
        async with SQLiteStore(memory_file) as other:
            await other.archive_interactions(["int-0020"], "worn out")
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await pilot.pause(0.2)
        goes_on.set()
        await settled(pilot)
        cursor = next(line for line in lines(pilot) if line.startswith("▸"))
        assert "turn 0" in cursor


async def test_what_is_typed_while_a_form_is_saved_does_not_look_as_if_it_were_taken(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        await press(pilot, "e")
        memory: Memory = pilot.app.memory  # type: ignore[attr-defined]
        async with memory.lock:
            await pilot.press("A", "enter")
            await pilot.pause(0.05)
            await pilot.press("B", "enter", "escape")
            shown = screen(pilot)
            assert "Saving." in shown
            assert "turn 29A" in shown
            assert "turn 29AB" not in shown
        await settled(pilot)
        assert "Edited content of int-0029" in toasts(pilot)
        # One that is refused is gone on with where it was.
        await press(pilot, "e", "C")
        async with SQLiteStore(memory_file) as other:
            await other.archive_interactions(["int-0029"], "worn out")
        await press(pilot, "enter", "D")
        assert "turn 29ACD" in screen(pilot)


async def test_a_record_that_is_painted_anew_does_not_stay_where_another_one_came(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="interactions") as pilot:
        view = pane(pilot).detail
        subject = view._subject
        assert subject is not None
        first, goes_on = cast("View", subject.views[0]), asyncio.Event()

        async def late(limit: int) -> Document:
            await goes_on.wait()
            return await first.document(limit)

        slow = subject._replace(views=[first._replace(document=late), *subject.views[1:]])
        view._subject = slow
        painting = asyncio.create_task(view.show_anew())
        await pilot.pause()
        await pilot.press("j")
        await settled(pilot)
        assert "turn 28" in detail(pilot)
        goes_on.set()
        await painting
        await settled(pilot)
        assert "turn 28" in detail(pilot)


def detail(pilot: Pilot[None]) -> str:
    """What stands below the list."""
    shown = lines(pilot)
    at = next(number for number, line in enumerate(shown) if "[Fields]" in line)
    return "\n".join(shown[at:])
