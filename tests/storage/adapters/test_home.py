"""A store is used from loops and threads that are not its own."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from storage import FileError, HybridStore, SQLiteStore, StoreClosedError
from storage.adapters import running
from storage.adapters.home import at_home, wait_for
from storage.adapters.openai_agents import MemglassSession

HELLO: Any = [{"role": "user", "content": "Hello"}]


async def test_a_loop_in_another_thread_waits_for_the_stores_own(store: SQLiteStore) -> None:
    session = MemglassSession("s-1", store)

    def elsewhere() -> Any:
        asyncio.run(session.add_items(HELLO))
        return asyncio.run(session.get_items())

    assert await asyncio.to_thread(elsewhere) == HELLO


def test_a_program_without_a_loop_has_one_made(tmp_path: Path) -> None:
    with running(HybridStore(tmp_path / "memory.db")) as store:
        session = MemglassSession("s-1", store)
        asyncio.run(session.add_items(HELLO))
        assert asyncio.run(session.get_items()) == HELLO
    with pytest.raises(StoreClosedError, match="not open"):
        asyncio.run(session.get_items())


def test_a_store_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    opening = running(SQLiteStore(tmp_path / "no" / "memory.db"))
    with pytest.raises(FileError):
        opening.__enter__()
    assert "memglass" not in {thread.name for thread in threading.enumerate()}


async def test_waiting_in_the_stores_own_thread_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(asyncio.InvalidStateError, match="begins with `a`"):
        wait_for(store, store.get_data_version)


def test_a_store_whose_loop_has_ended_says_what_to_do(path: Path) -> None:
    store = SQLiteStore(path)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(store.initialize())
    with pytest.raises(StoreClosedError, match=r"storage\.adapters\.running"):
        wait_for(store, store.get_data_version)
    loop.run_until_complete(store.close())
    loop.close()


async def test_what_goes_wrong_reaches_the_caller(store: SQLiteStore) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.to_thread(wait_for, store, fail)
    with pytest.raises(ZeroDivisionError):
        await at_home(store, fail)
