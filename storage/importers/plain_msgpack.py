"""What LangGraph serialises, as plain data that JSON can say. Nothing is ever constructed.

Its msgpack has extension types whose content names a module and a class, to be imported and called
with arguments (`langgraph.checkpoint.serde.jsonplus`). Here the names are only shown: such an
object reads as `{"$type": "module.Class", …its fields}`, or with `value` where its arguments are no
mapping. Bytes read as `{"$bytes": base64}`, and an extension that is not known with its code.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, Final

from storage.importers.texts import as_text
from storage.json_utils import exact_bytes

_CONSTRUCTED: Final = frozenset(range(6))
_ARRAY: Final = 6
_DELTA: Final = 7
_DEEPEST: Final = 32
_PICKLE: Final = "is a pickle, which would run code to be read"


def read(kind: str | None, raw: bytes) -> Any:
    """Return what a serialised value says.

    Args:
        kind: How it is serialised: what stands in the column `type`.
        raw: The value.

    Raises:
        ValueError: It cannot be read; the message is the rest of a sentence.
    """
    if kind == "null":
        return None
    if kind in ("bytes", "bytearray"):
        return _as_bytes(raw)
    if kind == "msgpack":
        return _unpacked(raw)
    if kind == "json":
        return _loaded(raw)
    if kind is None:
        # Before there were kinds, there were two.
        return _loaded(raw) if raw[:1] in (b"{", b"[") else _unpacked(raw)
    raise ValueError(
        _PICKLE if kind == "pickle" else f"is serialised as {kind}, which is not known"
    )


def read_or_none(kind: Any, cell: Any) -> Any:
    """Return what a cell says; None where it cannot be read."""
    try:
        return read(as_text(kind), bytes_of(cell))
    except ValueError:
        return None


def bytes_of(cell: Any) -> bytes:
    """Return the bytes of a cell, whatever stands in it."""
    if isinstance(cell, bytes):
        return cell
    return exact_bytes(as_text(cell) or "")


def _as_bytes(raw: bytes) -> dict[str, Any]:
    return {"$bytes": b64encode(raw).decode()}


def _scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return _as_bytes(value)
    # JSON can say neither.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _key(value: Any) -> str:
    value = _scalar(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _object(pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    return {_key(name): _scalar(value) for name, value in pairs}


def _array(values: Iterable[Any]) -> list[Any]:
    return [_scalar(value) for value in values]


def _constructed(module: Any, name: Any, arguments: Any) -> dict[str, Any]:
    kind = {"$type": f"{module}.{name}"}
    # As orjson does, the later of two equal keys would win.
    if isinstance(arguments, dict) and "$type" not in arguments:
        return {**kind, **arguments}
    return {**kind, "value": arguments}


def _unpacked(raw: bytes, depth: int = 0) -> Any:
    import msgpack

    if depth > _DEEPEST:
        raise ValueError("is no msgpack that is read: it is nested too deep")
    try:
        value = msgpack.unpackb(
            raw,
            strict_map_key=False,
            list_hook=_array,
            object_pairs_hook=_object,
            ext_hook=_extension(depth),
        )
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        told = str(error) or "it is nested too deep"
        raise ValueError(f"is no msgpack: {told}") from error
    return (
        value.to_datetime().isoformat() if isinstance(value, msgpack.Timestamp) else _scalar(value)
    )


def _extension(depth: int) -> Callable[[int, bytes], Any]:
    def hook(code: int, raw: bytes) -> Any:
        try:
            inner = _unpacked(raw, depth + 1)
        except ValueError:
            # An extension need not hold msgpack: then its bytes are what there is to show.
            return {"$extension": code, **_as_bytes(raw)}
        return _told(code, inner)

    return hook


def _told(code: int, inner: Any) -> Any:
    if code == _DELTA:
        return inner
    if code == _ARRAY:
        return {"$type": "numpy.ndarray", "value": inner}
    if code in _CONSTRUCTED and isinstance(inner, list) and len(inner) >= 3:
        return _constructed(*inner[:3])
    return {"$extension": code, "value": inner}


def _loaded(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), object_hook=_revived, parse_constant=str)
    except RecursionError as error:
        raise ValueError("is no JSON: it is nested too deep") from error
    except ValueError as error:
        raise ValueError(f"is no JSON: {error}") from error


def _revived(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object, in the notation of above where it says how one is constructed."""
    names = value.get("id")
    if value.get("lc") is None or value.get("type") != "constructor" or not isinstance(names, list):
        return value
    arguments = value.get("kwargs") or value.get("args")
    return _constructed(".".join(map(str, names[:-1])), names[-1] if names else "", arguments)
