"""What became of one entity or relation through the snapshots of a world model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from storage.json_utils import CorruptJSON
from storage.moments import parse_moment
from storage.world_keys import (
    EntityKey,
    Entry,
    RelationKey,
    fingerprint,
    index_entities,
    index_relations,
)
from storage.world_model import MISSING, FieldChange, entry_changes

EventKind: TypeAlias = Literal["appeared", "changed", "vanished", "reappeared"]


@dataclass(frozen=True, slots=True)
class EntityEvent:
    """One thing that happened to an entity or a relation, and the snapshot that shows it first.

    Attributes:
        kind: `appeared`, `changed`, `vanished` or `reappeared`.
        key: The key that was asked for.
        domain: Domain of the snapshot, or None if it names none.
        world_model_id: World model of the snapshot, or None if it names none.
        snapshot_id: `id` of the snapshot, or None.
        snapshot_time: Its `snapshot_time` as it stands there, or None.
        trigger_event: Its `trigger_event`, or None.
        old: The value that was last seen before, or `MISSING` when it appeared.
        new: The value after, or `MISSING` when it vanished.
        fields: The fields that differ between `old` and `new`, by path; of one that reappeared,
            those that changed while it was away.
    """

    kind: EventKind
    key: EntityKey | RelationKey
    domain: Any
    world_model_id: Any
    snapshot_id: Any
    snapshot_time: Any
    trigger_event: Any
    old: Any = field(repr=False)
    new: Any = field(repr=False)
    fields: tuple[FieldChange, ...] = ()


def entity_history(
    snapshots: Iterable[Mapping[str, Any]], key: EntityKey | RelationKey
) -> list[EntityEvent]:
    """Say in which snapshots an entity or a relation appeared, changed, vanished and came back.

    Snapshots are read by the moment of `snapshot_time` (unreadable ones first), then by `id`,
    however they are given. Each world model (`world_model_id`, else `domain`) has a history of its
    own; the events of all come together, oldest first. A snapshot that cannot be decoded is passed
    over, so that damage never looks like a belief that was given up.

    Args:
        snapshots: Snapshot records, as `get_world_model_snapshots()` returns them.
        key: A string is the key of an entity (`entity_key`), a tuple of source, type and target
            that of a relation (`relation_key`).

    >>> mysql, postgres = {"id": "db", "engine": "mysql"}, {"id": "db", "engine": "postgres"}
    >>> snapshots = [
    ...     {"snapshot_time": "2026-08-30", "trigger_event": "interaction", "entities": [mysql]},
    ...     {"snapshot_time": "2026-09-12", "trigger_event": "run", "entities": [postgres]},
    ... ]
    >>> for event in entity_history(snapshots, "db"):
    ...     print(event.kind, event.snapshot_time, event.trigger_event, event.fields)
    appeared 2026-08-30 interaction ()
    changed 2026-09-12 run (FieldChange(engine: 'mysql' -> 'postgres'),)
    """
    tracks: dict[tuple[str, str], _Track] = {}
    events: list[EntityEvent] = []
    for snapshot in sorted(snapshots, key=_place):
        if not _is_unreadable(snapshot, "entities" if isinstance(key, str) else "relations"):
            track = tracks.setdefault(_model_of(snapshot), _Track())
            if step := track.step(_found(snapshot, key)):
                events.append(_event(key, snapshot, *step))
    return events


def _found(snapshot: Mapping[str, Any], key: EntityKey | RelationKey) -> Entry | None:
    if isinstance(key, str):
        return index_entities(snapshot.get("entities")).get(key)
    return index_relations(snapshot.get("relations")).get(key)


_Step: TypeAlias = tuple[EventKind, Any, Any, tuple[FieldChange, ...]]


@dataclass(slots=True)
class _Track:
    """Where the entry stands in one world model, as far as it was read."""

    last: Entry | None = None
    is_there: bool = False

    def step(self, entry: Entry | None) -> _Step | None:
        last, was_there = self.last, self.is_there
        self.is_there = entry is not None
        if entry is None:
            return None if last is None or not was_there else ("vanished", last.value, MISSING, ())
        self.last = entry
        if last is None:
            return "appeared", MISSING, entry.value, ()
        fields = entry_changes(last, entry)
        if not was_there:
            return "reappeared", last.value, entry.value, fields
        return ("changed", last.value, entry.value, fields) if fields else None


def _event(
    key: EntityKey | RelationKey,
    snapshot: Mapping[str, Any],
    kind: EventKind,
    old: Any,
    new: Any,
    fields: tuple[FieldChange, ...],
) -> EntityEvent:
    return EntityEvent(
        kind=kind,
        key=key,
        domain=snapshot.get("domain"),
        world_model_id=snapshot.get("world_model_id"),
        snapshot_id=snapshot.get("id"),
        snapshot_time=snapshot.get("snapshot_time"),
        trigger_event=snapshot.get("trigger_event"),
        old=old,
        new=new,
        fields=fields,
    )


def _is_unreadable(snapshot: Any, part: str) -> bool:
    if not isinstance(snapshot, Mapping) or isinstance(snapshot, CorruptJSON):
        return True
    return any(isinstance(snapshot.get(name), CorruptJSON) for name in (part, "snapshot_data"))


def _model_of(snapshot: Mapping[str, Any]) -> tuple[str, str]:
    model = snapshot.get("world_model_id")
    if model is None:
        return "domain", fingerprint(snapshot.get("domain"))
    return "id", fingerprint(model)


def _place(snapshot: Any) -> tuple[int, int, str]:
    if not isinstance(snapshot, Mapping):
        return 0, 0, ""
    number = snapshot.get("id")
    moment = parse_moment(snapshot.get("snapshot_time"))
    return (moment, number, "") if isinstance(number, int) else (moment, 0, fingerprint(number))
