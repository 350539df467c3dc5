"""Figures of reading: the newest hundred, a page in the middle, and lists of a million keys."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks import _raw
from benchmarks._bench import Bench, Figure, ratio, remove, seconds, seconds_plain
from benchmarks._rows import turns
from storage import SQLiteStore, cursor_of

_SMALL: Final = 1000
_LIMIT: Final = 100
_BLOCKS: Final = 20
_CALLS_PER_BLOCK: Final = 50
_TIMES_RAW: Final = 3.0
# Two medians of the same thing differ by a few per cent from run to run.
_AS_FAST: Final = 1.1


async def recent(bench: Bench) -> list[Figure]:
    """Compare the newest hundred with the same SELECT, and a big file with a small one."""
    small, big = bench.path("small"), await bench.big()
    async with SQLiteStore(small) as store:
        await store.add_interactions(turns(_SMALL))
    async with SQLiteStore(small) as few, SQLiteStore(big) as many:
        middle = (await many.get_recent_interactions(1, before=await _middle(many)))[0]
        page = partial(many.get_recent_interactions, _LIMIT, before=cursor_of(middle))
        session = partial(many.get_recent_interactions, _LIMIT, session_id=middle["session_id"])
        told = await _alternately(
            big,
            few=partial(few.get_recent_interactions, _LIMIT),
            many=partial(many.get_recent_interactions, _LIMIT),
            page=page,
            session=session,
        )
    remove(small)
    times, growth = 1 / ratio(told["plain"], told["many"]), 1 / ratio(told["few"], told["many"])
    against = f"{_micros(told['many'])} against {_micros(told['plain'])}"
    return [
        Figure(
            f"(c) get_recent_interactions({_LIMIT}) of {bench.rows:,}",
            f"{times:.2f} x plain ({against})",
            f"<= {_TIMES_RAW:g}",
            times <= _TIMES_RAW,
        ),
        Figure(
            f"(c) the same, against {_SMALL:,} rows",
            f"{growth:.2f} x ({_micros(told['few'])} there)",
            f"<= {_AS_FAST:g}",
            growth <= _AS_FAST,
        ),
        Figure("(c) a page in the middle, by key", _micros(told["page"])),
        Figure("(c) the newest of one session", _micros(told["session"])),
    ]


async def _middle(store: SQLiteStore) -> str:
    keys = await store.list_keys("interaction")
    row = (await store.get_summaries("interaction", [keys[len(keys) // 2]]))[0]
    assert row is not None
    record = await store.get_interaction(row["record_id"])
    assert record is not None
    return cursor_of(record)


async def _alternately(big: Path, **reads: Callable[[], Awaitable[Any]]) -> dict[str, list[float]]:
    """Return the seconds of a call of each in every block, of the plain SELECT as `plain`."""
    connection = _raw.connect(big)
    taken: dict[str, list[float]] = {name: [] for name in ("plain", *reads)}
    try:
        for _ in range(_BLOCKS):
            calls = range(_CALLS_PER_BLOCK)
            plain = [seconds_plain(lambda: _raw.recent(connection, _LIMIT)) for _ in calls]
            taken["plain"].append(statistics.median(plain))
            for name, read in reads.items():
                taken[name].append(statistics.median([await seconds(read) for _ in calls]))
    finally:
        connection.close()
    return taken


def _micros(times: list[float]) -> str:
    return f"{statistics.median(times) * 1e6:,.0f} us"


async def lists(bench: Bench) -> list[Figure]:
    """Measure what a list on screen needs: all keys at once, and short rows anywhere."""
    big = await bench.big()
    connection = _raw.connect(big)
    plain, keys_of_all, first, page = (list[float]() for _ in range(4))
    try:
        async with SQLiteStore(big) as store:
            keys = await store.list_keys("interaction")
            middle = keys[len(keys) // 2 : len(keys) // 2 + _LIMIT]
            for _ in range(bench.rounds):
                plain.append(seconds_plain(lambda: connection.execute(_raw.ALL_NUMBERS).fetchall()))
                keys_of_all.append(await seconds(partial(store.list_keys, "interaction")))
                for _ in range(_CALLS_PER_BLOCK):
                    page.append(await seconds(partial(store.get_summaries, "interaction", middle)))
                    first.append(
                        await seconds(partial(store.list_keys, "interaction", limit=_LIMIT))
                    )
    finally:
        connection.close()
    all_keys, all_rows = statistics.median(keys_of_all), statistics.median(plain)
    return [
        Figure(
            f"(e) list_keys of {bench.rows:,}",
            f"{all_keys * 1e3:,.0f} ms, {all_keys / all_rows:.2f} x plain ({all_rows * 1e3:,.0f})",
        ),
        Figure(f"(e) list_keys, the first {_LIMIT}", _micros(first)),
        Figure(f"(e) get_summaries, {_LIMIT} in the middle", _micros(page)),
    ]
