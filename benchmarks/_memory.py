"""Figures of memory: how much the peak grows while a big file is written, read and archived.

Each job runs in a process of its own: `python -m benchmarks._memory JOB FILE ROWS`.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from benchmarks._bench import Bench, Figure, remove
from benchmarks._rows import moment_of, turns
from storage import SQLiteStore

_ROOT: Final = Path(__file__).resolve().parents[1]
# `ru_maxrss` counts bytes on macOS, elsewhere units of 1,024.
_UNIT: Final = 1 if sys.platform == "darwin" else 1024
# The page cache of one connection, and as much again for everything else.
_MIB: Final = 2**20
_CACHE_MIB: Final = 64
_ID_BYTES: Final = 120


async def _add(store: SQLiteStore, rows: int) -> None:
    await store.add_interactions(turns(rows))


async def _recent(store: SQLiteStore, _: int) -> None:
    await store.get_recent_interactions(100)


async def _iterate(store: SQLiteStore, rows: int) -> None:
    count = 0
    async for _ in store.iter_interactions():
        count += 1
    assert count == rows


async def _list(store: SQLiteStore, rows: int) -> None:
    keys = await store.list_keys("interaction")
    await store.get_summaries("interaction", keys[rows // 2 : rows // 2 + 100])


async def _archive(store: SQLiteStore, rows: int) -> None:
    before = moment_of(rows // 10)
    assert await store.archive_old_interactions(before, "consolidated_to_working") > 0


_JOBS: Final[dict[str, Callable[[SQLiteStore, int], Awaitable[None]]]] = {
    "add_interactions from a generator": _add,
    "get_recent_interactions(100)": _recent,
    "iter_interactions over all": _iterate,
    "list_keys of all": _list,
    "archive_old_interactions of a tenth": _archive,
}


def memory(bench: Bench) -> list[Figure]:
    """Measure the growth of the peak, job by job; the first one makes the big file."""
    big = bench.folder / "big.db"
    big.unlink(missing_ok=True)
    figures = [_figure(bench, job, big) for job in _JOBS if not job.startswith("archive")]
    copy = bench.path("copy")
    shutil.copyfile(big, copy)
    figures += [_figure(bench, job, copy) for job in _JOBS if job.startswith("archive")]
    remove(copy)
    return figures


def _figure(bench: Bench, job: str, path: Path) -> Figure:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._memory", job, str(path), str(bench.rows)],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    grown = int(done.stdout) / _MIB
    # `add_interactions` returns every id, and that list is the caller's.
    ids = bench.rows * _ID_BYTES / _MIB if job.startswith("add") else 0
    most = 2 * _CACHE_MIB + ids
    return Figure(
        f"(f) memory: {job}, {bench.rows:,} rows",
        f"{grown:,.0f} MiB beside a file of {path.stat().st_size / _MIB:,.0f} MiB",
        f"<= {most:,.0f} MiB",
        grown <= most,
    )


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT


async def _measure(job: str, path: Path, rows: int) -> int:
    async with SQLiteStore(path) as store:
        await store.get_recent_interactions(1)
        before = _peak()
        await _JOBS[job](store, rows)
        return _peak() - before


if __name__ == "__main__":
    print(asyncio.run(_measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
