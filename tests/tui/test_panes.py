"""What each pane shows, at both usual sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled

SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_interactions_are_listed_newest_first_with_the_newest_in_detail(
    memory_file: Path, browse: Browse, size: tuple[int, int]
) -> None:
    async with browse(memory_file, size=size) as pilot:
        shown = lines(pilot)
        assert "turn 29" in shown[3]
        assert "turn 28" in shown[4]
        assert "int-0029" in screen(pilot)
        assert "28" in shown[1]
        assert "memory.db" in shown[0]
        assert "live" in shown[0]


async def test_the_time_zone_is_said_once(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        assert screen(pilot).count("times ") == 1


async def test_patterns_stand_by_type_the_surest_first(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3")
        rows = [line.split() for line in lines(pilot)[3:9]]
        types = [row[1] if row[0] == "▸" else row[0] for row in rows]
        assert types == sorted(types, key=types.index)
        assert {*types} == {"workflow", "preference"}
        assert types.count("workflow") == 3


async def test_the_archive_shows_reason_and_kind_of_everything(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4")
        shown = lines(pilot)
        assert "wrong" in shown[3]
        assert "Pattern 1" in shown[3]
        assert "consolidated_to_working" in shown[4]
        assert "turn 4" in shown[4]


async def test_a_snapshot_is_compared_with_the_one_before_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "5")
        shown = " ".join(screen(pilot).split())
        assert "~ orders-db.properties.engine mysql postgres" in shown
        assert "~ confidence .70 .80" in shown


async def test_the_first_snapshot_of_a_domain_is_all_new(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "5", "left_square_bracket", "left_square_bracket")
        assert "The first snapshot:" in screen(pilot)
        assert "+  orders-db " in screen(pilot)
        assert "(database)" in screen(pilot)


async def test_entities_and_relations_stand_in_the_fields_of_a_snapshot(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "5", "v", "v", "v")
        assert "1 entity" in screen(pilot)
        assert "orders-db  (database)  engine=postgres" in screen(pilot)
        assert "orders-db ──replica──▸ db2" in screen(pilot)


async def test_v_shows_fields_then_the_session_then_json_then_the_stored_row(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        assert "[Fields]" in screen(pilot)
        await press(pilot, "v")
        assert "[Talk]" in screen(pilot)
        await press(pilot, "v")
        assert "[JSON]" in screen(pilot)
        assert '"turn 29"' in screen(pilot)
        await press(pilot, "v")
        assert "[Raw]" in screen(pilot)
        assert '{"tool":"pytest","number":29}' in screen(pilot).replace(" ", "").replace("\n", "")


async def test_the_detail_follows_the_cursor(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "j", "j")
        assert "int-0027" in screen(pilot)


async def test_the_detail_stands_below_under_110_columns_and_beside_it_above(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(109, 24)) as pilot:
        table, detail = (
            pilot.app.query_one("#interactions-table"),
            pilot.app.query_one("#interactions-detail"),
        )
        assert detail.region.y > table.region.y
        await pilot.resize_terminal(110, 24)
        await settled(pilot)
        assert detail.region.y == table.region.y
        assert detail.region.x > table.region.x


async def test_z_gives_all_the_space_to_the_side_with_the_focus(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        table, detail = (
            pilot.app.query_one("#interactions-table"),
            pilot.app.query_one("#interactions-detail"),
        )
        await press(pilot, "z")
        assert table.region.height == 24 - 3
        await press(pilot, "tab")
        assert detail.region.height == 24 - 3
        await press(pilot, "tab", "z")
        assert table.region.height < 20
        assert detail.region.height < 20


async def test_tab_goes_to_the_detail_and_back(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "tab")
        assert pilot.app.focused is pilot.app.query_one("#record-text")
        await press(pilot, "tab")
        assert pilot.app.focused is pilot.app.query_one("#interactions-table")


async def test_a_tab_above_can_be_clicked(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await pilot.click("#top-bar", offset=(lines(pilot)[0].index("3 Pat"), 0))
        await settled(pilot)
        assert "[3 Patterns]" in screen(pilot)


async def test_a_detail_tab_can_be_clicked(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        bar = pilot.app.query_one("#record-bar")
        x = lines(pilot)[bar.region.y].index("Raw") - bar.region.x
        await pilot.click("#record-bar", offset=(x, 0))
        await settled(pilot)
        assert "[Raw]" in screen(pilot)


async def test_every_empty_list_says_what_to_expect(tmp_path: Path, browse: Browse) -> None:
    from storage import SQLiteStore

    path = tmp_path / "new.db"
    async with SQLiteStore(path):
        pass
    async with browse(path) as pilot:
        assert "No interactions yet" in screen(pilot)
        await press(pilot, "3")
        assert "No patterns yet" in screen(pilot)
        await press(pilot, "4")
        assert "The archive is empty" in screen(pilot)
        await press(pilot, "5")
        assert "No world model yet" in screen(pilot)


async def test_states_without_snapshots_are_shown_as_they_are_now(
    tmp_path: Path, browse: Browse
) -> None:
    from storage import SQLiteStore

    path = tmp_path / "states.db"
    async with SQLiteStore(path) as store:
        await store.add_world_model_state({"domain": "infra", "entities": [], "relations": []})
    import sqlite3

    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM world_model_snapshots")
    raw.close()
    async with browse(path) as pilot:
        await press(pilot, "5")
        assert "infra" in lines(pilot)[4]
        assert "as it is now" in screen(pilot)


@pytest.mark.parametrize("size", [(40, 12), (30, 8), (20, 6), (250, 70)])
async def test_it_works_at_any_size(
    memory_file: Path, browse: Browse, size: tuple[int, int]
) -> None:
    async with browse(memory_file, size=size) as pilot:
        for key in ("j", "3", "4", "5", "v", "2", "a", "escape", "f", "escape", "?", "escape", "z"):
            await press(pilot, key)
            assert len(lines(pilot)) == size[1]


@pytest.mark.parametrize("size", [(1, 1), (4, 40), (7, 7)])
@pytest.mark.parametrize("key", ["a", "f", "t"])
async def test_a_dialog_with_a_list_outlives_a_terminal_that_has_no_room_for_it(
    memory_file: Path, browse: Browse, size: tuple[int, int], key: str
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, key)
        before = [line for line in lines(pilot) if "\u256d" in line or "Esc" in line]
        await pilot.resize_terminal(*size)
        await settled(pilot)
        await press(pilot, "down", "up")
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert set(before) <= set(lines(pilot))


async def test_in_a_very_small_terminal_every_list_shows_the_row_of_the_cursor(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(30, 8), start="world_model") as pilot:
        assert any(line.startswith("\u25b8  infra") for line in lines(pilot))


@pytest.mark.parametrize(("width", "tabs"), [(60, "7 Hea [8 His] "), (30, "[8 His] ")])
async def test_the_pane_that_is_shown_has_its_tab_in_a_very_small_terminal(
    memory_file: Path, browse: Browse, width: int, tabs: str
) -> None:
    async with browse(memory_file, size=(width, 12), start="history") as pilot:
        assert tabs in lines(pilot)[0]


async def test_all_tabs_stay_where_only_a_long_name_would_have_no_space(
    memory_file: Path, browse: Browse
) -> None:
    named = memory_file.rename(memory_file.with_name("the-memory-of-kestrel.db"))
    async with browse(named) as pilot:
        for key, shown in (("2", "[2 Int]"), ("8", "[8 His]")):
            await press(pilot, key)
            top = lines(pilot)[0]
            assert "1 Ovr" in top
            assert shown in top
            assert "the-mem\u2026rel.db  live" in top


async def test_in_a_narrow_terminal_the_tabs_are_short(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(60, 24)) as pilot:
        assert "[2 Int] 3 Pat  4 Arc  5 Wld  6 Sea" in lines(pilot)[0]


async def test_with_some_space_the_tab_of_the_pane_is_spelled_out(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(96, 24)) as pilot:
        assert "[2 Interactions] 3 Pat  4 Arc  5 Wld  6 Sea" in lines(pilot)[0]
        assert "memory.db" in lines(pilot)[0]
