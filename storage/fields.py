"""Validation: what a caller may give for each field, and how it is stored."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from storage import json_utils, rows
from storage.errors import ValidationError
from storage.json_utils import CorruptJSON, RawJSON
from storage.moments import to_text

T = TypeVar("T")
Store = Callable[[str, Any], rows.Value]

# SQLite keeps milliseconds in 31 bits, and waits no time at all for more.
_MOST_SECONDS: Final = 2_000_000


def text(field: str, value: Any) -> rows.Value:
    """Accept a string or None."""
    if value is not None:
        check_text(field, value)
    return _plain(value)


def check_text(field: str, value: Any) -> None:
    """Refuse what is no string.

    Raises:
        ValidationError: It is none.
    """
    if not isinstance(value, str):
        raise ValidationError(f"{field} must be a string, not {_kind(value)}.", field=field)


def check_choice(field: str, value: Any, known: Iterable[str]) -> None:
    """Refuse what is none of some names.

    Raises:
        ValidationError: It is another, or no string at all.
    """
    names = tuple(known)
    if not isinstance(value, str) or value not in names:
        raise ValidationError(f"{field} must be one of {', '.join(names)}.", field=field)


def check_number(field: str, value: Any) -> None:
    """Refuse what is no number of a row.

    Raises:
        ValidationError: It is no integer, or none that SQLite can hold.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**63) <= value < 2**63:
        raise ValidationError(f"{field} must be the number of a row.", field=field)


def check_numbers(field: str, values: Any) -> list[int]:
    """Return numbers of rows as a list.

    Raises:
        ValidationError: It is none, or holds what is no number of a row.
    """
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise ValidationError(
            f"{field} must be a list of numbers, not {_kind(values)}.", field=field
        )
    listed = list(values)
    for each in listed:
        check_number(field, each)
    return listed


def required_text(field: str, value: Any) -> str:
    """Accept a string that is not blank.

    Raises:
        ValidationError: It is something else.
    """
    if isinstance(value, str) and value.strip():
        return str.__str__(value)
    raise ValidationError(f"{field} must be a string that is not empty.", field=field)


def moment(field: str, value: Any) -> rows.Value:
    """Accept a time (str, date or datetime; naive means UTC) or None."""
    if value is None:
        return None
    if isinstance(value, str | date | datetime):
        try:
            return to_text(value)
        except ValueError as error:
            raise ValidationError(f"{field}: {error}", field=field) from error
    raise ValidationError(
        f"{field} must be a time (str, date or datetime), not {_kind(value)}.", field=field
    )


def confidence(field: str, value: Any) -> rows.Value:
    """Accept a number from 0 to 1, or None."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValidationError(f"{field} must be a number from 0 to 1.", field=field)
    if not 0 <= value <= 1:
        # An integer may have more digits than Python spells, and than a double holds.
        told = f", not {value}" if abs(value) < 1e15 else ""
        raise ValidationError(f"{field} must be a number from 0 to 1{told}.", field=field)
    return float(value)


def count(field: str, value: Any) -> rows.Value:
    """Accept an integer of at least 0 that SQLite can hold, or None."""
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return int(value)
    raise ValidationError(f"{field} must be an integer of at least 0.", field=field)


def seconds(field: str, value: Any) -> float:
    """Accept how long to wait, from 0 to forever; it is cut to what SQLite counts in milliseconds.

    Raises:
        ValidationError: It is no such number.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(min(value, _MOST_SECONDS))
    raise ValidationError(f"{field} must be a number of seconds of at least 0.", field=field)


def embedder(field: str, value: Any) -> None:
    """Refuse what has no name to tell its vectors by, or makes none.

    Raises:
        ValidationError: It is no embedder.
    """
    name = getattr(value, "name", None)
    is_told = isinstance(name, str) and name.strip() and name.isprintable()
    if not is_told or not callable(getattr(value, "embed", None)):
        raise ValidationError(
            f"{field} must have a `name`, which is a text, and a method `embed`.", field=field
        )


