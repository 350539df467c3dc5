"""What a synchronisation tells while it runs, and how it is told to stop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.importers.model import ImportProgress, ImportReport, ProgressCallback


class Cancel(Protocol):
    """Whatever says that an import is to stop, such as `asyncio.Event`."""

    def is_set(self) -> bool:
        """Say whether it is to stop."""
        ...


@dataclass(slots=True)
class Watch:
    """What a synchronisation tells while it runs, and whether it is to stop."""

    report: ImportReport
    progress: ImportProgress
    tell: ProgressCallback | None
    cancel: Cancel | None
    before: int = 0

    @property
    def is_cancelled(self) -> bool:
        """Whether it is to stop."""
        return self.cancel is not None and self.cancel.is_set()

    def past(self, size: int) -> None:
        """Note that a file of so many bytes is done."""
        self.before += size
        self.progress.done = self.before

    def at(self, path: Path, done: int, records: int) -> None:
        """Tell that so many bytes of a file are done, and so many records more."""
        self.progress.path = path
        self.progress.done = self.before + done
        self.progress.records += records
        if self.tell is not None:
            self.tell(self.progress)
