"""The table: a million rows, a cursor that belongs to a record, a selection."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.tui.conftest import lines, press
from tests.tui.waiting import settled
from tui.widgets.columns import Column, Row
from tui.widgets.line_table import LineTable
from tui.widgets.pages import Pages

COLUMNS = (
    Column("number", lambda row: row["number"], 9, right=True),
    Column("text", lambda row: row["text"], 10, weight=1),
)


class Numbers:
    """Rows made up from their keys; it counts what was asked for."""

    def __init__(self, keys: Sequence[Hashable], text: str = "row") -> None:
        self.keys = keys
        self.text = text
        self.fetched = 0
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None

    async def fetch(self, keys: Sequence[Any]) -> list[Row | None]:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.fetched += len(keys)
        return [{"number": key, "text": f"{self.text} {key}"} for key in keys]


class TableApp(App[None]):
    CSS = "LineTable { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.table = LineTable(COLUMNS)
        self.moved: list[Hashable | None] = []
        self.opened: list[Hashable] = []
        self.failures: list[Exception] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_line_table_moved(self, event: LineTable.Moved) -> None:
        self.moved.append(event.key)

    def on_line_table_opened(self, event: LineTable.Opened) -> None:
        self.opened.append(event.key)

    def on_line_table_failed(self, event: LineTable.Failed) -> None:
        self.failures.append(event.error)


async def showing(pilot: Pilot[None], source: Numbers, *, from_top: bool = False) -> LineTable:
    app = pilot.app
    assert isinstance(app, TableApp)
    await app.table.show(source, from_top=from_top)
    await settled(pilot)
    return app.table


async def test_a_million_rows_are_there_and_few_of_them_fetched() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        source = Numbers(range(1_000_000))
        await showing(pilot, source)
        await press(pilot, "G")
        assert "999999  row 999999" in lines(pilot)[-1]
        assert source.fetched <= 1000


async def test_rows_that_are_not_fetched_yet_are_placeholders_and_never_other_rows() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        source = Numbers(range(100_000))
        table = await showing(pilot, source)
        source.gate = asyncio.Event()
        table.action_last()
        await pilot.pause()
        assert all("row" not in line for line in lines(pilot)[1:])
        assert "· · ·" in lines(pilot)[-1]
        source.gate.set()
        await settled(pilot)
        assert "row 99999" in lines(pilot)[-1]


async def test_a_record_far_away_is_shown_amid_what_stands_around_it() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(100)))
        table.cursor = 70
        await settled(pilot)
        assert "row 61" in lines(pilot)[1]
        assert "row 79" in lines(pilot)[-1]
        # By single rows it goes on to the edge.
        table.cursor = 80
        await settled(pilot)
        assert "row 80" in lines(pilot)[-1]


async def test_new_rows_on_top_leave_the_cursor_on_its_record() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(100)))
        await press(pilot, "j", "j", "j")
        table = await showing(pilot, Numbers([*range(-5, 0), *range(100)]))
        assert table.cursor_key == 3
        assert "-5  row -5" in lines(pilot)[1]


async def test_new_rows_on_top_leave_a_scrolled_view_as_it_is() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(100)))
        await press(pilot, "pagedown", "pagedown")
        before = [line[:50] for line in lines(pilot)]  # Without the scrollbar, which moves.
        await showing(pilot, Numbers([*range(-5, 0), *range(100)]))
        assert [line[:50] for line in lines(pilot)] == before


async def test_when_its_record_is_gone_the_cursor_goes_to_the_next() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(50)))
        await press(pilot, "j", "j")
        table = await showing(pilot, Numbers([*range(2), *range(5, 50)]))
        assert table.cursor_key == 5


async def test_rows_that_changed_are_shown_as_they_are_now() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(50), "old"))
        await showing(pilot, Numbers(range(50), "new"))
        await press(pilot, "G")
        assert all("old" not in line for line in lines(pilot))


async def test_the_keys_move_as_in_vim_and_as_everywhere() -> None:
    async with TableApp().run_test(size=(60, 21)) as pilot:
        table = await showing(pilot, Numbers(range(1000)))
        for key, expected in [
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("pagedown", 19), ("ctrl+d", 29),
            ("ctrl+u", 19), ("pageup", 0), ("G", 999), ("g", 0), ("end", 999), ("home", 0),
        ]:  # fmt: skip
            await press(pilot, key)
            assert table.cursor == expected, key


async def test_space_selects_and_goes_on() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await press(pilot, "space", "j", "space")
        assert set(table.selected_keys()) == {0, 2}
        assert "●" in lines(pilot)[1]


async def test_a_range_follows_the_cursor_both_ways() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await press(pilot, "j", "j", "j", "V", "k", "k")
        assert table.marks.count(table.cursor, table.keys) == 3
        await press(pilot, "V", "G")
        assert set(table.selected_keys()) == {1, 2, 3}


async def test_star_selects_all_and_then_none() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await press(pilot, "*")
        assert len(table.selected_keys()) == 50
        await press(pilot, "*")
        assert table.selected_keys() == [0]


async def test_star_while_only_the_first_rows_are_there_waits_for_all() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        await app.table.show(Numbers(range(3)), is_part=True)
        await press(pilot, "*")
        assert not app.table.marks
        table = await showing(pilot, Numbers(range(9)))
        assert list(table.selected_keys()) == list(range(9))


async def test_to_the_last_row_while_only_the_first_ones_are_there_waits_for_the_last() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        await app.table.show(Numbers(range(3)), is_part=True)
        await press(pilot, "G")
        table = await showing(pilot, Numbers(range(90)))
        assert table.cursor == 89


async def test_who_has_moved_on_meanwhile_stays_there() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        await app.table.show(Numbers(range(3)), is_part=True)
        await press(pilot, "G", "k")
        table = await showing(pilot, Numbers(range(90)))
        assert table.cursor == 1


async def test_without_a_selection_the_row_under_the_cursor_counts() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await press(pilot, "j")
        assert table.selected_keys() == [1]


async def test_a_range_stays_with_its_records_when_rows_appear() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(50)))
        await press(pilot, "j", "V", "j")
        table = await showing(pilot, Numbers([-1, *range(50)]))
        assert set(table.selected_keys()) == {1, 2}


async def test_a_range_stays_with_its_records_where_others_come_between_them() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers([0, 10, 20, 30, 40]))
        await press(pilot, "V", "j", "j")
        await showing(pilot, Numbers([0, 5, 10, 15, 20, 30, 40]))
        assert [table.marks.holds(key, at, 4) for at, key in enumerate(table.keys)] == [
            *(True, False, True, False, True),
            *(False, False),
        ]
        # The record under the cursor goes elsewhere, as one does whose confidence changed.
        await showing(pilot, Numbers([0, 5, 10, 15, 30, 40, 20]))
        assert table.cursor_key == 20
        assert table.marks.count(table.cursor, table.keys) == 3
        assert list(table.selected_keys()) == [0, 10, 20]


async def test_what_is_gone_from_the_list_does_not_count_as_selected_until_it_is_back() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(5)))
        await press(pilot, "space", "j", "V", "j")
        await showing(pilot, Numbers([1, 3, 4]))
        assert table.marks.count(table.cursor, table.keys) == 1
        assert list(table.selected_keys()) == [3]
        await showing(pilot, Numbers([4]))
        assert table.marks.count(table.cursor, table.keys) == 0
        assert list(table.selected_keys()) == []
        await showing(pilot, Numbers(range(5)))
        assert table.marks.count(table.cursor, table.keys) == 3
        assert list(table.selected_keys()) == [0, 2, 3]


async def test_another_order_leaves_a_range_on_its_records() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(9)))
        await press(pilot, "V", "j")
        table = await showing(pilot, Numbers(range(8, -1, -1)), from_top=True)
        assert list(table.selected_keys()) == [1, 0]


async def test_a_click_moves_and_a_double_click_opens() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        table = await showing(pilot, Numbers(range(50)))
        await pilot.click(LineTable, offset=(20, 5))
        assert table.cursor == 4
        await pilot.click(LineTable, offset=(20, 5), times=2)
        await settled(pilot)
        assert app.opened == [4]


async def test_a_click_on_the_left_edge_selects() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await pilot.click(LineTable, offset=(1, 3))
        assert table.selected_keys() == [2]


async def test_a_shift_click_selects_up_to_there() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await pilot.click(LineTable, offset=(20, 4), shift=True)
        assert set(table.selected_keys()) == {0, 1, 2, 3}


async def test_a_resize_keeps_the_cursor_in_view() -> None:
    async with TableApp().run_test(size=(60, 40)) as pilot:
        table = await showing(pilot, Numbers(range(100)))
        table.cursor = 35
        await pilot.resize_terminal(40, 10)
        await settled(pilot)
        assert any("▸" in line and "row 35" in line for line in lines(pilot))


async def test_an_error_while_fetching_is_told_and_the_table_goes_on() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        source = Numbers(range(1000))
        await showing(pilot, source)
        source.error = OSError("the disk is gone")
        await press(pilot, "G")
        assert [str(error) for error in app.failures] == ["the disk is gone"]
        source.error = None
        await press(pilot, "g", "G")
        assert "row 999" in lines(pilot)[-1]


async def test_the_cursor_is_told_once_a_record() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, TableApp)
        source = Numbers(range(10))
        await showing(pilot, source)
        await showing(pilot, Numbers(range(10)))
        await press(pilot, "j", "G", "G")
        assert app.moved == [0, 1, 9]


async def test_an_empty_table_says_why() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers([]))
        table.set_hint("Nothing [here] yet.")
        await pilot.pause()
        assert "Nothing [here] yet." in "".join(lines(pilot))
        await press(pilot, "j", "G", "space", "V", "*", "enter", "pagedown")


async def test_pages_forget_what_was_fetched_longest_ago() -> None:
    pages = Pages(Numbers(range(1000)), size=10, capacity=3)
    for number in range(5):
        await pages.load(number)
    assert pages.missing(0, 49) == [0, 1]
    assert pages.missing(20, 49) == []


async def test_hostile_cells_stay_in_their_columns() -> None:
    hostile = "\x1b[2J[red]\u202e日本\t\n" + "\u0301" * 30
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(50), hostile))
        assert all("\x1b" not in line and "\u202e" not in line for line in lines(pilot))
        assert all("␛[2J[red]" in line for line in lines(pilot)[1:])


async def test_all_but_one_can_be_selected() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        table = await showing(pilot, Numbers(range(50)))
        await press(pilot, "*", "j", "space")
        assert list(table.selected_keys()) == [0, *range(2, 50)]


async def test_what_appears_after_all_were_selected_is_not_selected() -> None:
    async with TableApp().run_test(size=(60, 20)) as pilot:
        await showing(pilot, Numbers(range(50)))
        await press(pilot, "*", "space")
        table = await showing(pilot, Numbers([-1, *range(50)]))
        assert list(table.selected_keys()) == list(range(1, 50))
        assert "●" not in lines(pilot)[1]
