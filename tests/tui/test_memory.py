"""An open memory: when its index is built."""

from __future__ import annotations

from pathlib import Path

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
