"""How long items of a LangGraph store live, and where they go then."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore
from tests.storage.adapters.items import keys

pytest.importorskip("langgraph.store.base", reason="make adapters installs LangGraph")

from storage.adapters.langgraph import MemglassStore

SECOND = 1 / 60


async def test_what_has_expired_is_archived_by_a_sweep(store: SQLiteStore) -> None:
    memory = MemglassStore(store, ttl={"default_ttl": 0.05 * SECOND})
    await memory.aput(("t",), "short", {"v": 1})
    await memory.aput(("t",), "long", {"v": 1}, ttl=1)
    await memory.aput(("t",), "ever", {"v": 1}, ttl=None)
    await asyncio.sleep(0.06)
    assert await memory.asweep_ttl() == 1
    assert sorted(keys(await memory.asearch(("t",)))) == ["ever", "long"]
    [archived] = await store.get_archived_patterns()
    assert (archived["archive_reason"], archived["record"]["name"]) == ("expired", "short")


async def test_reading_prolongs_a_life_unless_it_is_not_to(store: SQLiteStore) -> None:
    memory = MemglassStore(store)
    for key in ("read", "peeked"):
        await memory.aput(("t",), key, {}, ttl=0.4 * SECOND)
    await asyncio.sleep(0.25)
    assert await memory.aget(("t",), "read") is not None
    assert await memory.aget(("t",), "peeked", refresh_ttl=False) is not None
    await asyncio.sleep(0.25)
    assert await memory.asweep_ttl() == 1
    assert keys(await memory.asearch(("t",))) == ["read"]


@pytest.mark.parametrize("value", [{"v": 2}, None])
async def test_a_read_that_prolongs_a_life_leaves_what_was_put_meanwhile(
    store: SQLiteStore, value: dict[str, Any] | None
) -> None:
    memory = MemglassStore(store)
    await memory.aput(("t",), "k", {"v": 1}, ttl=SECOND)
    await asyncio.sleep(0.15)
    reading = asyncio.create_task(memory.aget(("t",), "k"))
    async with store.transaction():
        if value is None:
            await memory.adelete(("t",), "k")
        else:
            await memory.aput(("t",), "k", value, ttl=SECOND)
        for _ in range(50):
            # Meanwhile it reads what is committed, and waits to write.
            await store.database.read_committed(lambda _: None)
    await reading
    there = await memory.aget(("t",), "k", refresh_ttl=False)
    assert (there and there.value) == value


async def test_what_has_expired_is_omitted_where_that_is_asked_for(store: SQLiteStore) -> None:
    plain, strict = MemglassStore(store), MemglassStore(store, ttl={"omit_expired": True})
    await plain.aput(("t",), "k", {}, ttl=0.01 * SECOND)
    await asyncio.sleep(0.02)
    assert keys(await plain.asearch(("t",), refresh_ttl=False)) == ["k"]
    assert await strict.asearch(("t",)) == []
    assert await strict.aget(("t",), "k") is None
    assert await strict.alist_namespaces() == []


async def test_sweeping_is_done_now_and_then_by_itself(store: SQLiteStore) -> None:
    ttl: Any = {"default_ttl": 0.01 * SECOND, "sweep_interval_minutes": 0.01 * SECOND}
    memory = MemglassStore(store, ttl=ttl)
    await memory.aput(("t",), "k", {})
    await asyncio.sleep(0.02)
    await memory.aput(("t",), "other", {}, ttl=None)
    assert keys(await memory.asearch(("t",))) == ["other"]


async def test_reading_a_memory_that_is_read_only_prolongs_nothing(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await MemglassStore(store).aput(("t",), "k", {}, ttl=0.01 * SECOND)
    await asyncio.sleep(0.02)
    async with SQLiteStore(path, read_only=True) as store:
        assert await MemglassStore(store).aget(("t",), "k") is not None
