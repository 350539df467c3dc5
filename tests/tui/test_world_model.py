"""The world model pane: going through time, following an entity, other sides, why."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from storage import SQLiteStore
from tests.storage.stored import outside
from tests.tui.asking import look
from tests.tui.conftest import (
    START,
    Browse,
    believed,
    fill,
    interaction,
    lines,
    press,
    screen,
    toasts,
)
from tui.widgets.diff_list import DiffList

NARROW, WIDE = (80, 24), (120, 40)
OLDER, NEWER = "left_square_bracket", "right_square_bracket"


async def test_the_world_models_of_two_sessions_are_told_apart(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "sessions.db"
    async with SQLiteStore(path) as store:
        for day, session in enumerate(("s-1", "s-2"), 1):
            await store.add_world_model_state(believed("infra", day, "x", session_id=session))
    async with browse(path, start="world_model", size=WIDE) as pilot:
        assert next(line for line in lines(pilot) if "[B]" in line).rstrip().endswith("s-2")
        await press(pilot, OLDER)
        assert next(line for line in lines(pilot) if "[B]" in line).rstrip().endswith("s-1")


async def test_contradicting_domains_come_first_and_say_so(worlds: Path, browse: Browse) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5")
        assert [line.split()[0].strip("▸") or line.split()[1] for line in lines(pilot)[4:7]] == [
            "infra",
            "orders",
            "calm",
        ]
        assert "1 contradiction between domains" in screen(pilot)
        assert "!  orders-db.properties.engine" in screen(pilot)
        assert "orders says mysql" in screen(pilot)
        await press(pilot, "[")
        assert "now postgres" in screen(pilot)


async def test_why_says_where_more_happened_meanwhile_than_it_shows(
    worlds: Path, browse: Browse
) -> None:
    async with SQLiteStore(worlds) as store:
        when = START + timedelta(days=2, hours=1)
        said = [interaction(number, timestamp=when) for number in range(100, 1300)]
        ids = await store.add_interactions(said)
        await store.archive_interactions(ids[:1100], "consolidated_to_working", "pat-run")
        await store.add_patterns(
            {"name": f"n{number}", "pattern_type": "t", "created_at": when} for number in range(65)
        )
    with outside(worlds) as raw:
        raw.execute("UPDATE archived_interactions SET archived_at = ?", (when.isoformat(),))
    async with browse(worlds, size=(140, 150)) as pilot:
        await press(pilot, "5", "w")
        shown = screen(pilot)
        assert "at least 1,000 interactions consolidated_to_working pat-run" in shown
        assert "and more before these: 5." in shown
        assert shown.count("and more before these") == 3


async def test_h_on_a_domain_tells_the_history_of_the_record_that_is_looked_at(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "H")
        assert "[History]" in screen(pilot)
        assert "could not be read" not in screen(pilot)


async def test_one_key_goes_to_the_other_side_and_back(worlds: Path, browse: Browse) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "o")
        assert "infra says postgres" in screen(pilot)
        assert "orders, snapshot" in screen(pilot)
        await press(pilot, "o")
        assert "orders says mysql" in screen(pilot)
        await press(pilot, "G", "o")
        assert "No other domain contradicts" in toasts(pilot)


async def test_a_line_of_another_diff_is_not_marked_as_changed(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        for key in ("5", "o", "[", "S"):
            await press(pilot, key)
            table = pilot.app.query_one(DiffList).table
            assert table.keys
            assert {table.fresh.sign(each) for each in table.keys} == {""}, key


async def test_a_diff_can_be_painted_while_it_turns_to_the_other_way(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab")
        changes = pilot.app.screen.query_one(DiffList)
        for _ in range(2):
            # What is selected is looked for among the new rows before they are shown.
            changes.table.marks.toggle(changes.table.cursor_key)
            turning = asyncio.create_task(changes.toggle_sides())
            while not turning.done():
                await asyncio.sleep(0)
                assert [changes.table.render_line(y) for y in range(4)]
            await turning


async def test_brackets_step_through_time_up_to_now(worlds: Path, browse: Browse) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5")
        assert "○──[A]──[B]──●" in lines(pilot)[2]
        assert "~  orders-db.properties.engine" in screen(pilot)
        await press(pilot, OLDER)
        assert "[A]──[B]──○──●" in lines(pilot)[2]
        assert "~  orders-db.properties.engine" not in screen(pilot)
        await press(pilot, OLDER)
        assert "[B]──○──○──●" in lines(pilot)[2]
        assert "The first snapshot:" in screen(pilot)
        await press(pilot, NEWER, NEWER, NEWER)
        assert "○──○──[A]──[B]" in lines(pilot)[2]
        assert "infra, as it is now" in screen(pilot)


async def test_any_two_points_can_be_compared(worlds: Path, browse: Browse) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", OLDER, OLDER, "D")
        assert "[A=B]" in lines(pilot)[2]
        await press(pilot, NEWER, NEWER)
        assert "[A]──○──[B]" in lines(pilot)[2]
        assert ".60" in screen(pilot)
        assert ".80" in screen(pilot)


async def test_the_diff_is_unified_where_it_is_narrow_and_a_key_turns_it(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=NARROW) as pilot:
        await press(pilot, "5")
        assert "-  orders-db.properties.engine  mysql" in screen(pilot)
        assert "+  orders-db.properties.engine  postgres" in screen(pilot)
        await press(pilot, "S")
        assert "~  orders-db.properties.engine" in screen(pilot)
        await press(pilot, "S")
        assert "+  orders-db.properties.engine  postgres" in screen(pilot)


async def test_enter_on_a_change_tells_the_history_and_goes_to_a_snapshot_of_it(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab", "enter")
        shown = screen(pilot)
        assert "appeared 03-02 09:00, changed 03-04 09:00 by consolidation" in shown
        assert "Domains disagree on properties.engine" in shown
        await press(pilot, "end", "enter")
        assert "snapshot 1 " in screen(pilot) or "snapshot 4 " in screen(pilot)


async def test_the_tree_grows_one_hop_at_a_time_and_marks_circles(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "v", "tab", "j", "j", "enter")
        assert "──asks──▸ nobody  not known here" in screen(pilot)
        assert "──uses──▸ orders-db" in screen(pilot)
        assert "◂──serves── orders-db" in screen(pilot)
        await press(pilot, "j", "j", "j", "enter")
        assert "──serves──▸ api  (service)  ↺ stands above" in screen(pilot)
        await press(pilot, "H")
        assert "orders-db  appeared" in screen(pilot)
        # On what is no entity it means the world model, as anywhere else in the pane.
        await press(pilot, "escape", "g", "H")
        assert "[History]" in screen(pilot)


async def test_the_history_of_a_changed_confidence_is_that_of_the_model(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab")
        changes = pilot.app.screen.query_one(DiffList)
        changes.go_to(next(row["number"] for row in changes.rows if row["diff"].key is None))
        await press(pilot, "H")
        assert "[History]" in screen(pilot)


async def test_why_tells_the_trigger_and_what_was_recorded_meanwhile(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "w")
        assert "consolidation, 24 h after the" in screen(pilot)
        assert "we moved it" in screen(pilot)
        await press(pilot, "tab", "j", "enter")
        assert "[2 Interactions]" in screen(pilot)
        assert "int-0001" in screen(pilot)


async def test_an_agent_that_writes_moves_neither_the_tree_nor_the_list_of_causes(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "w", "tab", "j")
        assert "we moved it" in _under_cursor(pilot)
        async with SQLiteStore(worlds) as agent:
            await agent.add_interaction(interaction(2))
            await look(pilot)
            assert "we moved it" in _under_cursor(pilot)
            await press(pilot, "tab", "v", "v", "v", "v", "v", "v", "tab", "j", "j", "enter", "j")
            assert 'id  "api"' in _under_cursor(pilot)
            await agent.add_world_model_state(believed("infra", 5, "mysql"))
            await look(pilot)
            assert "snapshot 6" in screen(pilot)
            assert 'id  "api"' in _under_cursor(pilot)


def _under_cursor(pilot: Pilot[None]) -> str:
    return next(
        line for line in lines(pilot) if "\u2502\u25b8" in line[:90] and "snapshot" not in line
    )


async def test_why_of_an_entity_looks_at_the_time_when_it_last_changed(
    worlds: Path, browse: Browse
) -> None:
    async with SQLiteStore(worlds) as store:
        await store.add_world_model_state(believed("infra", 5, "postgres"))
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab", "w")
        assert "asked about         03-04 09:00  orders-db, changed" in screen(pilot)
        assert "we moved it" in screen(pilot)


async def test_odd_models_are_shown_as_far_as_they_can_be_read(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "odd.db"
    await fill(path, 1)
    with closing(sqlite3.connect(path)) as raw, raw:
        for data in (
            "{",
            "[1, 2]",
            '{"domain": 7, "entities": {"a": null, "b": "x"}, "relations": "odd"}',
            '{"domain": "infra", "entities": ["Ada", 1, null, [2]], "relations": [null]}',
            '{"domain": "[/nope]\\u001b]52;c;x\\u0007", "entities": [{"id": "[@click=app.quit]"}]}',
        ):
            raw.execute(
                "INSERT INTO world_model_snapshots (world_model_id, snapshot_time, snapshot_data)"
                " VALUES ('gone', '2026-05-01', ?)",
                (data,),
            )
        raw.execute("UPDATE world_model_states SET entities = '[{', domain = 'infra'")
    async with browse(path, size=WIDE) as pilot:
        await press(pilot, "5")
        for _ in range(3):
            await press(pilot, OLDER)
            for key in ("S", "v", "v", "v"):
                await press(pilot, key)
                assert "could not be read" not in screen(pilot)
            await press(pilot, "v", "v", "v", "tab", "e", "escape", "escape", "j")
        assert "did not work" not in toasts(pilot)
