"""Records of a mirror that were changed here: how that is marked, told and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui.filters import DIFFERS, Filter
from tui.history_wording import noun
from tui.json_lines import json_line
from tui.lines import Line
from tui.sources import public_id_of
from tui.wording import counted

if TYPE_CHECKING:
    from storage import Divergence, Explained, HowTo
    from tui.memory import Memory
    from tui.mirroring import Mirroring
    from tui.screens.filter import Choice

DIVERGED: Final = "\u2260"
"""The sign of a record that was changed here, so that it is other than in the source."""

# More of a source than this is read only when somebody asks what it says.
_READ_BY_ITSELF: Final = 16 * 2**20
_SHORT: Final = 300
_LONG: Final = 4000
_LANGUAGES: Final = {
    "python": "the same there, in Python", "json": "the same there, by its tools",
    "shell": "the same there, in a shell",
}  # fmt: skip


def sign_of(mirroring: Mirroring, row: Mapping[str, Any]) -> str:
    """Give the sign of a short row: that it differs from the source, else what was noted on it."""
    from tui.widgets.row_painter import note_sign

    if mirroring.diverged:
        kind = str(row.get("kind", "")).removeprefix("archived_")
        if (kind, public_id_of(row)) in mirroring.diverged:
            return DIVERGED
    return note_sign(row)


def differing_choices(memory: Memory, *kinds: str) -> list[Choice]:
    """Offer what differs from the source as something to filter lists of some kinds by."""
    from tui.screens.filter import Choice

    mirroring = memory.mirroring
    count = 0 if mirroring is None else sum(len(mirroring.differing(kind)) for kind in kinds)
    chosen = Filter(DIFFERS, "source", f"{DIFFERS}:source")
    return [Choice(chosen, f"{counted(count, 'record')}, changed here")] if count else []


def what_was_done(divergence: Divergence) -> str:
    """Say what a person did to a record: `edited here`, or `archived here as wrong`."""
    if divergence.how == "edited":
        return "edited here"
    return f"archived here as {divergence.reason}" if divergence.reason else "archived here"


async def divergence_lines(mirroring: Mirroring, divergence: Divergence) -> list[Line]:
    """Say above the fields of a record that it differs, and what the source says instead."""
    from storage import StorageError
    from tui.cli import in_words

    told = f"{DIVERGED} {what_was_done(divergence)}; = shows how to do the same in the source"
    lines = [Line(told, "mirror", "accent")]
    try:
        if divergence.path.stat().st_size <= _READ_BY_ITSELF:
            lines += source_lines(await mirroring.explain(divergence), _SHORT)
    except (OSError, StorageError) as error:
        lines.append(Line(f"cannot be read now: {in_words(error)}", "the source", "dim"))
    return lines


def source_lines(explained: Explained, limit: int) -> Iterator[Line]:
    """Say what the source says of a record now.

    Args:
        explained: The record.
        limit: Characters of a value that are shown.
    """
    if not explained.is_there:
        yield Line("does not have it any more", "the source")
    elif explained.divergence.how == "archived":
        yield Line("still has it", "the source")
    elif not explained.differences:
        yield Line("says the same", "the source")
    for each in explained.differences:
        yield Line(_spelled(each.there), f"there {each.name}", "removed", limit)


def explained_lines(explained: Explained) -> list[Line]:
    """Tell all of one record: what was done here, what the source says, how to do it there."""
    divergence = explained.divergence
    return [
        Line(divergence.record_id, noun(divergence.kind), "strong"),
        Line(f"{DIVERGED} {what_was_done(divergence)}", "mirror", "accent"),
        *source_lines(explained, _LONG),
        *(
            Line(_spelled(each.here), f"here {each.name}", "added", _LONG)
            for each in explained.differences
        ),
        *how_to_lines(explained.how_to),
    ]


def how_to_lines(how_to: HowTo) -> Iterator[Line]:
    """Show the calls, which nothing here ever runs."""
    yield Line()
    if how_to.code:
        yield Line(_LANGUAGES[how_to.language], role="strong", full=True)
        for line in how_to.code.split("\n"):
            yield Line(line, full=True)
        yield Line()
    for note in how_to.notes:
        yield Line(note, role="dim", full=True)


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else json_line(value)
