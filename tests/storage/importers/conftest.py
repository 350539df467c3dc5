"""Sources to import: the samples, and sessions that a test writes as the real package does."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage import SQLiteStore

SAMPLES = Path(__file__).resolve().parents[2] / "fixtures" / "importers"


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Give a copy of a sample that a test may change."""
    folder = tmp_path / "sources"
    folder.mkdir()

    def copied(name: str) -> Path:
        return Path(shutil.copy(SAMPLES / name, folder / name))

    return copied


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as opened:
        yield opened
