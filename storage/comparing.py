"""Comparing two memories, kind by kind and record by record, in memory that does not grow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from storage.comparable import BOOKKEEPING, COMPARED, Spot, check_kind
from storage.diff_records import FieldChange, WorldModelDiff
from storage.pairing import START, Pairing, Pairs, Side, Spotted, Way
from storage.world_model import diff_world_models, field_changes

if TYPE_CHECKING:
    from storage.records import Record
    from storage.store_reader import StoreReader

Class: TypeAlias = Literal["only_a", "only_b", "different"]
_WORLDS: Final = ("world_model_state", "snapshot")
_WAYS: Final[tuple[Way, ...]] = ("id", "name")
_SIDES: Final[tuple[Side, ...]] = ("a", "b")
_OPPOSITE: Final[dict[Class, Class]] = {"only_a": "only_b", "only_b": "only_a"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that only one of two memories has, or that differs between them.

    Attributes:
        kind: interaction, pattern, world_model_state, snapshot or note.
        found: `only_a`, `only_b` or `different`.
        a: Its id and place in A; None where it is only in B.
        b: Its id and place in B; None where it is only in A.
        matched_by: `id` or `name`, of one that differs; empty otherwise.
        changes: The fields that differ, from A to B, by path. Of a record that is archived on one
            side, `archived_at`, `archive_reason` and what it became are among them. Of a world
            model they are what it says of itself; what is believed stands in `world`.
        world: What differs between two world models, from A to B; None for other kinds.
    """

    kind: str
    found: Class
    a: Spotted | None
    b: Spotted | None
    matched_by: Literal["id", "name", ""] = ""
    changes: tuple[FieldChange, ...] = ()
    world: WorldModelDiff | None = None

    @property
    def record_id(self) -> str:
        """Its public id, that in A where it is in both."""
        return next((side.record_id for side in (self.a, self.b) if side is not None), "")

    @property
    def moved(self) -> Literal["archived", "restored", ""]:
        """Whether it went into the archive from A to B, or came out of it; mostly empty."""
        if self.a is None or self.b is None:
            return ""
        was, now = (side.place.kind.startswith("archived_") for side in (self.a, self.b))
        if was == now:
            return ""
        return "archived" if now else "restored"

    def inverse(self) -> Difference:
        """The same difference with A and B exchanged."""
        return replace(
            self,
            found=_OPPOSITE.get(self.found, self.found),
            a=self.b,
            b=self.a,
            changes=tuple(change.inverse() for change in self.changes),
            world=None if self.world is None else self.world.inverse(),
        )


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many records of a kind are in which class; every record is in exactly one.

    Attributes:
        kind: interaction, pattern, world_model_state, snapshot or note.
        same: How many are in both and say the same.
        different: How many are in both and differ.
        only_a: How many are only in A.
        only_b: How many are only in B.
    """

    kind: str
    same: int
    different: int
    only_a: int
    only_b: int

    @property
    def differs(self) -> bool:
        """Whether any record of the kind differs or is missing on a side."""
        return bool(self.different or self.only_a or self.only_b)


async def compare_memories(
    a: StoreReader,
    b: StoreReader,
    kinds: Iterable[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> AsyncIterator[Difference | KindCount]:
    """Yield where two memories differ, kind by kind, and after each kind how many of it do.

    A record is the same one by its public id; what is left of patterns then by name and type, and
    of world-model states by domain and session, where exactly one on each side has them. A snapshot
    goes by its world model and time, a note by its record. An archived record is the same record as
    a live one of its id; where both are there the live one counts, and of several archive rows the
    newest. Of a kind, those that differ come first, by id; then what is only in A, then only in B.

    Numbers of rows, NULL against a missing column, and the spelling of JSON (spaces, order of
    keys, 1 and 1.0) are no difference; the order of a list is one, but for entities and relations.
    A field that is no JSON differs from anything but the same bytes.

    What is compared stands in a temporary file meanwhile, some hundred bytes a record; memory does
    not grow with the number of records. What is written to a memory meanwhile may be missed.

    Args:
        a: One memory, open.
        b: The other one.
        kinds: Only these, in the order of `COMPARED`; None for all.
        progress: Is told now and then how many rows were read since the beginning.

    Raises:
        ValidationError: There is no such kind.
        StorageError: A memory cannot be read.
    """
    wanted = COMPARED if kinds is None else tuple(kinds)
    for kind in wanted:
        check_kind(kind)
    read = _Count(progress)
    for kind in (each for each in COMPARED if each in wanted):
        async for each in _of_kind(kind, a, b, read):
            yield each


async def _of_kind(
    kind: str, a: StoreReader, b: StoreReader, read: _Count
) -> AsyncIterator[Difference | KindCount]:
    # Not in a thread: what is made there while the task is cancelled would never be closed.
    pairing = Pairing()
    try:
        await _take_in(pairing, "a", a, kind, read)
        await _take_in(pairing, "b", b, kind, read)
        async for each in _Comparison(kind, a, b, pairing).run():
            yield each
    finally:
        await asyncio.to_thread(pairing.close)


class _Count:
    """Counts the rows that were read."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self._progress = progress
        self._rows = 0

    def add(self, rows: int) -> None:
        self._rows += rows
        if self._progress is not None:
            self._progress(self._rows)


