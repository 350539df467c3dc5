"""The divider between list and detail: by keys, by the mouse, within limits, and remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.memory import Memory
from tui.panes.sides import Pane
from tui.widgets.sides import Sides


def pane(pilot: Pilot[None], name: str = "interactions") -> Pane:
    return pilot.app.screen_stack[0].query_one(f"#{name}", Pane)


@pytest.mark.parametrize("size", [(140, 40), (80, 24)], ids=["beside", "below"])
async def test_keys_move_the_divider_and_it_stays_there(
    memory_file: Path, browse: Browse, size: tuple[int, int]
) -> None:
    along = "width" if size[0] > 110 else "height"
    async with browse(memory_file, size=size) as pilot:
        before = getattr(pane(pilot).table.size, along)
        await press(pilot, "<", "<")
        smaller = getattr(pane(pilot).table.size, along)
        assert smaller < before
        for _ in range(30):
            await pilot.press(">")
        await settled(pilot)
        assert getattr(pane(pilot).detail.size, along) >= 2
        await press(pilot, "<")
        last = getattr(pane(pilot).table.size, along)
        assert last > before
    async with browse(memory_file, size=size) as pilot:
        assert getattr(pane(pilot).table.size, along) == last


async def test_the_views_of_a_record_are_named_anew_where_the_detail_gets_another_width(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(140, 40)) as pilot:
        await press(pilot, "2")
        assert "Lineage" in screen(pilot)
        await press(pilot, *[">"] * 3)
        assert "Lineage" not in screen(pilot)
        [head] = [line for line in lines(pilot) if "[Fields]" in line]
        assert head.rstrip().endswith(("Hist", "His", "Hi"))
        await press(pilot, *["<"] * 3)
        assert "Lineage" in screen(pilot)


async def test_the_mouse_drags_the_divider(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(140, 40)) as pilot:
        at = pane(pilot).detail.region.x
        await pilot.mouse_down(offset=(at, 10))
        await pilot.hover(offset=(at - 30, 12))
        await pilot.mouse_up(offset=(at - 30, 12))
        await settled(pilot)
        assert abs(pane(pilot).detail.region.x - (at - 30)) <= 1
        moved = pane(pilot).detail.region.x
        await pilot.hover(offset=(moved + 20, 12))
        assert pane(pilot).detail.region.x == moved


async def test_the_two_ways_to_stand_have_a_divider_each(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(140, 40)) as pilot:
        await press(pilot, "<", "<")
        wide = pane(pilot).table.size
        await pilot.resize_terminal(80, 40)
        await settled(pilot)
        assert pane(pilot).table.size.width == 80
        assert abs(pane(pilot).table.size.height - pane(pilot).detail.size.height) <= 2
        await pilot.resize_terminal(140, 40)
        await settled(pilot)
        assert pane(pilot).table.size == wide


async def test_zoom_view_order_and_pane_are_as_they_were_left(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "v", "v", "s", "3", "z")
        order = lines(pilot)[1]
    async with browse(memory_file, start="patterns") as pilot:
        assert pane(pilot, "patterns").has_class("-zoomed")
        await press(pilot, "z", "2")
        assert "[JSON]" in screen(pilot)
        await press(pilot, "3")
        assert lines(pilot)[1] == order


@pytest.mark.parametrize(
    "rubbish",
    [
        3,
        {"shares": 7, "zoomed": "yes", "view": [], "order": {}},
        {"shares": {"wide": "x", "stacked": 9e300, "other": 0.5}, "view": "no such view"},
    ],
)
async def test_what_somebody_else_wrote_there_does_no_harm(
    memory_file: Path, browse: Browse, rubbish: Any
) -> None:
    state = Memory(memory_file).state
    state.put("pane.interactions", rubbish)
    state.put("pane", "no such pane")
    await state.save()
    async with browse(memory_file, start="") as pilot:
        assert "[1 Overview]" in screen(pilot) or "[1 Ovr]" in screen(pilot)
        await press(pilot, "2")
        assert "turn 29" in screen(pilot)
        assert pane(pilot).table.size.height >= 2
        shares = pilot.app.screen_stack[0].query(Sides).first().shares
        assert all(0 < share < 1 for share in shares.values())


async def test_z_right_after_tab_zooms_the_detail(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        driver = pilot.app._driver
        assert driver is not None
        # As they come from a terminal: the second before the first has done its work.
        for key in ("tab", "z"):
            event = events.Key(key, None)
            event.set_sender(pilot.app)
            driver.send_message(event)
        await settled(pilot)
        assert pane(pilot).detail.size.height > 18
        assert pane(pilot).detail.has_focus_within
