"""What was changed, in words: a transaction in a line, a field in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui.lines import Line
from tui.moments import TIMES, long_time
from tui.text import safe_text
from tui.unlike import unlike
from tui.values import is_corrupt
from tui.wording import counted

if TYPE_CHECKING:
    from storage import FieldChange

_DONE: Final = {
    "add": "added",
    "update": "changed",
    "archive": "archived",
    "restore": "restored",
    "snapshot": "snapshot",
    "outside": "changed without the journal",
}
_NOUNS: Final = {"world_model_state": "world-model state"}
_ONE_LINE: Final = 60
_VALUE: Final = 2_000
_ITEMS: Final = 20


def done(operation: object) -> str:
    """Say what was done: `archived`."""
    return _DONE.get(str(operation), str(operation))


def noun(kind: object) -> str:
    """Say what kind of record it is."""
    return _NOUNS.get(str(kind), str(kind))


def summed_up(operations: Sequence[Mapping[str, Any]]) -> str:
    """Say what a transaction did: `archived 3 interactions, added 1 pattern`."""
    # Two tables may hold records of one kind.
    counts: Counter[tuple[str, str]] = Counter()
    for each in operations:
        counts[done(each["operation"]), noun(each["kind"])] += each["records"]
    told = [f"{verb} {counted(count, name)}" for (verb, name), count in counts.items()]
    return ", ".join(told) or "nothing that can be read"


def with_note(told: str, note: str | None) -> str:
    """Add its note to what a change did: `archived 3 interactions as wrong`.

    Args:
        told: What it did, as `summed_up` says it.
        note: Its note, which may begin with what was done.
    """
    if not note:
        return told
    verb = told.partition(" ")[0]
    is_same = "," not in told and f"{note} ".startswith(f"{verb} ")
    return f"{told}{note.removeprefix(verb)}" if is_same else f"{told}: {note}"


def what(summary: Mapping[str, Any]) -> str:
    """Say in a line what a transaction did, and whether that took back another."""
    told = summed_up(summary["operations"])
    if summary["record_id"] is not None:
        first = summary["operations"][0]
        told = f"{done(first['operation'])} {noun(first['kind'])} {summary['record_id']}"
    role = summary["role"]
    return told if role == "change" else f"{role}: {told}"


def why(summary: Mapping[str, Any]) -> str:
    """Give the note of whoever made the change; that of an undo says nothing new."""
    return "" if summary["role"] != "change" else str(summary["note"] or "")


def state(summary: Mapping[str, Any]) -> str:
    """Say whether it still holds."""
    return "undone" if summary["undone_by"] else ""


def field_lines(
    changes: Sequence[FieldChange], limit: int, *, is_known: bool = False
) -> Iterator[Line]:
    """Show fields that changed, old and new: short ones in a line, others one above the other.

    Args:
        changes: The fields.
        limit: How many are shown.
        is_known: Whether a column without a new value is not there; in the journal it is one of
            which nobody can tell any more what it became.
    """
    for change in changes[:limit]:
        yield from _field_lines(change, is_known=is_known or len(change.keys) > 1)
    if len(changes) > limit:
        yield Line(f"{len(changes) - limit:,} more fields", " ", "dim")


def _field_lines(change: FieldChange, *, is_known: bool) -> Iterator[Line]:
    from storage import MISSING

    name = safe_text(change.path, 200)
    items = change.item_changes()
    if items is not None:
        yield from _item_lines(name, *items)
        return
    is_time = bool(change.keys) and change.keys[-1] in TIMES
    spell = partial(_spelled, is_time=is_time)
    (old,), (new,) = unlike([change.old], [change.new], spell, _VALUE)
    if change.new is MISSING and not is_known:
        yield Line(f"{old} \u2192 ?", name, limit=_VALUE)
    elif len(old) <= _ONE_LINE and len(new) <= _ONE_LINE and "\n" not in old + new:
        yield Line(f"{old} \u2192 {new}", name)
    else:
        yield Line(f"- {old}", name, "removed", limit=_VALUE)
        yield Line(f"+ {new}", " ", "added", limit=_VALUE)


def _item_lines(name: str, added: Sequence[Any], removed: Sequence[Any]) -> Iterator[Line]:
    """Show only those items of a list that came or went."""
    if not added and not removed:
        yield Line("the same in another order", name)
    old, new = unlike(removed[:_ITEMS], added[:_ITEMS], _spelled, _VALUE)
    gone = [(f"- {each}", "removed") for each in old]
    came = [(f"+ {each}", "added") for each in new]
    label = name
    for text, role in (*gone, *came):
        yield Line(text, label, "removed" if role == "removed" else "added", limit=_VALUE)
        label = " "
    if (left := len(added) + len(removed) - len(gone) - len(came)) > 0:
        yield Line(f"{left:,} more items", " ", "dim")


def _spelled(value: Any, *, is_time: bool = False) -> str:
    from storage import MISSING

    if value is MISSING:
        return "(not there)"
    if value is None:
        return "(empty)"
    if is_corrupt(value):
        return f"cannot be read: {safe_text(value, _VALUE, lines=True)}"
    if is_time:
        value = long_time(value)
    return safe_text(value, _VALUE, lines=True) or "(empty)"
