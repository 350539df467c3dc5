"""What Kestrel believes of six domains, state after state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tui.demo.clock import moment, spell
from tui.demo.data import load

_GOALS: Final = {
    "infra": ["know which machine does what"],
    "orders": ["know what may happen to an order"],
    "billing": ["know when and how money is asked for"],
    "ci": ["know what has to be green"],
    "team": ["know whom to ask"],
    "frontend": ["know what the web client is made of"],
}


class _Domain:
    """What is believed of one domain so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entities: dict[str, dict[str, Any]] = {}
        self._relations: list[tuple[str, str, str]] = []

    def learn(self, step: Mapping[str, Any]) -> None:
        for key, fields in step.get("entities", {}).items():
            self._entities.setdefault(key, {}).update(fields)
        self._relations += [_relation(text) for text in step.get("relations", [])]
        for text in step.get("unrelate", []):
            self._relations.remove(_relation(text))

    def state(self, step: Mapping[str, Any]) -> dict[str, Any]:
        entities = [
            {
                "id": key,
                "type": fields["type"],
                "properties": {name: value for name, value in fields.items() if name != "type"},
            }
            for key, fields in self._entities.items()
        ]
        relations = [
            {"source_id": source, "type": kind, "target_id": target}
            for source, kind, target in self._relations
        ]
        return {
            "id": f"wm-{self.name}",
            "domain": self.name,
            "session_id": "ledger",
            "entities": entities,
            "relations": relations,
            "confidence": step["confidence"],
            "goals": _GOALS[self.name],
            "trigger_event": step["trigger"],
            "snapshot_time": spell(moment(step["at"])),
        }


def _relation(text: str) -> tuple[str, str, str]:
    source, kind, target = text.split()
    return source, kind, target


def states() -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield every state, in the order in which they were believed, with its time."""
    steps = [*load("worlds_systems")["step"], *load("worlds_people")["step"]]
    domains = {name: _Domain(name) for name in _GOALS}
    for step in sorted(steps, key=lambda each: str(each["at"])):
        domain = domains[step["domain"]]
        domain.learn(step)
        yield moment(step["at"]), domain.state(step)
