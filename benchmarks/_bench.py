"""What every figure needs: a folder, the sizes, fresh files, and a line in the table."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import _raw
from benchmarks._rows import Turn, turns
from storage import SQLiteStore

if TYPE_CHECKING:
    from sqlite3 import Connection


class Figure(NamedTuple):
    """One line of the table; `holds` is None where nothing is wanted of it."""

    name: str
    measured: str
    wanted: str = ""
    holds: bool | None = None


@dataclass
class Bench:
    """One run.

    Attributes:
        folder: Where files are made; its disk is what durable writes are measured on.
        schema: The table of interactions and its indexes, in SQL.
        rows: How many rows the big file has.
        bulk: How many rows are added at once.
        calls: How many rows are added one by one.
        rounds: How often each pair is measured.
    """

    folder: Path
    schema: Sequence[str]
    rows: int
    bulk: int
    calls: int
    rounds: int
    _numbers: Any = field(default_factory=itertools.count)

    @cached_property
    def turns(self) -> list[Turn]:
        """The interactions of a bulk add."""
        return list(turns(self.bulk))

    def path(self, name: str) -> Path:
        """Return the path of a new file."""
        return self.folder / f"{name}-{next(self._numbers)}.db"

    async def prepared(self) -> list[tuple[Any, ...]]:
        """Return the rows that the store makes of `turns`, ids and all."""
        path = self.path("prepared")
        async with SQLiteStore(path) as store:
            await store.add_interactions(self.turns)
        rows = _raw.stored_rows(path, self.bulk)
        remove(path)
        return rows

    def plain(self) -> tuple[Path, Connection]:
        """Make a new file for plain SQLite."""
        path = self.path("plain")
        return path, _raw.create(path, self.schema)

    async def big(self) -> Path:
        """Return the file of `rows` interactions, made on first use."""
        path = self.folder / "big.db"
        if not path.exists():
            async with SQLiteStore(path) as store:
                await store.add_interactions(turns(self.rows))
        return path


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| figure | measured | wanted | |", "|---|---|---|---|"]
    for each in figures:
        verdict = {True: "yes", False: "**no**", None: ""}[each.holds]
        lines.append(f"| {each.name} | {each.measured} | {each.wanted} | {verdict} |")
    return "\n".join(lines)


def remove(path: Path) -> None:
    """Remove a database and what stands beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


async def seconds(work: Callable[[], Awaitable[Any]]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


def seconds_plain(work: Callable[[], Any]) -> float:
    """Return how long `work` takes, without an event loop."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(limits: Sequence[float], times: Sequence[float]) -> float:
    """Return the median of what was reached of a limit measured beside it, pair by pair."""
    return statistics.median(
        limit / taken for limit, taken in zip(limits, times, strict=True) if taken
    )


def at_least(name: str, reached: float, least: float, better: float, told: str) -> Figure:
    """Return the line of a figure that is to reach a part of a limit."""
    wanted = f">= {least:g}" + (f", better {better:g}" if better > least else "")
    return Figure(name, f"{reached:.2f} x limit ({told})", wanted, reached >= least)
