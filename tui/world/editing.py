"""Editing what an agent believes: a new snapshot each time, with the trigger `manual`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tui.editing import ChangedMeanwhileError, Field, FieldError, Form, is_same
from tui.text import safe_text
from tui.values import is_corrupt
from tui.world.rows import spelled_key

if TYPE_CHECKING:
    from tui.memory import Memory

_FIELDS: Final[Sequence[tuple[str, Form]]] = (
    *(("domain_confidence", "confidence"), ("entities", "json"), ("relations", "json")),
    *(("goals", "json"), ("metrics", "json"), ("constraints", "json"), ("metadata", "json")),
)
_VALUE: Final = "value"


@dataclass(frozen=True)
class StateFields:
    """The fields of a world-model state, as a form edits them.

    Attributes:
        state_id: The state.
    """

    state_id: str

    def title(self, record: Mapping[str, Any]) -> str:
        """Name what is edited."""
        return f"the world model of {safe_text(record['domain'], 60)}"

    def fields(self, record: Mapping[str, Any]) -> list[Field]:
        """Give the fields that can be edited."""
        return [Field(name, form, record.get(name)) for name, form in _FIELDS]

    async def save(
        self,
        memory: Memory,
        before: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        over: bool = False,
    ) -> str:
        """Write the fields that changed, and keep a snapshot.

        Raises:
            ChangedMeanwhileError: Somebody else changed one of these fields.
            FieldError: One of them is null, by which nothing would change.
            StorageError: A value is refused, or the state is gone; nothing was written.
        """
        for name, value in changes.items():
            if value is None:
                raise FieldError(name, "It cannot be null. Empty it with [] or {}.")

        def changed(now: Mapping[str, Any]) -> Mapping[str, Any]:
            taken = [name for name in changes if not is_same(now.get(name), before.get(name))]
            if taken and not over:
                raise ChangedMeanwhileError(now, taken)
            return changes

        said = f"edited {', '.join(changes)} of the world model of {_domain(before)}"
        return await _write(memory, self.state_id, changed, said)


@dataclass(frozen=True)
class EntryField:
    """One entity or relation of a state, or a value in it, as a form edits it.

    Attributes:
        state_id: The state.
        key: Key of the entity or relation.
        path: The way to the value in it; empty for all of it.
    """

    state_id: str
    key: Any
    path: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What is edited, in words."""
        return ".".join((spelled_key(self.key), *(safe_text(part, 60) for part in self.path)))

    def title(self, record: Mapping[str, Any]) -> str:
        """Name what is edited."""
        return f"{self.name} of {safe_text(record['domain'], 60)}, as JSON"

    def fields(self, record: Mapping[str, Any]) -> list[Field]:
        """Give the one field: the value as JSON.

        Raises:
            LookupError: The state has no such entry, or no such value in it, any more.
        """
        return [Field(_VALUE, "json", self.value_in(record))]

    def value_in(self, state: Mapping[str, Any]) -> Any:
        """Give the value as a state has it.

        Raises:
            LookupError: It has none.
        """
        value = entry_of(state, self.key)
        for part in self.path:
            if is_corrupt(value) or not isinstance(value, Mapping) or part not in value:
                raise LookupError(
                    f"The model as it is now has no {self.name}; it cannot be edited."
                )
            value = value[part]
        return value

    async def save(
        self,
        memory: Memory,
        before: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        over: bool = False,
    ) -> str:
        """Write the value, and keep a snapshot.

        Raises:
            ChangedMeanwhileError: Somebody else changed this value.
            FieldError: The state has no such entry any more.
            StorageError: The state is refused, or is gone; nothing was written.
        """
        from storage import with_entry

        part = part_of(self.key)

        def changed(now: Mapping[str, Any]) -> Mapping[str, Any]:
            try:
                is_taken = not is_same(self.value_in(now), self.value_in(before))
                entry = _with(entry_of(now, self.key), self.path, changes[_VALUE])
            except LookupError as error:
                raise FieldError(_VALUE, str(error)) from error
            if is_taken and not over:
                raise ChangedMeanwhileError({**now, _VALUE: self.value_in(now)}, [_VALUE])
            return {part: with_entry(now, self.key, entry)}

        said = f"edited {self.name} in the world model of {_domain(before)}"
        return await _write(memory, self.state_id, changed, said)


def part_of(key: Any) -> str:
    """Say in which part of a model the entry of a key stands."""
    return "relations" if isinstance(key, tuple) else "entities"


def entry_of(state: Mapping[str, Any], key: Any) -> Any:
    """Give an entity or a relation as it stands in a state.

    Raises:
        LookupError: There is none of this key.
    """
    from storage import entities_of, relations_of

    entries: Mapping[Any, Any] = (
        relations_of(state) if isinstance(key, tuple) else entities_of(state)
    )
    if key not in entries:
        raise LookupError(f"The model as it is now has no {spelled_key(key)}; it cannot be edited.")
    return entries[key]


def _with(value: Any, path: Sequence[str], new: Any) -> Any:
    if not path:
        return new
    return {**value, path[0]: _with(value[path[0]], path[1:], new)}


def _domain(state: Mapping[str, Any]) -> str:
    return str(safe_text(state.get("domain"), 60))


async def _write(
    memory: Memory,
    state_id: str,
    changed: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    said: str,
) -> str:
    from storage import RecordNotFoundError

    store = memory.store
    async with store.transaction(note=said) as tx:
        now = await store.get_record("world_model_state", state_id)
        if now is None:
            raise RecordNotFoundError(f"The world model {state_id} is no longer there.")
        identity = {name: now[name] for name in ("id", "domain", "session_id")}
        await store.add_world_model_state({**changed(now), **identity, "trigger_event": "manual"})
    memory.remember(tx.id, said)
    return said


def mapped_path(state: Mapping[str, Any], key: Any, path: Sequence[str]) -> tuple[str, ...]:
    """Give the part of a way that leads through objects: a list is edited as a whole.

    Raises:
        LookupError: The state has no such entry.
    """
    value = entry_of(state, key)
    way: list[str] = []
    for name in path:
        if not isinstance(value, Mapping) or is_corrupt(value):
            break
        way.append(name)
        if name not in value:
            break
        value = value[name]
    return tuple(way)
