"""The file of the MCP memory server becomes a world model, and its successive states snapshots."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from storage import (
    CorruptJSON,
    SQLiteStore,
    detect_source,
    diff_world_models,
    get_diverged,
    sync_source,
)

Sample = Callable[[str], Path]


async def _snapshots(store: SQLiteStore) -> list[dict[str, object]]:
    return list(reversed(await store.get_world_model_snapshots()))


def test_it_says_how_much_is_in_it(sample: Sample) -> None:
    found = detect_source(sample("mcp-memory-before.jsonl"))
    assert str(found) == "MCP memory server: 4 entities, 3 relations"


async def test_two_files_are_two_snapshots_that_can_be_compared(
    sample: Sample, store: SQLiteStore
) -> None:
    for name in ("mcp-memory-before.jsonl", "mcp-memory.jsonl"):
        assert (await sync_source(store, sample(name))).added == 1
    before, after = await _snapshots(store)
    diff = diff_world_models(before, after)
    assert [each.key for each in diff.entities.removed] == ["Bob"]
    assert [each.key for each in diff.entities.changed] == ["payments-api"]
    assert [each.key for each in diff.relations.added] == [("Ada", "knows", "Nobody")]
    (state,) = await store.get_active_world_models()
    assert len(state["entities"]) == len(state["relations"]) == 3


async def test_each_change_of_the_file_is_a_snapshot_more(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mcp-memory.jsonl")
    await sync_source(store, path)
    assert (await sync_source(store, path)).changed == 0
    with path.open("a") as file:
        file.write('\n{"type":"entity","name":"Eve","entityType":"person","observations":[]}')
    report = await sync_source(store, path)
    assert (report.updated, len(await _snapshots(store))) == (1, 2)
    # Written anew with the same words, it says nothing new.
    path.write_bytes(path.read_bytes() + b"\n")
    assert (await sync_source(store, path)).changed == 0


async def test_a_state_that_a_person_changed_stays_while_the_source_goes_on(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mcp-memory.jsonl")
    await sync_source(store, path)
    await store.add_world_model_state({"domain": "memory", "entities": [{"name": "mine"}]})
    with path.open("a") as file:
        file.write('\n{"type":"entity","name":"Eve","entityType":"person","observations":[]}')
    report = await sync_source(store, path)
    (state,) = await store.get_active_world_models()
    assert (report.diverged, state["entities"]) == (1, [{"name": "mine"}])
    told = [each["entities"][-1]["name"] for each in await store.get_world_model_snapshots()]
    assert sorted(told) == ["Eve", "Q3 launch", "mine"]
    assert [(each.kind, each.how) for each in await get_diverged(store)] == [
        ("world_model_state", "edited")
    ]


async def test_what_stands_behind_a_torn_line_is_read_and_the_rest_is_shown(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "m.jsonl"
    whole = [
        b'{"type":"entity","name":"%d","entityType":"x","observations":[]}' % n for n in (1, 2)
    ]
    torn = b'{"type":"entity","name":"Ad'
    path.write_bytes(b"\n".join([torn + whole[0], b"\0" * 9 + whole[1] + whole[0], b"/a/b"]))
    report = await sync_source(store, path)
    (state,) = await store.get_active_world_models()
    assert [each["name"] for each in state["entities"]] == ["1", "2", "1"]
    shown = [each["details"] for each in await store.get_recent_interactions()]
    assert all(isinstance(each, CorruptJSON) for each in shown)
    assert {each.raw for each in shown} == {torn, b"\0" * 9, b"/a/b"}
    assert report.corrupt == 3


async def test_a_line_that_was_mended_leaves_no_damage_behind(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = tmp_path / "m.jsonl"
    line = b'{"type":"entity","name":"Ada","entityType":"x","observations":[]}'
    path.write_bytes(line + b"\n" + line[:-9])
    await sync_source(store, path)
    path.write_bytes(line + b"\n" + line.replace(b"Ada", b"Bob"))
    report = await sync_source(store, path)
    assert (report.updated, report.archived) == (1, 1)
    (gone,) = await store.get_archived_interactions(archive_reason="gone_from_source")
    assert gone["record"]["action"] == "corrupt"


async def test_a_file_that_is_followed_is_left_alone_while_it_is_being_written(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mcp-memory.jsonl")
    os.utime(path)
    assert (await sync_source(store, path, follows=True)).added == 0
    os.utime(path, (1, 1))
    assert (await sync_source(store, path, follows=True)).added == 1


async def test_a_state_whose_import_was_undone_follows_its_source_again(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mcp-memory.jsonl")
    for transaction in (await sync_source(store, path)).transactions:
        await store.undo(transaction)
    for name in ("Eve", "Finn"):
        with path.open("a") as file:
            file.write(f'\n{{"type":"entity","name":"{name}","entityType":"p","observations":[]}}')
        report = await sync_source(store, path)
        assert (report.updated, report.diverged) == (1, 0)
    (state,) = await store.get_active_world_models()
    assert [each["name"] for each in state["entities"]][-2:] == ["Eve", "Finn"]
