"""Finding the record nearest to a time in a list that is ordered by time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tui.moments import local

if TYPE_CHECKING:
    from tui.widgets.columns import Row

Fetch = Callable[[Sequence[Hashable]], Awaitable[Sequence["Row | None"]]]
_AROUND = 8


async def nearest(
    keys: Sequence[Hashable],
    fetch: Fetch,
    column: str,
    moment: datetime,
    *,
    newest_first: bool = True,
) -> int | None:
    """Find the row nearest to a time, in about log2(n) reads of a few rows each.

    Args:
        keys: The list, ordered by that time; what has no readable time stands at the old end.
        fetch: Gives the rows of some keys.
        column: The time of a row.
        moment: The time.
        newest_first: Whether the newest row is the first.

    Returns:
        An index, or None where no row has a time.
    """
    low, high = 0, len(keys)
    # The first row that stands behind the time, whichever way the list goes.
    while low < high:
        middle = (low + high) // 2
        if _is_before(await _time(keys, fetch, column, middle), moment, newest_first):
            low = middle + 1
        else:
            high = middle
    around = range(max(0, low - _AROUND), min(len(keys), low + _AROUND))
    rows = await fetch([keys[index] for index in around])
    times = [(index, local(row[column])) for index, row in zip(around, rows, strict=True) if row]
    known = [(abs((at - moment).total_seconds()), index) for index, at in times if at is not None]
    return min(known)[1] if known else None


async def _time(keys: Sequence[Hashable], fetch: Fetch, column: str, index: int) -> datetime | None:
    (row,) = await fetch([keys[index]])
    return None if row is None else local(row[column])


def _is_before(at: datetime | None, moment: datetime, newest_first: bool) -> bool:
    """Say whether a row stands before a time in the list; one without a time is the oldest."""
    if newest_first:
        return at is not None and at > moment
    return at is None or at < moment
