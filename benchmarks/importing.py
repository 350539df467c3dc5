"""Measures imports of big sources against `add_interactions`: `python benchmarks/importing.py`.

The same interactions are added once by importing their source, and once by `add_interactions`,
which is given them ready-made; each in a process of its own, in turns in the same run. A third
import is stopped in the middle, again and again, and has to end with the same records.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks import _sources
from benchmarks._bench import Figure, ratio, remove, table
from storage import ImportProgress, SQLiteStore, sync_source

_ROOT: Final = Path(__file__).resolve().parents[1]
# `ru_maxrss` counts bytes on macOS, elsewhere units of 1,024.
_UNIT: Final = 1 if sys.platform == "darwin" else 1024
_MIB: Final = 2**20
_MOST_MIB: Final = 200
_LEAST: Final = 0.4
_BATCH: Final = 10_000
_STOPS: Final = 5


class _StopAt:
    """Says stop once so many records have passed."""

    def __init__(self, records: int) -> None:
        self._most = records
        self._passed = 0

    def progress(self, progress: ImportProgress) -> None:
        """Count."""
        self._passed = progress.records

    def is_set(self) -> bool:
        """Say whether to stop."""
        return self._passed >= self._most


async def _import(source: Path, file: Path) -> tuple[float, int]:
    async with SQLiteStore(file) as store:
        started = time.perf_counter()
        report = await sync_source(store, source)
        return time.perf_counter() - started, report.added


async def _stop(source: Path, file: Path) -> tuple[float, int]:
    """Import with stops; return how long it took together, and how many records are there."""
    started, added = time.perf_counter(), 0
    for number in range(_STOPS + 1):
        stop = _StopAt(_BATCH * (2 + number))
        async with SQLiteStore(file) as store:
            if number < _STOPS:
                report = await sync_source(store, source, progress=stop.progress, cancel=stop)
            else:
                report = await sync_source(store, source)
        added += report.added
    taken = time.perf_counter() - started
    async with SQLiteStore(file) as store:
        there = (await store.get_overview())["counts"]["interaction"]
    assert there == added, "an import that was stopped added records twice"
    return taken, added


async def _add(source: Path, file: Path) -> tuple[float, int]:
    """Add the records of a source, ready-made, a batch at a time; only the adding is timed."""
    taken, added = 0.0, 0
    records = _records(source)
    async with SQLiteStore(file) as store:
        while batch := list(islice(records, _BATCH)):
            started = time.perf_counter()
            await store.add_interactions(batch)
            taken += time.perf_counter() - started
            added += len(batch)
    return taken, added


def _records(source: Path) -> Iterator[dict[str, Any]]:
    import orjson

    from storage.importers.formats import recognise
    from storage.importers.line_file import LineFile
    from storage.importers.peek import files_in
    from storage.importers.sqlite_file import SqliteFile

    form = recognise(source)[1]
    opened = SqliteFile if form.shape == "database" else LineFile
    for path in files_in(source) if source.is_dir() else [source]:
        with opened(path) as file:
            for item in form.items(file, None):
                record = {"interaction_id": item.key, **item.record}
                yield {**record, "details": orjson.loads(str(record["details"]))}


_JOBS: Final = {"import": _import, "add": _add, "stop": _stop}


def _run(job: str, source: Path, folder: Path) -> tuple[float, int, float]:
    """Run a job in a process of its own; return seconds, records and the peak in MiB."""
    file = folder / f"{job}.db"
    remove(file)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.importing", "--job", job, str(source), str(file)],
        cwd=_ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    remove(file)
    taken, added, peak = done.stdout.split()
    return float(taken), int(added), float(peak)


def _figures(name: str, source: Path, folder: Path, rounds: int) -> Iterator[Figure]:
    alone, imported, peaks, added = list[float](), list[float](), list[float](), {0}
    for _ in range(rounds):
        for job, times in (("add", alone), ("import", imported)):
            taken, count, peak = _run(job, source, folder)
            times.append(taken)
            added.add(count)
            if job == "import":
                peaks.append(peak)
    count = max(added)
    reached = ratio(alone, imported)
    told = f"{count / min(imported):,.0f} of {count / min(alone):,.0f} records/s"
    yield Figure(
        f"import of {name}",
        f"{reached:.2f} x add_interactions ({told})",
        f">= {_LEAST:g}",
        reached >= _LEAST and added == {0, count},
    )
    peak = max(peaks)
    yield Figure(f"{name}: peak", f"{peak:,.0f} MiB", f"< {_MOST_MIB} MiB", peak < _MOST_MIB)
    taken, there, _ = _run("stop", source, folder)
    yield Figure(
        f"{name}: stopped {_STOPS} times and gone on with",
        f"{there:,} of {count:,} records, {taken:.0f} s",
        "all, once",
        there == count,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000, help="of the session database")
    parser.add_argument("--megabytes", type=int, default=1_000, help="of the transcripts")
    parser.add_argument("--rounds", type=int, default=3, help="how often each pair is measured")
    parser.add_argument("--only", choices=("sessions", "transcripts"), help="one of the two")
    parser.add_argument("--folder", type=Path, help="where to make the files; the disk counts")
    parser.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(given: argparse.Namespace, folder: Path) -> Iterator[Figure]:
    if given.only != "transcripts":
        print("making sessions ...", file=sys.stderr)
        database = folder / "sessions.db"
        _sources.session_database(database, given.messages)
        name = f"{given.messages:,} messages of sessions"
        yield from _figures(name, database, folder, given.rounds)
        remove(database)
    if given.only != "sessions":
        print("making transcripts ...", file=sys.stderr)
        transcripts = folder / "projects"
        lines = _sources.transcript_folder(transcripts, given.megabytes * 1_000_000)
        name = f"{given.megabytes:,} MB of transcripts ({lines:,} lines)"
        yield from _figures(name, transcripts, folder, given.rounds)


def main() -> int:
    """Print the table; return 1 if a figure falls short."""
    given = _arguments()
    if given.job:
        job, source, file = given.job
        taken, added = asyncio.run(_JOBS[job](Path(source), Path(file)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / _MIB
        print(taken, added, peak)
        return 0
    with tempfile.TemporaryDirectory(prefix="memglass-bench-", dir=given.folder) as folder:
        figures = list(_measure(given, Path(folder)))
    print(table(figures))
    return int(any(each.holds is False for each in figures))


if __name__ == "__main__":
    sys.exit(main())
