"""A source and its memory: nothing twice, nothing lost, and what a person did here stays."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    FileError,
    ReadOnlyError,
    SQLiteStore,
    get_diverged,
    get_sources,
    sync_source,
)
from tests.storage.importers import sessions
from tests.storage.importers.conftest import SAMPLES

Sample = Callable[[str], Path]


async def _told(store: SQLiteStore) -> list[str]:
    return [each["content"] for each in reversed(await store.get_recent_interactions(None))]


# Again and again.


@pytest.mark.parametrize(
    "name",
    [
        *("openai-agents.db", "mcp-memory.jsonl", "mem0-history.db", "langgraph-store.db"),
        *(
            "langgraph-checkpoints.db",
            "langgraph-both.db",
            "langgraph-delta.db",
            "llm-logs.db",
            "llm-logs-0.27.db",
        ),
        *("llm-tools.db", "llm-tools-0.26.db"),
    ],
)
async def test_what_is_imported_twice_is_imported_once(
    name: str, sample: Sample, store: SQLiteStore
) -> None:
    path = sample(name)
    first = await sync_source(store, path)
    # Touched, so that it is read again.
    os.utime(path, (1, 1))
    second = await sync_source(store, path)
    assert first.added > 0
    assert (second.changed, second.diverged, second.transactions) == (0, 0, [])
    assert second.is_complete


async def test_a_source_that_was_not_written_is_not_read(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("openai-agents.db")
    await sync_source(store, path)
    version = await store.get_data_version()
    report = await sync_source(store, path)
    assert report.unchanged == 0
    assert await store.get_data_version() == version


async def test_of_a_source_that_grew_only_what_is_new_is_added(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two"])
    await sync_source(store, path)
    sessions.say(path, "three")
    report = await sync_source(store, path)
    assert (report.added, report.updated, report.archived) == (1, 0, 0)
    assert await _told(store) == ["one", "two", "three"]


async def test_what_the_source_deleted_is_archived_and_comes_back_with_it(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two", "three"])
    await sync_source(store, path)
    (before,) = await store.get_recent_interactions(1)
    data = {"role": "user", "content": "two"}
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 2")
    assert (await sync_source(store, path)).archived == 1
    (gone,) = await store.get_archived_interactions(archive_reason="gone_from_source")
    assert gone["record"]["content"] == data["content"]
    sessions.execute(
        path,
        "INSERT INTO agent_messages (id, session_id, message_data, created_at)"
        ' SELECT 2, \'s\', \'{"role": "user", "content": "two"}\', created_at'
        " FROM agent_messages WHERE id = 1",
    )
    report = await sync_source(store, path)
    assert (report.restored, report.added) == (1, 0)
    assert await _told(store) == ["one", "two", "three"]
    assert await store.get_recent_interactions(1) == [before]


async def test_what_the_source_changed_is_changed_and_can_be_undone(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two"])
    await sync_source(store, path)
    sessions.execute(
        path,
        'UPDATE agent_messages SET message_data = \'{"content": "2", "x": 1.10}\' WHERE id = 2',
    )
    report = await sync_source(store, path)
    assert report.updated == 1
    assert await _told(store) == ["one", "2"]
    with closing(sqlite3.connect(store.path)) as raw:
        (details,) = raw.execute("SELECT details FROM interactions WHERE id = 2").fetchone()
    assert details == '{"content": "2", "x": 1.10}'
    await store.undo(report.transactions[0])
    assert await _told(store) == ["one", "two"]


# What a person did here.


async def test_what_a_person_edited_or_archived_stays_so_and_is_named(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two", "three", "four"])
    await sync_source(store, path)
    await store.update_interaction("openai:s:1", content="ONE")
    await store.archive_interactions(["openai:s:2"], "wrong")
    await store.update_interaction("openai:s:3", content="THREE")
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 3")
    sessions.execute(path, 'UPDATE agent_messages SET message_data = \'{"content": "x"}\'')
    report = await sync_source(store, path)
    assert (report.diverged, report.updated, report.archived) == (3, 1, 0)
    assert await _told(store) == ["ONE", "THREE", "x"]
    diverged = {each.record_id: (each.how, each.reason) for each in await get_diverged(store)}
    assert diverged == {
        "openai:s:1": ("edited", None),
        "openai:s:2": ("archived", "wrong"),
        "openai:s:3": ("edited", None),
    }


async def test_what_a_person_keeps_though_it_is_gone_is_looked_for_once(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", (f"turn {number}" for number in range(2500)))
    await sync_source(store, path)
    await store.update_interaction("openai:s:1", content="ONE")
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 1")
    assert (await sync_source(store, path)).diverged == 1
    for number in range(2):
        sessions.say(path, f"more {number}")
        # Who follows compares a thousand rows a call, and all of them only where one is lost.
        report = await sync_source(store, path, follows=True)
        assert (report.added, report.diverged) == (1, 0)


async def test_a_change_that_was_undone_is_no_divergence(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one"])
    await sync_source(store, path)
    async with store.transaction() as tx:
        await store.archive_interactions(["openai:s:1"], "wrong")
    await store.undo(tx.id)
    assert await get_diverged(store) == []


async def test_what_a_person_restored_from_the_gone_stays(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two"])
    await sync_source(store, path)
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 2")
    await sync_source(store, path)
    await store.restore_interactions(["openai:s:2"])
    sessions.say(path, "three")
    await sync_source(store, path)
    assert await _told(store) == ["one", "two", "three"]


async def test_a_record_of_ones_own_under_the_same_id_is_left_alone(
    tmp_path: Path, store: SQLiteStore
) -> None:
    await store.add_interaction({"interaction_id": "openai:s:1", "content": "mine"})
    report = await sync_source(store, sessions.make(tmp_path / "s.db", ["one", "two"]))
    assert (report.added, report.diverged) == (1, 1)
    assert sorted(await _told(store)) == ["mine", "two"]


# The source is only read.


def _photograph(folder: Path) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}


@pytest.mark.parametrize("wal", [True, False])
async def test_a_source_at_rest_is_left_as_it_was_with_nothing_beside_it(
    tmp_path: Path, store: SQLiteStore, *, wal: bool
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = sessions.make(folder / "s.db", ["one", "two"], wal=wal)
    before = _photograph(folder)
    await sync_source(store, path)
    assert _photograph(folder) == before


async def test_a_source_that_is_being_written_is_read_with_what_stands_in_its_wal(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one"])
    with closing(sqlite3.connect(path, timeout=0)) as writer:
        insert = "INSERT INTO agent_messages (session_id, message_data) VALUES ('s', ?)"
        writer.execute(insert, ('{"content": "two"}',))
        writer.commit()
        files = (path, Path(f"{path}-wal"))
        before = [hashlib.sha256(each.read_bytes()).digest() for each in files]
        # A transaction that is open is neither waited for nor seen.
        writer.execute(insert, ('{"content": "three"}',))
        assert (await sync_source(store, path)).added == 2
        assert [hashlib.sha256(each.read_bytes()).digest() for each in files] == before
        writer.commit()
        assert (await sync_source(store, path, follows=True)).added == 1
    assert await _told(store) == ["one", "two", "three"]


async def test_a_memory_that_is_open_read_only_is_not_filled(
    tmp_path: Path, sample: Sample
) -> None:
    async with SQLiteStore(tmp_path / "m.db"):
        pass
    async with SQLiteStore(tmp_path / "m.db", read_only=True) as store:
        with pytest.raises(ReadOnlyError):
            await sync_source(store, sample("openai-agents.db"))
        assert await get_sources(store) == []
        assert await get_diverged(store) == []


# What it knows of it.


async def test_a_memory_knows_its_sources(sample: Sample, store: SQLiteStore) -> None:
    path = sample("openai-agents.db")
    await sync_source(store, path)
    (source,) = await get_sources(store)
    assert (source.path, source.format, source.records) == (path, "openai-agents", 7)
    assert (source.synced_at is not None, source.is_missing) == (True, False)
    path.unlink()
    (source,) = await get_sources(store)
    assert source.is_missing
    with pytest.raises(FileError):
        await sync_source(store, path)
    assert len(await _told(store)) == 7


async def test_a_state_that_json_cannot_say_is_kept_with_escapes(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "g.db"
    shutil.copyfile(SAMPLES / "langgraph-checkpoints.db", path)
    sessions.execute(
        path,
        'UPDATE checkpoints SET metadata = \'{"source": "\\ud83d", "step": 1}\' WHERE rowid = 1',
    )
    report = await sync_source(store, path)
    assert report.is_complete
    assert len(await store.get_world_model_snapshots()) == 9
