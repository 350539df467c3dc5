"""The changes of a memory and its runs of archiving, as rows of a list."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tui.filters import TIMES, Filter, tag_in
from tui.history_wording import state, what, why
from tui.moments import short_time
from tui.sources import JoinedKeys
from tui.widgets.columns import Column, Row
from tui.wording import counted

if TYPE_CHECKING:
    from storage import ArchiveRun, TransactionSummary
    from tui.memory import Memory

TRANSACTION: Final = "transaction"
RUN: Final = "run"
MOST_RUNS: Final = 1000
# What the store calls a filter, where that is not what a list calls it.
_IN_THE_STORE: Final = {"after": "since"}


def _of(kind: str, cell: Callable[[Row], object]) -> Callable[[Row], object]:
    """Leave the cell empty for rows of the other list, which are there while this one is read."""
    return lambda row: cell(row) if row["kind"] == kind else ""


TRANSACTIONS: Final = (
    Column("when", _of(TRANSACTION, lambda row: short_time(row["at"])), 11, role="dim"),
    Column("who", _of(TRANSACTION, lambda row: row["actor"]), 8, needs=56),
    Column("what", _of(TRANSACTION, what), 20, weight=2, role="strong"),
    Column("why", _of(TRANSACTION, lambda row: row["why"]), 10, weight=1, needs=90),
    Column("state", _of(TRANSACTION, state), 6, role="accent"),
)
RUNS: Final = (
    Column("when", _of(RUN, lambda row: short_time(row["run"].ended)), 11, role="dim"),
    Column("went in", _of(RUN, lambda row: sizes(row["run"])), 16, weight=1, role="strong"),
    Column("reason", _of(RUN, lambda row: row["run"].reason), 10, weight=2),
    Column("came out", _of(RUN, lambda row: row["run"].target), 10, weight=2, needs=56),
)


def sizes(run: ArchiveRun) -> str:
    """Say how many records of each kind left in a run."""
    parts = ((run.interactions, "interaction"), (run.patterns, "pattern"))
    return ", ".join(counted(count, name) for count, name in parts if count)


class Transactions:
    """The changes, newest first, as a source of rows.

    Args:
        memory: Where they are.
        numbers: Their numbers.
    """

    def __init__(self, memory: Memory, numbers: Sequence[int]) -> None:
        self._memory = memory
        self.numbers = numbers
        self.keys: Sequence[Hashable] = JoinedKeys([(TRANSACTION, numbers)])

    async def fetch(self, keys: Sequence[Any]) -> list[Row | None]:
        """Give the rows of these keys."""
        found = await self._memory.store.history.get_transactions([number for _, number in keys])
        return [None if each is None else _row(each) for each in found]


def _row(summary: TransactionSummary) -> Row:
    # A row with a `note` is one that a person put a note on.
    told = {name: value for name, value in summary.items() if name != "note"}
    return {**told, "kind": TRANSACTION, "why": why(summary)}


async def read_transactions(
    memory: Memory, limit: int | None, known: Sequence[int], filters: Sequence[Filter]
) -> Transactions:
    """Read the list of changes; of one that is known already only what came since.

    Args:
        memory: Where they are.
        limit: How many at most; None for all.
        known: The numbers that the list had under the same filters.
        filters: What all of them have in common.

    Raises:
        StorageError: It could not be read.
    """
    history = memory.store.history
    if tag_in(filters) is not None:
        # It may have come since to what an old one changed.
        known = ()
    wanted = {_IN_THE_STORE.get(each.field, each.field): each.value for each in filters}
    if limit is not None and not known:
        return Transactions(memory, await history.list_transactions(limit, **wanted))
    # A transaction never changes once it is there.
    newer = await history.list_transactions(after=known[0] if known else 0, **wanted)
    return Transactions(memory, array("q", newer) + array("q", known))


@dataclass(frozen=True, eq=False)
class RunKey:
    """By what a run is known, which grows while an agent archives, and shrinks by restoring.

    It is the one of the same reason and target that a moment of it is in: in one list there is no
    other such run, and restoring may take its first records, or its last ones.

    Attributes:
        run: The run as it was found.
    """

    run: ArchiveRun

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunKey):
            return NotImplemented
        one, another = self.run, other.run
        return (
            self._known_by == other._known_by
            and one.first <= another.last
            and another.first <= one.last
        )

    def __hash__(self) -> int:
        # Not by any moment, of which none need stay.
        return hash(self._known_by)

    @property
    def _known_by(self) -> tuple[object, ...]:
        # By class too: 1 and 1.0 are equal, and an agent may store either.
        reason, target = self.run.reason, self.run.target
        return (reason.__class__, reason, target.__class__, target)


class Runs:
    """The runs of archiving, newest first, as a source of rows.

    Args:
        found: The runs.
    """

    def __init__(self, found: Sequence[ArchiveRun]) -> None:
        self.keys: Sequence[Hashable] = [(RUN, RunKey(run)) for run in found]

    async def fetch(self, keys: Sequence[Any]) -> list[Row | None]:
        """Give the rows of these keys; they are here already."""
        return [{"run": own.run, "kind": RUN} for _, own in keys]


def matching_runs(found: Sequence[ArchiveRun], filters: Sequence[Filter]) -> list[ArchiveRun]:
    """Give those runs that match all filters: by reason, and by the time at which they ended."""
    return [run for run in found if all(_matches(run, each) for each in filters)]


def _matches(run: ArchiveRun, wanted: Filter) -> bool:
    if wanted.field == "reason":
        return str(run.reason) == str(wanted.value)
    if wanted.field not in TIMES:
        return True
    if run.ended is None:
        return False
    ended, at = datetime.fromisoformat(run.ended), datetime.fromisoformat(str(wanted.value))
    return ended >= at if wanted.field == "after" else ended < at
