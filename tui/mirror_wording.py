"""What the line of a mirror says: what it follows, how far it is, and where changes go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.divergences import DIVERGED
from tui.mirrors import STAY, STAY_SHORT
from tui.moments import short_time
from tui.told_keys import key_for
from tui.widgets.bar import BarRole, Part
from tui.widgets.cells import cells_of, fit_middle

if TYPE_CHECKING:
    from tui.mirroring import Mirroring

_LEAST: Final = 12


def mirror_parts(mirroring: Mirroring, width: int) -> tuple[list[Part], list[Part]]:
    """Make the left and the right side of the line.

    Args:
        mirroring: The mirror.
        width: Cells of the line.
    """
    title = f" ({mirroring.title})" if mirroring.title else ""
    kept, _, last = mirroring.title.rpartition(" ")
    shorter = f" ({kept})" if kept and last.islower() else title
    how_far = f"{progress_of(mirroring)} "
    count = len(mirroring.diverged)
    other = f"{DIVERGED} {count:,}  " if count else ""
    # What is known anyway gives way first; never what it is, how far it is, and where changes go.
    ways = ((STAY, title), (STAY_SHORT, title), (STAY_SHORT, shorter), (STAY_SHORT, ""))
    for stay, title in ways:
        around = sum(map(cells_of, (" mirror of ", title, f"  {stay}  ", other, how_far)))
        if width - around >= _LEAST:
            break
    source = fit_middle(str(mirroring.source), max(_LEAST, width - around))
    role: BarRole = "alert" if mirroring.state in ("missing", "trouble", "stopped") else "strong"
    left = [Part(" mirror of ", "dim"), Part(source, "strong"), Part(title, "text")]
    right = [Part(f"  {stay}  ", "dim"), Part(other, "accent", "diverged"), Part(how_far, role)]
    return left, right


def progress_of(mirroring: Mirroring) -> str:
    """Say how far a mirror is behind its source."""
    state = mirroring.state
    if state == "current":
        return "up to date"
    if state == "reading":
        done = "" if mirroring.done is None else f", {min(99, round(100 * mirroring.done))} %"
        return f"reading: {mirroring.records:,}{done}, {key_for('clear')} stops"
    if state == "stopped":
        return f"stopped at {mirroring.records:,}, {key_for('reopen')} goes on"
    since = f" since {short_time(mirroring.synced_at)}" if mirroring.synced_at else ""
    return {
        "opening": "looking",
        "missing": f"source gone{since}",
        "trouble": f"not followed{since}",
    }[state]
