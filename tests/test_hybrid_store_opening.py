"""Opening and closing a HybridStore: again, twice at once, and without loading what it may need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage import HybridStore, StoreClosedError
from tests.talk import ids


async def test_a_store_that_is_not_open_says_so(path: Path) -> None:
    store = HybridStore(path)
    with pytest.raises(StoreClosedError, match="not open"):
        await store.search("deploy")


async def test_a_store_can_be_closed_twice_and_opened_again(path: Path) -> None:
    store = HybridStore(path)
    for _ in range(2):
        await store.initialize()
        await store.initialize()
        turn = await store.add_interaction({"content": "kitchen"})
        await store.wait_for_index()
        assert turn in ids(await store.search("kitchen"))
        await store.close()
        await store.close()


async def test_two_stores_can_be_open_at_once(path: Path) -> None:
    async with HybridStore(path) as one, HybridStore(path) as other:
        turn = await one.add_interaction({"content": "kitchen"})
        await other.wait_for_index()
        assert ids(await other.search("kitchen", by="words")) == [turn]


LOADED = """
import asyncio, sys
from storage import HybridStore, SQLiteStore

async def main():
    async with HybridStore(sys.argv[1], follow=False) as store:
        await store.add_interaction({"content": "kitchen"})
        await store.get_recent_interactions()
        print(sorted(set(sys.argv[2:]) & set(sys.modules)))

asyncio.run(main())
"""


def loaded(path: Path, *modules: str) -> str:
    """Return which of some modules a process has loaded that has opened, written and read."""
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", LOADED, str(path), *modules]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
    return done.stdout.strip()


def test_opening_a_store_loads_neither_numpy_nor_a_model(path: Path) -> None:
    assert loaded(path, "numpy", "tokenizers", "safetensors", "httpx", "textual") == "[]"


def test_opening_a_store_loads_nothing_of_history_and_of_searching(path: Path) -> None:
    later = ("memory_history", "memory_lookup", "history_reading", "runs", "search.query")
    assert loaded(path, *(f"storage.{name}" for name in later)) == "[]"
