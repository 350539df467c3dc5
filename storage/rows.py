"""A row as it is stored, byte for byte: as a JSON document, as a digest, and back into its table.

JSON cannot hold every value of SQLite. A BLOB, text that is not UTF-8 and a real that JSON would
change stand in a document as `{"$memglass": "blob" | "text" | "real", "base64": …}`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import orjson

from storage import driver, json_utils
from storage.errors import ValidationError

Value = str | bytes | int | float | None
Row = dict[str, Value]

MARK: Final = "$memglass"
DIGEST_BYTES: Final = 8
# SQLite before 3.32 takes 999 in one statement.
_MOST_PARAMETERS: Final = 900
MANY_PARAMETERS: Final = _MOST_PARAMETERS if driver.SQLITE_VERSION < (3, 32) else 32_000
"""What fits into one statement, where waiting for Python between two takes longer than both."""


def quote(identifier: str) -> str:
    """Return `identifier` as SQL writes a name, whatever it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def tolerant_text(raw: bytes) -> str:
    """Decode text so that `exact_bytes` gives the same bytes back."""
    return raw.decode("utf-8", "surrogateescape")


def exact_bytes(text: str) -> bytes:
    """Return the bytes that `text` was read from.

    Raises:
        UnicodeEncodeError: `text` holds a surrogate that stands for no byte.
    """
    return text.encode("utf-8", "surrogateescape")


def stored_bytes(value: str | bytes | float) -> bytes:
    """Return the bytes of a stored value, of a number those that it is written with."""
    if isinstance(value, bytes):
        return value
    return exact_bytes(value) if isinstance(value, str) else str(value).encode()


def fetch(connection: driver.Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """Read all rows of a query as tuples; text that is not UTF-8 comes with surrogates.

    Decoding in C is much faster than a Python `text_factory`, so that the latter is used only
    for a query that meets bad text.
    """
    try:
        return connection.execute(sql, values).fetchall()
    except driver.OperationalError as error:
        if "Could not decode to UTF-8" not in str(error):
            raise
    connection.text_factory = tolerant_text
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.text_factory = str


def is_plain(values: Iterable[Value]) -> bool:
    """Say whether the driver can bind all of `values`: no text of them holds a surrogate."""
    try:
        "".join([value for value in values if value.__class__ is str]).encode()
    except UnicodeEncodeError:
        return False
    return True


def bindable(value: Value) -> tuple[str, Value]:
    """Return the placeholder and the parameter that compare a column with `value` as it is.

    Raises:
        ValidationError: It is text with a surrogate that stands for no byte, or no value at all.
    """
    if not is_storable(value):
        raise ValidationError(
            f"A column is compared with text or a number, not {type(value).__name__}.",
            field="value",
        )
    try:
        return _bound(value)
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"{error.object[:40]!a} holds a lone surrogate at character {error.start}, which is no"
            " text that a file can hold.",
            field="text",
        ) from error


def listed(values: Sequence[Value]) -> tuple[str, Sequence[Value]]:
    """Return the placeholders and the parameters of a list of values, as `bindable()` does of one.

    Raises:
        ValidationError: One is text with a surrogate that stands for no byte.
    """
    if is_plain(values):
        return ", ".join("?" * len(values)), values
    pairs = [bindable(value) for value in values]
    return ", ".join(mark for mark, _ in pairs), [value for _, value in pairs]


def _bound(value: Value) -> tuple[str, Value]:
    if isinstance(value, str) and not is_plain((value,)):
        return "CAST(? AS TEXT)", exact_bytes(value)
    return "?", value


