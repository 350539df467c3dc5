"""A writer that is killed: every acknowledged change is there, and nothing is half done."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.chance import seed_of
from tests.storage import outside
from tests.storage.reports import Report

WRITER = Path(__file__).with_name("writer_process.py")


def kill_again_and_again(path: Path, times: int) -> None:
    seed = seed_of(1)
    chance, report, cut_short = random.Random(seed), Report(), 0
    for number in range(times):
        writer = outside.Listener(outside.python(WRITER, path, f"w{number}", "600"))
        begun = writer.first()
        time.sleep(chance.uniform(0, 0.4))
        errors = writer.kill()
        assert ("ready" in begun, errors) == (True, "")
        report.read(writer.lines)
        cut_short += len(report.begun)
        report.check(path)
        counted = outside.fetch(path, "SELECT frequency FROM patterns")
        assert report.counted <= (counted[0][0] if counted else 0) <= report.counted + number + 1
    print(f"{len(report.acknowledged)} records, {cut_short} of {times} killed in a change")
    assert len(report.acknowledged) > times


async def assert_usable(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interaction({"interaction_id": "afterwards"})
        assert await store.archive_interactions(["afterwards"], "manual") == 1


async def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path / "memory.db", 8)
    await assert_usable(tmp_path / "memory.db")


@pytest.mark.slow
async def test_a_writer_that_is_killed_200_times_loses_nothing_that_it_acknowledged(
    tmp_path: Path,
) -> None:
    for number in range(10):
        kill_again_and_again(tmp_path / f"{number}.db", 20)
        await assert_usable(tmp_path / f"{number}.db")
