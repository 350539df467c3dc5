"""Changing fields of a record by hand: what can be typed, what is refused, and one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from tui.json_lines import json_line
from tui.text import typeable
from tui.values import is_corrupt

if TYPE_CHECKING:
    from tui.memory import Memory

Form = Literal["text", "confidence", "count", "json"]

FIELDS: Final[Mapping[str, Sequence[tuple[str, Form]]]] = {
    "pattern": (
        *(("name", "text"), ("pattern_type", "text"), ("confidence", "confidence")),
        *(("frequency", "count"), ("description", "text"), ("sequence", "json")),
        ("metadata", "json"),
    ),
    "interaction": (
        *(("content", "text"), ("role", "text"), ("action", "text"), ("session_id", "text")),
        *(("file_path", "text"), ("details", "json"), ("metadata", "json")),
    ),
}
"""The fields of each kind that a person may change. Ids and times are not among them."""

_SHORT: Final = 1000


class FieldError(Exception):
    """What was written is not what a field holds.

    Attributes:
        field: The name of the field.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ChangedMeanwhileError(Exception):
    """Somebody else changed the very fields that are to be changed; nothing was written.

    Attributes:
        now: The record as it reads now.
        fields: The fields in question.
    """

    def __init__(self, now: Mapping[str, Any], fields: Sequence[str]) -> None:
        super().__init__(f"Somebody else changed {' and '.join(fields)} meanwhile.")
        self.now = now
        self.fields = fields


@dataclass(frozen=True)
class Field:
    """One field of a record, as a person edits it.

    Attributes:
        name: Its name.
        form: What it holds.
        value: What it reads as.
    """

    name: str
    form: Form
    value: Any

    @property
    def is_corrupt(self) -> bool:
        """Whether it is to be JSON and cannot be decoded."""
        return is_corrupt(self.value)

    def text(self, *, roomy: bool = False) -> str:
        """Spell its value as it is edited; `parse` reads it back.

        Args:
            roomy: Whether JSON may take a line for each entry.

        Raises:
            FieldError: It is nested too deep, or a number in it is too long, to be edited by hand.
        """
        if self.is_corrupt:
            return str(self.value.raw.decode("utf-8", "surrogateescape"))
        if self.form != "json":
            return "" if self.value is None else str(self.value)
        try:
            return json.dumps(self.value, ensure_ascii=False, indent=2 if roomy else None)
        except (TypeError, ValueError, RecursionError) as error:
            raise FieldError(
                self.name, "It is too deep, or a number in it too long, to be edited by hand."
            ) from error

    @property
    def fits_a_line(self) -> bool:
        """Whether it can be edited in a line without losing anything by that."""
        if self.is_corrupt:
            return False
        try:
            text = self.text()
        except FieldError:
            return False
        return len(text) <= _SHORT and typeable(text) == text

    def parse(self, text: str) -> Any:
        """Read what was written; text that spells the value gives that very value.

        Raises:
            FieldError: It is not what the field holds.
        """
        if not self.is_corrupt and text in self._spellings():
            return self.value
        if self.form == "json":
            return parse_json(self.name, text)
        if self.form == "text":
            return text
        return self._number(text.strip())

    def _spellings(self) -> set[str]:
        try:
            return {self.text(), self.text(roomy=True)}
        except FieldError:
            return set()

    def _number(self, text: str) -> float | int:
        try:
            number = int(text) if self.form == "count" else float(text.replace(",", "."))
        except ValueError:
            number = -1
        if self.form == "count" and number < 0:
            raise FieldError(self.name, "It has to be a whole number of at least 0.")
        if self.form == "confidence" and not 0 <= number <= 1:
            raise FieldError(self.name, "It has to be a number from 0 to 1.")
        return number


class Editable(Protocol):
    """What a form edits."""

    def title(self, record: Mapping[str, Any]) -> str:
        """Name it, as it follows "Edit"."""

    def fields(self, record: Mapping[str, Any]) -> list[Field]:
        """Give the fields that can be edited, as they stand in the record."""

    async def save(
        self,
        memory: Memory,
        before: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        over: bool = False,
    ) -> str:
        """Write changed fields, as the function `save` does; it may raise `FieldError` too."""


