"""A memory at a glance: how much there is, on which days, of which types."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from storage import archive_reading, driver
from storage.errors import CorruptDatabaseError
from storage.kinds import INTERACTION, PATTERN, id_of, tables_of
from storage.layout import TableLayout
from storage.moments import from_moment, moment_sql, parse_moment
from storage.rows import quote, tolerant_text
from storage.schema import INDEXES, JOURNAL, WORLD_MODEL_SNAPSHOTS, WORLD_MODEL_STATES
from storage.statistics import file_size
from storage.view import View

T = TypeVar("T")
Run = Callable[[Callable[[View], Any]], Awaitable[Any]]

# Every midnight of every zone that is in use falls on a quarter of an hour.
_QUARTER: Final = 15 * 60 * 1_000_000
_SECONDS_PER_STEP: Final = 0.03
_ROWS_PER_STEP: Final = 10_000
_MOST_ROWS: Final = 200_000
_LAST: Final = 2**63 - 1
_TENTHS: Final = 10


@dataclass(frozen=True, slots=True)
class Activity:
    """A part of how many interactions there were on which days; add the parts up.

    Attributes:
        live: Of each day, how many interactions of it are live.
        archived: Of each day, how many of it are archived.
        limit: What is left out of a big memory, in a sentence; mostly empty.
    """

    live: Mapping[date, int]
    archived: Mapping[date, int]
    limit: str = ""


@dataclass(frozen=True, slots=True)
class TypeSpread:
    """The live patterns of one type.

    Attributes:
        pattern_type: The type; empty where none is given.
        count: How many there are.
        mean: Their mean confidence, or None where none of them has one.
        tenths: How many have a confidence from 0 to below .1, from .1 to below .2, and so on; 1
            counts to the last.
    """

    pattern_type: str
    count: int
    mean: float | None
    tenths: tuple[int, ...]


def at_a_glance(view: View, path: Path) -> dict[str, Any]:
    """Return what can be counted in one short read.

    Returns:
        `counts` (by kind, in the order of the panes), `types` (a `TypeSpread` each), `reasons`
        (as `archive.statistics` has them), `file` (as `statistics.file_size` has it). What cannot
        be counted because a table is damaged is None.
    """
    return {
        "counts": counts(view),
        "types": _undamaged(partial(types, view)),
        "reasons": _undamaged(partial(archive_reading.statistics, view)),
        "file": file_size(view, path),
    }


def _undamaged(count: Callable[[], T]) -> T | None:
    """Count something; None where a table of it is damaged, which hides nothing else."""
    try:
        return count()
    except driver.Error as error:
        if not driver.is_damage(error):
            raise
        return None


def counts(view: View) -> dict[str, int | None]:
    """Count the records of each kind, live and archived, in the order of the panes.

    Those of a kind of which a table is damaged are None.
    """
    tables = {
        "interaction": INTERACTION.tables,
        "pattern": PATTERN.tables,
        "archived_interaction": (INTERACTION.archive,),
        "archived_pattern": (PATTERN.archive,),
        "world_model_state": (WORLD_MODEL_STATES.name,),
        "snapshot": (WORLD_MODEL_SNAPSHOTS.name,),
        "change": (JOURNAL.name,),
    }
    return {kind: _undamaged(partial(_count, view, names)) for kind, names in tables.items()}


def _count(view: View, names: Iterable[str]) -> int:
    return sum(
        view.fetch(f"SELECT count(*) FROM {quote(view.layout[name].name)}")[0][0]
        for name in names
        if name in view.layout
    )


def types(view: View) -> list[TypeSpread]:
    """Return the types of live patterns with their confidences, the most frequent first."""
    table = view.layout.get(PATTERN.tables[0])
    if table is None:
        return []
    sure, kind = table.sql("confidence"), table.sql("pattern_type")
    is_known = f"typeof({sure}) IN ('real', 'integer') AND {sure} BETWEEN 0 AND 1"
    # In steps of .01, so that what is stored as .699… for .7 counts to the .7.
    tenth = f"CASE WHEN {is_known} THEN min(9, CAST(round({sure} * 100) AS INTEGER) / 10) END"
    known = f"CASE WHEN {is_known} THEN {sure} END"
    found: dict[str, list[tuple[int | None, int, float | None]]] = {}
    for name, which, count, total in view.fetch(
        f"SELECT {kind}, {tenth}, count(*), sum({known}) FROM {quote(table.name)} GROUP BY 1, 2"
    ):
        text = tolerant_text(name) if isinstance(name, bytes) else str(name or "")
        found.setdefault(text, []).append((which, count, total))
    spreads = [_spread(name, parts) for name, parts in found.items()]
    return sorted(spreads, key=lambda each: (-each.count, each.pattern_type))


def _spread(name: str, parts: list[tuple[int | None, int, float | None]]) -> TypeSpread:
    tenths = [0] * _TENTHS
    total = 0.0
    for which, count, part in parts:
        if which is not None:
            tenths[which] += count
            total += part or 0
    known = sum(tenths)
    return TypeSpread(
        name, sum(count for _, count, _ in parts), total / known if known else None, tuple(tenths)
    )


class _Table(NamedTuple):
    """Where interactions stand.

    Attributes:
        name: The table.
        time: The SQL of when a row happened.
        is_indexed: Whether the moments of it are in our index.
        is_archived: Whether it is the archive.
    """

    name: str
    time: str
    is_indexed: bool
    is_archived: bool


async def activity(run: Run, zone: tzinfo | None = None) -> AsyncIterator[Activity]:
    """Count interactions by the day on which they happened, newest days first.

    Each part is one short read. A million live interactions take a tenth of a second where the
    file has our index; without it, and of the archive, the newest 200,000 rows are counted.

    Args:
        run: Runs a function on a reader and gives what it returns.
        zone: Whose days; those of this machine if None.
    """
    for table in await run(_tables):
        try:
            async for part in _of_table(run, table, zone):
                yield part
        except CorruptDatabaseError:
            # One damaged table does not hide the others.
            yield Activity({}, {}, f"{table.name} is damaged and cannot be counted.")


async def _of_table(run: Run, table: _Table, zone: tzinfo | None) -> AsyncIterator[Activity]:
    look = _by_day if table.is_indexed else _by_row
    end: int | None = _LAST
    steps = 0
    while end is not None:
        days, end = await run(partial(look, table=table, end=end, zone=zone))
        steps += 1
        if days:
            yield Activity({}, days) if table.is_archived else Activity(days, {})
        if not table.is_indexed and end is not None and steps * _ROWS_PER_STEP >= _MOST_ROWS:
            yield Activity({}, {}, f"of {table.name} the newest {_MOST_ROWS:,} are counted.")
            break


def _tables(view: View) -> list[_Table]:
    found = [
        _Table(table.name, table.sql("timestamp"), _has_index(view, table), is_archived=False)
        for table in tables_of(view, INTERACTION)
    ]
    archive = view.layout.get(INTERACTION.archive)
    if archive is not None:
        data = archive.sql("data")
        told = f"CASE WHEN json_valid({data}) THEN json_extract({data}, '$.timestamp') END"
        found.append(_Table(archive.name, told, is_indexed=False, is_archived=True))
    return found


def _has_index(view: View, table: TableLayout) -> bool:
    names = {str(row[1]).lower() for row in view.fetch(f"PRAGMA index_list({quote(table.name)})")}
    return any(
        index.name in names and index.table == table.name.lower()
        for index in INDEXES
        if index.moment == "timestamp" and not index.columns
    )


def _by_day(
    view: View, *, table: _Table, end: int, zone: tzinfo | None
) -> tuple[dict[date, int], int | None]:
    """Count day after day through the index, from the last moment before `end` backwards."""
    days: dict[date, int] = {}
    moment, name = moment_sql(table.time), quote(table.name)
    until = time.monotonic() + _SECONDS_PER_STEP
    last: int | None = end
    while last is not None and time.monotonic() < until:
        newest = view.fetch(
            f"SELECT {moment} FROM {name} WHERE {moment} < ? ORDER BY {moment} DESC LIMIT 1",
            (last,),
        )
        day = _day_of(newest[0][0], zone) if newest else None
        if day is None:
            # What is left has no time that can be read.
            return days, None
        last, stop = bounds(day, zone)
        ((days[day],),) = view.fetch(
            f"SELECT count(*) FROM {name} WHERE {moment} >= ? AND {moment} < ?", (last, stop)
        )
    return days, last


def _by_row(
    view: View, *, table: _Table, end: int, zone: tzinfo | None
) -> tuple[dict[date, int], int | None]:
    """Count some rows, from the last one before `end` backwards."""
    rows = view.fetch(
        f"SELECT {moment_sql('told')} / {_QUARTER}, count(*), min(number) FROM"
        # The LIMIT keeps SQLite from reading the time out of JSON anew for each look at it.
        f" (SELECT rowid AS number, {table.time} AS told FROM {quote(table.name)}"
        f" WHERE rowid < ? ORDER BY rowid DESC LIMIT {_ROWS_PER_STEP}) GROUP BY 1",
        (end,),
    )
    days: Counter[date] = Counter()
    for quarter, count, _ in rows:
        day = _day_of(quarter * _QUARTER, zone)
        if day is not None:
            days[day] += count
    is_full = sum(count for _, count, _ in rows) == _ROWS_PER_STEP
    return dict(days), min(number for *_, number in rows) if is_full else None


def _day_of(moment: int, zone: tzinfo | None) -> date | None:
    # What is past the last day that there is, here or in UTC, would else end the count.
    beyond = date.max if moment > 0 else None
    at = from_moment(moment)
    if at is None:
        return beyond
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return beyond


def bounds(day: date, zone: tzinfo | None = None) -> tuple[int, int]:
    """Return the first moment of a day, and that of the next day.

    After the last day that there is comes the moment that no record reaches.

    Args:
        day: The day.
        zone: Of whom; of this machine if None.
    """
    # Not a start and 24 hours: some days are longer or shorter.
    if day == date.max:
        return _start_of(day, zone), _LAST
    return _start_of(day, zone), _start_of(day + timedelta(days=1), zone)


def _start_of(day: date, zone: tzinfo | None) -> int:
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    try:
        start = start.astimezone(UTC)
    except (OverflowError, ValueError):
        # On the first or the last day that there is, it may begin beyond them in UTC.
        start = start.replace(tzinfo=UTC)
    return parse_moment(start.isoformat())


def newest_between(view: View, first: date, end: date, zone: tzinfo | None = None) -> str | None:
    """Return the id of the newest live interaction from a day to before another, or None.

    Before the last day that there is means up to its end, because no day comes after it.
    """
    start, stop = bounds(first, zone)[0], bounds(end, zone)[end == date.max]
    best: tuple[int, str] | None = None
    for table in tables_of(view, INTERACTION):
        moment = moment_sql(table.sql("timestamp"))
        found = view.rows(
            table,
            f"{moment} >= ? AND {moment} < ? ORDER BY {moment} DESC, rowid DESC LIMIT 1",
            (start, stop),
        )
        for row in found:
            at = parse_moment(row.value("timestamp"))
            best = max(best or (at, ""), (at, id_of(INTERACTION, row)))
    return best[1] if best else None
