"""Finding the record nearest to a time in a list that is ordered by time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.moments import local
from tui.sources import JoinedKeys

if TYPE_CHECKING:
    from tui.widgets.columns import Row
    from tui.widgets.line_table import LineTable

Fetch = Callable[[Sequence[Hashable]], Awaitable[Sequence["Row | None"]]]
_AROUND = 8


async def nearest_key(
    table: LineTable, fetch: Fetch, column: str, moment: datetime, *, newest_first: bool
) -> Any | None:
    """Find the row nearest to a time among those of the kind under the cursor of a table.

    Args:
        table: The table, whose list is ordered by that time within each kind.
        fetch: As for `nearest`, and so are the others.
        column: The time of a row.
        moment: The time.
        newest_first: Whether the newest row is the first.

    Returns:
        Its key, or None where no row has a time.
    """
    keys = table.keys
    spans = keys.spans if isinstance(keys, JoinedKeys) else [range(len(keys))]
    span = next((each for each in spans if table.cursor in each), range(0))
    part = keys[span.start : span.stop]
    found = await nearest(part, fetch, column, moment, newest_first=newest_first)
    return None if found is None else part[found]


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
