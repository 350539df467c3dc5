"""A source in whose place something of another format stands since it was read."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import SQLiteStore, explain_divergence, get_diverged, get_sources, sync_source
from tests.storage.importers import transcripts
from tests.storage.importers.conftest import SAMPLES

Sample = Callable[[str], Path]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("claude-code.jsonl", "openai-agents.db"),
        ("openai-agents.db", "claude-code.jsonl"),
        ("llm-logs.db", "mcp-memory.jsonl"),
        ("langgraph-checkpoints.db", "mem0-history.db"),
    ],
)
async def test_what_is_of_another_format_now_is_read_anew_and_what_stood_there_is_gone(
    first: str, then: str, tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "source"
    shutil.copy(SAMPLES / first, path)
    await sync_source(store, path)
    before = {each["interaction_id"] for each in await store.get_recent_interactions(None)}
    path.unlink()
    shutil.copy(SAMPLES / then, path)
    report = await sync_source(store, path)
    assert (report.archived, report.is_complete) == (len(before), True)
    again = await sync_source(store, path)
    assert (again.format, again.changed) == (report.format, 0)
    (source,) = await get_sources(store)
    assert (source.format, source.records) == (report.format, report.added)


async def test_a_folder_in_the_place_of_a_file_is_read_as_a_folder(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mcp-memory.jsonl")
    await sync_source(store, path)
    path.unlink()
    transcripts.write(path / "t.jsonl", transcripts.message(0, "hello"))
    report = await sync_source(store, path)
    assert (report.format, report.added) == ("claude-code", 1)
    shutil.rmtree(path)
    shutil.copy(SAMPLES / "mcp-memory.jsonl", path)
    report = await sync_source(store, path)
    assert (report.format, report.archived, report.is_complete) == ("mcp-memory", 1, True)


async def test_checkpoints_beside_which_a_store_was_put_are_both_from_then_on(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-checkpoints.db")
    added = (await sync_source(store, path)).added
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ATTACH ? AS other", (str(SAMPLES / "langgraph-store.db"),))
        raw.execute("CREATE TABLE store AS SELECT * FROM other.store")
        raw.commit()
    report = await sync_source(store, path)
    assert (report.format, report.unchanged, report.archived) == ("langgraph", added, 0)
    (source,) = await get_sources(store)
    assert source.title == "LangGraph store and checkpoints"
    item = (await store.get_patterns())[0]["id"]
    await store.archive_patterns([item], "wrong")
    (diverged,) = await get_diverged(store)
    assert (await explain_divergence(store, diverged)).is_there
