"""What a diff says: the fields, entries and world models that differ, and how."""

from __future__ import annotations

import json
import reprlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Generic, Literal, TypeAlias

from storage.world_keys import EntityKey, K, RelationKey, fingerprint, is_same


class Missing(Enum):
    """The type of `MISSING`."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""Stands where there is no value at all, which is something else than `None` (JSON's `null`)."""


class _ShortRepr(reprlib.Repr):
    """Writes any value: plain `repr` fails at a thousand levels and at 4,300 digits."""

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < _LONG_INTEGER else hex(x)[:20] + "..."


_LONG_INTEGER = 2000
_REPR: Final = _ShortRepr()

ChangeKind: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, repr=False)
class FieldChange:
    """One field that differs.

    Attributes:
        keys: The way to the field, from the outermost key inwards; empty when the value as a
            whole was replaced by one of another shape.
        old: The value before, or `MISSING`.
        new: The value after, or `MISSING`.
    """

    keys: tuple[str, ...]
    old: Any
    new: Any

    @property
    def path(self) -> str:
        """The keys joined by dots; a key that has a dot or a quote in it, or is empty, is quoted.

        >>> FieldChange(("properties", "engine"), "mysql", "postgres").path
        'properties.engine'
        >>> FieldChange(("properties", "a.b"), 1, 2).path
        'properties."a.b"'
        """
        return ".".join(_quoted(key) for key in self.keys)

    @property
    def kind(self) -> ChangeKind:
        """`added`, `removed` or `changed`."""
        return _kind(self.old, self.new)

    def inverse(self) -> FieldChange:
        """The same change the other way round."""
        return FieldChange(self.keys, self.new, self.old)

    def item_changes(self) -> tuple[list[Any], list[Any]] | None:
        """What was added to a list and what was removed from it, or None if it is not two lists.

        >>> FieldChange(("observations",), ["a", "b"], ["b", "c"]).item_changes()
        (['c'], ['a'])
        """
        if not (isinstance(self.old, list | tuple) and isinstance(self.new, list | tuple)):
            return None
        return _items_beyond(self.new, self.old), _items_beyond(self.old, self.new)

    def __repr__(self) -> str:
        return f"FieldChange({self.path}: {_REPR.repr(self.old)} -> {_REPR.repr(self.new)})"


@dataclass(frozen=True, slots=True)
class EntryChange(Generic[K]):
    """One entity or relation that was added, removed or changed.

    Attributes:
        key: The key that it has in the model, as `entities_of` and `relations_of` give it: in the
            new one, or in the old one where it was removed.
        old: What stood in the old model, as it stood there, or `MISSING`.
        new: What stands in the new model, as it stands there, or `MISSING`.
        fields: The fields that differ, by path; empty for what was added or removed.
    """

    key: K
    old: Any = field(repr=False)
    new: Any = field(repr=False)
    fields: tuple[FieldChange, ...] = ()

    @property
    def kind(self) -> ChangeKind:
        """`added`, `removed` or `changed`."""
        return _kind(self.old, self.new)

    def inverse(self) -> EntryChange[K]:
        """The same change the other way round."""
        fields = tuple(change.inverse() for change in self.fields)
        return EntryChange(self.key, self.new, self.old, fields)


@dataclass(frozen=True, slots=True)
class EntryChanges(Generic[K]):
    """All entities, or all relations, that differ; iterating gives one change a key, by key."""

    entries: tuple[EntryChange[K], ...] = ()

    @property
    def added(self) -> tuple[EntryChange[K], ...]:
        """Those that only the new model has, by key."""
        return tuple(entry for entry in self.entries if entry.kind == "added")

    @property
    def removed(self) -> tuple[EntryChange[K], ...]:
        """Those that only the old model has, by key."""
        return tuple(entry for entry in self.entries if entry.kind == "removed")

    @property
    def changed(self) -> tuple[EntryChange[K], ...]:
        """Those that both models have, with different fields, by key."""
        return tuple(entry for entry in self.entries if entry.kind == "changed")

    def inverse(self) -> EntryChanges[K]:
        """The same changes the other way round."""
        return EntryChanges(tuple(entry.inverse() for entry in self.entries))

    def __iter__(self) -> Iterator[EntryChange[K]]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class WorldModelDiff:
    """Where two world models differ.

    Attributes:
        entities: Changes of entities.
        relations: Changes of relations.
        fields: Changes of all else that the models say (domain, goals, metrics, constraints, ...),
            by path. Ids, times and triggers of the record itself are not compared, nor whether it
            is active.
        confidence_before: Confidence of the old model (`confidence`, else `domain_confidence`) as
            stored, usually 0.0 to 1.0; None if it has none, or one of both cannot be decoded.
        confidence_after: The same of the new model.
    """

    entities: EntryChanges[EntityKey]
    relations: EntryChanges[RelationKey]
    fields: tuple[FieldChange, ...]
    confidence_before: Any
    confidence_after: Any

    @property
    def confidence_changed(self) -> bool:
        """Whether the confidence differs."""
        return not is_same(self.confidence_before, self.confidence_after)

    @property
    def is_empty(self) -> bool:
        """Whether the two models say the same."""
        return not (self.entities or self.relations or self.fields or self.confidence_changed)

    def inverse(self) -> WorldModelDiff:
        """The diff with old and new exchanged: `diff(a, b).inverse() == diff(b, a)`."""
        return WorldModelDiff(
            self.entities.inverse(),
            self.relations.inverse(),
            tuple(change.inverse() for change in self.fields),
            self.confidence_after,
            self.confidence_before,
        )


def _kind(old: Any, new: Any) -> ChangeKind:
    if old is MISSING:
        return "added"
    return "removed" if new is MISSING else "changed"


def _quoted(key: str) -> str:
    return json.dumps(key, ensure_ascii=False) if not key or "." in key or '"' in key else key


def _items_beyond(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The items that the others do not have, or not as often, in their order."""
    left = Counter(fingerprint(item) for item in others)
    beyond: list[Any] = []
    for item in items:
        mark = fingerprint(item)
        if left[mark] > 0:
            left[mark] -= 1
        else:
            beyond.append(item)
    return beyond
