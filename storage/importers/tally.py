"""What became of a batch of items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Self

from storage.importers.model import ImportReport

_NUMBERS: Final = (
    *("added", "updated", "archived", "restored", "unchanged", "diverged", "corrupt"),
    *("entered", "left"),
)


@dataclass(slots=True)
class Tally:
    """What became of a batch.

    Attributes:
        entered: How many items are known to be in the source that were not before.
        left: How many items are known to be gone from it.
        held: Keys of the items that were not followed, because a person changed their records.
    """

    added: int = 0
    updated: int = 0
    archived: int = 0
    restored: int = 0
    unchanged: int = 0
    diverged: int = 0
    corrupt: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    entered: int = 0
    left: int = 0
    held: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many records are other than before."""
        return self.added + self.updated + self.archived + self.restored

    def __iadd__(self, other: Tally) -> Self:
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.counts += other.counts
        self.troubles += other.troubles
        self.held += other.held
        return self

    def add_to(self, report: ImportReport) -> None:
        """Add it to a report, once its transaction is committed."""
        for name in _NUMBERS[:-2]:
            setattr(report, name, getattr(report, name) + getattr(self, name))
        for name, count in self.counts.items():
            report.counts[name] = report.counts.get(name, 0) + count
        for trouble in self.troubles:
            report.tell(trouble)
