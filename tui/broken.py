"""What a scan of the memory found, as rows of a list: what became of each, what a person left."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import (
    Awaitable,
    Callable,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from tui.filters import TAG
from tui.sources import noted_in, summaries

if TYPE_CHECKING:
    from storage import HealthFinding, Store
    from tui.filters import Filter
    from tui.widgets.columns import Row

Place = tuple[str, tuple[int, int]]
ReadRows = Callable[[Sequence[Place]], Awaitable["Sequence[Row | None]"]]

State = Literal["broken", "left", "put away", "mended", "gone"]

BROKEN: Final = "health.broken"
"""Under which it is remembered how much was broken at the end of the last scan."""

LIST_OF: Final = {
    "interactions": ("interaction", 0),
    "complete_interactions": ("interaction", 1),
    "patterns": ("pattern", 0),
    "archived_interactions": ("archived_interaction", 0),
    "archived_patterns": ("archived_pattern", 0),
    "world_model_states": ("world_model_state", 0),
    "world_model_snapshots": ("snapshot", 0),
}
"""The kind of list that the rows of a table stand in, and the rank of the table there."""

_PUT_AWAY: Final = "corrupt"
_REMEMBERED: Final = 20_000


@dataclass(slots=True)
class Found:
    """One finding, without the bytes of its field: there may be many, and long ones.

    Attributes:
        finding: What the scan told.
        mark: Tells it from all others, also from that of the same field once it has changed.
        size: Bytes of the field.
        is_new: Whether the last scan did not know it.
        state: What became of it, as far as that is known.
    """

    finding: HealthFinding
    mark: str
    size: int
    is_new: bool = False
    state: State = "broken"

    @property
    def place(self) -> Place | None:
        """Kind of list and key of the record there, if it stands in one."""
        listed = LIST_OF.get(self.finding.table.lower())
        if listed is None or self.finding.rowid is None:
            return None
        return listed[0], (listed[1], self.finding.rowid)

    def row(self) -> Row:
        """Make the row of a list."""
        finding = self.finding
        at = "" if finding.offset is None else f" @{finding.offset:,}"
        return {
            "kind": self.place[0] if self.place else finding.table,
            "record_id": finding.record_id or finding.table or "the file",
            "table": finding.table,
            "problem": finding.problem,
            "field": f"{finding.column}{at}",
            "what": finding.message,
            "state": "new" if self.is_new and self.state == "broken" else _told(self.state),
        }


def _told(state: State) -> str:
    return "" if state == "broken" else state


def found(finding: HealthFinding, known: frozenset[str], left: Container[str]) -> Found:
    """Make a row of what the scan told.

    Args:
        finding: What it told, with the bytes of the field.
        known: Marks of what the last scan found; empty where there was none.
        left: Marks of what a person left as it is.
    """
    mark = _mark(finding)
    light = replace(finding, raw=b"")
    one = Found(light, mark, len(finding.raw), mark not in known)
    one.state = unmended(one, left)
    return one


def unmended(each: Found, left: Container[str]) -> State:
    """Say what has become of a finding whose field is as it was.

    Args:
        each: What was found.
        left: Marks of what a person left as it is.
    """
    if each.mark in left:
        return "left"
    return "put away" if each.finding.archive_reason == _PUT_AWAY else "broken"


def _mark(finding: HealthFinding) -> str:
    digest = hashlib.blake2b(finding.raw, digest_size=8)
    for part in (finding.problem, finding.table, finding.record_id, finding.column):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    digest.update(finding.message.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


async def find_again(store: Store, looked_at: Iterable[Found]) -> None:
    """Take note of where records stand that came back from the archive under another number.

    Of several records that share an id, one that still stands where it stood stays there.

    Args:
        store: Where they stand.
        looked_at: What was found in them.

    Raises:
        StorageError: The file cannot be read.
    """
    by_kind: dict[str, list[Found]] = {}
    for each in looked_at:
        if each.place is not None and not each.place[0].startswith("archived_"):
            by_kind.setdefault(each.place[0], []).append(each)
    for kind, group in by_kind.items():
        moved = await _moved(store, group)
        places = await store.locate(kind, [each.finding.record_id for each in moved])
        for each in moved:
            there = places.get(each.finding.record_id)
            listed = LIST_OF[each.finding.table.lower()]
            if there is not None and (there.kind, there.key[0]) == listed:
                each.finding = replace(each.finding, rowid=there.key[1])


async def _moved(store: Store, group: Sequence[Found]) -> list[Found]:
    """Give those whose record no longer stands where it stood."""
    rows = await summaries(store, [each.place for each in group])
    return [
        each
        for each, row in zip(group, rows, strict=True)
        if row is None or str(row["record_id"]) != each.finding.record_id
    ]


class Findings:
    """All that was found, in the order of the scan, as a source of rows under some filters."""

    def __init__(self) -> None:
        self._all: dict[str, Found] = {}

    def __len__(self) -> int:
        return len(self._all)

    def add(self, each: Found) -> None:
        """Add what was found; the same once more counts once."""
        same = self._all.setdefault(each.mark, each)
        if same.finding.rowid != each.finding.rowid:
            # Two records have the same id, and the same is wrong with both.
            each.mark = f"{each.mark} {each.finding.rowid}"
            self._all.setdefault(each.mark, each)

    def get(self, mark: Hashable) -> Found | None:
        """Give what has a mark, or None."""
        return self._all.get(mark) if isinstance(mark, str) else None

    @property
    def marks(self) -> list[str]:
        """The marks of what was found, as many as are remembered between two visits."""
        return list(self._all)[:_REMEMBERED]

    def count(self, *states: State) -> int:
        """Count what is in one of these states."""
        return sum(each.state in states for each in self._all.values())

    def in_state(self, state: State) -> Iterator[Found]:
        """Give what is in a state."""
        return (each for each in self._all.values() if each.state == state)

    def by(self, field: str) -> Counter[str]:
        """Count what there is by problem, table or state."""
        return Counter(value_of(each, field) for each in self._all.values())

    def marks_of(
        self, filters: Sequence[Filter], tagged: Container[Place] | None = None
    ) -> list[str]:
        """Give the marks of what matches all filters.

        Args:
            filters: What it has in common.
            tagged: Where the records stand that have the tag of the filters; None without one.
        """
        plain = [each for each in filters if each.field != TAG]
        return [
            mark
            for mark, each in self._all.items()
            if (tagged is None or each.place in tagged)
            and all(value_of(each, chosen.field) == chosen.value for chosen in plain)
        ]

    def source(self, marks: Sequence[str], read: ReadRows) -> FoundRows:
        """Give the rows of some marks.

        Args:
            marks: Which.
            read: Reads the short rows of the records that they are in.
        """
        return FoundRows(self._all, marks, read)

    def after(self, marks: Sequence[Hashable], start: int) -> int | None:
        """Say where in a list of marks the next one stands that is still broken, going round."""
        count = len(marks)
        for index in range(start + 1, start + 1 + count):
            each = self.get(marks[index % count])
            if each is not None and each.state == "broken":
                return index % count
        return None


def value_of(each: Found, field: str) -> str:
    """Give what a finding is filtered by."""
    if field == "state":
        return each.state
    return str(getattr(each.finding, field)) or "the file"


class FoundRows:
    """Findings as rows, each with what a person put on its record.

    Args:
        rows: All of them by mark.
        keys: The marks of those that are shown, in order.
        read: Reads the short rows of the records that they are in.
    """

    def __init__(self, rows: Mapping[str, Found], keys: Sequence[str], read: ReadRows) -> None:
        self._rows = rows
        self._read = read
        self.keys: Sequence[Hashable] = keys

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of some keys."""
        shown = [self._rows.get(key) if isinstance(key, str) else None for key in keys]
        places = list({each.place: None for each in shown if each and each.place})
        noted: dict[Place | None, Row | None] = {}
        noted |= zip(places, await self._records(places), strict=True)
        return [
            None if each is None else {**each.row(), **noted_in(noted.get(each.place))}
            for each in shown
        ]

    async def _records(self, places: Sequence[Place]) -> Sequence[Row | None]:
        from storage import StorageError

        try:
            return await self._read(places)
        except StorageError:
            # The file is damaged there, which is what the rows tell already.
            return [None] * len(places)
