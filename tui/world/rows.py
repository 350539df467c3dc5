"""Differences and contradictions as rows: side by side, or one under the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.text import LINE_LIMIT, named_value, safe_text
from tui.unlike import spelled_apart, unlike
from tui.values import compact_json, is_corrupt
from tui.wording import confidence, confidences

if TYPE_CHECKING:
    from storage import Contradiction, FieldChange, WorldModelDiff

MOST_ROWS: Final = 20_000
SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
CONFIDENCE: Final = ("domain_confidence",)


class DiffRow(NamedTuple):
    """One line of a diff.

    Attributes:
        sign: `+`, `-` or `~`, `!` for a contradiction.
        name: What differs: the key, and the way to the field.
        old: What it was; with an `!`, what this domain says.
        new: What it is; with an `!`, what the other domains say.
        key: The entity or relation, if it is of one.
        path: The way to the field in it, or in the model where there is no key.
        contradiction: What contradicts what, of an `!`.
    """

    sign: str
    name: str
    old: str = ""
    new: str = ""
    key: Any = None
    path: tuple[str, ...] = ()
    contradiction: Contradiction | None = None


def diff_rows(diff: WorldModelDiff) -> list[DiffRow]:
    """Give the changes: confidence first, then entities, relations and the other fields."""
    rows: list[DiffRow] = []
    if diff.confidence_changed:
        before, after = diff.confidence_before, diff.confidence_after
        old, new = (safe_text(each, 40) for each in confidences(before, after))
        sign = "+" if before is None else "-" if after is None else "~"
        rows.append(DiffRow(sign, "confidence", old, new, path=CONFIDENCE))
    for change in (*diff.entities, *diff.relations):
        if change.kind == "changed":
            for field in change.fields:
                rows += _field_rows(field, change.key)
        else:
            rows.append(_whole(change))
    for field in diff.fields:
        rows += _field_rows(field, None)
    names = spelled_apart([row.name for row in rows])
    return [row._replace(name=name) for row, name in zip(rows, names, strict=True)]


def _whole(change: Any) -> DiffRow:
    name = spelled_key(change.key)
    if change.kind == "added":
        return DiffRow("+", name, "", told(change.new, change.key), change.key)
    return DiffRow("-", name, told(change.old, change.key), "", change.key)


def _field_rows(field: FieldChange, key: Any) -> Iterator[DiffRow]:
    owner = "" if key is None else spelled_key(key)
    name = ".".join(part for part in (owner, safe_text(field.path, 200)) if part)
    own = field.keys[-1] if field.keys else ""
    items = field.item_changes()
    if items is None or not any(items):
        old, new = value_texts(field)
        yield DiffRow(SIGNS[field.kind], name, old, new, key, field.keys)
        return
    # Of a list it counts what came and what went, not the hundred that stayed.
    added, removed = ([named_value(own, item) for item in part] for part in items)
    gone, came = unlike(removed, added, value_text, LINE_LIMIT)
    for text in gone:
        yield DiffRow("-", f"{name}[]", text, "", key, field.keys)
    for text in came:
        yield DiffRow("+", f"{name}[]", "", text, key, field.keys)


def contradiction_rows(
    found: Iterable[Contradiction], domain: str, *, is_past: bool = False
) -> list[DiffRow]:
    """Give what other domains say against this one, as all of them are now.

    Args:
        found: The contradictions.
        domain: This one.
        is_past: Whether they stand beside what was believed before, and have to say that they are
            of now.
    """
    rows = []
    now = "now " if is_past else ""
    for each in found:
        own = next((claim for claim in each.claims if claim.domain == domain), None)
        if own is None:
            continue
        path = ".".join((spelled_key(own.key), *(safe_text(name, 200) for name in own.keys)))
        said = claim_text(own.value, own.keys)
        others = [
            (safe_text(claim.domain, 60), claim_text(claim.value, claim.keys))
            for claim in each.claims
            if claim.domain != domain
        ]
        # Of three domains two may say the same.
        is_alike = all(text == said for _, text in others)
        against = "; ".join(
            f"{name} says {text}" for name, text in others if text != said or is_alike
        )
        rows.append(DiffRow("!", path, f"{now}{said}", against, own.key, own.keys, each))
    return rows


def claim_text(value: Any, keys: Sequence[str]) -> str:
    """Spell what is claimed: the value of a field, or the type of a relation that is denied."""
    if not keys and isinstance(value, Mapping):
        kind = next((value[name] for name in _TYPES if value.get(name)), "")
        flags = "".join(f", {name} {value_text(value[name])}" for name in _FLAGS if name in value)
        return f"{value_text(kind)}{flags}"
    return value_text(value, name=keys[-1] if keys else "")


_TYPES: Final = ("relationType", "relation_type", "type")
_FLAGS: Final = ("negated", "denied", "is_active", "active", "valid", "exists")


def unified(rows: Iterable[DiffRow]) -> Iterator[tuple[int, str, str]]:
    """Give the lines of rows one under the other: number of the row, sign and text.

    What changed takes two lines, what it was and what it is.
    """
    for number, row in enumerate(rows):
        if row.sign == "!":
            yield number, "!", f"{row.name}  {row.old}, but {row.new}"
        elif row.sign == "~":
            yield number, "-", f"{row.name}  {row.old}"
            yield number, "+", f"{row.name}  {row.new}"
        else:
            yield number, row.sign, f"{row.name}  {row.old or row.new}"


def value_texts(field: FieldChange, limit: int = LINE_LIMIT) -> tuple[str, str]:
    """Spell what a field was and is so that they can be told apart; empty where there is none.

    Args:
        field: The change.
        limit: Characters of each that are shown.
    """
    name = field.keys[-1] if field.keys else ""
    if field.kind == "added":
        return "", value_text(field.new, limit, name=name)
    if field.kind == "removed":
        return value_text(field.old, limit, name=name), ""
    before, after = (named_value(name, each) for each in (field.old, field.new))
    (old,), (new,) = unlike([before], [after], partial(value_text, limit=limit), limit)
    return old, new


def value_text(value: Any, limit: int = LINE_LIMIT, *, name: str = "") -> str:
    """Spell one value in a line: text as it is, null and what is empty by name.

    Args:
        value: The value.
        limit: Characters of it that are shown.
        name: Of the field; where it tells a secret, that is masked.
    """
    value = named_value(name, value)
    if value is None:
        return "null"
    if value == "":
        return '""'
    if is_corrupt(value):
        return f"cannot be read: {safe_text(value, limit)}"
    return safe_text(value, limit)


def spelled_key(key: Any) -> str:
    """Spell the key of an entity, or of a relation as an arrow."""
    if isinstance(key, tuple):
        source, name, target = (safe_text(part, 100) for part in key)
        if not (source or target):
            return safe_text(_readable(key[1]), 100)
        return f"{source or '?'} \u2500\u2500{name}\u2500\u2500\u25b8 {target or '?'}"
    return safe_text(_readable(key), 100)


def _readable(key: Any) -> Any:
    """Spell the JSON that stands for an id with the letters that it means, and the empty key."""
    if key == "":
        return '""'
    if not isinstance(key, str) or "\\u" not in key or key[0] not in '"[{':
        return key
    try:
        value, end = json.JSONDecoder().raw_decode(key)
    except ValueError:
        return key
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + key[end:]


def told(value: Any, key: Any) -> str:
    """Spell what an entity or relation says beside its key, in a line."""
    if not isinstance(value, Mapping):
        own = key[1] if isinstance(key, tuple) else key
        # A bare name says nothing else, and what has no name is mostly its own key.
        spelled = compact_json(value, LINE_LIMIT)
        is_said = own == value or _readable(own).replace(" ", "") == spelled.replace(" ", "")
        return "" if is_said else value_text(value, name=own)
    parts = []
    if not isinstance(key, tuple):
        kind = value.get("type") or value.get("entityType")
        parts.append(f"({safe_text(kind, 60)})" if isinstance(kind, str) else "")
        if value.get("name") not in (None, key):
            parts.append(safe_text(value["name"], 100))
    if value.get("confidence") is not None:
        parts.append(safe_text(confidence(value["confidence"]), 40))
    parts += [_pair(name, held) for name, held in _details(value)]
    return safe_text("  ".join(part for part in parts if part), LINE_LIMIT)


_SAID_BEFORE: Final = frozenset(
    {"id", "entity_id", "name", "type", "entityType", "confidence", "relationType", "relation_type"}
    | {"source_id", "target_id", "source", "target", "from", "to"}
)
_OPENED: Final = ("properties", "attributes")
_MOST_DETAILS: Final = 8


def _details(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, held in value.items():
        if name in _OPENED and isinstance(held, Mapping):
            found += held.items()
        elif name not in _SAID_BEFORE:
            found.append((str(name), held))
        if len(found) > _MOST_DETAILS:
            break
    return found[:_MOST_DETAILS]


def _pair(name: Any, held: Any) -> str:
    held = named_value(str(name), held)
    shown = held if isinstance(held, str) else compact_json(held, 80)
    return f"{safe_text(name, 40)}={safe_text(shown, 60)}"
