"""How far the index is, in words and in a bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.lines import Line
from tui.text import safe_text
from tui.widgets.bar import Part
from tui.wording import counted, in_bytes, meter

if TYPE_CHECKING:
    from storage import IndexStatus

_CELLS: Final = 12
_NAMES: Final = {
    "off": "no index",
    "building": "building the index",
    "catching_up": "index catching up",
    "ready": "index ready",
    "paused": "index paused",
}


def index_parts(
    status: IndexStatus | None, pause_key: str, *, is_paused: bool = False
) -> list[Part]:
    """Say in a line how far the index is.

    Args:
        status: What it says of itself; None while nobody knows.
        pause_key: The key that stops it or lets it go on; empty where none does.
        is_paused: Whether a person stopped it. A complete one says nothing of that itself.
    """
    if status is None:
        return [Part(" looking for the index", "dim")]
    parts = [Part(f" {_NAMES[status.state]}", "strong")]
    if status.state == "building":
        parts += [
            Part(f"  {meter(_share(status), _CELLS)} ", "accent"),
            Part(_percent(status), "strong"),
        ]
    if status.state == "ready":
        by = "words and meaning" if status.embedder else "words only"
        parts.append(Part(f"  {counted(status.done, 'record')}, by {by}", "text"))
    elif status.state != "off":
        parts.append(Part(f"  {_so_far(status)}", "text"))
    if is_paused and status.state != "paused":
        parts.append(Part("; paused", "strong"))
    if pause_key and (is_paused or status.state in ("building", "paused")):
        does = "goes on" if is_paused or status.state == "paused" else "pauses"
        parts += [
            Part("; ", "text"),
            Part(pause_key, "accent", "pause"),
            Part(f" {does}", "text", "pause"),
        ]
    return parts


def missing_parts(status: IndexStatus | None, index_key: str) -> tuple[list[Part], list[Part]]:
    """Say what is missing: the first sentence on the left, what says more on the right."""
    if status is None or not status.missing:
        return [], []
    count = len(status.missing)
    more = f" says all {count}" if count > 1 else " says more"
    if not index_key:
        return [Part(" ! ", "alert"), Part(f" {status.missing[0]}", "text", "index")], []
    right = [Part(f"  {index_key}", "accent", "index"), Part(f"{more} ", "dim", "index")]
    return [Part(" ! ", "alert"), Part(f" {status.missing[0]}", "text")], right


def index_lines(status: IndexStatus) -> list[Line]:
    """Say everything about the index."""
    lines = [
        Line(f"{_NAMES[status.state]}, {_so_far(status)}", "state"),
        Line(status.embedder or "none: answers come by words only", "meaning by"),
    ]
    if status.sends_text_to:
        host = safe_text(status.sends_text_to, 200)
        lines.append(Line(f"LEAVE THIS MACHINE: they are sent to {host}", "texts", "bad"))
    else:
        lines.append(Line("stay on this machine", "texts"))
    if status.path is not None:
        lines += [Line(status.path, "file"), Line(in_bytes(status.size), "size")]
    lines += [
        Line(),
        Line(
            "The index is a cache. It can be deleted or built anew at any time; nothing of the"
            " memory itself changes.",
            role="dim",
            full=True,
        ),
    ]
    if status.missing:
        lines += [Line(), Line("What is missing", role="strong", full=True)]
        lines += [Line(f"- {each}", full=True, limit=1000) for each in status.missing]
    return lines


def _so_far(status: IndexStatus) -> str:
    """Say how many records are in it; of which, only where that is another number."""
    if status.done >= status.total:
        return counted(status.total, "record")
    return f"{status.done:,} of {status.total:,} records"


def _share(status: IndexStatus) -> float:
    return min(1.0, status.done / status.total) if status.total else 0.0


def _percent(status: IndexStatus) -> str:
    return f"{int(100 * _share(status))} %"
