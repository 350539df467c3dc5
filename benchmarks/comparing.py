"""Measures comparing two memories: `python benchmarks/comparing.py [--records N ...]`.

Made-up turns are written through the store; the other memory is a copy of the file in which a
hundredth was changed, a hundredth archived and a hundredth added. Each comparison runs in a process
of its own, of which the most memory that was resident is told.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks._bench import Figure, table
from benchmarks._rows import turns
from storage import KindCount, SQLiteStore, compare_memories

_ROOT: Final = Path(__file__).resolve().parents[1]
_SIZES: Final = (10_000, 1_000_000)
_MIB: Final = 2**20
_MOST_MIB: Final = 200


async def make(folder: Path, records: int) -> tuple[Path, Path]:
    """Make both memories, unless they are there."""
    a, b = folder / f"a-{records}.db", folder / f"b-{records}.db"
    if b.exists():
        return a, b
    async with SQLiteStore(a) as store:
        await store.add_interactions(turns(records))
    shutil.copy(a, b)
    part = records // 100
    async with SQLiteStore(b) as store:
        ids = [turn["interaction_id"] for turn in await store.get_recent_interactions(2 * part)]
        async with store.transaction(note="a night"):
            for each in ids[:part]:
                await store.update_interaction(each, content="said otherwise")
            await store.archive_interactions(ids[part:], "consolidated_to_working")
            more = list(itertools.islice(turns(records), part))
            await store.add_interactions(more)
    return a, b


async def compare(a: Path, b: Path) -> dict[str, Any]:
    """Compare them, and tell how long it took and what was resident at most."""
    started = time.perf_counter()
    counts = {}
    async with SQLiteStore(a, read_only=True) as one, SQLiteStore(b, read_only=True) as other:
        async for each in compare_memories(one, other):
            if isinstance(each, KindCount):
                counts[each.kind] = [each.same, each.different, each.only_a, each.only_b]
    seconds = time.perf_counter() - started
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "resident": resident, "counts": counts["interaction"]}


def figures(a: Path, b: Path, records: int) -> list[Figure]:
    """Run one comparison in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--pair", str(a), str(b)],
        capture_output=True, check=True, cwd=_ROOT, text=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    part = records // 100
    assert told["counts"] == [records - 2 * part, 2 * part, 0, part], told
    size = told["resident"] / _MIB
    holds = size <= _MOST_MIB
    rate = (2 * records + part) / told["seconds"]
    return [
        Figure(
            f"comparing {records:,} records with {records + part:,}",
            f"{told['seconds']:.1f} s, {rate:,.0f} records/s",
        ),
        Figure("most memory resident", f"{size:,.0f} MiB", f"<= {_MOST_MIB} MiB", holds),
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, nargs="+", default=_SIZES, help="sizes to measure")
    parser.add_argument("--keep", type=Path, help="a folder whose files are kept and used again")
    parser.add_argument("--pair", type=Path, nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pair:
        print(json.dumps(asyncio.run(compare(*given.pair))))
        return
    with tempfile.TemporaryDirectory() as own:
        folder = given.keep or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        told: list[Figure] = []
        for records in given.records:
            a, b = asyncio.run(make(folder, records))
            told += figures(a, b, records)
    print(table(told))
    sys.exit(any(figure.holds is False for figure in told))


if __name__ == "__main__":
    main()
