"""A change that a person made here and undid: what the source did meanwhile is followed then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage import SQLiteStore, get_diverged, get_sources, sync_source
from tests.storage.importers import sessions, transcripts

Sample = Callable[[str], Path]
ENTITY = '{"type":"entity","name":"%s","entityType":"person","observations":[]}\n'


async def _told(store: SQLiteStore) -> list[str]:
    return [each["content"] for each in reversed(await store.get_recent_interactions(None))]


@pytest.mark.parametrize("how", ["edited", "archived"])
async def test_what_the_source_changed_comes_in_once_the_change_here_is_undone(
    how: str, tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", "two", "three"])
    await sync_source(store, path)
    async with store.transaction() as tx:
        if how == "edited":
            await store.update_interaction("openai:s:1", content="mine")
            await store.update_interaction("openai:s:2", content="mine")
        else:
            await store.archive_interactions(["openai:s:1", "openai:s:2"], "wrong")
    sessions.execute(path, 'UPDATE agent_messages SET message_data = \'{"content": "1"}\'')
    sessions.execute(path, "DELETE FROM agent_messages WHERE id = 2")
    assert (await sync_source(store, path)).diverged == 2
    assert (await sync_source(store, path)).unchanged == 0
    await store.undo(tx.id)
    report = await sync_source(store, path)
    assert (report.updated, report.archived, report.troubles) == (1, 1, [])
    assert await _told(store) == ["1", "1"]
    assert (await sync_source(store, path)).unchanged == 0
    sessions.say(path, "four")
    report = await sync_source(store, path)
    assert (report.added, report.troubles) == (1, [])
    assert (await get_sources(store))[0].records == 3
    sessions.execute(path, 'UPDATE agent_messages SET message_data = \'{"content": "2"}\'')
    assert (await sync_source(store, path)).updated == 3


async def test_a_transcript_that_went_on_is_followed_too(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "t"
    lines = [transcripts.message(number, f"line {number}") for number in range(3)]
    path = transcripts.write(folder / "t.jsonl", *lines)
    await sync_source(store, folder)
    async with store.transaction() as tx:
        await store.update_interaction("claude:u-1", content="mine")
    transcripts.write(path, lines[0], transcripts.message(1, "redacted"), lines[2])
    assert (await sync_source(store, folder)).diverged == 1
    await store.undo(tx.id)
    transcripts.append(path, transcripts.message(3, "line 3") + b"\n")
    report = await sync_source(store, folder)
    assert (report.added, report.updated) == (1, 1)
    assert await _told(store) == ["line 0", "redacted", "line 2", "line 3"]


async def test_what_left_its_folder_with_its_file_goes_once_the_change_here_is_undone(
    tmp_path: Path, store: SQLiteStore
) -> None:
    folder = tmp_path / "t"
    for number in range(2):
        line = transcripts.message(number, f"line {number}", session=str(number))
        transcripts.write(folder / f"{number}.jsonl", line)
    await sync_source(store, folder)
    async with store.transaction() as tx:
        await store.update_interaction("claude:u-1", content="mine")
    (folder / "1.jsonl").unlink()
    assert (await sync_source(store, folder)).diverged == 1
    assert (await sync_source(store, folder)).diverged == 0
    await store.undo(tx.id)
    assert (await sync_source(store, folder)).archived == 1
    assert await _told(store) == ["line 0"]


async def test_a_world_model_of_ones_own_that_is_undone_makes_way_for_the_sources(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(ENTITY % "Ada")
    async with store.transaction() as tx:
        await store.add_world_model_state({"domain": "memory", "entities": [{"name": "mine"}]})
    assert (await sync_source(store, path)).diverged == 1
    await store.undo(tx.id)
    assert (await sync_source(store, path)).updated == 1
    (state,) = await store.get_active_world_models()
    assert [each["name"] for each in state["entities"]] == ["Ada"]
    assert await get_diverged(store) == []


async def test_a_world_model_becomes_what_its_source_says_with_no_snapshot_twice(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(ENTITY % "Ada")
    await sync_source(store, path)
    async with store.transaction() as tx:
        await store.add_world_model_state({"domain": "memory", "entities": [{"name": "mine"}]})
    path.write_text(ENTITY % "Ada" + ENTITY % "Eve")
    assert (await sync_source(store, path)).diverged == 1
    await store.undo(tx.id)
    assert await get_diverged(store) == []
    assert (await sync_source(store, path)).updated == 1
    (state,) = await store.get_active_world_models()
    assert [each["name"] for each in state["entities"]] == ["Ada", "Eve"]
    assert len(await store.get_world_model_snapshots()) == 2
    path.write_text(ENTITY % "Finn")
    report = await sync_source(store, path)
    assert (report.updated, report.diverged) == (1, 0)
