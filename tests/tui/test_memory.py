"""An open memory: when its index is built, and what becomes of its file."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from shutil import copy2

import pytest

from tui import memory
from tui.memory import Memory


async def test_the_index_of_a_small_memory_is_built_without_being_asked_for(
    memory_file: Path,
) -> None:
    opened = Memory(memory_file)
    await opened.open()
    await opened.follow(asked=False)
    assert opened.is_followed
    await opened.close()


async def test_who_wants_to_search_while_a_memory_is_opened_gets_an_index(
    memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Memory(memory_file)
    looks, goes_on = threading.Event(), threading.Event()
    look_at_file = opened._look_at_file

    def slowly() -> tuple[int, int] | None:
        looks.set()
        assert goes_on.wait(10)
        return look_at_file()

    monkeypatch.setattr(opened, "_look_at_file", slowly)
    opening = asyncio.create_task(opened.open())
    assert await asyncio.to_thread(looks.wait, 10)
    await opened.follow()
    goes_on.set()
    await opening
    assert (await opened.searching.index_status()).state != "paused"
    await opened.close()


async def test_a_big_memory_gets_an_index_once_somebody_searches(
    memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_SMALL_BYTES", 1)
    opened = Memory(memory_file)
    await opened.open()
    await opened.follow(asked=False)
    before = opened.is_followed
    assert not memory_file.with_name("memory.db.index").exists()
    await opened.follow()
    assert (before, opened.is_followed) == (False, True)
    await opened.searching.wait_for_index()
    assert memory_file.with_name("memory.db.index").exists()
    await opened.close()


async def test_a_look_at_the_file_while_it_is_opened_anew_does_not_lose_it_again(
    memory_file: Path,
) -> None:
    opened = Memory(memory_file)
    await opened.open()
    moved = memory_file.rename(memory_file.with_name("moved.db"))
    assert "was deleted or moved" in await opened.look_for_file()
    copy2(moved, memory_file)
    looks = list[str]()

    async def look_again_and_again() -> None:
        while True:
            looks.append(await opened.look_for_file())

    looking = asyncio.create_task(look_again_and_again())
    await opened.reopen()
    looks.append(await opened.look_for_file())
    looking.cancel()
    assert (set(looks), opened.lost, opened.read_only) == ({""}, "", False)
    await opened.close()
