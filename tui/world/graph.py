"""A world model as a graph that is walked one hop at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tui.text import safe_text
from tui.world.rows import told

_ENDS: Final = frozenset(
    {"source_id", "from", "source", "target_id", "to", "target"}
    | {"relationType", "relation_type", "type"}
)


class Hop(NamedTuple):
    """One relation as seen from one of its ends.

    Attributes:
        key: Key of the relation.
        arrow: How it is drawn, without the other end.
        other: Key of the entity at the other end; empty where there is none.
        is_known: Whether the model has an entity of that key.
        details: What the relation says of itself besides.
    """

    key: tuple[str, str, str]
    arrow: str
    other: str
    is_known: bool
    details: Mapping[str, Any]


@dataclass
class WorldGraph:
    """Entities by key, and the relations that leave and reach each of them.

    Attributes:
        entities: Entities by key, as they stand in the model.
        relations: Relations by key, as they stand in the model.
        unread: Name of a part that is corrupt, and what stands there.
    """

    entities: Mapping[str, Any]
    relations: Mapping[tuple[str, str, str], Any]
    unread: Mapping[str, Any]
    _by_end: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    _by_name: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, entity in self.entities.items():
            name = entity.get("name") if isinstance(entity, Mapping) else None
            if isinstance(name, str):
                # Relations name an entity by its id or by its name.
                self._by_name.setdefault(name, key)
        for relation in self.relations:
            for end in dict.fromkeys((self.resolved(relation[0]), self.resolved(relation[2]))):
                if end:
                    self._by_end.setdefault(end, []).append(relation)

    def resolved(self, end: str) -> str:
        """Give the key of the entity that a relation names; empty where it names none."""
        # An end that is empty is none, also where an entity stands under the empty key.
        return end if not end or end in self.entities else self._by_name.get(end, end)

    def hops(self, entity: str) -> list[Hop]:
        """Give the relations of an entity, those that leave it first."""
        keys = self._by_end.get(entity, [])
        leaving = [key for key in keys if self.resolved(key[0]) == entity]
        reaching = [key for key in keys if self.resolved(key[0]) != entity]
        return [
            *(
                self._hop(key, key[2], f"\u2500\u2500{_kind(key)}\u2500\u2500\u25b8")
                for key in leaving
            ),
            *(
                self._hop(key, key[0], f"\u25c2\u2500\u2500{_kind(key)}\u2500\u2500")
                for key in reaching
            ),
        ]

    def _hop(self, key: tuple[str, str, str], end: str, arrow: str) -> Hop:
        other = self.resolved(end)
        value = self.relations[key]
        details = {}
        if isinstance(value, Mapping):
            details = {name: held for name, held in value.items() if name not in _ENDS}
        return Hop(key, arrow, other, self._is_known(other), details)

    def _is_known(self, end: str) -> bool:
        return bool(end) and end in self.entities

    def loose(self) -> Iterator[tuple[str, str, str]]:
        """Give the relations that none of the entities has: both ends are nobody."""
        for key in self.relations:
            ends = (self.resolved(key[0]), self.resolved(key[2]))
            if not any(map(self._is_known, ends)):
                yield key

    def summary(self, entity: str) -> str:
        """Spell what an entity says of itself."""
        return told(self.entities.get(entity), entity)


def graph_of(model: Mapping[str, Any]) -> WorldGraph:
    """Make the graph of a state or a snapshot."""
    from storage import entities_of, relations_of
    from tui.values import is_corrupt

    parts = {name: model.get(name) for name in ("entities", "relations", "snapshot_data")}
    unread = {name: held for name, held in parts.items() if is_corrupt(held)}
    return WorldGraph(entities_of(model), relations_of(model), unread)


def _kind(key: tuple[str, str, str]) -> str:
    return safe_text(key[1], 60)
