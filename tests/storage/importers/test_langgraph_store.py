"""A store of LangGraph becomes the patterns that the adapter for that store reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storage import CorruptJSON, SQLiteStore, detect_source, sync_source
from storage.langgraph_items import read_item
from tests.storage.importers.test_mem0 import execute

Sample = Callable[[str], Path]

PREF = "langgraph:memories/ada/pref-1"


def test_it_says_how_much_is_in_it(sample: Sample) -> None:
    found = detect_source(sample("langgraph-store.db"))
    assert str(found) == "LangGraph store: 3 items in 2 namespaces"


async def test_every_item_is_a_pattern_of_its_namespace_that_the_adapter_reads(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("langgraph-store.db"))
    assert (report.added, report.corrupt, report.counts) == (3, 0, {"pattern": 3})
    pref = await store.get_pattern(PREF)
    assert pref is not None
    assert pref["pattern_type"] == "langgraph:memories.ada"
    item = read_item(pref)
    assert item is not None
    assert (item.namespace, item.key) == (("memories", "ada"), "pref-1")
    assert item.value == {"text": "Ada prefers dark mode", "confidence": 0.9}
    assert item.minutes == 1440


async def test_a_vector_without_its_item_is_told_of_and_becomes_nothing(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("langgraph-store.db"))
    told = "1 vector is of an item that the store does not hold, so not imported: memories.bob m2"
    assert report.remarks == [f"table store_vectors: {told}"]
    assert (report.troubles, report.corrupt) == ([], 0)
    assert len(await store.get_patterns()) == 3


async def test_an_item_that_is_put_again_changes_and_one_that_is_deleted_is_archived(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-store.db")
    await sync_source(store, path)
    # As the package does it: the row is another one afterwards.
    execute(
        path,
        "INSERT OR REPLACE INTO store (prefix, key, value) VALUES ('memories.ada', 'pref-1', ?)",
        '{"text": "Ada prefers light mode"}',
    )
    execute(path, "DELETE FROM store WHERE key = 'm1'")
    report = await sync_source(store, path)
    assert (report.added, report.updated, report.archived) == (0, 1, 1)
    pref = await store.get_pattern(PREF)
    assert pref is not None
    assert pref["description"] == "Ada prefers light mode"
    assert (await sync_source(store, path)).changed == 0


async def test_a_damaged_value_is_shown_and_makes_way_for_the_pattern_once_it_is_sound(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-store.db")
    execute(path, "UPDATE store SET value = x'7b2274' WHERE key = 'pref-1'")
    execute(path, "UPDATE store SET key = CAST(x'6dff' AS TEXT) WHERE key = 'm1'")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (3, 2)
    broken = await store.get_interaction(f"{PREF}#value")
    assert broken is not None
    assert isinstance(broken["details"], CorruptJSON)
    assert (broken["details"].raw, broken["session_id"]) == (b'{"t', "memories.ada")
    execute(path, "UPDATE store SET value = '[1]' WHERE key = 'pref-1'")
    await sync_source(store, path)
    assert await store.get_interaction(f"{PREF}#value") is None
    pref = await store.get_pattern(PREF)
    assert pref is not None
    assert pref["metadata"]["value"] == [1]
