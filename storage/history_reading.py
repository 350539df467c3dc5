"""The history of one entity or relation, read from a store a few snapshots at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from storage import world_states
from storage.cursors import cursor_of
from storage.errors import ValidationError
from storage.records import Record
from storage.view import View
from storage.world_history import EntityEvent, Sighting, events_of, sighting
from storage.world_keys import EntityKey, RelationKey

# A snapshot of thousands of entities takes megabytes, of which one entity is kept.
_AT_ONCE: Final = 20
_OF: Final = ("domain", "session_id")

T = TypeVar("T")


class _Read(Protocol):
    def __call__(self, function: Callable[[View], T], /) -> Awaitable[T]: ...


async def read_history(
    read: _Read, key: EntityKey | RelationKey, domain: str | None
) -> list[EntityEvent]:
    """Return what happened to an entity or relation, up to the states as they are now.

    Args:
        read: Runs a function on a reader.
        key: A string is the key of an entity, a tuple that of a relation.
        domain: Only in this domain; None for all.

    Raises:
        ValidationError: The key is neither.
    """
    parts = key if isinstance(key, tuple) and len(key) == 3 else (key,)
    if not all(isinstance(part, str) for part in parts):
        raise ValidationError(
            "key must be a string, or a tuple of three: source, type and target.", field="key"
        )
    states, seen = await read(lambda view: _current(view, key, domain))
    before: str | None = None
    while True:
        page, before = await read(partial(_page, key=key, within=(domain, before), states=states))
        seen += page
        if before is None:
            return events_of(seen)


def _current(
    view: View, key: EntityKey | RelationKey, domain: str | None
) -> tuple[dict[Any, Record], list[Sighting]]:
    """Look into the states as they are now; say also what each of them is of, by its id."""
    states = world_states.active(view, None)
    seen = [
        sighting(_as_snapshot(state), key, is_current=True)
        for state in states
        if domain in (None, state["domain"])
    ]
    return {state["id"]: {name: state[name] for name in _OF} for state in states}, seen


def _as_snapshot(state: Record) -> Record:
    told = {"world_model_id": state["id"], "snapshot_time": state["updated_at"], "id": None}
    return {**state, **told, "trigger_event": None}


def _page(
    view: View,
    key: EntityKey | RelationKey,
    within: tuple[str | None, str | None],
    states: dict[Any, Record],
) -> tuple[list[Sighting], str | None]:
    page = world_states.snapshots(view, _AT_ONCE, *within)
    for snapshot in page:
        # Some agents write it down in the state alone.
        for name, held in states.get(snapshot["world_model_id"], {}).items():
            if snapshot.get(name) is None:
                snapshot[name] = held
    seen = [sighting(snapshot, key) for snapshot in page]
    return seen, cursor_of(page[-1]) if len(page) == _AT_ONCE else None
