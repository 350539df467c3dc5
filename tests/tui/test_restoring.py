"""Restoring from the panes: what was looked at is what comes back."""

from __future__ import annotations

from pathlib import Path

from storage import SQLiteStore
from tests.storage import legacy
from tui import changes
from tui.memory import Memory
from tui.screens.restore import preview


async def test_of_several_versions_the_newest_is_said_to_come_back(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        for _ in range(2):
            await store.add_pattern({"id": "p", "name": "p"})
            await store.archive_patterns(["p"], "wrong")
    memory = Memory(path)
    await memory.open()
    listed = await memory.store.list_keys("archived_pattern")
    keys = [("archived_pattern", each) for each in listed]
    told = await preview(memory, keys)
    wanted = await changes.chosen(memory, keys)
    count, _ = await changes.restore(memory, wanted, lambda _done, _total: None)
    await memory.close()
    assert str(told[0].text).startswith("1 of these are other versions of the same")
    assert count == 1


async def test_what_was_asked_about_comes_back_though_its_row_moved_meanwhile(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT)",
        "CREATE TABLE archived_patterns (id TEXT PRIMARY KEY, original_id TEXT, data TEXT)",
        "INSERT INTO archived_patterns VALUES ('1', 'a', '{\"id\": \"a\"}'),"
        " ('2', 'b', '{\"id\": \"b\"}'), ('3', 'c', '{\"id\": \"c\"}')",
    )
    async with SQLiteStore(path):
        pass
    memory = Memory(path)
    await memory.open()
    place = await memory.store.locate("archived_pattern", ["b"])
    wanted = await changes.chosen(memory, list(place.values()))
    moved = "UPDATE archived_patterns SET rowid = {} WHERE original_id = '{}'"
    legacy.execute(path, moved.format(9, "b"), moved.format(2, "c"))
    await changes.restore(memory, wanted, lambda _done, _total: None)
    back = [each["id"] for each in await memory.store.get_patterns()]
    await memory.close()
    assert back == ["b"]