async def _take_in(
    pairing: Pairing, side: Side, store: StoreReader, kind: str, read: _Count
) -> None:
    spot: Spot | None = Spot()
    while spot is not None:
        part = await store.lookup.traces(kind, spot)
        await asyncio.to_thread(pairing.put, side, part)
        read.add(len(part.found))
        spot = part.next


class _Comparison:
    """The records of one kind, once both sides are taken in."""

    def __init__(self, kind: str, a: StoreReader, b: StoreReader, pairing: Pairing) -> None:
        self._kind = kind
        self._a = a
        self._b = b
        self._pairing = pairing
        self._counts = {"same": 0, "different": 0, "only_a": 0, "only_b": 0}

    async def run(self) -> AsyncIterator[Difference | KindCount]:
        self._counts["same"] = await asyncio.to_thread(self._pairing.match)
        for by in _WAYS:
            async for pairs in self._pages(partial(self._pairing.pairs, by)):
                for each in await self._compared(pairs, by):
                    yield self._counted(each)
        for side in _SIDES:
            async for pairs in self._pages(partial(self._pairing.only, side)):
                for a, b in pairs.found:
                    found: Class = "only_b" if a is None else "only_a"
                    yield self._counted(Difference(self._kind, found, a, b))
        yield KindCount(self._kind, **self._counts)

    async def _pages(self, read: Callable[[Any], Pairs]) -> AsyncIterator[Pairs]:
        last: tuple[bytes, int] | None = START
        while last is not None:
            pairs = await asyncio.to_thread(read, last)
            yield pairs
            last = pairs.last

    def _counted(self, each: Difference) -> Difference:
        self._counts[each.found] += 1
        return each

    async def _compared(self, pairs: Pairs, by: Way) -> list[Difference]:
        """Compare the records of pairs; those that say the same are only counted."""
        kind = self._kind
        old = await self._a.lookup.contents(kind, [a.place for a, _ in pairs.found if a])
        new = await self._b.lookup.contents(kind, [b.place for _, b in pairs.found if b])
        found = []
        for (a, b), one, other in zip(pairs.found, old, new, strict=True):
            each = difference(kind, a, b, by, (one, other))
            if each is None:
                # One that went meanwhile from both is in neither.
                self._counts["same"] += one is not None
            else:
                found.append(each)
        return found


def difference(
    kind: str,
    a: Spotted | None,
    b: Spotted | None,
    by: Way,
    contents: tuple[Record | None, Record | None],
) -> Difference | None:
    """Say how two records differ, or None if they say the same.

    Args:
        kind: Their kind.
        a: Where the one stands.
        b: Where the other one stands.
        by: What they were matched by; where that is the name, their ids differ and don't count.
        contents: What is compared of them; None for one that is gone.
    """
    old, new = contents
    if old is None or new is None:
        # It went while everything was compared.
        if old is None and new is None:
            return None
        found: Class = "only_b" if old is None else "only_a"
        return Difference(
            kind, found, a if old is not None else None, b if new is not None else None
        )
    if by == "name":
        old, new = _without_id(old), _without_id(new)
    world = None
    if kind in _WORLDS:
        world = diff_world_models(old, new)
        old, new = (_bookkeeping(each) for each in (old, new))
    changes = field_changes(old, new, in_order=True)
    if not changes and (world is None or world.is_empty):
        return None
    return Difference(kind, "different", a, b, by, changes, world)


def _without_id(record: Record) -> Record:
    return {name: value for name, value in record.items() if name != "id"}


def _bookkeeping(record: Record) -> Record:
    return {name: record[name] for name in BOOKKEEPING if name in record}
