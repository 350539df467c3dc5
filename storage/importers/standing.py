"""Which ids of a batch a memory has already, live or archived, by whatever way they came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from storage import archive_reading, rows
from storage.importers.model import Item
from storage.kinds import INTERACTION, PATTERN, Kind
from storage.rows import quote
from storage.view import ROWS_PER_STATEMENT, View


@dataclass(slots=True)
class Standing:
    """Ids that are taken.

    Attributes:
        live: Those of live records.
        archived: Those that only the archive has.
    """

    live: set[str] = field(default_factory=set)
    archived: set[str] = field(default_factory=set)

    def __contains__(self, key: str) -> bool:
        return key in self.live or key in self.archived

    def look(self, view: View, items: Iterable[Item]) -> None:
        """Find out which of the keys of items are taken."""
        by_kind: dict[str, list[str]] = {}
        for item in items:
            by_kind.setdefault(item.kind, []).append(item.key)
        for kind in (INTERACTION, PATTERN):
            keys = by_kind.get(kind.name)
            if keys:
                self._look(view, kind, keys)

    def _look(self, view: View, kind: Kind, keys: Sequence[str]) -> None:
        for name in kind.tables:
            if name in view.layout:
                self.live |= _taken(view, name, kind.key, keys)
        archived = _taken(view, kind.archive, archive_reading.key_column(kind), keys)
        self.archived |= archived - self.live


def _taken(view: View, table: str, column: str, keys: Sequence[str]) -> set[str]:
    layout = view.layout[table]
    if not view.fetch(f"SELECT 1 FROM {quote(layout.name)} LIMIT 1"):
        return set()
    found: set[str] = set()
    name = layout.sql(column)
    for start in range(0, len(keys), ROWS_PER_STATEMENT):
        part = keys[start : start + ROWS_PER_STATEMENT]
        marks, values = rows.listed(part)
        there = view.fetch(
            f"SELECT {name} FROM {quote(layout.name)} WHERE {name} IN ({marks})", values
        )
        # A column may take another spelling for the same.
        found.update({each for (each,) in there}.intersection(part))
    return found
