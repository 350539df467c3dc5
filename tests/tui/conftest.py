"""Memories to look at, and a way to look at them."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual._context import visible_screen_stack
from textual.pilot import Pilot

from storage import SQLiteStore
from tests.tui.sparing import spare
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.demo import create_demo
from tui.memory import Memory

Browse = Callable[..., AbstractAsyncContextManager[Pilot[None]]]

spare()

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def interaction(number: int, **fields: Any) -> dict[str, Any]:
    """An interaction; a higher number is newer."""
    return {
        "interaction_id": f"int-{number:04}",
        "timestamp": START + timedelta(minutes=number),
        "session_id": f"s-{number // 10}",
        "action": ("edit", "test", "deploy")[number % 3],
        "role": ("user", "agent")[number % 2],
        "content": f"turn {number}",
        "details": {"tool": "pytest", "number": number},
        **fields,
    }


def pattern(number: int, **fields: Any) -> dict[str, Any]:
    """A pattern; a higher number is surer."""
    return {
        "id": f"pat-{number}",
        "name": f"Pattern {number}",
        "description": f"what pattern {number} says",
        "pattern_type": ("workflow", "preference")[number % 2],
        "sequence": ["read", "edit"],
        "frequency": number,
        "confidence": number / 10,
        "metadata": {"source_interactions": ["int-0001"]},
        **fields,
    }


async def fill(path: Path, interactions: int = 30) -> None:
    """Make a small memory with something of everything."""
    async with SQLiteStore(path) as store:
        await store.add_interactions([interaction(number) for number in range(interactions)])
        await store.add_patterns([pattern(number) for number in range(1, 8)])
        await store.archive_interactions(
            ["int-0003", "int-0004"], "consolidated_to_working", "pat-7"
        )
        await store.archive_patterns(["pat-1"], "wrong")
        for day, engine in enumerate(("mysql", "mysql", "postgres"), 1):
            await store.add_world_model_state(
                {
                    "domain": "infra",
                    "session_id": "s-1",
                    "entities": [
                        {"id": "orders-db", "type": "database", "properties": {"engine": engine}}
                    ],
                    "relations": [
                        {"source_id": "orders-db", "target_id": "db2", "type": "replica"}
                    ],
                    "confidence": 0.5 + day / 10,
                    "trigger_event": "consolidation",
                    "snapshot_time": START + timedelta(days=day),
                }
            )


def believed(domain: str, day: int, engine: str, **fields: Any) -> dict[str, Any]:
    """Return what is believed of a domain on a day: that a database has an engine."""
    return {
        "domain": domain,
        "session_id": "s-1",
        "entities": [
            {"id": "orders-db", "type": "database", "properties": {"engine": engine}},
            {"id": "api", "type": "service"},
        ],
        "relations": [
            {"source_id": "api", "target_id": "orders-db", "type": "uses"},
            {"source_id": "orders-db", "target_id": "api", "type": "serves"},
            {"source_id": "api", "target_id": "nobody", "type": "asks"},
        ],
        "confidence": 0.5 + day / 10,
        "trigger_event": "consolidation",
        "snapshot_time": START + timedelta(days=day),
        **fields,
    }


@pytest.fixture(scope="session")
def _places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not made yet, another at each `next`."""
    folder = tmp_path_factory.mktemp("places")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _own_places(_places: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered of a test's memories apart from what is the person's own."""
    # Not of `mktemp`, which looks through all that it ever made for the next number.
    place = next(_places)
    for name, variable in (
        ("state", "MEMGLASS_STATE"),
        ("config", "XDG_CONFIG_HOME"),
        ("data", "XDG_DATA_HOME"),
    ):
        (place / name).mkdir(parents=True)
        monkeypatch.setenv(variable, str(place / name))


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Configure nothing for commands, and keep what they cache in a folder of the test."""
    for name in ("MEMGLASS_EMBEDDINGS_URL", "MEMGLASS_EMBEDDINGS_MODEL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def demo_memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo memory, to be read or copied, and not to be changed."""
    base = tmp_path_factory.getbasetemp()
    # What runs beside this shares the folder above; one of them makes it, the others copy that.
    place = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, path = place / "made.db", tmp_path_factory.mktemp("demo") / "memory.db"
    with (place / "made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            asyncio.run(create_demo(made))
    shutil.copyfile(made, path)
    return path


@pytest.fixture
async def memory_file(tmp_path: Path) -> Path:
    """A small memory: 28 interactions, 6 patterns, 3 archived records, 3 snapshots."""
    path = tmp_path / "memory.db"
    await fill(path)
    return path


@pytest.fixture
async def worlds(tmp_path: Path) -> Path:
    """Two domains that disagree on the engine of a database since the third day."""
    path = tmp_path / "worlds.db"
    async with SQLiteStore(path) as store:
        for day, engine in enumerate(("mysql", "mysql", "postgres"), 1):
            await store.add_world_model_state(believed("infra", day, engine))
        await store.add_world_model_state(believed("orders", 1, "mysql"))
        await store.add_world_model_state({"domain": "calm", "entities": [], "relations": []})
        await store.add_interaction(
            interaction(1, timestamp=START + timedelta(days=2, hours=12), content="we moved it")
        )
    return path


@pytest.fixture
def locked_file(memory_file: Path, public_folder: Path) -> Path:
    """The same memory where everybody may read it, and only root write it or beside it."""
    there = public_folder / "memory" / "memory.db"
    there.write_bytes(memory_file.read_bytes())
    there.chmod(0o444)
    there.parent.chmod(0o555)
    return there


@pytest.fixture
def browse() -> Browse:
    """Open the program on a file: `async with browse(path) as pilot`."""

    @asynccontextmanager
    async def opened(
        path: Path,
        *,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
        start: str = "interactions",
        **options: Any,
    ) -> AsyncIterator[Pilot[None]]:
        memory = Memory(path, read_only=read_only, why_read_only="it is read-only here.")
        app = MemglassApp(memory, start=start, **options)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            await settled(pilot)
            yield pilot
            if not app._exit:
                # Whatever a test leaves on screen can be drawn, also where it looks at nothing.
                screen(pilot)
        # What a person would be told and could live with is still a fault of ours.
        assert app.faults == []

    return opened


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each when the one before has done its work.

    What begins with `=` is typed.
    """
    for key in keys:
        await pilot.press(*(key[1:] if key.startswith("=") and key != "=" else [key]))
        await settled(pilot)


def lines(pilot: Pilot[None]) -> list[str]:
    """The screen as text, a string a line."""
    width, height = pilot.app.size
    # What a dialog stands before is seen through it.
    visible_screen_stack.set(pilot.app._background_screens)
    strips = pilot.app.screen._compositor.render_strips()
    texts = [strip.text for strip in strips]
    assert len(texts) == height
    assert all(cell_len(text) == width for text in texts)
    return texts


def screen(pilot: Pilot[None]) -> str:
    """The screen as one text."""
    return "\n".join(lines(pilot))


def toasts(pilot: Pilot[None]) -> str:
    """The messages that are shown."""
    return "\n".join(note.message for note in pilot.app._notifications)


async def stored(path: Path, read: Callable[[SQLiteStore], Awaitable[Any]]) -> Any:
    """Ask the file itself, through a store of its own."""
    async with SQLiteStore(path, read_only=True) as store:
        return await read(store)
