"""An import of any database that was stopped again and again ends as one that was not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage import SQLiteStore, sync_source
from storage.importers import reading
from tests.storage.importers.conftest import SAMPLES

MANY_STOPS = 200


class Stop:
    """Stops an import after so many looks at whether it is stopped: one a record or two."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


async def _held(store: SQLiteStore) -> tuple[list[tuple[str, str, str]], list[str], int]:
    told = [
        (each["interaction_id"], each["content"], each["metadata"].get("call", ""))
        for each in reversed(await store.get_recent_interactions(None))
    ]
    learnt = sorted(each["id"] for each in await store.get_patterns())
    return told, learnt, len(await store.get_world_model_snapshots(None))


@pytest.mark.parametrize(
    "name", sorted(path.name for path in SAMPLES.glob("l*.db")), ids=lambda name: name[:-3]
)
async def test_what_is_stopped_after_each_record_goes_on_without_loss(
    name: str, tmp_path: Path, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shutil.copy(SAMPLES / name, tmp_path / name)
    async with SQLiteStore(tmp_path / "whole.db") as whole:
        await sync_source(whole, source)
        expected = await _held(whole)
    monkeypatch.setattr(reading, "_MOST_ITEMS", 1)
    for looks in range(1, MANY_STOPS):
        report = await sync_source(store, source, cancel=Stop(looks))
        if report.is_complete:
            break
    assert report.is_complete
    assert (report.updated, report.archived) == (0, 0)
    assert await _held(store) == expected
