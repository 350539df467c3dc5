"""Runs of archiving: records that left for the same reason, became the same, close in time.

An agent that consolidates archives many records in one go and keeps what it made of them under the
same target. A *run* is a series of archive rows, of interactions and patterns together, with the
same reason and target, in which no row comes more than `GAP_SECONDS` after the one before.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from storage import archive, archive_reading, fields, notes, rows
from storage.kinds import INTERACTION, PATTERN, Kind, place_sql
from storage.lists import list_of
from storage.moments import UNREADABLE, from_moment, moment_sql, to_text
from storage.rows import quote
from storage.view import Change, StoredRow, View
from storage.where import Where

GAP_SECONDS: Final = 60
"""Seconds without a row that end a run: consolidating takes milliseconds a record, and the next
run over the same target comes minutes later."""

_GAP: Final = GAP_SECONDS * 1_000_000
_ROWS_PER_STEP: Final = 20_000
_AT_ONCE: Final = 500
_KINDS: Final = (INTERACTION, PATTERN)

T = TypeVar("T")
Run = Callable[[Callable[[View], T]], Awaitable[T]]
_Cursor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ArchiveRun:
    """A run of archiving.

    Attributes:
        reason: Why the records left, as it is stored.
        target: What they became, as it is stored; None if nothing.
        first: The moment of the first, in microseconds since the epoch.
        last: The moment of the last.
        interactions: How many interactions there are.
        patterns: How many patterns.
    """

    reason: rows.Value
    target: rows.Value
    first: int
    last: int
    interactions: int = 0
    patterns: int = 0

    @property
    def count(self) -> int:
        """How many records there are."""
        return self.interactions + self.patterns

    @property
    def began(self) -> str | None:
        """When the first record left, as times are stored; None where that cannot be read."""
        return _told(self.first)

    @property
    def ended(self) -> str | None:
        """When the last record left, as times are stored; None where that cannot be read."""
        return _told(self.last)


@dataclass(frozen=True, slots=True)
class RunMember:
    """A record that left in a run.

    Attributes:
        kind: `interaction` or `pattern`.
        record_id: Its public id.
        key: The rowid of its archive row.
    """

    kind: str
    record_id: str
    key: int


def _told(moment: int) -> str | None:
    time = None if moment == UNREADABLE else from_moment(moment)
    return None if time is None else to_text(time)


async def find(run: Run[Any], limit: int | None) -> AsyncIterator[ArchiveRun]:
    """Yield the runs, the one that ended last first, a step of the archive at a time.

    Args:
        run: Runs a function on a reader and returns what it returns.
        limit: How many at most; None for all.
    """
    most = fields.check_limit(limit)
    found = 0
    async for each in _whole(_merged(run)):
        if found == most:
            return
        yield each
        found += 1


@dataclass(slots=True)
class _Open:
    """A run that may still grow backwards in time."""

    run: ArchiveRun
    is_whole: bool = False


async def _whole(stretches: AsyncIterator[ArchiveRun]) -> AsyncIterator[ArchiveRun]:
    """Join stretches, which come the one that ended last first, to runs, as soon as they are whole.

    Runs of several reasons and targets may overlap, so that several are open at once: `begun` has
    them in the order in which they are given, `growing` those that grew longest ago first.
    """
    begun: deque[_Open] = deque()
    growing: OrderedDict[tuple[Any, ...], _Open] = OrderedDict()
    async for stretch in stretches:
        while growing and _is_apart(next(iter(growing.values())).run, stretch):
            growing.popitem(last=False)[1].is_whole = True
        while begun and begun[0].is_whole:
            yield begun.popleft().run
        key = _key(stretch)
        known = growing.pop(key, None)
        if known is not None and not _is_apart(known.run, stretch):
            known.run = _joined(known.run, stretch)
        else:
            if known is not None:
                known.is_whole = True
            known = _Open(stretch)
            begun.append(known)
        growing[key] = known
    for each in begun:
        yield each.run


def _is_apart(run: ArchiveRun, earlier: ArchiveRun) -> bool:
    return run.first - earlier.last > _GAP


def _key(run: ArchiveRun) -> tuple[Any, ...]:
    # By class too: 1 and 1.0 are equal, and an agent may store either.
    return (run.reason.__class__, run.reason, run.target.__class__, run.target)


def _joined(later: ArchiveRun, earlier: ArchiveRun) -> ArchiveRun:
    return replace(
        later,
        first=min(later.first, earlier.first),
        last=max(later.last, earlier.last),
        interactions=later.interactions + earlier.interactions,
        patterns=later.patterns + earlier.patterns,
    )


async def _merged(run: Run[Any]) -> AsyncIterator[ArchiveRun]:
    """Yield the stretches of both archives, the one that ended last first."""
    interactions, patterns = (_stretches(run, kind) for kind in _KINDS)
    one, other = await anext(interactions, None), await anext(patterns, None)
    while one is not None or other is not None:
        if one is not None and (other is None or one.last >= other.last):
            yield one
            one = await anext(interactions, None)
        elif other is not None:
            yield other
            other = await anext(patterns, None)


async def _stretches(run: Run[Any], kind: Kind) -> AsyncIterator[ArchiveRun]:
    cursor: _Cursor | None = None
    while True:
        found, cursor = await run(partial(_step, kind=kind, cursor=cursor))
        for each in found:
            yield each
        if cursor is None:
            return


def _step(
    view: View, *, kind: Kind, cursor: _Cursor | None
) -> tuple[list[ArchiveRun], _Cursor | None]:
    """Return the stretches of some rows of an archive, newest first, and where to go on."""
    table = view.layout.get(kind.archive)
    if table is None:
        return [], None
    moment, number = moment_sql(table.sql("archived_at")), place_sql(table)
    where = Where()
    if cursor is not None:
        where.after(moment, number, list(cursor))
    target = table.sql(kind.target or "")
    found = view.fetch(
        f"SELECT {moment}, {number}, {table.sql('archive_reason')}, {target}"
        f" FROM {quote(table.name)} WHERE {where.sql}"
        f" ORDER BY {moment} DESC, {number} DESC LIMIT {_ROWS_PER_STEP}",
        where.values,
    )
    last = (found[-1][0], found[-1][1]) if len(found) == _ROWS_PER_STEP else None
    return list(_gathered(kind, found)), last


def _gathered(kind: Kind, found: Iterable[tuple[Any, ...]]) -> Iterator[ArchiveRun]:
    """Join rows that follow one another with the same reason and target, close in time."""
    reason = target = None
    first = last = count = 0
    for moment, _, own_reason, own_target in found:
        if count and own_reason == reason and own_target == target and first - moment <= _GAP:
            first, count = moment, count + 1
            continue
        if count:
            yield _stretch(kind, reason, target, first, last, count)
        reason, target, first, last, count = own_reason, own_target, moment, moment, 1
    if count:
        yield _stretch(kind, reason, target, first, last, count)


def _stretch(kind: Kind, reason: Any, target: Any, first: int, last: int, count: int) -> ArchiveRun:
    is_pattern = kind is PATTERN
    return ArchiveRun(
        reason, target, first, last, 0 if is_pattern else count, count if is_pattern else 0
    )


def members(view: View, run: ArchiveRun, limit: int | None) -> list[RunMember]:
    """Return the records of a run, patterns after interactions, in the order in which they left."""
    most = fields.check_limit(limit)
    found: list[RunMember] = []
    for kind in _KINDS:
        left = -1 if most < 0 else most - len(found)
        found += [
            RunMember(kind.name, archive_reading.archived_id(kind, row), row.rowid)
            for row in _rows(view, kind, run, left)
        ]
    return found


def tagged(view: View, found: Sequence[ArchiveRun], tag: str) -> list[ArchiveRun]:
    """Return those of some runs in which a record left that has a tag and is in the archive still.

    Args:
        view: Where to read.
        found: The runs.
        tag: The tag.
    """
    moments: dict[tuple[Any, ...], list[int]] = {}
    for kind in _KINDS:
        for reason, target, moment in _tagged(view, kind, tag):
            left = _stretch(kind, reason, target, moment, moment, 1)
            moments.setdefault(_key(left), []).append(moment)
    return [
        run
        for run in found
        if any(run.first <= moment <= run.last for moment in moments.get(_key(run), ()))
    ]


def _tagged(view: View, kind: Kind, tag: str) -> list[tuple[Any, Any, int]]:
    table = view.layout.get(kind.archive)
    if table is None:
        return []
    own = f"archived_{kind.name}"
    record_id = list_of(own).columns(view, table)[notes.ID_IN_LIST[own]]
    having_it, values = notes.tagged(view, own, record_id, tag)
    return view.fetch(
        f"SELECT {table.sql('archive_reason')}, {table.sql(kind.target or '')},"
        f" {moment_sql(table.sql('archived_at'))} FROM {quote(table.name)} WHERE {having_it}",
        values,
    )


def restore_note(run: ArchiveRun) -> str:
    """Return the note of the transaction that restores a run."""
    reason = rows.tolerant_text(run.reason) if isinstance(run.reason, bytes) else run.reason
    return f"restored the run of {run.began or 'an unknown time'}, {reason}"


def restore_some(change: Change, run: ArchiveRun) -> int:
    """Give some records of a run back, and return how many; 0 once all are back.

    Raises:
        RecordExistsError: A live record has the id of one of them.
        RestoreError: An archive row is corrupt or does not fit its table.
    """
    for kind in _KINDS:
        if found := _rows(change, kind, run, _AT_ONCE):
            return archive.put_back(change, kind, found)
    return 0


def _rows(view: View, kind: Kind, run: ArchiveRun, limit: int) -> list[StoredRow]:
    table = view.layout.get(kind.archive)
    if table is None:
        return []
    moment, number = moment_sql(table.sql("archived_at")), place_sql(table)
    where = Where().add(f"{moment} BETWEEN ? AND ?", run.first, run.last)
    for name, value in (("archive_reason", run.reason), (kind.target or "", run.target)):
        mark, bound = rows.bindable(value)
        where.add(f"{table.sql(name)} IS {mark}", bound)
    return view.rows(table, f"{where.sql} ORDER BY {moment}, {number} LIMIT {limit}", where.values)
