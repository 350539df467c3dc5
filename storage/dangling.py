"""Records in the archive of which it is said that they became something, which is nowhere."""

from __future__ import annotations

from typing import Final, NamedTuple

from storage.kinds import INTERACTION, PATTERN
from storage.rows import quote
from storage.view import View

_MOST: Final = 1000


class Dangling(NamedTuple):
    """What some archived records became, and where nothing is called like it.

    Attributes:
        kind: Of the records: interaction or pattern.
        target: What they are said to have become.
        records: How many of them say so.
    """

    kind: str
    target: str
    records: int


def dangling(view: View) -> list[Dangling]:
    """Return the targets of archived records that no pattern has as its id or name, most first."""
    found: list[Dangling] = []
    for kind in (INTERACTION, PATTERN):
        table = view.layout.get(kind.archive)
        if table is None or kind.target is None or not table.has(kind.target):
            continue
        target = table.sql(kind.target)
        nowhere = " AND ".join(
            f"{target} NOT IN (SELECT {column} FROM {name} WHERE {column} IS NOT NULL)"
            for column, name in _known(view)
        )
        where = f"COALESCE({target}, '') <> ''" + (f" AND {nowhere}" if nowhere else "")
        found += [
            Dangling(kind.name, str(name), count)
            for name, count in view.fetch(
                f"SELECT {target}, count(*) FROM {quote(table.name)} WHERE {where}"
                f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST}"
            )
        ]
    return found


def _known(view: View) -> list[tuple[str, str]]:
    """Return the columns that hold ids and names of patterns, each with its table."""
    columns = {PATTERN.tables[0]: ("id", "name"), PATTERN.archive: ("original_id", "pattern_name")}
    return [
        (table.sql(column), quote(table.name))
        for name, own in columns.items()
        if (table := view.layout.get(name)) is not None
        for column in own
        if table.has(column)
    ]
