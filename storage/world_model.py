"""Where two world models differ, down to the field: pure functions over what was decoded.

`world_keys` says how entities and relations are recognised and when two values are the same;
`world_history` follows one of them through time. Nothing here changes what it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from storage.diff_records import MISSING, EntryChange, EntryChanges, FieldChange, WorldModelDiff
from storage.json_utils import CorruptJSON
from storage.world_keys import (
    Entry,
    K,
    fingerprint,
    index_entities,
    index_relations,
    is_model_readable,
    is_same,
)

# Where a snapshot holds what it says, if that is no object.
_DATA: Final = "snapshot_data"
# What says which record this is, or is compared in a place of its own.
_NOT_FIELDS = frozenset(
    {
        *("id", "key", "record_id", "world_model_id", "snapshot_time", "trigger_event"),
        *("checkpoint", "parent_checkpoint"),
        *("created_at", "updated_at", "entities", "relations", "confidence", "domain_confidence"),
        # A state has these and its snapshots have not.
        *("is_active", "merged_from"),
    }
)


def diff_world_models(old: Any, new: Any) -> WorldModelDiff:
    """Compare two world models: states, snapshots or plain dicts of the same shape.

    Entities are recognised by id, else name, relations by source, type and target, in any spelling
    that `entity_key` and `relation_key` know; whether they stand in an array or in a mapping by id,
    and in which order, is no difference. The field that makes the key is not compared. Never
    raises: what is malformed is compared as a whole, and what is no mapping is an empty model. What
    cannot be decoded is a changed field of its own, and nothing that it held or lacks is compared.

    Args:
        old: The model before; None or `{}` when there was none, so that all is added.
        new: The model after.

    >>> old = {"entities": [{"id": "db", "properties": {"engine": "mysql"}}], "confidence": 0.6}
    >>> new = {"entities": {"db": {"properties": {"engine": "postgres"}}}, "confidence": 0.8}
    >>> diff = diff_world_models(old, new)
    >>> diff.entities.changed[0].key, diff.entities.changed[0].fields
    ('db', (FieldChange(properties.engine: 'mysql' -> 'postgres'),))
    >>> diff.confidence_before, diff.confidence_after
    (0.6, 0.8)
    >>> diff_world_models(new, new).is_empty
    True
    """
    before = old if isinstance(old, Mapping) else {}
    after = new if isinstance(new, Mapping) else {}
    if _is_damaged(before) or _is_damaged(after):
        damage = field_changes(_damage_of(before), _damage_of(after))
        return WorldModelDiff(EntryChanges(), EntryChanges(), damage, None, None)
    return WorldModelDiff(
        _compare_part("entities", index_entities, before, after),
        _compare_part("relations", index_relations, before, after),
        _changed_fields(before, after),
        _confidence_of(before),
        _confidence_of(after),
    )


def _changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    old, new = _fields_of(before), _fields_of(after)
    if None in (old.get("domain", MISSING), new.get("domain", MISSING)):
        # A snapshot that names none is of the domain of its state.
        old.pop("domain", None)
        new.pop("domain", None)
    return field_changes(old, new)


def _is_damaged(model: Mapping[str, Any]) -> bool:
    return _DATA in model and not is_model_readable(model)


def _damage_of(model: Mapping[str, Any]) -> dict[str, Any]:
    return {_DATA: model[_DATA]} if _is_damaged(model) else {}


def _compare_part(
    part: str,
    index: Callable[[Any], dict[K, Entry]],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> EntryChanges[K]:
    if any(part in model and not is_model_readable(model, part) for model in (before, after)):
        return EntryChanges()
    return _compare(index(before.get(part)), index(after.get(part)))


def entry_changes(old: Entry, new: Entry) -> tuple[FieldChange, ...]:
    """The fields in which two entries of one key differ, by path."""
    if old.value is new.value:
        return ()
    found = field_changes(_body_beside(old, new), _body_beside(new, old))
    if found and not (isinstance(old.value, Mapping) or isinstance(new.value, Mapping)):
        # A text counts as the name of an object only beside one.
        return field_changes(old.value, new.value)
    return found


def _body_beside(entry: Entry, other: Entry) -> Any:
    """The body of an entry, without what makes the key of the other one and is the same here.

    In an array a name makes the key of an entity; in a mapping by that name it stands beside it.
    """
    body = entry.body()
    if entry.identity == other.identity or not _has_fields(body):
        return body
    return {
        name: held
        for name, held in body.items()
        if name not in other.identity or not is_same(held, other.shown[name])
    }


def field_changes(old: Any, new: Any, *, in_order: bool = False) -> tuple[FieldChange, ...]:
    """The fields in which two values differ, by path; mappings are walked to any depth.

    What cannot be decoded is a field as a whole.

    Args:
        old: The value before.
        new: The value after.
        in_order: Whether lists differ where only the order of their items does.
    """
    found: list[FieldChange] = []
    todo: list[tuple[_Way, Any, Any]] = [(None, old, new)]
    while todo:
        way, one, other = todo.pop()
        if _has_fields(one) and _has_fields(other):
            todo.extend(
                ((way, key), one.get(key, MISSING), other.get(key, MISSING))
                for key in one.keys() | other.keys()
            )
        elif not is_same(one, other, in_order=in_order):
            found.append(FieldChange(_keys_of(way), one, other))
    return tuple(sorted(found, key=lambda change: change.keys))


def _has_fields(value: Any) -> bool:
    return isinstance(value, Mapping) and not isinstance(value, CorruptJSON)


# The way to a field as a linked list, so that a value nested deep takes linear memory.
_Way: TypeAlias = tuple[Any, Any] | None


def _keys_of(way: _Way) -> tuple[str, ...]:
    keys: list[str] = []
    while way is not None:
        way, key = way
        keys.append(key if isinstance(key, str) else fingerprint(key))
    return tuple(reversed(keys))


def _compare(old: Mapping[K, Entry], new: Mapping[K, Entry]) -> EntryChanges[K]:
    old, new = _without_same(old, new)
    found: list[EntryChange[K]] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before is None or after is None:
            found.append(
                EntryChange(
                    key,
                    MISSING if before is None else before.value,
                    MISSING if after is None else after.value,
                )
            )
        elif fields := entry_changes(before, after):
            found.append(EntryChange(key, before.value, after.value, fields))
    return EntryChanges(tuple(found))


def _without_same(
    old: Mapping[K, Entry], new: Mapping[K, Entry]
) -> tuple[Mapping[K, Entry], Mapping[K, Entry]]:
    """Leave out what both say of entries that share a key: their numbers are no part of that.

    Of two that share one, the other gets its number when one of them goes.
    """
    every = (old, new)
    shared = {each.own_key for part in every for key, each in part.items() if each.own_key != key}
    if not shared:
        return old, new
    places: tuple[dict[Any, list[K]], dict[Any, list[K]]] = ({}, {})
    for part, found in zip(every, places, strict=True):
        for key, each in part.items():
            if each.own_key in shared:
                found.setdefault((each.own_key, fingerprint(each.value)), []).append(key)
    same: tuple[set[K], set[K]] = (set(), set())
    for said in places[0].keys() & places[1].keys():
        for one, other in zip(places[0][said], places[1][said], strict=False):
            same[0].add(one)
            same[1].add(other)
    left = [
        {key: each for key, each in part.items() if key not in gone}
        for part, gone in zip(every, same, strict=True)
    ]
    return left[0], left[1]


def _fields_of(model: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: held for name, held in model.items() if name not in _NOT_FIELDS}
    if fields.get("metadata") == {} and not isinstance(fields["metadata"], CorruptJSON):
        # A snapshot holds the entries of it beside all else.
        del fields["metadata"]
    unread = (part for part in ("entities", "relations") if part in model)
    fields |= {part: model[part] for part in unread if not is_model_readable(model, part)}
    stored = model.get("domain_confidence")
    # Both spellings normally say the same thing; where they don't, neither must go unseen.
    if stored is not None and not is_same(stored, _confidence_of(model)):
        fields["domain_confidence"] = stored
    return fields


def _confidence_of(model: Mapping[str, Any]) -> Any:
    confidence = model.get("confidence")
    return model.get("domain_confidence") if confidence is None else confidence
