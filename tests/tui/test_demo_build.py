"""Making the demo memory: always the same, and all of it or nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storage import SQLiteStore
from tui.demo import DEMO_LIVE, create_demo
from tui.demo.memory import record, remember

ROOT = Path(__file__).parents[2]
ALL = 1_000_000


class Built(NamedTuple):
    """A demo memory, and what was told while it was made.

    Attributes:
        path: Its file, in a folder that was made for it.
        told: How many records were made of how many.
        left: What the folder held when it was made.
    """

    path: Path
    told: list[tuple[int, int]]
    left: set[str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    path = tmp_path_factory.mktemp("built") / "new" / "memory.db"
    told: list[tuple[int, int]] = []
    asyncio.run(create_demo(path, lambda _, *count: told.append(count)))
    return Built(path, told, names_in(path.parent))


def names_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


async def everything(path: Path) -> dict[str, Any]:
    async with SQLiteStore(path, read_only=True) as store:
        journal = await store.get_journal(limit=ALL)
        return {
            "interactions": [each async for each in store.iter_interactions()],
            "patterns": await store.get_patterns(),
            "archived_interactions": await store.get_archived_interactions(limit=ALL),
            "archived_patterns": await store.get_archived_patterns(limit=ALL),
            "states": await store.get_active_world_models(),
            "snapshots": await store.get_world_model_snapshots(limit=ALL),
            "journal": [
                {name: each[name] for name in each if name not in ("at", "transaction_id")}
                for each in journal
            ],
        }


def run_build(path: Path, code: str, **settings: str) -> subprocess.Popen[str]:
    script = (
        f"import asyncio, sys; from pathlib import Path; from tui.demo import create_demo\n{code}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )


async def test_another_process_makes_the_same_rows(built: Built, tmp_path: Path) -> None:
    path = tmp_path / "again.db"
    code = "asyncio.run(create_demo(Path(sys.argv[1])))"
    build = run_build(path, code, PYTHONHASHSEED="4711", TZ="Pacific/Auckland")
    await asyncio.to_thread(build.communicate)
    assert build.returncode == 0
    first, second = await everything(built.path), await everything(path)
    for name, rows in first.items():
        assert rows == second[name], name


def test_records_are_the_same_in_every_run() -> None:
    assert [*map(record, remember().turns)] == [*map(record, remember().turns)]


async def test_a_build_that_is_killed_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    code = "asyncio.run(create_demo(Path(sys.argv[1]), lambda label, *_: print(label, flush=True)))"
    build = run_build(path, code)
    assert build.stdout is not None
    while not (line := await asyncio.to_thread(build.stdout.readline)).startswith("week 3"):
        assert line
    build.kill()
    await asyncio.to_thread(build.communicate)
    assert not path.exists()
    await create_demo(path)
    assert path.exists()


async def test_a_build_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    started = asyncio.Event()

    def progress(_label: str, done: int, _total: int) -> None:
        if done:
            started.set()

    build = asyncio.create_task(create_demo(tmp_path / "memory.db", progress))
    await started.wait()
    build.cancel()
    with pytest.raises(asyncio.CancelledError):
        await build
    assert names_in(tmp_path) == set()


def test_only_the_file_is_left_when_it_is_made(built: Built) -> None:
    assert built.left == {"memory.db"}


async def test_a_file_that_is_there_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists already"):
        await create_demo(path)
    assert path.read_text() == "mine"


def test_progress_counts_up_to_the_end(built: Built) -> None:
    assert [done for done, _ in built.told] == sorted(done for done, _ in built.told)
    assert built.told[-1] == (DEMO_LIVE + 2_504, DEMO_LIVE + 2_504)
