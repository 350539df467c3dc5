"""Measures the library against plain SQLite: `python benchmarks/storage.py [--quick] [--only …]`.

Every figure is a ratio to plain SQLite with the same rows, indexes and pragmas, measured in turns
in the same run, because absolute times say more about the machine than about the library.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks import _others, _raw, _reads, _writes
from benchmarks._bench import Bench, Figure, table
from benchmarks._memory import memory
from storage import driver


async def _memory(bench: Bench) -> list[Figure]:
    return memory(bench)


# Memory comes first: a process that is started by a big one counts that one's memory as its own.
FIGURES: Final[dict[str, Callable[[Bench], Awaitable[list[Figure]]]]] = {
    "memory": _memory,
    "bulk": _writes.bulk,
    "one": _writes.one_by_one,
    "recent": _reads.recent,
    "archive": _writes.archiving,
    "lists": _reads.lists,
    "others": _others.others,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, help="rows of the big file (1,000,000)")
    parser.add_argument("--rounds", type=int, help="how often each pair is measured (5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, in a minute")
    parser.add_argument("--only", action="append", choices=FIGURES, help="may be given again")
    parser.add_argument("--folder", type=Path, help="where to make the files; the disk counts")
    given = parser.parse_args()
    given.rows = given.rows or (100_000 if given.quick else 1_000_000)
    given.rounds = given.rounds or (3 if given.quick else 5)
    return given


async def measure(given: argparse.Namespace, folder: Path) -> list[Figure]:
    """Measure what was asked for."""
    bench = Bench(
        folder=folder,
        schema=await _raw.schema_of_store(folder),
        rows=given.rows,
        bulk=10_000 if given.quick else 100_000,
        calls=500 if given.quick else 2000,
        rounds=given.rounds,
    )
    figures: list[Figure] = []
    for name, figure in FIGURES.items():
        if not given.only or name in given.only:
            print(f"measuring {name} ...", file=sys.stderr)
            figures += await figure(bench)
    return sorted(figures, key=lambda each: each.name[:3])


def main() -> int:
    """Print the table; return 1 if a figure falls short."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="memglass-bench-", dir=given.folder) as folder:
        figures = asyncio.run(measure(given, Path(folder)))
    version = ".".join(map(str, driver.SQLITE_VERSION))
    print(f"SQLite {version}, Python {sys.version.partition(' ')[0]}\n")
    print(table(figures))
    return int(any(each.holds is False for each in figures))


if __name__ == "__main__":
    sys.exit(main())
