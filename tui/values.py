"""Decoded JSON as one line of text, walked without recursion and never longer than asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_WINDOW: Final = 60


def as_text(value: object, limit: int) -> tuple[str, int | None]:
    """Spell a value as a person reads it.

    None is nothing; bytes are decoded, with `surrogateescape` for what is not UTF-8; decoded JSON
    is written as JSON; a corrupt field gives its raw bytes.

    Returns:
        At least the first `limit` characters where there are that many, and how long the whole is
        (in characters, of bytes in bytes), or None where nobody counted.
    """
    if value is None:
        return "", 0
    if isinstance(value, str):
        return value, len(value)
    raw = getattr(value, "raw", None)
    if isinstance(raw, bytes):
        value = raw
    if isinstance(value, bytes):
        # No character takes more than four bytes.
        text = value[: 4 * limit].decode("utf-8", "surrogateescape")
        return text, len(text) if len(value) <= 4 * limit else len(value)
    if isinstance(value, Mapping) or is_list(value):
        text = compact_json(value, limit)
        return text, len(text) if len(text) <= limit else None
    text = _scalar(value)
    return text, len(text)


def is_list(value: object) -> bool:
    """Whether it is a JSON array: a sequence that is no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_corrupt(value: object) -> bool:
    """Whether it is a field that could not be decoded."""
    return isinstance(getattr(value, "raw", None), bytes) and hasattr(value, "error")


def compact_json(value: object, limit: int) -> str:
    """Write a value as JSON in one line, and stop once `limit` characters are passed."""
    pieces: list[str] = []
    length = 0
    for piece in _pieces(value, limit):
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            break
    return "".join(pieces)


def _pieces(value: object, limit: int) -> Iterator[str]:
    """Give the tokens of a value in order, from a stack of what is still open."""
    todo: list[tuple[str, Iterator[tuple[str, Any]]]] = [("", iter([("", value)]))]
    fresh = True
    while todo:
        end, items = todo[-1]
        for prefix, item in items:
            yield prefix if fresh else f", {prefix}"
            fresh = False
            if isinstance(item, Mapping) and not is_corrupt(item):
                yield "{"
                todo.append(("}", _members(item, limit)))
                fresh = True
                break
            if is_list(item):
                yield "["
                todo.append(("]", (("", held) for held in item)))
                fresh = True
                break
            yield _token(item, limit)
        else:
            todo.pop()
            fresh = False
            yield end


def _members(mapping: Mapping[Any, Any], limit: int) -> Iterator[tuple[str, Any]]:
    for key, held in mapping.items():
        yield f"{_token(str(key), limit)}: ", held


def _token(value: object, limit: int) -> str:
    if isinstance(value, str):
        # The characters stay themselves: what they do to a terminal is up to `safe_text`.
        return json.dumps(value[: limit + 1], ensure_ascii=False)
    return "(corrupt)" if is_corrupt(value) else _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        return str(value)
    except ValueError:
        # Python spells no integer of more than 4,300 digits.
        return hex(value) if isinstance(value, int) else repr(type(value))


def corrupt_window(value: Any) -> list[str]:
    """Give the raw text around the place where decoding stopped, and how long the whole is.

    Args:
        value: A corrupt field.
    """
    offset = value.offset or 0
    start = max(0, offset - _WINDOW)
    before = value.raw[start:offset].decode("utf-8", "surrogateescape")
    after = value.raw[offset : offset + _WINDOW].decode("utf-8", "surrogateescape")
    lead = "\u2026 " if start else ""
    rest = " \u2026" if offset + _WINDOW < len(value.raw) else ""
    return [
        f"{lead}{before}\u27ea\u27eb{after}{rest}",
        "1 byte, kept as it is"
        if len(value.raw) == 1
        else f"{len(value.raw):,} bytes, kept as they are",
    ]
