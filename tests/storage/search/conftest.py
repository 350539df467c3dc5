"""An indexed memory, for tests of what its index does when it is not as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.storage.search import damages


@pytest.fixture
async def filled(path: Path) -> Path:
    """A database with a few records, and its index."""
    await damages.fill(path)
    return path


@pytest.fixture
def index(filled: Path) -> Path:
    """The index of that database, closed."""
    return Path(f"{filled}.index")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's folder for caches, where an index is made that has no place beside its file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"
