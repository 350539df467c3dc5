"""A scan for what is broken, told while it runs; it can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from tui.broken import Findings, Found, found

if TYPE_CHECKING:
    from storage import HealthProgress
    from tui.memory import Memory


class Scan:
    """One scan of a memory.

    Args:
        memory: What is scanned.
        known: Marks of what the scan before found.
        left: Marks of what a person left as it is; asked for each finding anew.

    Attributes:
        findings: What was found so far.
        progress: How far it is, or None before it began.
        rows: How many rows of each table were looked at.
        is_running: Whether it is going on now.
        is_done: Whether it came to its end.
    """

    def __init__(self, memory: Memory, known: frozenset[str], left: Container[str]) -> None:
        self._memory = memory
        self._known = known
        self._left = left
        self.findings = Findings()
        self.progress: HealthProgress | None = None
        self.rows: dict[str, int] = {}
        self.is_running = False
        self.is_done = False

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.is_done:
            return 1.0
        if self.progress is None or not self.progress.total:
            return 0.0
        return self.progress.done / self.progress.total

    @property
    def is_at_the_file(self) -> bool:
        """Whether all rows are looked at, and the file itself comes last."""
        at = self.progress
        return not self.is_done and at is not None and at.done >= at.total

    @property
    def integrity(self) -> bool | None:
        """Whether the file itself is sound, or None while that is not known."""
        if self.findings.by("problem")["integrity"]:
            return False
        return True if self.is_done else None

    async def run(self, progressed: Callable[[], None]) -> None:
        """Scan to the end, from where it was stopped.

        Cancelled, it keeps its place: what was found since the last progress is found again.

        Args:
            progressed: Called after each step.

        Raises:
            StorageError: The file cannot be read; what was found so far stays.
        """
        from storage import HealthFinding

        self.is_running = True
        part: list[Found] = []
        try:
            async for each in self._memory.store.check_health(self.progress):
                if isinstance(each, HealthFinding):
                    part.append(found(each, self._known, self._left))
                    continue
                before = self.progress.done if self.progress else 0
                self.rows[each.table] = self.rows.get(each.table, 0) + each.done - before
                for one in part:
                    self.findings.add(one)
                part.clear()
                self.progress = each
                progressed()
            self.is_done = True
        finally:
            self.is_running = False
            progressed()
