"""What sources have in common: text in messages, times in many spellings, JSON in cells."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any, Final

import orjson

from storage import json_utils
from storage.errors import JSONEncodeError
from storage.json_utils import CorruptJSON
from storage.moments import is_date, now_text, to_text

_HEADLINE: Final = 80
_BLOCK_TEXTS: Final = ("text", "thinking", "refusal", "transcript")


def as_text(value: Any) -> str | None:
    """Return a value as text: itself, a number in decimals, None for anything else."""
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value) if isinstance(value, int | float) else None


def readable(content: Any) -> str:
    """Return the text that a person reads in the content of a message.

    It is the text itself, that of its blocks, a line between them, or the value as JSON.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n\n".join(text for each in content if (text := _block(each)))
    if content is None:
        return ""
    return _block(content) if isinstance(content, dict) else as_json(content)


def _block(block: Any) -> str:
    if isinstance(block, str):
        return block
    if not isinstance(block, dict):
        return as_json(block)
    for name in _BLOCK_TEXTS:
        if isinstance(block.get(name), str):
            return str(block[name])
    kind = block.get("type")
    # A picture is not to be read.
    return f"[{kind}]" if isinstance(kind, str) else as_json(block)


def counted(count: int, noun: str, many: str = "") -> str:
    """Give a number with its noun: `1 session`, `1,204 messages`."""
    return f"{count:,} {noun if count == 1 else many or f'{noun}s'}"


def as_json(value: Any) -> str:
    """Return a decoded value as JSON."""
    try:
        return json_utils.encode(value)
    except JSONEncodeError:
        # Something of it came from a damaged cell; it is shown as far as JSON goes.
        return json.dumps(value, default=_shown)


def _shown(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


# How nearly every source writes a time, in UTC; the short way to our spelling is worth it.
_USUAL: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?(?:Z|\+00:00)?",
    re.ASCII,
)


_is_date: Final = lru_cache(1024)(is_date)


@lru_cache(4096)
def _moment(text: str) -> str | None:
    try:
        return to_text(text)
    except ValueError:
        return None


def moment_of(value: Any, fallback: str | None = None) -> str:
    """Return a time as we spell it; the fallback, else now, where it is none that can be read."""
    if isinstance(value, str):
        match = _USUAL.fullmatch(value)
        if match is not None and _is_date(match[1]):
            return f"{match[1]}T{match[2]}.{match[3] or '':0<6}+00:00"
        if (text := _moment(value)) is not None:
            return text
    return fallback or now_text()


def json_bytes(value: Any) -> tuple[bytes, Any, str]:
    """Read a cell that should hold JSON.

    Returns:
        Its bytes, what it says (None where it says nothing), and what is wrong with it.
    """
    if isinstance(value, str):
        try:
            raw = value.encode()
        except UnicodeEncodeError:
            raw = json_utils.exact_bytes(value)
    elif isinstance(value, bytes):
        raw = value
    else:
        return b"" if value is None else str(value).encode(), None, "is no text"
    try:
        return raw, orjson.loads(raw), ""
    except orjson.JSONDecodeError:
        found = json_utils.decode(raw)
        return raw, None, found.error if isinstance(found, CorruptJSON) else "is no JSON"


def headline(text: str) -> str:
    """Return the first line of a text that says anything, shortened to 80 characters."""
    line = next((line for each in text.splitlines() if (line := each.strip())), "")
    return line if len(line) <= _HEADLINE else f"{line[: _HEADLINE - 1].rstrip()}…"
