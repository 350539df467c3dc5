"""A memory that is damaged in places: what cannot be read is never told as nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage import legacy
from tests.storage.stored import outside
from tests.tui.conftest import Browse, screen


def damaged(path: Path, table: str) -> Path:
    with outside(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    legacy.damage(path, table)
    return path


def indexes_of(path: Path, table: str) -> list[str]:
    with outside(path) as connection:
        return [name for _, name, *_ in connection.execute(f"PRAGMA index_list({table})")]


@pytest.mark.parametrize(
    ("pane", "table", "nothing"),
    [
        ("interactions", "interactions", "No interactions yet"),
        ("patterns", "patterns", "No patterns yet"),
        ("archive", "archived_interactions", "The archive is empty"),
        ("world_model", "world_model_states", "No world model yet"),
        ("history", "memglass_journal", "No changes yet"),
    ],
)
async def test_a_list_that_cannot_be_read_says_why_and_not_that_there_is_nothing(
    memory_file: Path, browse: Browse, pane: str, table: str, nothing: str
) -> None:
    async with browse(damaged(memory_file, table), start=pane, size=(140, 30)) as pilot:
        pilot.app.clear_notifications()
        await pilot.pause()
        assert "damaged" in screen(pilot)
        assert nothing not in screen(pilot)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("interactions", "interactions"),
        ("patterns", "patterns"),
        ("archived_interactions", "archived interactions"),
        ("memglass_journal", "changes in the journal"),
    ],
)
async def test_a_damaged_table_hides_neither_leads_nor_the_counts_of_others(
    memory_file: Path, browse: Browse, table: str, kind: str
) -> None:
    for each in [table, *indexes_of(memory_file, table)]:
        # Rows are counted by whatever index there is.
        damaged(memory_file, each)
    async with browse(memory_file, start="overview", size=(120, 70)) as pilot:
        shown = screen(pilot)
        assert f"1 damage of the file: {table}" in shown
        assert f"?  {kind}, in a damaged table" in shown
        assert "1  world model " in shown
        assert "not yet taken into it" in shown


async def test_days_that_cannot_be_read_are_not_told_as_none(
    memory_file: Path, browse: Browse
) -> None:
    path = damaged(memory_file, "archived_interactions")
    async with browse(path, start="overview", size=(120, 30)) as pilot:
        assert "Activity" in screen(pilot)
        assert "No interactions yet" not in screen(pilot)
