"""Where a turn became part of a pattern: said beside it, and never waited for."""

from __future__ import annotations

from pathlib import Path

from storage import SQLiteStore
from tests.tui.conftest import Browse, fill, interaction, lines, pattern, press
from tui.panes.naming import Naming


async def test_a_turn_that_patterns_name_says_so_and_others_do_not(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "memory.db"
    await fill(path, 6)
    async with browse(path) as pilot:
        (line,) = [line for line in lines(pilot) if "\u2192 pattern" in line]
        assert "turn 1 " in line
        await press(pilot, "z")
        await pilot.resize_terminal(50, 24)
        await press(pilot, "j")
        assert not any("\u2192" in line for line in lines(pilot))


async def test_a_memory_without_such_turns_has_no_column_for_it(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions([interaction(1)])
    async with browse(path) as pilot:
        assert not any("became" in line for line in lines(pilot))


async def test_what_is_no_longer_named_is_forgotten(tmp_path: Path) -> None:
    naming, row = Naming(), {"record_id": "int-0001"}
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_pattern(pattern(1))
        naming.want([row, None])
        assert await naming.read(store)
        (column,) = naming.columns([])
        assert column.cell(row) == "\u2192 pattern"
        assert column.cell({"record_id": "int-0002"}) == ""
        await store.update_pattern("pat-1", metadata={})
        naming.want([row])
        assert await naming.read(store)
        assert naming.columns([]) == []
        naming.want([row])
        assert not await naming.read(store)
