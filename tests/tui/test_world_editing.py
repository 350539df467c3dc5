"""Editing what a world model holds: as a new snapshot, never over what came meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore
from tests.tui.conftest import Browse, believed, lines, press, screen, stored, toasts
from tui.editing import FieldError
from tui.memory import Memory
from tui.world.editing import StateFields

WIDE = (120, 40)


async def test_a_value_is_edited_as_a_new_snapshot_with_the_trigger_manual_and_undone(
    worlds: Path, browse: Browse
) -> None:
    async def now(store: SQLiteStore) -> Any:
        [state] = [s for s in await store.get_active_world_models() if s["domain"] == "infra"]
        return state["entities"], await store.get_world_model_snapshots(domain="infra")

    before, _ = await stored(worlds, now)
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab", "e")
        assert "Edit orders-db.properties.engine of infra, as JSON" in screen(pilot)
        await press(pilot, "ctrl+u", "=mysql", "enter")
        assert "value: Line 1, column 1" in screen(pilot)
        await press(pilot, "ctrl+u", '="mysql"', "enter")
        assert "Edited orders-db.properties.engine in the world model of infra" in toasts(pilot)
        assert "B 0" not in lines(pilot)[3]
        after, snapshots = await stored(worlds, now)
        assert after[0]["properties"] == {"engine": "mysql"}
        assert after[1:] == before[1:]
        assert [each["trigger_event"] for each in snapshots][:2] == ["manual", "consolidation"]
        assert "contradiction" not in screen(pilot)
        entry = (await stored(worlds, lambda store: store.get_journal(1)))[0]
        assert (entry["actor"], entry["note"]) == (
            "person",
            "edited orders-db.properties.engine in the world model of infra",
        )
        await press(pilot, "u")
        restored, snapshots = await stored(worlds, now)
        assert restored == before
        assert len(snapshots) == 3


async def test_the_confidence_of_a_domain_is_edited_from_the_list(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "e", "ctrl+u", "=.25", "enter")
        assert ".25" in lines(pilot)[4]
    states = await stored(worlds, lambda store: store.get_active_world_models())
    assert {each["domain"]: each["confidence"] for each in states}["infra"] == 0.25


async def test_a_field_of_a_model_that_would_be_null_is_refused_and_no_snapshot_kept(
    worlds: Path,
) -> None:
    memory = Memory(worlds)
    await memory.open()
    try:
        before = await memory.store.get_data_version()
        state = (await memory.store.get_active_world_models())[0]
        with pytest.raises(FieldError, match="cannot be null"):
            await StateFields(state["id"]).save(memory, state, {"goals": None})
        assert await memory.store.get_data_version() == before
    finally:
        await memory.close()


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(
    worlds: Path, browse: Browse
) -> None:
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "tab", "e", "ctrl+u", '="sqlite"')
        async with SQLiteStore(worlds) as store:
            await store.add_world_model_state(believed("infra", 4, "oracle"))
        await press(pilot, "enter")
        assert "changed value meanwhile" in screen(pilot)
        assert "oracle" in screen(pilot)
        await press(pilot, "o")
        assert "u undoes it" in toasts(pilot)


async def test_what_the_model_no_longer_has_and_a_read_only_memory_cannot_be_edited(
    worlds: Path, browse: Browse
) -> None:
    async with SQLiteStore(worlds) as store:
        await store.add_world_model_state(believed("infra", 4, "", entities=[]))
    async with browse(worlds, size=WIDE) as pilot:
        await press(pilot, "5", "j", "tab", "j", "e")
        assert "The model as it is now has no" in toasts(pilot)
    async with browse(worlds, size=WIDE, read_only=True) as pilot:
        await press(pilot, "5", "e")
        assert "Nothing can be changed" in toasts(pilot)
