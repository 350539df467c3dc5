"""World models as text to read: what is believed, and what changed since before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui.documents import Document, corrupt_lines, field_lines
from tui.moments import long_time
from tui.text import safe_text
from tui.values import is_corrupt
from tui.widgets.text_view import Line
from tui.wording import confidence, counted

if TYPE_CHECKING:
    from storage import WorldModelDiff

_SHOWN: Final = 200
_HEAD: Final = ("domain", "session_id", "trigger_event", "snapshot_time", "updated_at")
_NOT_BODY: Final = frozenset({*_HEAD, "entities", "relations", "confidence", "domain_confidence"})
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}


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
        yield Line(f"  {_spelled(change.key, change.new)}", full=True)
    if len(changes) > _SHOWN:
        yield Line(f"{len(changes) - _SHOWN:,} more; JSON shows them", role="dim", full=True)


def diff_document(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], diff: WorldModelDiff
) -> Document:
    """Show what changed from one snapshot to the next of its domain."""
    domain = safe_text(new.get("domain") or "this domain", 100)
    if old is None:
        lines = [Line(f"The first snapshot of {domain}: all of it is new.", role="dim")]
    else:
        since = long_time(old.get("snapshot_time") or old.get("updated_at"))
        lines = [Line(f"Since the snapshot of {domain} before it, {since}", role="dim")]
    if diff.confidence_changed:
        before, after = (
            confidence(value) or "none" for value in (diff.confidence_before, diff.confidence_after)
        )
        lines.append(Line(f"~ confidence  {before} \u2192 {after}", role="strong"))
    for change in (*diff.entities, *diff.relations):
        lines += _change_lines(change)
    for field in diff.fields:
        lines.append(_field_line("", field))
    if diff.is_empty:
        lines.append(Line("Nothing changed.", role="dim"))
    cut = lines[: 5 * _SHOWN]
    if len(cut) < len(lines):
        cut.append(Line(f"{len(lines) - len(cut):,} more changes; JSON shows all", role="dim"))
    return Document(cut)


def _change_lines(change: Any) -> Iterator[Line]:
    if change.kind == "changed":
        for field in change.fields:
            yield _field_line(_key(change.key), field)
    else:
        held = change.new if change.kind == "added" else change.old
        yield Line(f"{_SIGNS[change.kind]} {_spelled(change.key, held)}", role=change.kind)


def _field_line(owner: str, field: Any) -> Line:
    name = ".".join(part for part in (owner, safe_text(field.path, 200)) if part)
    old, new = (safe_text(value, 200) or "null" for value in (field.old, field.new))
    if field.kind == "added":
        return Line(f"+ {name}  {new}", role="added")
    if field.kind == "removed":
        return Line(f"- {name}  {old}", role="removed")
    return Line(f"~ {name}  {old} \u2192 {new}", role="strong")


def _key(key: Any) -> str:
    """Spell the key of an entity, or of a relation as an arrow."""
    if isinstance(key, tuple):
        source, name, target = (safe_text(part, 100) for part in key)
        return f"{source} \u2500\u2500{name}\u2500\u2500\u25b8 {target}"
    return safe_text(key, 100)


def _spelled(key: Any, value: Any) -> str:
    """Spell an entity or relation in a line: its key, type, confidence and what else it says."""
    if not isinstance(value, Mapping):
        return _key(key)
    parts = [_key(key)]
    if not isinstance(key, tuple):
        kind = value.get("type") or value.get("entityType")
        parts.append(f"({safe_text(kind, 60)})" if kind else "")
    if value.get("name") not in (None, key):
        parts.append(safe_text(value["name"], 100))
    if "confidence" in value:
        parts.append(confidence(value["confidence"]))
    properties = value.get("properties") or value.get("observations")
    if isinstance(properties, Mapping):
        pairs = list(properties.items())[:6]
        parts += [f"{safe_text(name, 40)}={safe_text(held, 60)}" for name, held in pairs]
    elif properties:
        parts.append(safe_text(properties, 200))
    return "  ".join(part for part in parts if part)
