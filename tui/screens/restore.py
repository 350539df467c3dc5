"""Before restoring: what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui.changes import NO_ID, public_ids
from tui.documents import fields_document
from tui.lines import Line
from tui.moments import long_time
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.sources import is_nameless, summaries
from tui.text import safe_text

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.memory import Memory
    from tui.widgets.columns import Row

_LISTED: Final = 100
# As many as are looked at without a pause before the question.
_CHECKED: Final = 2_000


class RestoreScreen(Ask):
    """Asks whether what is shown should come back.

    Args:
        what: How many of what.
        lines: What comes back.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("enter,r", "Restore", "restore"),
        Answer("escape,q", "Leave in the archive", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, what: str, lines: Sequence[Line]) -> None:
        super().__init__(f"Restore {what}", lines)


async def preview(memory: Memory, keys: Sequence[Any]) -> list[Line]:
    """Show what restoring these archive keys would bring back: a single record in full.

    Raises:
        StorageError: It could not be read.
    """
    rows = [row for row in await summaries(memory.store, keys[:_LISTED]) if row is not None]
    warnings = await _warnings(memory, keys[:_CHECKED], rows)
    if len(keys) == 1 and rows:
        return [*warnings, *await _in_full(memory, rows[0])]
    lines = [
        *warnings,
        Line("They go back to where they were, each exactly as it was.", role="dim"),
        Line(),
    ]
    lines += [_short(row) for row in rows]
    if len(keys) > _LISTED:
        lines.append(Line(f"and {len(keys) - _LISTED:,} more", role="dim"))
    return lines


async def _warnings(memory: Memory, keys: Sequence[Any], rows: Sequence[Row]) -> list[Line]:
    """Say what will be refused, as far as it can be told without trying."""
    lines = []
    if any(is_nameless(row) for row in rows):
        lines.append(Line(NO_ID, role="bad", full=True))
    by_kind = [
        (kind.removeprefix("archived_"), ids) for kind, ids in await public_ids(memory, keys)
    ]
    older = len(keys) - sum(len(ids) for _, ids in by_kind)
    if older and not lines:
        text = f"{older:,} of these are other versions of the same: of each record the newest"
        lines.append(Line(f"{text} comes back.", role="strong", full=True))
    lines += await refusals(memory, by_kind)
    return [*lines, Line()] if lines else []


async def refusals(memory: Memory, by_kind: Iterable[tuple[str, Sequence[str]]]) -> list[Line]:
    """Say why some of these records cannot come back, in a line for each kind that has such.

    Raises:
        StorageError: They could not be looked at.
    """
    found = [await memory.store.history.why_not_restored(kind, ids) for kind, ids in by_kind]
    return [Line(f"This will be refused: {why}", role="bad", full=True) for why in found if why]


def _short(row: Row) -> Line:
    name = row.get("interaction_id") or row.get("name") or row.get("pattern_id") or "(no id)"
    return Line(safe_text(f"{name}  {row.get('excerpt') or ''}", 200))


async def _in_full(memory: Memory, row: Row) -> list[Line]:
    store = memory.store
    if is_nameless(row):
        held = await store.get_record(row["kind"], row["record_id"])
        return [] if held is None else list(fields_document(held).lines)
    if row["kind"] == "archived_interaction":
        record_id = str(row["interaction_id"])
        newest = await store.get_archived_interactions(interaction_id=record_id, limit=1)
    else:
        record_id = str(row["pattern_id"])
        newest = await store.get_archived_patterns(pattern_id=record_id, limit=1)
    lines: list[Line] = []
    if not newest:
        return [*lines, Line(f"{record_id} is no longer in the archive.", role="bad")]
    if newest[0].get("id") != row["record_id"]:
        text = f"{record_id} was archived more than once; this, the newest, comes back."
        lines.append(Line(text, role="strong"))
    archived = newest[0]
    reason = archived.get("archive_reason")
    why = "without a reason" if reason in (None, "") else f"as {reason}"
    since = f"{long_time(archived.get('archived_at'))} {why}"
    lines += [Line(since, "archived", limit=300), Line()]
    record = archived.get("record")
    return [*lines, *fields_document(record if isinstance(record, dict) else archived).lines]
