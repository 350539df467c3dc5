"""An import that was stopped, cancelled or run twice at once ends as one that was not."""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from storage import ImportProgress, SQLiteStore, get_sources, sync_source
from storage.importers import peek, reading, syncing
from tests.storage.importers import sessions
from tests.storage.importers.conftest import SAMPLES

MANY_STOPS = 200


class Stop:
    """Stops an import after so many looks at whether it is stopped: one a record or two."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


async def _held(store: SQLiteStore) -> tuple[list[tuple[str, str, str]], list[str], int]:
    told = [
        (each["interaction_id"], each["content"], each["metadata"].get("call", ""))
        for each in reversed(await store.get_recent_interactions(None))
    ]
    learnt = sorted(each["id"] for each in await store.get_patterns())
    return told, learnt, len(await store.get_world_model_snapshots(None))


@pytest.mark.parametrize(
    "name", sorted(path.name for path in SAMPLES.glob("l*.db")), ids=lambda name: name[:-3]
)
async def test_what_is_stopped_after_each_record_goes_on_without_loss(
    name: str, tmp_path: Path, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shutil.copy(SAMPLES / name, tmp_path / name)
    async with SQLiteStore(tmp_path / "whole.db") as whole:
        await sync_source(whole, source)
        expected = await _held(whole)
    monkeypatch.setattr(reading, "_MOST_ITEMS", 1)
    for looks in range(1, MANY_STOPS):
        report = await sync_source(store, source, cancel=Stop(looks))
        if report.is_complete:
            break
    assert report.is_complete
    assert (report.updated, report.archived) == (0, 0)
    assert await _held(store) == expected


async def _told(store: SQLiteStore) -> list[str]:
    return [each["content"] for each in reversed(await store.get_recent_interactions(None))]


async def test_an_import_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(3500)))
    first = await sync_source(store, path, cancel=Stop(2))
    assert not first.is_complete
    assert 0 < first.added < 3500
    second = await sync_source(store, path)
    assert second.is_complete
    assert first.added + second.added == 3500
    assert await _told(store) == [str(each) for each in range(3500)]


async def test_a_cancelled_task_leaves_whole_batches_and_loses_nothing(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(12_000)))
    told = asyncio.Event()

    def progress(_: ImportProgress) -> None:
        told.set()

    task = asyncio.create_task(sync_source(store, path, progress=progress))
    await told.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    there = len(await store.get_recent_interactions(None))
    assert there in (10_000, 12_000)
    await sync_source(store, path)
    assert await _told(store) == [str(each) for each in range(12_000)]


@pytest.mark.parametrize("way", ["by the task", "by the sign"])
async def test_an_import_stops_while_it_still_looks_for_files_in_a_folder(
    way: str, tmp_path: Path, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []
    begun = threading.Event()
    stop = threading.Event()
    look = peek.look_at

    def slowly(path: Path, *, is_counted: bool = True) -> peek.Look:
        seen.append(path)
        begun.set()
        stop.wait()
        return look(path, is_counted=is_counted)

    folder = tmp_path / "projects"
    folder.mkdir()
    shutil.copy(SAMPLES / "claude-code.jsonl", folder / "a.jsonl")
    await sync_source(store, folder)
    for number in range(100):
        shutil.copy(SAMPLES / "claude-code.jsonl", folder / f"{number}.jsonl")
    monkeypatch.setattr(syncing, "look_at", slowly)
    task = asyncio.create_task(
        sync_source(store, folder, cancel=stop if way == "by the sign" else None)
    )
    await asyncio.to_thread(begun.wait)
    if way == "by the task":
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        stop.set()
    else:
        stop.set()
        assert not (await task).is_complete
    # The default executor runs it once what it began before has ended.
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(seen) == 1
    assert len(await store.get_recent_interactions(None)) == 10


async def test_progress_goes_up_to_all_of_it(tmp_path: Path, store: SQLiteStore) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(1500)))
    seen: list[int] = []
    await sync_source(store, path, progress=lambda each: seen.append(each.records))
    assert seen[-1] == 1500


async def test_two_processes_that_import_at_once_add_nothing_twice(tmp_path: Path) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(3000)))
    file = tmp_path / "memory.db"
    async with SQLiteStore(file) as one, SQLiteStore(file) as other:
        reports = await asyncio.gather(sync_source(one, path), sync_source(other, path))
        assert sum(each.added for each in reports) == 3000
        sessions.execute(path, "DELETE FROM agent_messages WHERE id = 7")
        assert (await sync_source(one, path)).archived == 1
        assert len(await _told(other)) == 2999
        assert len(await get_sources(one)) == 1


async def test_what_was_deleted_while_an_import_stood_still_is_found(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(2500)))
    await sync_source(store, path, cancel=Stop(1))
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 7")
    report = await sync_source(store, path)
    assert report.archived == 1
    assert len(await _told(store)) == 2499


async def test_what_was_changed_while_an_import_stood_still_is_followed(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", map(str, range(2500)))
    assert (await sync_source(store, path, cancel=Stop(1))).added > 0
    data = '{"content": "changed"}'
    sessions.execute(path, "UPDATE agent_messages SET message_data = ? WHERE id = 1", data)
    report = await sync_source(store, path)
    assert (report.updated, (await _told(store))[0]) == (1, "changed")
