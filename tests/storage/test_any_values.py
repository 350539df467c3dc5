"""Every reading works and tells every row, whatever an agent or a fault left in any column."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import HealthProgress, SQLiteStore
from tests.chance import examples
from tests.storage.stored import COMPLETE_INTERACTIONS, FEEDBACK, NOT_NULL, VALUES, outside, put

TABLES = (
    *("interactions", "complete_interactions", "patterns", "archived_interactions"),
    *("archived_patterns", "world_model_states", "world_model_snapshots", "memglass_notes"),
    *("memglass_archived_rows", "feedback"),
)
KINDS = {
    "interaction": ("interactions", "complete_interactions"),
    "pattern": ("patterns",),
    "archived_interaction": ("archived_interactions",),
    "archived_pattern": ("archived_patterns",),
    "world_model_state": ("world_model_states",),
    "snapshot": ("world_model_snapshots",),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("values") / "memory.db"

    async def migrate() -> None:
        async with SQLiteStore(path):
            return

    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
        connection.execute(FEEDBACK)
    asyncio.run(migrate())
    with outside(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


async def read_everything(store: SQLiteStore, counts: dict[str, int]) -> None:
    interactions = counts["interactions"] + counts["complete_interactions"]
    recent = await store.get_recent_interactions(None)
    assert len(recent) == interactions
    for record in recent:
        assert await store.get_interaction(record["interaction_id"])
    patterns = await store.get_patterns()
    assert len(patterns) == counts["patterns"]
    assert sum((await store.get_pattern_types()).values()) == counts["patterns"]
    for record in patterns:
        assert await store.get_pattern(str(record["id"]))
    archived = await store.get_archived_interactions(limit=None)
    assert len(archived) == counts["archived_interactions"]
    assert len(await store.get_archived_patterns(limit=None)) == counts["archived_patterns"]
    statistics = await store.get_archive_statistics()
    assert sum(statistics["interactions"].values()) == counts["archived_interactions"]
    assert sum(statistics["rows"].values()) == counts["memglass_archived_rows"]
    assert len(await store.get_world_model_snapshots(None)) == counts["world_model_snapshots"]
    await store.get_active_world_models()
    assert len(await store.get_notes()) == counts["memglass_notes"]
    tables = (await store.get_statistics())["tables"]
    assert {name: tables[name]["rows"] for name in counts} == counts
    for kind, names in KINDS.items():
        summaries = await store.get_summaries(kind, await store.list_keys(kind))
        assert len(summaries) == sum(counts[name] for name in names)
        for summary in summaries:
            assert summary
            assert await store.get_record(kind, summary["record_id"])
            assert await store.get_row(kind, summary["record_id"])
    progress = [each async for each in store.check_health() if isinstance(each, HealthProgress)]
    assert progress[-1].done == progress[-1].total


@settings(max_examples=examples(30), deadline=None)
@given(data=st.data())
def test_whatever_stands_in_any_column_can_be_read(template: Path, data: st.DataObject) -> None:
    async def open_and_read(path: Path) -> None:
        async with SQLiteStore(path, read_only=True) as store:
            await read_everything(store, counts)

    counts = dict.fromkeys(TABLES, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "memory.db"))
        with outside(path) as connection:
            for table in TABLES:
                described = connection.execute(f"PRAGMA table_info({table})").fetchall()
                for i in range(data.draw(st.integers(0, 2))):
                    row: dict[str, Any] = {}
                    for _, name, type_, required, _, is_key in described:
                        if is_key:
                            # Two tables have interactions: what names one must not name another.
                            row |= {} if type_ == "INTEGER" else {name: f"{table} {i}"}
                        elif name == "interaction_id":
                            row[name] = data.draw(st.sampled_from([None, b"%d" % i, f"id {i}"]))
                        else:
                            row[name] = data.draw(NOT_NULL if required else VALUES)
                    put(connection, table, row)
                    counts[table] += 1
        asyncio.run(open_and_read(path))
