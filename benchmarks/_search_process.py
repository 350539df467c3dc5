"""Figures that need a process of their own: what is resident, and what opening a file loads.

Each job runs as `python -m benchmarks._search_process JOB FILE INDEX RECORDS`, and prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from benchmarks._bench import Figure

_ROOT: Final = Path(__file__).resolve().parents[1]
_MIB: Final = 2**20
_MOST_MIB: Final = 64
_BIG: Final = 500_000
_SEARCHES: Final = 50
_OPENINGS: Final = 7
_STATUS: Final = Path("/proc/self/status")
# Opening a big file may take this many times as long as opening a small one.
_SLOWER: Final = 1.5
_HEAVY: Final = ("numpy", "tokenizers", "safetensors", "sqlite_vec")


def resident(small: Any, big: Any) -> list[Figure]:
    """Compare what is resident after searches in a big index and in a small one.

    Args:
        small: The `Memory` of few records.
        big: The `Memory` of many.
    """
    base, full = _run("resident", small), _run("resident", big)
    return [
        _grown(
            f"(e) resident after {_SEARCHES} searches", small, big, base["found"], full["found"]
        ),
        _grown("(e) the same, all rows compared", small, big, base["compared"], full["compared"]),
    ]


def _grown(name: str, small: Any, big: Any, base: dict[str, int], full: dict[str, int]) -> Figure:
    """Return the line that says how much more a big index takes, for a million records."""
    per_million = 1e6 / (big.records - small.records)
    grown = {name: (full[name] - base[name]) / _MIB * per_million for name in full}
    parts = ", ".join(f"{name} {size:,.1f}" for name, size in grown.items() if name != "VmRSS")
    told = f"{grown['VmRSS']:,.1f} MiB by VmRSS ({parts}); {full['VmRSS'] / _MIB:,.0f} MiB in all"
    label = f"{name}, for a million records, from {big.records:,}"
    if big.records < _BIG:
        # What does not grow with the records would count ten times.
        return Figure(label, told)
    return Figure(label, told, f"<= {_MOST_MIB} MiB", grown["VmRSS"] <= _MOST_MIB)


def opening(small: Any, big: Any) -> list[Figure]:
    """Compare opening a file that has a big index with opening one that has a small one.

    Args:
        small: The `Memory` of few records.
        big: The `Memory` of many.
    """
    pairs = [(_run("opening", small), _run("opening", big)) for _ in range(_OPENINGS)]
    ratio = statistics.median(full["seconds"] / base["seconds"] for base, full in pairs)
    taken = statistics.median(full["seconds"] for _, full in pairs)
    loaded = sorted({module for pair in pairs for each in pair for module in each["loaded"]})
    label = f"{big.records:,} records"
    return [
        Figure(
            f"(f) opening, {label}",
            f"{ratio:.2f} x opening {small.records:,} ({taken * 1000:.1f} ms)",
            f"<= {_SLOWER:g}",
            ratio <= _SLOWER,
        ),
        Figure(
            f"(f) loaded by opening, {label}",
            ", ".join(loaded) or "neither numpy nor the embedder",
            "neither",
            not loaded,
        ),
    ]


def _run(job: str, memory: Any) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, job, memory.path, memory.index, str(memory.records)],
        cwd=_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def _resident(path: Path, index: Path, records: int) -> dict[str, Any]:
    from benchmarks._talk import Talk
    from storage import HybridStore

    questions = Talk().questions(_SEARCHES, records)
    async with HybridStore(path, index_path=index, follow=False) as store:
        for question in questions:
            await store.search(question)
        found = _sizes()
        await asyncio.to_thread(_write_beside, path)
        await store.wait_for_index()
        return {"found": found, "compared": _sizes()}


def _write_beside(path: Path) -> None:
    """Commit something as another program does; what it was, only comparing all rows can tell."""
    from storage import driver

    with closing(driver.connect(path.absolute().as_uri(), busy_ms=1000)) as other:
        other.execute("CREATE TABLE IF NOT EXISTS others (number)")
        other.execute("INSERT INTO others VALUES (1)")


def _sizes() -> dict[str, int]:
    """Return the bytes that are resident: in all, of its own, and of mapped files."""
    if not _STATUS.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        return {"VmRSS": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return {name: int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon", "RssFile")}


async def _opening(path: Path, index: Path, _: int) -> dict[str, Any]:
    from storage import HybridStore

    store = HybridStore(path, index_path=index)
    started = time.perf_counter()
    await store.initialize()
    taken = time.perf_counter() - started
    loaded = [module for module in _HEAVY if module in sys.modules]
    await store.close()
    return {"seconds": taken, "loaded": loaded}


_JOBS: Final[dict[str, Callable[[Path, Path, int], Coroutine[Any, Any, dict[str, Any]]]]] = {
    "resident": _resident,
    "opening": _opening,
}

if __name__ == "__main__":
    job, path, index, records = sys.argv[1:]
    print(json.dumps(asyncio.run(_JOBS[job](Path(path), Path(index), int(records)))))
