"""What became of one entity or relation through the snapshots of a world model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from storage.diff_records import MISSING, FieldChange
from storage.moments import parse_moment
from storage.world_keys import (
    EntityKey,
    Entry,
    RelationKey,
    fingerprint,
    index_entities,
    index_relations,
    is_model_readable,
)
from storage.world_model import entry_changes

_TOLD: Final = (
    "domain", "world_model_id", "id", "snapshot_time", "trigger_event", "session_id",
)  # fmt: skip

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
        session_id: Session of the world model, or None if it names none.
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
    session_id: Any = None


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
    return events_of(sighting(snapshot, key) for snapshot in snapshots)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one snapshot says of an entity or a relation, without the rest of the snapshot.

    Attributes:
        key: The key that was looked for.
        told: All that the snapshot says of itself: domain, id, time, trigger.
        entry: What it says of the entry, or None where it says nothing.
        is_readable: Whether it could be decoded.
        is_current: Whether it is the state as it is now, which comes after all snapshots.
    """

    key: EntityKey | RelationKey
    told: Mapping[str, Any]
    entry: Entry | None
    is_readable: bool
    is_current: bool = False


def sighting(snapshot: Any, key: EntityKey | RelationKey, *, is_current: bool = False) -> Sighting:
    """Look for an entity or a relation in one snapshot."""
    if not is_model_readable(snapshot, "entities" if isinstance(key, str) else "relations"):
        return Sighting(key, {}, None, False, is_current)
    told = {name: snapshot.get(name) for name in _TOLD}
    return Sighting(key, told, _found(snapshot, key), True, is_current)


def events_of(sightings: Iterable[Sighting]) -> list[EntityEvent]:
    """Say what happened, from what each snapshot says; see `entity_history`."""
    tracks: dict[tuple[str, str], _Track] = {}
    events: list[EntityEvent] = []
    for seen in sorted(sightings, key=_place):
        if seen.is_readable:
            track = tracks.setdefault(_model_of(seen.told), _Track())
            if step := track.step(seen.entry):
                events.append(_event(seen, *step))
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
    seen: Sighting, kind: EventKind, old: Any, new: Any, fields: tuple[FieldChange, ...]
) -> EntityEvent:
    told = seen.told
    return EntityEvent(
        kind=kind,
        key=seen.key,
        domain=told["domain"],
        world_model_id=told["world_model_id"],
        snapshot_id=told["id"],
        snapshot_time=told["snapshot_time"],
        trigger_event=told["trigger_event"],
        old=old,
        new=new,
        fields=fields,
        session_id=told["session_id"],
    )


def _model_of(snapshot: Mapping[str, Any]) -> tuple[str, str]:
    model = snapshot.get("world_model_id")
    if model is None:
        return "domain", fingerprint(snapshot.get("domain"))
    return "id", fingerprint(model)


def _place(seen: Sighting) -> tuple[bool, int, int, str]:
    number = seen.told.get("id")
    moment = parse_moment(seen.told.get("snapshot_time"))
    if isinstance(number, int):
        return seen.is_current, moment, number, ""
    return seen.is_current, moment, 0, fingerprint(number)
