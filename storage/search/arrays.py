"""What a search holds in memory of every document: 57 bytes each, in arrays.

A *slot* is the number of a document in the index; a *line* is its place when all documents are
put in order of session and time, so that the neighbours of a turn are the lines around it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from storage.moments import UNREADABLE
from storage.search.documents import KINDS
from storage.search.filters import EVERYTHING, Filters
from storage.search.index_file import (
    ASKS,
    BLOCK,
    NAME_BITS,
    name_hash,
    second_of,
)
from storage.search.neighbours import RADIUS, rooms
from storage.search.sketches import PLANES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_GROWTH: Final = 1 + 1 / 64
_GONE: Final = 0x7F
# The bit of a kind that says that there is no vector, as there is none of what is gone.
_BARE: Final = 0x40
# Beyond these, sorting all lines is faster than putting the new ones between them.
_FEW: Final = 2000
_LINES_AT_ONCE: Final = 1 << 16
# Sessions are sorted by the uppermost four bits of their hashes first.
_PART_SHIFT: Final = 28
_COLUMNS: Final = ("kind", "session", "author", "label", "reason", "second")
_TURNS: Final = ("interaction", "archived_interaction")
_LEARNED: Final = ("pattern", "archived_pattern")
_ARCHIVED: Final = tuple(kind for kind in KINDS if kind.startswith("archived"))


class Arrays:
    """The arrays by slot, and the order of their lines.

    Attributes:
        kind, session, author, label, reason, second: By slot, as `index_file.BLOCK` has them. A
            slot that holds nothing has no kind.
        planes: The sign bits by slot, uint64 of shape [4, slots].
        slot: The slot of each line, int32.
        line: The line of each slot, int32; -1 where there is none.
        room: For each line which neighbours it has, as `neighbours.rooms()` says it.
    """

    kind: NDArray[np.uint8]
    session: NDArray[np.uint32]
    author: NDArray[np.uint16]
    label: NDArray[np.uint16]
    reason: NDArray[np.uint16]
    second: NDArray[np.int32]
    planes: NDArray[np.uint64]
    slot: NDArray[np.int32]
    line: NDArray[np.int32]
    room: NDArray[np.uint8]

    def __init__(self) -> None:
        self.size = 0
        self._reserve(1024)
        self.slot = np.zeros(0, np.int32)
        self._new: list[NDArray[np.int64]] = []
        self._is_new = False
        self._has_gaps = False
        self._bare = 0
        self.order()

    def __len__(self) -> int:
        """Return how many documents there are."""
        return len(self.slot)

    def _reserve(self, room: int) -> None:
        for name in _COLUMNS:
            grown = np.zeros(room, BLOCK[name])
            if self.size:
                grown[: self.size] = getattr(self, name)[: self.size]
            setattr(self, name, grown)
        self.kind[self.size :] = _GONE
        planes = np.zeros((PLANES, room), np.uint64)
        if self.size:
            planes[:, : self.size] = self.planes[:, : self.size]
        self.planes = planes

    def expect(self, slots: int) -> None:
        """Make room for so many slots: what grows step by step leaves holes in the memory."""
        if slots > len(self.kind):
            self._reserve(int(slots * _GROWTH) + 1024)

    def put(self, block: NDArray[Any]) -> None:
        """Add documents: a block of `index_file.BLOCK`."""
        if not len(block):
            return
        at = block["slot"].astype(np.int64)
        need = int(at.max()) + 1
        self.expect(need)
        self.size = max(self.size, need)
        for name in _COLUMNS:
            getattr(self, name)[at] = block[name]
        self.planes[:, at] = block["signs"].T
        self.kind[at[~block["signs"].any(axis=1)]] |= _BARE
        if sum(map(len, self._new)) + len(at) > _FEW:
            self._is_new = True
            self._new.clear()
        elif not self._is_new:
            self._new.append(at)

    def bare(self) -> Mask | None:
        """Say which slots have no vector, because they have none or are gone; None where all do."""
        if not self._bare:
            return None
        return self.kind[: self.size] & _BARE > 0

    def remove(self, slots: Collection[int]) -> None:
        """Forget documents."""
        if slots:
            self.kind[np.fromiter(slots, np.int64, len(slots))] = _GONE
            self._has_gaps = True

    def order(self) -> bool:
        """Put the lines in order, if documents came or went since.

        Returns:
            Whether all of them had to be sorted, which takes several times their memory.
        """
        is_sorted = self._is_new
        if is_sorted:
            self._sort()
        elif self._new or self._has_gaps or not hasattr(self, "line"):
            self._insert()
        else:
            return False
        self._new.clear()
        self._is_new = self._has_gaps = False
        self._bare = int(np.count_nonzero(self.kind[: self.size] & _BARE))
        self.line = np.full(self.size, -1, np.int32)
        self.room = np.empty(len(self.slot), np.uint8)
        for start in range(0, len(self.slot), _LINES_AT_ONCE):
            self._place_lines(start, start + _LINES_AT_ONCE)
        return is_sorted

    def _place_lines(self, start: int, end: int) -> None:
        """Note the slots and the neighbours of some lines."""
        slots = self.slot[start:end]
        self.line[slots] = np.arange(start, start + len(slots), dtype=np.int32)
        first = max(0, start - RADIUS)
        around = self.slot[first : end + RADIUS]
        room = rooms(self.session[around], self.kind[around] & ASKS > 0)
        self.room[start:end] = room[start - first :][: len(slots)]

    def _sort(self) -> None:
        """Put all lines in order, a part of the sessions after the other.

        What is freed by a thread of its own the C library may keep, so that little is needed at a
        time.
        """
        is_live = self.kind[: self.size] != _GONE
        self.slot = np.empty(np.count_nonzero(is_live), np.int32)
        part = (self.session[: self.size] >> np.uint32(_PART_SHIFT)).astype(np.uint8)
        end = 0
        for number in range(1 << (32 - _PART_SHIFT)):
            slots = np.flatnonzero(is_live & (part == number))
            key = self.session[slots].astype(np.uint64) << np.uint64(32)
            key |= (self.second[slots].astype(np.int64) + 2**31).view(np.uint64)
            start, end = end, end + len(slots)
            self.slot[start:end] = slots[np.argsort(key, kind="stable")]

    def _insert(self) -> None:
        """Put the few lines that are new between the others, and leave out what is gone."""
        if self._has_gaps:
            self.slot = self.slot[self.kind[self.slot] != _GONE]
        new = np.concatenate(self._new) if self._new else np.zeros(0, np.int64)
        ordered = sorted(new[self.kind[new] != _GONE].tolist(), key=self._rank)
        places = [self._place(slot) for slot in ordered]
        self.slot = np.insert(self.slot, places, np.array(ordered, np.int32))

    def _rank(self, slot: int) -> tuple[int, int, int]:
        return int(self.session[slot]), int(self.second[slot]), slot

    def _place(self, slot: int) -> int:
        return bisect_right(self.slot, self._rank(slot), key=lambda each: self._rank(int(each)))

    def lines_of(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the lines of those of some slots that have one; one may be newer than these."""
        lines = self.line[slots[slots < len(self.line)]]
        return lines[lines >= 0].astype(np.int64)

    def is_archived(self, lines: NDArray[np.int64]) -> Mask:
        """Say of each line whether what stands there is archived."""
        return _is_one_of(self.kind[self.slot[lines]] & ~np.uint8(ASKS | _BARE), _ARCHIVED)

    def fitting(self, filters: Filters) -> Mask | None:
        """Return which lines may fit the filters, or None where all do.

        Names stand here as hashes and times as seconds: a line may fit, and its record not.
        """
        if filters == EVERYTHING:
            return None
        fits = self._fitting(filters)
        for barred in filters.excluded:
            # Which records have a tag is not known here.
            if barred.records is None:
                fits &= ~self.surely(barred)
        return fits

    def surely(self, filters: Filters) -> Mask:
        """Return which lines fit the filters whatever their records say: of times not the rim."""
        second, fits = self.second[self.slot], self._fitting(filters)
        if filters.after is not None:
            fits &= second > second_of(filters.after)
        if filters.before is not None:
            # What has no time stands with what is too old to be told apart.
            fits &= (second < second_of(filters.before)) & (second > second_of(UNREADABLE))
        return fits

    def _fitting(self, filters: Filters) -> Mask:
        slots = self.slot
        kind = self.kind[slots] & ~np.uint8(ASKS | _BARE)
        fits = np.ones(len(slots), np.bool_)
        if filters.kinds is not None:
            fits &= _is_one_of(kind, filters.kinds)
        for wanted, kinds in (
            (filters.actions, _TURNS),
            (filters.types, _LEARNED),
            (filters.domains, ("entity",)),
        ):
            if wanted is not None:
                fits &= _is_one_of(kind, kinds) & _has(self.label[slots], wanted, NAME_BITS)
        if filters.reasons is not None:
            of_reason = _has(self.reason[slots], filters.reasons, NAME_BITS)
            fits &= _is_one_of(kind, _ARCHIVED) & of_reason
        if filters.sessions is not None:
            fits &= _has(self.session[slots], filters.sessions, 0xFFFFFFFF)
        if filters.archived is not None:
            fits &= _is_one_of(kind, _ARCHIVED) == filters.archived
        if filters.after is not None:
            fits &= self.second[slots] >= second_of(filters.after)
        if filters.before is not None:
            fits &= self.second[slots] <= second_of(filters.before)
        return fits


def _is_one_of(kind: NDArray[np.uint8], names: Iterable[str]) -> Mask:
    table = np.zeros(256, np.bool_)
    table[[KINDS.index(name) for name in names]] = True
    return table[kind]


def _has(held: NDArray[Any], names: Iterable[str], bits: int) -> Mask:
    fits = np.zeros(len(held), np.bool_)
    for name in names:
        fits |= held == name_hash(name) & bits
    return fits
