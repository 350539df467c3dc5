"""An open store on an empty file, which most tests begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SQLiteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the memory of a test lies."""
    return tmp_path / "memory.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    """An open store."""
    async with SQLiteStore(path) as store:
        yield store
