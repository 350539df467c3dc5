"""What most tests begin with: an open store on an empty file, or a folder of its own."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from storage import SQLiteStore
from tests.chance import EXPLORES, examples

# Its threads wait for one another by turning in circles: beside other tests they take four times as
# much of the processor, and longer. Set before anything brings numpy in, and for what tests start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What a machine does beside the tests is no property of what they test.
settings.register_profile(
    "any machine",
    derandomize=not EXPLORES,
    database=None,
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("any machine")


LONG = ("test_hostile_terminal.py", "test_monkey.py", "test_screenshots.py", "test_degrading.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for it alone at the end."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_collection_finish() -> None:
    """Have garbage looked for less often, and not in what stays until the end.

    The modules and tests are a million objects, and the programs that the tests start make many and
    drop few: without this a fifth of the time goes into looking through them again and again. What
    leaks a file or a connection is still found, since young garbage is collected as it is made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the memory of a test lies."""
    return tmp_path / "memory.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SQLiteStore]:
    """An open store."""
    async with SQLiteStore(path) as store:
        yield store


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may read, which the ones of pytest are not.

    In it are `memory`, which nobody else may write, and `cache`, which everybody may.
    """
    with tempfile.TemporaryDirectory(prefix="memglass-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "memory").mkdir(mode=0o755)
        (folder / "cache").mkdir()
        (folder / "cache").chmod(0o777)
        yield folder
        (folder / "memory").chmod(0o755)


@pytest.fixture
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the endpoint of whoever runs the tests out of the environment."""
    for name in ("URL", "MODEL", "KEY"):
        monkeypatch.delenv(f"MEMGLASS_EMBEDDINGS_{name}", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
