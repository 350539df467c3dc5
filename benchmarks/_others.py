"""Other people's stores with the same texts on the same disk, where they are installed.

Their tables and promises differ (none keeps a journal); the limit is the same plain SQLite.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import orjson

from benchmarks import _raw
from benchmarks._bench import Bench, Figure, ratio, remove, seconds, seconds_plain
from benchmarks._rows import Turn
from benchmarks._writes import plain_bulk

_BATCH: Final = 1000


class _Times(NamedTuple):
    """Seconds for all turns at once, and for one durable call per turn."""

    bulk: float
    one_by_one: float


async def others(bench: Bench) -> list[Figure]:
    """Compare sqlite-utils, the OpenAI Agents SDK and LangGraph with the same limit."""
    rows = await bench.prepared()
    figures = []
    for name, (module, measure) in _OTHERS.items():
        try:
            imported = importlib.import_module(module)
        except ImportError:
            print(f"{name} is not installed; pip install -e '.[bench]' brings it.")
            continue
        limits, times = list[_Times](), list[_Times]()
        for _ in range(bench.rounds):
            limits.append(_limit(bench, rows))
            path = bench.path("other")
            times.append(await measure(imported, bench, path, rows))
            remove(path)
        bulk = ratio([each.bulk for each in limits], [each.bulk for each in times])
        single = ratio([each.one_by_one for each in limits], [each.one_by_one for each in times])
        told = f"bulk {bulk:.2f} x limit, one durable row per call {single:.2f} x"
        figures.append(Figure(f"(g) {name}", told))
    return figures


def _limit(bench: Bench, rows: list[tuple[Any, ...]]) -> _Times:
    path, connection = bench.plain()
    one_by_one = _raw.insert_one_by_one(connection, rows[: bench.calls])
    connection.close()
    remove(path)
    return _Times(plain_bulk(bench, rows), one_by_one)


async def _sqlite_utils(
    module: ModuleType, bench: Bench, path: Path, rows: list[tuple[Any, ...]]
) -> _Times:
    with contextlib.closing(_raw.create(path, bench.schema)):
        pass
    records = [dict(zip(_raw.COLUMNS, row, strict=True)) for row in rows]
    database = module.Database(path)
    table = database["interactions"]
    single, many = records[: bench.calls], records[bench.calls :]
    one_by_one = seconds_plain(lambda: [table.insert(record) for record in single])
    bulk = seconds_plain(lambda: table.insert_all(many, batch_size=_BATCH))
    database.close()
    return _Times(bulk * len(records) / len(many), one_by_one)


async def _agents(module: ModuleType, bench: Bench, path: Path, _: object) -> _Times:
    session = module.SQLiteSession("s-1", path)
    items = [{"role": turn["role"], "content": orjson.dumps(turn).decode()} for turn in bench.turns]
    bulk = await seconds(lambda: session.add_items(items))
    one_by_one = await seconds(lambda: _each(items[: bench.calls], session.add_items))
    session.close()
    return _Times(bulk, one_by_one)


async def _each(items: list[Any], add: Callable[[list[Any]], Awaitable[Any]]) -> None:
    for item in items:
        await add([item])


async def _langgraph(module: ModuleType, bench: Bench, path: Path, _: object) -> _Times:
    async with module.AsyncSqliteStore.from_conn_string(str(path)) as store:
        await store.setup()
        one_by_one = await seconds(lambda: _put_each(store, bench.turns[: bench.calls]))
        bulk = await seconds(lambda: _put_all(store, bench.turns))
    return _Times(bulk, one_by_one)


async def _put_each(store: Any, turns: list[Turn]) -> None:
    for number, turn in enumerate(turns):
        await store.aput((turn["session_id"],), f"one-{number}", turn, index=False)


async def _put_all(store: Any, turns: list[Turn]) -> None:
    operation = importlib.import_module("langgraph.store.base").PutOp
    for start in range(0, len(turns), _BATCH):
        await store.abatch(
            [
                operation((turn["session_id"],), f"many-{start + i}", turn, index=False)
                for i, turn in enumerate(turns[start : start + _BATCH])
            ]
        )


_Measure = Callable[[ModuleType, Bench, Path, list[tuple[Any, ...]]], Awaitable[_Times]]
_OTHERS: Final[dict[str, tuple[str, _Measure]]] = {
    "sqlite-utils": ("sqlite_utils", _sqlite_utils),
    "OpenAI Agents SDK": ("agents", _agents),
    "LangGraph": ("langgraph.store.sqlite.aio", _langgraph),
}