def is_storable(value: Any) -> bool:
    """Say whether a column can hold `value`, which JSON gave: no number is beyond 64 bits."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is None or isinstance(value, str | bytes | float)


@lru_cache
def names(columns: tuple[str, ...]) -> str:
    """Return a list of columns as SQL writes it."""
    return ", ".join(map(quote, columns))


def insert(
    connection: driver.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Value]],
    *,
    parameters: int = _MOST_PARAMETERS,
) -> None:
    """Insert `rows` in their order, every value with the bytes that it has.

    Args:
        connection: Where.
        table: Its table.
        columns: The names of its columns.
        rows: Their values.
        parameters: How many values stand in one statement at most.
    """
    named = tuple(columns)
    # Many rows in one statement take SQLite a third less time than a statement for each.
    most = max(1, parameters // len(named))
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        try:
            connection.execute(_insertion(table, named, len(part)), list(chain.from_iterable(part)))
        except UnicodeEncodeError:
            # The driver refused to bind bad text, before anything of the statement was inserted.
            for row in part:
                _insert_odd(connection, table, named, row)


@lru_cache
def _insertion(table: str, columns: tuple[str, ...], count: int) -> str:
    marks = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {quote(table)} ({names(columns)}) VALUES {', '.join([marks] * count)}"


def _insert_odd(
    connection: driver.Connection, table: str, columns: tuple[str, ...], row: Sequence[Value]
) -> None:
    pairs = [_bound(value) for value in row]
    marks = ", ".join(mark for mark, _ in pairs)
    connection.execute(
        f"INSERT INTO {quote(table)} ({names(columns)}) VALUES ({marks})",
        [value for _, value in pairs],
    )


def update(connection: driver.Connection, table: str, rowid: int, changes: Row) -> int:
    """Write `changes` into the row that has `rowid`; return how many rows took them: 1, or 0."""
    pairs = [(name, *_bound(value)) for name, value in changes.items()]
    assignments = ", ".join(f"{quote(name)} = {mark}" for name, mark, _ in pairs)
    done = connection.execute(
        f"UPDATE {quote(table)} SET {assignments} WHERE rowid = ?",
        [*(value for _, _, value in pairs), rowid],
    )
    return done.rowcount


def encode_row(row: Mapping[str, Value], option: int = 0) -> bytes:
    """Return the row as a JSON document, column → value, from which `decode_row` gives it back."""
    for value in row.values():
        if value.__class__ is float and not math.isfinite(value):
            break
    else:
        try:
            return orjson.dumps(row, option=option)
        except TypeError:
            # A BLOB or bad text, which only the way below can hold.
            return orjson.dumps(wrapped(row), option=option)
    return orjson.dumps(wrapped(row), option=option)


def decode_row(document: Mapping[str, Any]) -> Row:
    """Return the row that `document` holds.

    Values that another program left as objects or arrays become their JSON text, because no
    column of SQLite can hold them otherwise.
    """
    return {name: _unwrap(value) for name, value in document.items()}


def digest(row: Mapping[str, Value]) -> bytes:
    """Return 8 bytes that change whenever a value of the row does.

    Neither the order of the columns counts nor those that are NULL, so that adding a column to
    the table changes no digest.
    """
    return _digest({name: value for name, value in row.items() if value is not None})


def digests(columns: Sequence[str], many: Iterable[Sequence[Value]]) -> list[bytes]:
    """Return the digests of rows whose values stand in the order of `columns`."""
    return [
        _digest({name: v for name, v in zip(columns, row, strict=True) if v is not None})
        for row in many
    ]


def _digest(held: Row) -> bytes:
    document = encode_row(held, orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(document, digest_size=DIGEST_BYTES).digest()


def wrapped(row: Mapping[str, Value]) -> dict[str, Any]:
    """Return the row with every value that JSON cannot hold in its wrapping."""
    return {_json_text(name): _wrap(value) for name, value in row.items()}


def _wrap(value: Value) -> Any:
    if isinstance(value, bytes):
        return _marked("blob", value)
    if isinstance(value, float) and not math.isfinite(value):
        return _marked("real", struct.pack(">d", value))
    if isinstance(value, str) and not is_plain((value,)):
        return _marked("text", exact_bytes(value))
    return value


def _marked(kind: str, raw: bytes) -> dict[str, str]:
    return {MARK: kind, "base64": base64.b64encode(raw).decode("ascii")}


_MARKED: Final = re.compile(rf'\{{"\{MARK}":"(?:text|blob)","base64":"([0-9A-Za-z+/]*={{0,2}})')


def marked_text(value: Value) -> Value:
    """Return the text of a value that stands marked in a document, of which the end may be cut."""
    marked = _MARKED.match(value) if isinstance(value, str) else None
    if marked is None:
        return value
    whole = marked[1][: len(marked[1]) // 4 * 4]
    return tolerant_text(base64.b64decode(whole))


def _unwrap(value: Any) -> Value:
    if not isinstance(value, dict | list):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, dict) and value.keys() == {MARK, "base64"}:
        try:
            raw = base64.b64decode(value["base64"], validate=True)
        except (binascii.Error, TypeError, ValueError):
            return json_utils.encode(value)
        if value[MARK] == "blob":
            return raw
        if value[MARK] == "text":
            return tolerant_text(raw)
        if value[MARK] == "real" and len(raw) == 8:
            return float(struct.unpack(">d", raw)[0])
    return json_utils.encode(value)


def _json_text(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def encode_values(values: Sequence[Value]) -> str:
    """Return a list of values as JSON, from which `decode_values` gives them back."""
    # orjson writes an infinite real as null.
    if float not in map(type, values):
        try:
            return orjson.dumps(values).decode()
        except TypeError:
            # A BLOB or bad text, which only the way below can hold.
            return orjson.dumps([_wrap(value) for value in values]).decode()
    return orjson.dumps([_wrap(value) for value in values]).decode()


def decode_values(text: str | bytes) -> list[Value]:
    """Return the values that `encode_values` wrote."""
    return [_unwrap(value) for value in orjson.loads(text)]
