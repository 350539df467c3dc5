"""Under which key an entity or a relation of a world model is known, and when two values are one.

A *model* is any mapping with `entities` and `relations`: a world-model state, a snapshot, or what
an importer read. Entities and relations stand in an array, or in a mapping by id.

Two values are the same when JSON means the same by them:

- The order of a list means nothing, at any depth: lists are compared as multisets.
- JSON has one type of number, so `1` and `1.0` are the same. `true` is not `1`, `"1"` is not `1`.
- A value that cannot be decoded (`CorruptJSON`) is the same only as one of the same bytes; but a
  whole model or part that cannot be says nothing (`is_model_readable`), as damage is no belief
  given up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias, TypeVar

from storage.json_utils import CorruptJSON

EntityKey: TypeAlias = str
RelationKey: TypeAlias = tuple[str, str, str]
K = TypeVar("K", str, tuple[str, str, str])

_ID_NAMES = ("id", "entity_id")
# Beside `source_id` or `from`, a `source` says where the relation was learned.
_SOURCE_NAMES = ("source_id", "from", "source")
_TARGET_NAMES = ("target_id", "to", "target")
# `type` comes last: beside `relationType` it says what kind of line an MCP memory file has.
_TYPE_NAMES = ("relationType", "relation_type", "type")
_LONGEST_FINGERPRINT = 256
# Python refuses to write very long integers in decimals; the limit can be as low as 640 digits.
_LONGEST_DECIMAL_BITS = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """An entity or a relation as it stands in a model, with what is needed to compare it.

    Attributes:
        value: What stands in the model.
        label: The key under which it stands there, None in an array.
        shown: The value to compare: the value, or `{"name": ...}` for the bare name of an entity.
        identity: The fields of `shown` that make the key.
        own_key: The key that it has by itself, also where others have it, too.
    """

    value: Any
    label: str | None
    shown: Any
    identity: tuple[str, ...]
    own_key: EntityKey | RelationKey

    def body(self) -> Any:
        """The value without the fields that make its key, which are no news."""
        if not self.identity:
            return self.shown
        return {name: held for name, held in self.shown.items() if name not in self.identity}

    def rank(self) -> tuple[str, str, str, str]:
        """What orders entries that share a key, whatever order the list has."""
        held = self.shown if isinstance(self.shown, Mapping) else {}
        return (
            self.label or "",
            fingerprint(held.get("id")),
            fingerprint(held.get("type")),
            fingerprint(self.value),
        )


def entity_key(entity: Any) -> EntityKey:
    """The key of an entity: its `id` (or `entity_id`), else its `name`; a bare string is a name.

    Never raises: what has neither is keyed by its canonical JSON (a hash of it where that is long).

    >>> entity_key({"id": "e1", "name": "orders-db"})
    'e1'
    >>> entity_key({"name": "Ada", "entityType": "person"})
    'Ada'
    >>> entity_key({"type": "module"})
    '{"type":"module"}'
    """
    return _read_entity(entity, None)[0]


def relation_key(relation: Any) -> RelationKey:
    """The key of a relation: source, type and target, `""` for the one that it lacks.

    Spellings, the first that is there counts: `source_id`, `from` or `source`; `target_id`, `to`
    or `target`; `relationType`, `relation_type` or `type`. A source or target that is itself an
    object counts by its `entity_key`. Never raises: without source and target the key is
    `("", canonical JSON, "")`.

    >>> relation_key({"source_id": "e1", "target_id": "e2", "type": "imports"})
    ('e1', 'imports', 'e2')
    >>> relation_key({"type": "relation", "from": "Ada", "to": "api", "relationType": "maintains"})
    ('Ada', 'maintains', 'api')
    """
    return _read_relation(relation, None)[0]


def entities_of(model: Any) -> dict[EntityKey, Any]:
    """The entities of a model by key, each as it stands there.

    In a mapping by id, the mapping's key is the id where the value has none. Entries that share a
    key are all kept: the second is `key#2`, in an order that does not depend on the list's.

    >>> entities_of({"entities": {"e1": {"type": "module"}}})
    {'e1': {'type': 'module'}}
    >>> list(entities_of({"entities": [{"name": "Ada"}, {"name": "Ada", "type": "ship"}]}))
    ['Ada', 'Ada#2']
    """
    return {key: entry.value for key, entry in index_entities(_part(model, "entities")).items()}


def relations_of(model: Any) -> dict[RelationKey, Any]:
    """The relations of a model by key, each as it stands there.

    Entries that share a key are all kept: the type of the second is `type#2`, and so on.

    >>> relations_of({"relations": [{"from": "Ada", "to": "api", "relationType": "maintains"}]})
    {('Ada', 'maintains', 'api'): {'from': 'Ada', 'to': 'api', 'relationType': 'maintains'}}
    """
    return {key: entry.value for key, entry in index_relations(_part(model, "relations")).items()}


def with_entry(model: Any, key: EntityKey | RelationKey, value: Any) -> Any:
    """The entities or relations of a model with another value for one of them; the others stay.

    It is found by where it stands: `true` and `null` are one and the same value wherever they are.

    >>> with_entry({"entities": {"tls": True, "ipv6": True}}, "ipv6", False)
    {'tls': True, 'ipv6': False}

    Raises:
        KeyError: The model has none of this key.
    """
    if isinstance(key, tuple):
        container = _part(model, "relations")
        entry = index_relations(container)[key]
    else:
        container = _part(model, "entities")
        entry = index_entities(container)[key]
    if isinstance(container, list | tuple):
        # Which of several that say the same is replaced makes no difference.
        at = next(at for at, held in enumerate(container) if held is entry.value)
        return [*container[:at], value, *container[at + 1 :]]
    if not isinstance(container, Mapping):
        return value
    places = zip(container, _labelled(container), strict=True)
    return {
        name: value if label == entry.label and held is entry.value else held
        for name, (label, held) in places
    }


def is_model_readable(model: Any, part: str = "") -> bool:
    """Whether a model, or a part of it such as `entities`, could be decoded.

    What is stored of a snapshot stands under `snapshot_data` where it is no object.
    """
    if not isinstance(model, Mapping) or isinstance(model, CorruptJSON):
        return False
    if isinstance(model.get(part), CorruptJSON):
        return False
    data = model.get("snapshot_data", {})
    return isinstance(data, Mapping) and not isinstance(data, CorruptJSON)


def index_entities(container: Any) -> dict[EntityKey, Entry]:
    """The entries of an array, or mapping by id, of entities. Anything else is one entity."""
    return _index(container, _read_entity, lambda key, number: f"{key}#{number}")


def index_relations(container: Any) -> dict[RelationKey, Entry]:
    """The entries of an array, or mapping by id, of relations. Anything else is one relation."""
    return _index(
        container, _read_relation, lambda key, number: (key[0], f"{key[1]}#{number}", key[2])
    )


def is_same(one: Any, other: Any, *, in_order: bool = False) -> bool:
    """Whether two values are the same by the rules of this module.

    Args:
        one: A value.
        other: Another one.
        in_order: Whether the order of lists means something all the same.
    """
    if one is other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return fingerprint(one, in_order=in_order) == fingerprint(other, in_order=in_order)


def fingerprint(value: Any, *, in_order: bool = False) -> str:
    """Canonical JSON: keys and lists in a fixed order, numbers in one spelling, ASCII only.

    With `in_order` lists keep the order that they have.

    A container whose text is longer than 256 characters is `#` and a hash instead, so that time
    and memory stay linear in the size of the value, however deep it is nested.
    """
    done: list[str] = []
    todo: list[tuple[Any, list[str] | None, int]] = [(value, None, -1)]
    while todo:
        node, names, count = todo.pop()
        if count >= 0:
            parts = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(_shortened(_assembled(names, parts, in_order)))
        elif isinstance(node, CorruptJSON):
            done.append("!" + blake2b(node.raw, digest_size=16).hexdigest())
        elif isinstance(node, Mapping):
            items = sorted(((_scalar(key), held) for key, held in node.items()), key=_first)
            todo.append((None, [name for name, _ in items], len(items)))
            # The last that is pushed is worked off first.
            todo.extend((held, None, -1) for _, held in reversed(items))
        elif isinstance(node, list | tuple):
            todo.append((None, None, len(node)))
            todo.extend((held, None, -1) for held in reversed(node))
        else:
            done.append(_scalar(node))
    return done[0]


def _assembled(names: list[str] | None, parts: list[str], in_order: bool) -> str:
    if names is None:
        return f"[{','.join(parts if in_order else sorted(parts))}]"
    return f"{{{','.join(f'{name}:{part}' for name, part in zip(names, parts, strict=True))}}}"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_FINGERPRINT:
        return text
    return "#" + blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def _first(item: tuple[str, Any]) -> str:
    return item[0]


def _scalar(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or isinstance(value, str | bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() <= _LONGEST_DECIMAL_BITS else hex(value)
    if isinstance(value, float):
        return repr(value)
    # What is not JSON can only come from a caller's own dict; it is compared by how it is written.
    return json.dumps([type(value).__qualname__, repr(value)])


def _part(model: Any, name: str) -> Any:
    return model.get(name) if isinstance(model, Mapping) else None


def _index(
    container: Any,
    read: Callable[[Any, str | None], tuple[K, Entry]],
    numbered: Callable[[K, int], K],
) -> dict[K, Entry]:
    groups: dict[K, list[Entry]] = {}
    for label, value in _labelled(container):
        key, entry = read(value, label)
        groups.setdefault(key, []).append(entry)
    found: dict[K, Entry] = {}
    for key, group in groups.items():
        if len(group) > 1:
            group.sort(key=Entry.rank)
        found[key] = group[0]
        number = 1
        for entry in group[1:]:
            number += 1
            # Another entry may be called `key#2` by its own right.
            while numbered(key, number) in groups:
                number += 1
            found[numbered(key, number)] = entry
    return found


def _labelled(container: Any) -> Iterator[tuple[str | None, Any]]:
    if container is None:
        return
    if isinstance(container, Mapping):
        for label, value in container.items():
            yield (label if isinstance(label, str) else _scalar(label)), value
    elif isinstance(container, list | tuple):
        for value in container:
            yield None, value
    else:
        yield None, container


def _read_entity(value: Any, label: str | None) -> tuple[EntityKey, Entry]:
    shown = {"name": value} if isinstance(value, str) else value
    if isinstance(shown, Mapping):
        name, key = _named(shown, _ID_NAMES)
        if not key and label is None:
            name, key = _named(shown, ("name",))
        if key:
            return key, Entry(value, label, shown, (name,), key)
    own = fingerprint(value) if label is None else label
    return own, Entry(value, label, shown, (), own)


def _read_relation(value: Any, label: str | None) -> tuple[RelationKey, Entry]:
    if isinstance(value, Mapping):
        source_name, source = _end(value, _SOURCE_NAMES)
        target_name, target = _end(value, _TARGET_NAMES)
        type_name, kind = _named(value, _TYPE_NAMES)
        if source or target:
            identity = tuple(name for name in (source_name, type_name, target_name) if name)
            key = (source, kind, target)
            return key, Entry(value, label, value, identity, key)
    own = ("", fingerprint(value) if label is None else label, "")
    return own, Entry(value, label, value, (), own)


def _end(relation: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, str]:
    """The field and the key of one end; no field for an object, of which more can change."""
    for name in names:
        held = relation.get(name)
        if isinstance(held, Mapping) and held:
            return "", entity_key(held)
        if text := _identity_text(held):
            return name, text
    return "", ""


def _named(value: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, str]:
    """The first of the names under which something stands that can be a key, and that key."""
    for name in names:
        if text := _identity_text(value.get(name)):
            return name, text
    return "", ""


def _identity_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, Mapping | list | tuple):
        return ""
    return _scalar(value)
