"""Bringing a mirror up to date before a command in a shell reads it or changes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tui.mirrors import STAY, Mirror
from tui.shell import run, say

if TYPE_CHECKING:
    from storage import ImportProgress, ImportReport
    from tui.progress_line import ProgressLine

STOPPED: Final = "Stopped: what was taken over is kept, and the next run goes on from there."


def update(mirror: Mirror, *, is_changed: bool) -> None:
    """Take over what is new in the source, and say so on standard error.

    A source that is not there any more, or cannot be read as before, leaves the mirror as it is.

    Args:
        mirror: The mirror.
        is_changed: Whether what follows changes the mirror.
    """
    from tui.progress_line import ProgressLine

    line = ProgressLine()
    told = run(lambda: _updated(mirror, line), lambda: STOPPED)
    say(f"{told}; {STAY}, and {mirror.source} is only read." if is_changed else f"{told}.")


async def _updated(mirror: Mirror, line: ProgressLine) -> str:
    """Bring it up to date; return what there is to say of it, without the full stop."""
    from storage import SQLiteStore, StorageError, get_sources, sync_source
    from tui.mirroring import ACTOR
    from tui.mirrors import make_place

    await asyncio.to_thread(make_place, mirror)
    async with SQLiteStore(mirror.file, actor=ACTOR) as store:

        def progressed(progress: ImportProgress) -> None:
            line.show(f"Taking over {mirror.source.name}: {progress.records:,} records")

        try:
            report = await sync_source(store, mirror.source, progress=progressed)
        except StorageError as error:
            sources = await get_sources(store)
            if not sources:
                raise
            return _as_it_was(mirror, str(error), sources[0].synced_at)
        finally:
            line.clear()
        return f"{mirror.source} ({report.title}) is read through its mirror: {_news(report)}"


def _as_it_was(mirror: Mirror, error: str, synced_at: str | None) -> str:
    from tui.moments import long_time

    why = "is not there any more" if mirror.is_missing else f"cannot be read ({error.rstrip('.')})"
    when = f"it was at {long_time(synced_at)}" if synced_at else "far as it was taken over"
    return f"{mirror.source} {why}; this is its mirror as {when}"


def _news(report: ImportReport) -> str:
    """Say in a few words what was taken over."""
    counts = {
        "new": report.added, "changed": report.updated + report.restored,
        "gone from it": report.archived, "changed here and left so": report.diverged,
        "unreadable": report.corrupt,
    }  # fmt: skip
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "up to date"
