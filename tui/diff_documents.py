"""Differences of two memories as text to read, or as JSON: what each is about, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.history_wording import field_lines, noun
from tui.lines import Line
from tui.moments import short_time
from tui.text import safe_text
from tui.widgets.columns import Column
from tui.wording import what_of
from tui.world.rows import diff_rows, unified

if TYPE_CHECKING:
    from storage import Difference, SQLiteStore
    from tui.lines import TextRole

_SIGNS: Final[dict[str, tuple[str, TextRole]]] = {
    "only_a": ("-", "removed"),
    "only_b": ("+", "added"),
    "different": ("~", "strong"),
}
_FIELDS: Final = 40
_ROWS: Final = 200
_LABEL: Final = 60

_CLASSES: Final = {
    "same": "same",
    "different": "~ different",
    "only_a": "- only in A",
    "only_b": "+ only in B",
}


def count_columns(*, with_commas: bool) -> list[Column]:
    """Give the columns for how many records are in which class.

    Args:
        with_commas: Whether a person reads the numbers.
    """
    spelled = "{:,}" if with_commas else "{}"

    def counted(name: str) -> Column:
        title = _CLASSES[name]
        return Column(title, lambda row: spelled.format(row[name]), 11, right=True)

    return [Column("kind", lambda row: noun(row["kind"]), 18), *map(counted, _CLASSES)]


async def labels_of(one: SQLiteStore, other: SQLiteStore, part: Sequence[Difference]) -> list[str]:
    """Say what each record is about, in a few words, as it is in B where it is there.

    Args:
        one: Memory A.
        other: Memory B.
        part: The differences.
    """
    places: dict[tuple[bool, str], dict[Any, str]] = {}
    for each in part:
        side = each.b or each.a
        if side is not None:
            places.setdefault((each.b is not None, side.place.kind), {})[side.place.key] = ""
    for (in_b, kind), keys in places.items():
        store = other if in_b else one
        if kind == "note":
            told = {note["id"]: _note_label(note) for note in await store.get_notes()}
            keys |= {key: told.get(key.rowid, "") for key in keys}
            continue
        rows = await store.get_summaries(kind, list(keys))
        for key, row in zip(list(keys), rows, strict=True):
            keys[key] = "" if row is None else _label(kind, row)
    labels = []
    for each in part:
        side = each.b or each.a
        own = places.get((each.b is not None, side.place.kind)) if side is not None else None
        labels.append("" if own is None or side is None else own.get(side.place.key, ""))
    return labels


def _label(kind: str, row: Any) -> str:
    if kind.endswith("pattern"):
        return str(row.get("name") or "")
    if kind == "world_model_state":
        return str(row["domain"] or "")
    if kind == "snapshot":
        return f"{row['domain'] or 'no domain'} at {short_time(row['snapshot_time'])}"
    told = row["excerpt"] if kind.startswith("archived_") else what_of(row)
    return str(told or "")


def _note_label(note: Mapping[str, Any]) -> str:
    tags = [f"#{tag}" for tag in note["tags"]] if isinstance(note["tags"], list) else []
    told = " ".join([*tags, str(note["text"] or "")]).rstrip()
    return f"on {noun(note['kind'])} {note['record_id']}: {told}"


def difference_lines(each: Difference, label: str) -> Iterator[Line]:
    """Show one difference: its sign, what it is, and below it what changed."""
    sign, role = _SIGNS[each.found]
    name = f"{sign} {noun(each.kind)} {safe_text(each.record_id, 100)}"
    if each.matched_by == "name" and each.b is not None:
        name += f" / {safe_text(each.b.record_id, 100)}"
    about = f"{safe_text(label[:_LABEL])}\u2026" if len(label) > _LABEL else safe_text(label)
    told = "  ".join(part for part in (name, about) if part)
    yield Line(f"{told}{_moved(each)}", role=role, full=True)
    # That it moved says the times and columns of it, too.
    shown = [change for change in each.changes if not each.moved or change.path not in _MOVING]
    for line in field_lines(shown, _FIELDS, is_known=True):
        yield line._replace(label=f"    {line.label}")
    if each.world is not None:
        rows = list(unified(diff_rows(each.world)))
        for _, own, text in rows[:_ROWS]:
            yield Line(f"    {own} {text}", role="added" if own == "+" else "removed", full=True)
        if len(rows) > _ROWS:
            yield Line(f"    {len(rows) - _ROWS:,} more; --json shows all", role="dim", full=True)


_MOVING: Final = frozenset({"archived_at", "archive_reason", "consolidated_to", "promoted_to"})


def _moved(each: Difference) -> str:
    if not each.moved:
        return ""
    told = {
        change.path: change.new if each.moved == "archived" else change.old
        for change in each.changes
        if change.path in _MOVING
    }
    target = told.get("consolidated_to") or told.get("promoted_to")
    became = f", became {safe_text(target, 100)}" if target else ""
    reason = safe_text(told.get("archive_reason"), 100)
    if each.moved == "archived":
        return f"  archived as {reason}{became}"
    return f"  restored (was archived as {reason}{became})"


def difference_json(each: Difference, label: str) -> dict[str, Any]:
    """Give one difference with all of its changes."""
    from tui.json_shapes import changes_json, diff_json

    return {
        "kind": each.kind,
        "class": each.found,
        "record_id": each.record_id,
        "id_a": None if each.a is None else each.a.record_id,
        "id_b": None if each.b is None else each.b.record_id,
        "matched_by": each.matched_by,
        "moved": each.moved,
        "what": label,
        "changes": changes_json(each.changes),
        "world": None if each.world is None else diff_json(each.world),
    }
