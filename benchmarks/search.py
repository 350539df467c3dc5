"""Measures searching against a numpy product: `python benchmarks/search.py [--records N ...]`.

Made-up turns with the statistics of real ones are written through the store and indexed. What
building takes is compared with its parts alone, and what a query takes with a float32 product over
all vectors and its top 20, in the same run and in turns, because absolute times say more about the
machine than about the library.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks._bench import Figure, table
from benchmarks._search import Memory
from benchmarks._search_build import building
from benchmarks._search_process import opening, resident
from benchmarks._search_speed import meaning, typing, whole
from storage import driver

_SMALL: Final = 1000
_SIZES: Final = (100_000, 1_000_000)
_FIGURES: Final = ("building", "process", "meaning", "whole", "typing")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, nargs="+", default=_SIZES, help="sizes to measure")
    parser.add_argument("--questions", type=int, default=300, help="how many are asked")
    parser.add_argument("--rounds", type=int, help="how often the index is built (3, big: 1)")
    parser.add_argument("--only", action="append", choices=_FIGURES, help="may be given again")
    parser.add_argument("--folder", type=Path, help="where to make the files; the disk counts")
    parser.add_argument("--keep", type=Path, help="a folder whose files are kept and used again")
    return parser.parse_args()


async def measure(given: argparse.Namespace, folder: Path, records: int) -> list[Figure]:
    """Measure what was asked for at one size."""
    memory = Memory(folder, records, given.questions)
    small = Memory(folder, _SMALL, given.questions)

    def wants(name: str) -> bool:
        if given.only and name not in given.only:
            return False
        print(f"{records:,} records: measuring {name} ...", file=sys.stderr)
        return True

    figures: list[Figure] = []
    if wants("building"):
        figures += await building(memory, given.rounds or (3 if records <= 200_000 else 1))
    await small.indexed()
    await memory.indexed()
    # Before the vectors: a process that is started by a big one may count that one's memory.
    if wants("process"):
        figures += resident(small, memory) + opening(small, memory)
    if wants("meaning"):
        figures += await meaning(memory)
    if wants("whole"):
        figures += await whole(memory)
    if wants("typing"):
        figures += await typing(memory)
    return sorted(figures, key=lambda each: each.name[:3])


def main() -> int:
    """Print the table; return 1 if a figure falls short."""
    given = _arguments()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="memglass-search-", dir=given.folder) as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for records in given.records:
            figures += asyncio.run(measure(given, folder.resolve(), records))
    version = ".".join(map(str, driver.SQLITE_VERSION))
    print(f"SQLite {version}, Python {sys.version.partition(' ')[0]}\n")
    print(table(figures))
    return int(any(each.holds is False for each in figures))


if __name__ == "__main__":
    sys.exit(main())
