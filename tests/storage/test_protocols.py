"""The stores meet the Protocols; that they do so by type, mypy says of this module."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import HybridStore, SearchableStore, Searching, SQLiteStore, Store
from storage.memory_history import MemoryHistory
from storage.protocols.history import History
from tests.storage.protocol_only import members, only_store


def as_stores(store: SQLiteStore, searched: HybridStore) -> tuple[Store, Store, SearchableStore]:
    """Fails to type-check as soon as a store has less, or takes less, than a Protocol says."""
    return store, searched, searched


@pytest.mark.parametrize(
    ("made", "protocol"),
    [
        (SQLiteStore, Store),
        (HybridStore, Store),
        (HybridStore, Searching),
        (MemoryHistory, History),
    ],
    ids=lambda each: each.__name__,
)
def test_a_store_has_all_that_its_protocol_names(made: type, protocol: type, path: Path) -> None:
    there = made(path) if issubclass(made, SQLiteStore) else made
    assert members(protocol)
    assert {name for name in members(protocol) if not hasattr(there, name)} == set()


def test_what_answers_questions_is_a_store_too() -> None:
    assert members(SearchableStore) == members(Store) | members(Searching)


async def test_the_protocol_is_enough_to_change_and_to_take_back(path: Path) -> None:
    async with HybridStore(path, follow=False) as inner:
        await inner.add_interaction({"interaction_id": "i-1", "content": "ship it"})
        store: Store = only_store(inner, set())
        async with store.transaction(note="wrong") as tx:
            await store.archive_interactions(["i-1"], "wrong")
        assert tx.state == "committed"
        assert await store.get_interaction("i-1") is None
        await store.undo(tx.id)
        assert await store.get_interaction("i-1") is not None
        assert not hasattr(store, "add_interaction")
