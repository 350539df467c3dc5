"""A record that several sources hold, as copies of one file do: what one says, the others know."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from storage import SQLiteStore, get_diverged, sync_source
from tests.storage.importers import sessions

Sample = Callable[[str], Path]
CHANGE = "UPDATE agent_messages SET message_data = json_object('content', ?) WHERE id = 1"


async def _two(store: SQLiteStore, folder: Path) -> tuple[Path, Path]:
    first = sessions.make(folder / "first.db", ["one", "two"], wal=False)
    second = Path(shutil.copy(first, folder / "second.db"))
    for path in (first, second):
        await sync_source(store, path)
    return first, second


async def _told(store: SQLiteStore) -> str | None:
    record = await store.get_interaction("openai:s:1")
    return None if record is None else record["content"]


async def test_what_one_copy_changed_is_no_change_of_a_person(
    tmp_path: Path, store: SQLiteStore
) -> None:
    first, second = await _two(store, tmp_path)
    for path, text in ((first, "v2"), (second, "v2"), (second, "v3"), (first, "v4")):
        sessions.execute(path, CHANGE, text)
        report = await sync_source(store, path)
        assert (report.updated, report.diverged) == (1, 0)
        assert await get_diverged(store) == []
    assert await _told(store) == "v4"


async def test_what_a_person_undid_of_one_copy_stays_undone(
    tmp_path: Path, store: SQLiteStore
) -> None:
    first, second = await _two(store, tmp_path)
    sessions.execute(first, CHANGE, "v2")
    await store.undo((await sync_source(store, first)).transactions[0])
    for path in (first, second):
        sessions.execute(path, CHANGE, "v3")
        assert (await sync_source(store, path)).diverged == 1
    assert await _told(store) == "one"


async def test_what_is_gone_from_one_copy_follows_it_again_when_it_is_back(
    tmp_path: Path, store: SQLiteStore
) -> None:
    first, _ = await _two(store, tmp_path)
    columns = "id, session_id, message_data AS data, created_at"
    sessions.execute(first, f"CREATE TABLE kept AS SELECT {columns} FROM agent_messages")
    sessions.execute(first, "DELETE FROM agent_messages WHERE id = 1")
    assert (await sync_source(store, first)).archived == 0
    sessions.execute(first, "INSERT INTO agent_messages SELECT * FROM kept WHERE id = 1")
    report = await sync_source(store, first)
    assert (report.restored, report.diverged, report.unchanged) == (0, 0, 2)
    sessions.execute(first, CHANGE, "v2")
    assert (await sync_source(store, first)).updated == 1
    assert await _told(store) == "v2"


async def test_what_is_gone_from_one_source_comes_back_with_another_that_has_it(
    tmp_path: Path, store: SQLiteStore
) -> None:
    first = sessions.make(tmp_path / "first.db", ["one", "two"], wal=False)
    second = Path(shutil.copy(first, tmp_path / "second.db"))
    await sync_source(store, first)
    sessions.execute(first, "DELETE FROM agent_messages WHERE id = 1")
    assert (await sync_source(store, first)).archived == 1
    report = await sync_source(store, second)
    assert (report.restored, report.added, report.unchanged) == (1, 0, 1)
    assert await _told(store) == "one"
    assert await store.get_archived_interactions() == []
    assert await get_diverged(store) == []
