"""Figures of writing: many rows at once, one durable row per call, and archiving."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from benchmarks import _raw
from benchmarks._bench import Bench, Figure, at_least, ratio, remove, seconds
from benchmarks._rows import turns
from storage import SQLiteStore

_BLOCK: Final = 100
_LOCK_SECONDS: Final = 5.0


async def bulk(bench: Bench) -> list[Figure]:
    """Compare `add_interactions` with `executemany` of the same rows in one transaction."""
    rows = await bench.prepared()
    plain, stored = list[float](), list[float]()
    for _ in range(bench.rounds):
        plain.append(plain_bulk(bench, rows))
        path = bench.path("stored")
        async with SQLiteStore(path) as store:
            stored.append(await seconds(partial(store.add_interactions, bench.turns)))
        remove(path)
    size = statistics.mean(sum(len(str(value)) for value in row) for row in rows[:1000])
    told = f"{_rate(bench.bulk, stored)} of {_rate(bench.bulk, plain)} rows/s, {size:.0f} B a row"
    name = f"(a) add_interactions, {bench.bulk:,} rows"
    return [at_least(name, ratio(plain, stored), 0.4, 0.5, told)]


def plain_bulk(bench: Bench, rows: _raw.Rows) -> float:
    """Return how long plain SQLite takes for `rows`: the limit of every write."""
    path, connection = bench.plain()
    try:
        return _raw.insert_at_once(connection, rows)
    finally:
        connection.close()
        remove(path)


async def one_by_one(bench: Bench) -> list[Figure]:
    """Compare one `add_interaction` per call with one plain durable transaction per row."""
    rows = (await bench.prepared())[: bench.calls]
    plain, stored = list[float](), list[float]()
    for _ in range(bench.rounds):
        path, other = bench.path("stored"), bench.plain()
        limit, taken = 0.0, 0.0
        async with SQLiteStore(path) as store:
            for start in range(0, len(rows), _BLOCK):
                limit += _raw.insert_one_by_one(other[1], rows[start : start + _BLOCK])
                taken += await seconds(partial(_add_block, bench, store, start, len(rows)))
        other[1].close()
        remove(path)
        remove(other[0])
        plain.append(limit)
        stored.append(taken)
    told = f"{_micros(len(rows), stored)} against {_micros(len(rows), plain)} a row"
    name = f"(b) add_interaction, durable, {len(rows):,} calls"
    return [at_least(name, ratio(plain, stored), 0.45, 0.55, told)]


async def _add_block(bench: Bench, store: SQLiteStore, start: int, end: int) -> None:
    for turn in bench.turns[start : min(start + _BLOCK, end)]:
        await store.add_interaction(turn)


async def archiving(bench: Bench) -> list[Figure]:
    """Compare archiving half of a file with the limit of inserting as many rows."""
    rows = await bench.prepared()
    return [
        *await _archiving(bench, rows, "archive_interactions", _by_ids),
        *await _archiving(bench, rows, "archive_old_interactions", _by_time),
    ]


_Archiving = Callable[[SQLiteStore, list[str], datetime], Awaitable[int]]


async def _by_ids(store: SQLiteStore, ids: list[str], _: datetime) -> int:
    return await store.archive_interactions(ids, "consolidated_to_working")


async def _by_time(store: SQLiteStore, _: list[str], before: datetime) -> int:
    return await store.archive_old_interactions(before, "consolidated_to_working")


async def _archiving(
    bench: Bench, rows: list[tuple[Any, ...]], name: str, archive: _Archiving
) -> list[Figure]:
    half = bench.bulk
    plain, stored = list[float](), list[float]()
    for _ in range(bench.rounds):
        plain.append(plain_bulk(bench, rows))
        path = bench.path("stored")
        async with SQLiteStore(path) as store:
            ids = await store.add_interactions(turns(2 * half))
            first_kept = await store.get_interaction(ids[half])
            assert first_kept is not None
            before = datetime.fromisoformat(first_kept["timestamp"]).astimezone(UTC)
            stored.append(await seconds(partial(archive, store, ids[:half], before)))
            assert (await store.get_archive_statistics())["interactions"] == {
                "consolidated_to_working": half
            }
        remove(path)
    label = f"(d) {name}, {half:,} of {2 * half:,}"
    told = f"{_rate(half, stored)} of {_rate(half, plain)} rows/s"
    held = max(stored)
    return [
        at_least(label, ratio(plain, stored), 0.25, 0.25, told),
        # One call is one transaction: the lock is held no longer than the call takes.
        Figure(
            f"{label}: the lock",
            f"held {held:.1f} s at most",
            f"< {_LOCK_SECONDS:g} s",
            held < _LOCK_SECONDS,
        ),
    ]


def _rate(rows: int, times: list[float]) -> str:
    return f"{rows / statistics.median(times):,.0f}"


def _micros(rows: int, times: list[float]) -> str:
    return f"{statistics.median(times) / rows * 1e6:,.0f} us"