def flag(field: str, value: Any) -> rows.Value:
    """Accept a truth value, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return int(value)
    raise ValidationError(f"{field} must be True or False.", field=field)


def scalar(field: str, value: Any) -> rows.Value:
    """Accept what a column of the agent's own can hold."""
    if value is None or isinstance(value, str | bytes):
        return _plain(value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return int(value)
    if isinstance(value, float) and not math.isnan(value):
        return float(value)
    raise ValidationError(
        f"{field} must be text, bytes, a number or None, not {_kind(value)}.", field=field
    )


def mapping(field: str, value: Any) -> rows.Value:
    """Accept a mapping, as JSON."""
    return _json(field, value, Mapping, "a mapping")


def array(field: str, value: Any) -> rows.Value:
    """Accept a list or tuple, as JSON."""
    return _json(field, value, list | tuple, "a list")


def array_or_mapping(field: str, value: Any) -> rows.Value:
    """Accept a list, or a mapping by id, as JSON."""
    return _json(field, value, list | tuple | Mapping, "a list or a mapping by id")


def _json(field: str, value: Any, kind: Any, wanted: str) -> rows.Value:
    if value is None:
        return None
    if isinstance(value, CorruptJSON):
        # A corrupt field that comes back unchanged keeps its bytes.
        return rows.tolerant_text(value.raw)
    if isinstance(value, RawJSON):
        return str.__str__(value)
    if not isinstance(value, kind):
        raise ValidationError(f"{field} must be {wanted}, not {_kind(value)}.", field=field)
    return json_utils.encode(value, field)


def check_writable(names: Sequence[str], values: Sequence[rows.Value]) -> None:
    """Refuse text that no bytes can be made of.

    Raises:
        ValidationError: A text holds a lone surrogate that stands for no byte.
    """
    for name, value in zip(names, values, strict=True):
        if isinstance(value, str):
            try:
                rows.exact_bytes(value)
            except UnicodeEncodeError as error:
                raise ValidationError(
                    f"{name} holds a lone surrogate at character {error.start}, which is no text.",
                    field=name,
                ) from error


def check_mapping(what: str, data: Any) -> Mapping[str, Any]:
    """Refuse a record that is no mapping with string keys.

    Raises:
        ValidationError: It is something else.
    """
    if not isinstance(data, Mapping):
        raise ValidationError(f"{what} must be a mapping, not {_kind(data)}.", field=what)
    for key in data:
        if not isinstance(key, str):
            raise ValidationError(f"{what} has the key {key!r}, which is no string.", field=what)
    return data


def by_column(data: Mapping[str, Any], has: Callable[[str], bool]) -> dict[str, Any]:
    """Return a record whose fields are spelled in small letters where they have a column.

    Args:
        data: The record, its keys being strings.
        has: Says whether there is a column of a name, in whatever case.

    Raises:
        ValidationError: One field is given in two spellings.
    """
    named: dict[str, Any] = {}
    for key, value in data.items():
        name = key.lower() if has(key) else key
        if name in named:
            raise ValidationError(f"{name} is given twice, in two spellings.", field=name)
        named[name] = value
    return named


def check_ids(field: str, ids: Iterable[str]) -> list[str]:
    """Return ids without repetitions, in their order.

    Raises:
        ValidationError: `ids` is a string, or holds something that is none.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise ValidationError(f"{field} must be a list of ids, not {_kind(ids)}.", field=field)
    listed = list(ids)
    for each in listed:
        if not isinstance(each, str):
            raise ValidationError(f"{field} holds {each!r}, which is no id.", field=field)
    if not rows.is_plain(listed):
        check_writable([field] * len(listed), listed)
    return list(dict.fromkeys(map(str.__str__, listed)))


def check_records(field: str, records: Any) -> Iterable[Any]:
    """Refuse what is no list of records, such as one record alone.

    Raises:
        ValidationError: It is something else.
    """
    if isinstance(records, str | bytes | Mapping) or not isinstance(records, Iterable):
        raise ValidationError(
            f"{field} must be a list of records, not {_kind(records)}.", field=field
        )
    return records


def check_class(field: str, value: Any, wanted: type) -> None:
    """Refuse what is of another class than what a call takes.

    Raises:
        ValidationError: It is.
    """
    if not isinstance(value, wanted):
        raise ValidationError(
            f"{field} must be of the class {wanted.__name__}, not {_kind(value)}.", field=field
        )


def check_classes(field: str, values: Iterable[T], wanted: type[T]) -> list[T]:
    """Return a list of what is all of one class.

    Raises:
        ValidationError: It is no list, or holds something else.
    """
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise ValidationError(
            f"{field} must be a list of {wanted.__name__}, not {_kind(values)}.", field=field
        )
    listed = list(values)
    for each in listed:
        check_class(field, each, wanted)
    return listed


def check_limit(limit: Any) -> int:
    """Return the limit for SQL, -1 for none.

    Raises:
        ValidationError: It is not a count.
    """
    if limit is None:
        return -1
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise ValidationError("limit must be an integer of at least 0, or None.", field="limit")
    return min(limit, 2**63 - 1)


def _plain(value: str | bytes | None) -> str | bytes | None:
    """Return the text or bytes of a subclass, such as a StrEnum, which no row gives back."""
    if value is None or value.__class__ is str or value.__class__ is bytes:
        return value
    return str.__str__(value) if isinstance(value, str) else bytes(value)


def _kind(value: Any) -> str:
    return type(value).__name__
