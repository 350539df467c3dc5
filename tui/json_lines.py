"""Records as JSON in one line of printable ASCII: exact, and nothing that a terminal would obey.

What JSON cannot say is an object whose `$memglass` tells what it stands for: `blob` and `text`
(bytes, and text that is not UTF-8, in `base64`), `real` (an infinite number, in `base64` too, as
the archive writes them), and `corrupt` (a field that could not be decoded, with `error`, `offset`
and `raw`).
"""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tui.values import is_corrupt, is_list

_MARK: Final = "$memglass"
_HALF: Final = "\\ud"


def json_line(value: object) -> str:
    """Write decoded JSON, or a record, whatever it holds and however deep it is."""
    try:
        plain = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return _any_line(value)
    # Half a character is no JSON; whole ones that need two escapes are rare enough to look again.
    return _any_line(value) if _HALF in plain else plain


def _any_line(value: object) -> str:
    pieces: list[str] = []
    todo: list[tuple[str, Iterator[tuple[str, Any]]]] = [("", iter([("", value)]))]
    fresh = True
    while todo:
        end, items = todo[-1]
        for prefix, item in items:
            pieces.append(prefix if fresh else f", {prefix}")
            fresh = False
            plain = _plain(item)
            if isinstance(plain, Mapping):
                todo.append(("}", ((f"{_key(key)}: ", held) for key, held in plain.items())))
            elif is_list(plain):
                todo.append(("]", (("", held) for held in plain)))
            else:
                pieces.append(_scalar(plain))
                continue
            pieces.append("{" if isinstance(plain, Mapping) else "[")
            fresh = True
            break
        else:
            todo.pop()
            fresh = False
            pieces.append(end)
    return "".join(pieces)


def _plain(value: Any) -> Any:
    """Give what JSON can say in place of what it cannot."""
    if isinstance(value, str):
        return value if _is_text(value) else _marked("text", _bytes_of(value))
    if isinstance(value, bytes):
        return _marked("blob", value)
    if isinstance(value, float) and not math.isfinite(value):
        return _marked("real", struct.pack(">d", value))
    if is_corrupt(value):
        return {_MARK: "corrupt", "error": value.error, "offset": value.offset, "raw": _raw(value)}
    return value


def _raw(corrupt: Any) -> Any:
    """Give the bytes of a corrupt field as text; as an object where they are no UTF-8."""
    try:
        return corrupt.raw.decode()
    except UnicodeDecodeError:
        return corrupt.raw


def _marked(kind: str, raw: bytes) -> dict[str, str]:
    return {_MARK: kind, "base64": base64.b64encode(raw).decode("ascii")}


def marked_bytes(value: Mapping[Any, Any]) -> bytes | None:
    """Give the bytes that an object stands for, as the archive writes it; None if for none."""
    if value.keys() != {_MARK, "base64"} or value[_MARK] not in ("blob", "text"):
        return None
    try:
        return base64.b64decode(value["base64"], validate=True)
    except (TypeError, ValueError):
        return None


def with_bytes(value: Mapping[Any, Any], raw: bytes) -> dict[str, str]:
    """Give an object of which `marked_bytes` gives bytes with others in their place."""
    return _marked(value[_MARK], raw)


def _is_text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes_of(value: str) -> bytes:
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


def _key(key: object) -> str:
    return json.dumps(str(key).encode("utf-8", "backslashreplace").decode())


def _scalar(value: object) -> str:
    if isinstance(value, Decimal):
        # An integer with more digits than Python turns into one.
        return format(value, "f")
    if isinstance(value, int) and not isinstance(value, bool):
        return format(Decimal(value), "f")
    return json.dumps(value)
