"""One line over the findings: the scan, the file itself, and what VACUUM would win."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tui.divergences import DIVERGED
from tui.told_keys import key_for
from tui.widgets.bar import Bar, Part
from tui.wording import in_bytes, meter

if TYPE_CHECKING:
    from tui.scan import Scan

_CELLS: Final = 10
_ROOMY: Final = 110


class HealthLine(Bar):
    """Says how the memory is; what can be done about it can be clicked.

    Args:
        call: Called with the name of what was clicked: `stop`, `scan`, `differing` or `vacuum`.
    """

    def __init__(self, call: Callable[[str], None]) -> None:
        super().__init__(classes="list-bar")
        self._call = call

    def press(self, target: str) -> None:
        """Do what a click on this part does."""
        self._call(target)

    def tell(
        self, scan: Scan | None, *, is_stale: bool, free: int | None, doing: str, differing: int
    ) -> None:
        """Say it.

        Args:
            scan: The scan that is going on, or the last one.
            is_stale: Whether the memory changed since it began.
            free: Bytes that VACUUM would win, or None while that is not known.
            doing: What is being done besides.
            differing: How many records of a mirror are other than in the source.
        """
        right = [Part(f"{doing}  ", "strong")] if doing else []
        right += self._integrity(scan)
        # Where there is little space, what can be done counts for more than what need not be.
        if free or (free is not None and (self.size.width >= _ROOMY or not is_stale)):
            words = f"VACUUM would win {in_bytes(free)} " if free else "nothing for VACUUM to win "
            right.append(Part(words, "text" if free else "dim", "vacuum" if free else ""))
        self.show([*self._scan(scan, is_stale), *self._differing(differing)], right)

    def _differing(self, count: int) -> list[Part]:
        if not count:
            return []
        words = "differ from the source" if self.size.width >= _ROOMY else "differ"
        return [Part(f" {DIVERGED} {count:,} {words} ", "accent", "differing")]

    def _scan(self, scan: Scan | None, is_stale: bool) -> list[Part]:
        if scan is None:
            return [Part(" not looked at yet", "dim")]
        broken = scan.findings.count("broken")
        left = [Part(f" {broken:,} broken ", "strong")]
        if scan.is_done:
            kept = scan.findings.count("left", "put away")
            if kept:
                left.append(Part(f" {kept:,} left or put away ", "dim"))
            if is_stale:
                words = f"changed since, {key_for('scan')} looks again"
                left.append(Part(f" {words} ", "accent", "scan"))
            return left
        left.append(Part(f" {meter(scan.share, _CELLS)} {int(100 * scan.share)} % ", "text"))
        if not scan.is_running:
            return [*left, Part(f" stopped, {key_for('scan')} goes on ", "accent", "scan")]
        return [*left, Part(f" {key_for('clear')} Cancel ", "accent", "stop")]

    def _integrity(self, scan: Scan | None) -> list[Part]:
        is_sound = scan.integrity if scan is not None else None
        if is_sound is None:
            is_now = scan is not None and scan.is_running and scan.is_at_the_file
            return [Part("checking the file  ", "dim")] if is_now else []
        if is_sound:
            return [Part("integrity ok  ", "text")]
        return [Part("file damaged!", "alert"), Part("  ")]
