"""Decoding and encoding JSON that loses nothing and hides nothing.

`decode()` never raises: what is not JSON comes back as `CorruptJSON`, with its bytes. `encode()`
refuses what JSON cannot say instead of writing something near it. orjson does the work and says
what is JSON; around it stands what it gets wrong: integers beyond 64 bits both ways, and, in
writing, NaN (silently null) and nesting beyond 254.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NoReturn
from uuid import UUID

import orjson

from storage.errors import JSONEncodeError
from storage.json_explain import explain
from storage.json_integers import DIGITS_AS_ZERO, loads_exactly
from storage.moments import to_text

__all__ = [
    "MAX_DEPTH",
    "CorruptJSON",
    "RawJSON",
    "decode",
    "decode_all",
    "encode",
    "exact_bytes",
    "explain",
]

MAX_DEPTH: Final = 1024
"""How deep arrays and objects may be nested, in reading and in writing."""


class CorruptJSON(Mapping[str, Any]):
    """A field that is not JSON: an empty mapping to code that expects a value.

    Attributes:
        raw: The exact bytes of the field.
        error: What is wrong, as the rest of a sentence: "ends in the middle of a string".
        offset: The byte in `raw` where the fault begins; None where it is all of the field.
    """

    __slots__ = ("error", "offset", "raw")

    raw: bytes
    error: str
    offset: int | None

    def __init__(self, raw: bytes, error: str, offset: int | None = None) -> None:
        object.__setattr__(self, "raw", raw)
        object.__setattr__(self, "error", error)
        object.__setattr__(self, "offset", offset)

    def __getitem__(self, key: str) -> NoReturn:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"CorruptJSON is immutable; its {name} cannot be set.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"CorruptJSON is immutable; its {name} cannot be deleted.")

    def __eq__(self, other: object) -> bool:
        return self.raw == other.raw if isinstance(other, CorruptJSON) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.raw)

    def __reduce__(self) -> tuple[type[CorruptJSON], tuple[bytes, str, int | None]]:
        return CorruptJSON, (self.raw, self.error, self.offset)

    def __repr__(self) -> str:
        return f"<CorruptJSON: {self.error}; offset {self.offset} of {len(self.raw)} bytes>"


class RawJSON(str):
    """JSON text for a JSON column, stored as it is, byte for byte: whoever gives it read it."""

    __slots__ = ()


# An integer that leaves 64 bits has 19 digits or more, and of 19 bytes in a row four neighbours in
# every fourth byte are part. Nearly every text is settled by that sample; times never trigger it.
_EVERY_FOURTH: Final = slice(3, None, 4)
_MOST_AT_ONCE: Final = 2**20
_loads: Final = orjson.loads


def decode(raw: str | bytes | float | None, default: Callable[[], Any] = dict) -> Any:
    """Read what a JSON column holds. Never raises.

    Args:
        raw: The stored value. Text may hold surrogate escapes for bytes that are not UTF-8.
        default: Makes the value of a NULL.

    Returns:
        The value, with integers exact: one with more digits than Python turns into an `int` is an
        equal `Decimal`. `CorruptJSON` where the field is not JSON.
    """
    if isinstance(raw, str):
        try:
            data = raw.encode()
        except UnicodeEncodeError:
            data = exact_bytes(raw)
    elif isinstance(raw, bytes):
        data = raw
    elif raw is None:
        return default()
    elif isinstance(raw, int) or math.isfinite(raw):
        return raw
    else:
        return CorruptJSON(str(raw).encode(), "is infinite or no number, which JSON cannot say")
    try:
        return loads_exactly(data) if _may_hold_long_integer(data) else _loads(data)
    except orjson.JSONDecodeError:
        return CorruptJSON(data, *explain(data))


def decode_all(
    column: Sequence[str | bytes | float | None], default: Callable[[], Any] = dict
) -> list[Any]:
    """Read a column of a page: `decode` of each, with one look for long integers for all."""
    try:
        return _decode_plain(column, default)
    except (TypeError, ValueError):
        return [decode(raw, default) for raw in column]


def _decode_plain(column: Sequence[Any], default: Callable[[], Any]) -> list[Any]:
    """Read texts that are all sound and short.

    Raises:
        TypeError: One is no text.
        ValueError: One is corrupt, or may hold a long integer, or they are long together.
    """
    texts = [raw for raw in column if raw is not None]
    if sum(map(len, texts)) > _MOST_AT_ONCE or _may_hold_long_integer("".join(texts).encode()):
        raise ValueError
    return [default() if raw is None else _loads(raw) for raw in column]


def _may_hold_long_integer(data: bytes) -> bool:
    return len(data) > 18 and b"0000" in data[_EVERY_FOURTH].translate(DIGITS_AS_ZERO)


def exact_bytes(text: str) -> bytes:
    """Give the bytes that stored text was read from with `surrogateescape`.

    A surrogate that stands for no byte becomes three, unlike in `rows.exact_bytes`.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def encode(value: Any, field: str = "") -> str:
    """Write a value as compact JSON, exactly.

    Tuples become arrays, mappings objects, times UTC (naive means UTC), dates, enumerations and
    UUIDs what they stand for.

    Args:
        value: What to write; it is not changed.
        field: The name of the field, with which the path in an error begins.

    Raises:
        JSONEncodeError: The value holds what JSON cannot say; the error names the path to it.
    """
    try:
        written = orjson.dumps(value, _substitute, _OPTIONS)
    except TypeError:
        return _Writer(field).write(value)
    # orjson writes NaN and infinity as null.
    if written.find(b"null") >= 0 and _holds_non_finite(value):
        return _Writer(field).write(value)
    return written.decode()


