"""World models as text to read: what is believed, and what changed since before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui.documents import Document, corrupt_lines, field_lines
from tui.lines import Line
from tui.moments import long_time
from tui.text import safe_text
from tui.values import is_corrupt
from tui.wording import confidence, counted
from tui.world.rows import DiffRow, diff_rows, spelled_key, told

if TYPE_CHECKING:
    from storage import WorldModelDiff

_SHOWN: Final = 200
_HEAD: Final = ("domain", "session_id", "trigger_event", "snapshot_time", "updated_at")
_NOT_BODY: Final = frozenset({*_HEAD, "entities", "relations", "confidence", "domain_confidence"})


def model_document(model: Mapping[str, Any]) -> Document:
    """Show a state or snapshot: what it is about, its entities and relations, and the rest."""
    from storage import diff_world_models

    everything = diff_world_models({}, model)
    lines = [line for name in _HEAD if model.get(name) for line in field_lines(name, model[name])]
    lines.append(Line(confidence(everything.confidence_after) or "not stated", "confidence"))
    for name in ("entities", "relations"):
        lines += [Line(), *_part_lines(name, model.get(name), everything)]
    lines.append(Line())
    for name, value in model.items():
        if name not in _NOT_BODY and (is_corrupt(value) or value not in (None, "", [], {})):
            lines += field_lines(name, value)
    return Document(lines)


def _part_lines(name: str, value: Any, everything: WorldModelDiff) -> Iterator[Line]:
    if is_corrupt(value):
        yield from corrupt_lines(name, value)
        return
    is_entities = name == "entities"
    changes: list[Any] = list(everything.entities if is_entities else everything.relations)
    noun = "entity" if is_entities else "relation"
    plural = f"{len(changes):,} entities" if is_entities else counted(len(changes), noun)
    yield Line(
        "1 entity" if is_entities and len(changes) == 1 else plural, role="strong", full=True
    )
    for change in changes[:_SHOWN]:
        parts = (spelled_key(change.key), told(change.new, change.key))
        yield Line(f"  {'  '.join(part for part in parts if part)}", full=True)
    if len(changes) > _SHOWN:
        yield Line(f"{len(changes) - _SHOWN:,} more; JSON shows them", role="dim", full=True)


def diff_document(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], diff: WorldModelDiff
) -> Document:
    """Write down what changed from one snapshot of a domain to the next."""
    domain = safe_text(new.get("domain") or "this domain", 100)
    if old is None:
        lines = [Line(f"The first snapshot of {domain}: all of it is new.", role="dim")]
    else:
        since = long_time(old.get("snapshot_time") or old.get("updated_at"))
        lines = [Line(f"Since the snapshot of {domain} before it, {since}", role="dim")]
    rows = diff_rows(diff)
    lines += [_row_line(row) for row in rows[: 5 * _SHOWN]]
    if not rows:
        lines.append(Line("Nothing changed.", role="dim"))
    if len(rows) > 5 * _SHOWN:
        left = len(rows) - 5 * _SHOWN
        lines.append(Line(f"{left:,} more changes; JSON shows all", role="dim"))
    return Document(lines)


def _row_line(row: DiffRow) -> Line:
    if row.sign == "~":
        return Line(f"~ {row.name}  {row.old} \u2192 {row.new}", role="strong")
    text = "  ".join(part for part in (row.name, row.old or row.new) if part)
    return Line(f"{row.sign} {text}", role="added" if row.sign == "+" else "removed")