@dataclass(frozen=True)
class RecordFields:
    """The fields of an interaction or a pattern.

    Attributes:
        kind: Which of them.
        record_id: The record.
    """

    kind: str
    record_id: str

    def title(self, _record: Mapping[str, Any]) -> str:
        """Name it by its id."""
        return self.record_id

    def fields(self, record: Mapping[str, Any]) -> list[Field]:
        """Give the fields that can be edited."""
        return fields_of(self.kind, record)

    async def save(
        self,
        memory: Memory,
        before: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        over: bool = False,
    ) -> str:
        """Write changed fields; see `save`."""
        return await save(memory, self.kind, self.record_id, before, changes, over=over)


def fields_of(kind: str, record: Mapping[str, Any]) -> list[Field]:
    """Give the fields of a record that can be edited."""
    return [Field(name, form, record.get(name)) for name, form in FIELDS[kind]]


def parse_json(name: str, text: str) -> Any:
    """Read JSON as a person writes it.

    Raises:
        FieldError: It is none: where, by line and column, and why. A key that stands twice in an
            object, of which one would be lost, is refused as well.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(found)
        if len(read) < len(found):
            twice = next(key for key, _ in found if sum(key == own for own, _ in found) > 1)
            raise FieldError(name, f"The key {json.dumps(twice)} stands twice in one object.")
        return read

    def constant(spelled: str) -> Any:
        raise FieldError(name, f"It holds {spelled}, which JSON does not have.")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        why = error.msg[0].lower() + error.msg[1:]
        raise FieldError(name, f"Line {error.lineno}, column {error.colno}: {why}.") from error
    except (RecursionError, ValueError) as error:
        raise FieldError(name, "It is too deep, or a number in it too long, for JSON.") from error


def changes_of(fields: Sequence[Field], written: Mapping[str, str]) -> dict[str, Any]:
    """Give the fields that were really changed, with their new values.

    Args:
        fields: The fields as they were.
        written: What was written for some of them.

    Raises:
        FieldError: Something that was written is not what its field holds.
    """
    changes: dict[str, Any] = {}
    for field in fields:
        if field.name not in written:
            continue
        value = field.parse(written[field.name])
        is_empty = field.value is None and value == ""
        if not is_empty and not is_same(value, field.value):
            changes[field.name] = value
    return changes


async def save(
    memory: Memory,
    kind: str,
    record_id: str,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    *,
    over: bool = False,
) -> str:
    """Write changed fields, in one transaction that can be undone.

    Args:
        memory: The memory.
        kind: interaction or pattern.
        record_id: The record.
        before: The record as it was when the editing began.
        changes: The fields that change, with their new values.
        over: Whether to write over what somebody else wrote into these fields meanwhile.

    Returns:
        A sentence about it; it tells what else somebody changed meanwhile, which stays.

    Raises:
        ChangedMeanwhileError: Somebody else changed one of these fields.
        StorageError: A value is refused, or the record is gone; nothing was written.
    """
    store = memory.store
    get, update = (
        (store.get_pattern, store.update_pattern)
        if kind == "pattern"
        else (store.get_interaction, store.update_interaction)
    )
    said = f"edited {', '.join(changes)}"
    async with store.transaction(note=said) as tx:
        now = await get(record_id)
        # One that is gone is for the update to refuse.
        others = [
            name
            for name, _ in FIELDS[kind]
            if now is not None and not is_same(now.get(name), before.get(name))
        ]
        taken = [name for name in others if name in changes]
        if taken and now is not None and not over:
            raise ChangedMeanwhileError(now, taken)
        await update(record_id, **changes)
    label = f"{said} of {record_id[:60]}"
    memory.remember(tx.id, label)
    kept = [name for name in others if name not in changes]
    return f"{label}; what somebody else wrote into {', '.join(kept)} stays" if kept else label


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a field read the same."""
    if is_corrupt(one) or is_corrupt(other):
        return bool(one == other)
    # By its JSON, because 1, 1.0 and True are equal in Python.
    return json_line(one) == json_line(other)