_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_NAME: Final = re.compile(r"[^\W\d]\w*")
_MAX_KEY_SHOWN: Final = 40
_MAX_PATH_SHOWN: Final = 160
_WITHOUT_FLOATS: Final = frozenset((str, int, bool, type(None)))


def _substitute(value: Any) -> Any:
    """Give orjson something that it can write; a TypeError sends the value to `_Writer`."""
    if isinstance(value, Mapping) and not isinstance(value, CorruptJSON):
        return dict(value)
    if isinstance(value, date):
        return _time_text(value)
    raise TypeError


def _time_text(value: date) -> str:
    try:
        return to_text(value) if isinstance(value, datetime) else value.isoformat()
    except ValueError as error:
        raise TypeError from error


def _holds_non_finite(value: Any) -> bool:
    values = [value]
    while values:
        item = values.pop()
        kind = type(item)
        if kind in _WITHOUT_FLOATS:
            continue
        if kind is dict:
            values.extend(item.values())
        elif isinstance(item, (list, tuple)):
            values.extend(item)
        elif isinstance(item, float):
            if not math.isfinite(item):
                return True
        elif isinstance(item, Mapping):
            values.extend(item.values())
        elif isinstance(item, Enum):
            values.append(item.value)
    return False


_BEFORE_FIRST: Final = object()


@dataclass(slots=True)
class _Frame:
    """An array or object that is being written."""

    container: Any
    entries: Iterator[tuple[Any, Any]]
    closing: str
    key: Any = _BEFORE_FIRST


class _Writer:
    """Writes what orjson cannot, or finds the path to what JSON cannot say.

    It keeps its own stack, so that neither deep nesting nor a cycle can overflow Python's.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._frames: list[_Frame] = []
        self._open: set[int] = set()
        self._parts: list[str] = []

    def write(self, value: Any) -> str:
        self._put(value)
        while self._frames:
            frame = self._frames[-1]
            first = frame.key is _BEFORE_FIRST
            for key, item in frame.entries:
                frame.key = key
                if not first:
                    self._parts.append(",")
                if frame.closing == "}":
                    self._put_key(key)
                self._put(item)
                break
            else:
                self._parts.append(frame.closing)
                self._open.discard(id(frame.container))
                self._frames.pop()
        return "".join(self._parts)

    def _put(self, value: Any) -> None:
        if isinstance(value, CorruptJSON):
            raise self._error("is a corrupt field", "repair it first")
        if isinstance(value, Mapping):
            self._enter(value, iter(value.items()), "{", "}")
        elif isinstance(value, (list, tuple)):
            self._enter(value, iter(enumerate(value)), "[", "]")
        elif isinstance(value, Enum):
            self._put(value.value)
        else:
            self._parts.append(self._scalar(value))

    def _enter(
        self, container: Any, entries: Iterator[tuple[Any, Any]], opening: str, closing: str
    ) -> None:
        if id(container) in self._open:
            raise self._error("contains itself", "give a value without cycles")
        if len(self._frames) == MAX_DEPTH:
            raise self._error(f"is nested deeper than {MAX_DEPTH}", "give a flatter value")
        self._open.add(id(container))
        self._frames.append(_Frame(container, entries, closing))
        self._parts.append(opening)

    def _put_key(self, key: Any) -> None:
        if not isinstance(key, str):
            raise self._error(f"is a key of type {type(key).__name__}", "give keys that are text")
        self._parts.append(self._text(str.__str__(key)))
        self._parts.append(":")

    def _scalar(self, value: Any) -> str:
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, (int, float, Decimal)):
            return self._number(value)
        if isinstance(value, UUID):
            return f'"{value}"'
        if isinstance(value, date):
            return self._time(value)
        raise self._error(
            f"is of type {type(value).__name__}, which JSON cannot say",
            "give text, numbers, lists and mappings",
        )

    def _time(self, value: date) -> str:
        try:
            return f'"{_time_text(value)}"'
        except TypeError:
            raise self._error(
                "is outside the years 1 to 9999 in UTC", "give another time"
            ) from None

    def _number(self, value: float | Decimal) -> str:
        if isinstance(value, int):
            # Decimal has no limit of digits.
            return format(Decimal(int(value)), "f")
        if not (value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)):
            raise self._error(f"is {float(value)}, which JSON cannot say", "give a finite number")
        if isinstance(value, float):
            return orjson.dumps(float(value)).decode()
        if not value.same_quantum(Decimal(1)):
            raise self._error("is a Decimal with a fraction or exponent", "give a float or text")
        return format(value, "f")

    def _text(self, text: str) -> str:
        try:
            return orjson.dumps(text).decode()
        except TypeError:
            raise self._error(
                "holds a lone surrogate, which JSON cannot say", "give whole characters"
            ) from None

    def _error(self, fault: str, remedy: str) -> JSONEncodeError:
        path = shown = self._path()
        if len(path) > _MAX_PATH_SHOWN:
            shown = f"{path[: _MAX_PATH_SHOWN // 2]}…{path[-_MAX_PATH_SHOWN // 2 :]}"
        return JSONEncodeError(f"{shown or 'The value'} {fault}; {remedy}.", path=path)

    def _path(self) -> str:
        path = self._field
        for frame in self._frames:
            if isinstance(frame.key, str) and _NAME.fullmatch(frame.key):
                path += f".{frame.key}" if path else frame.key
            elif frame.key is not _BEFORE_FIRST:
                key = ascii(frame.key)
                path += f"[{key if len(key) <= _MAX_KEY_SHOWN else key[:_MAX_KEY_SHOWN] + '…'}]"
        return path
