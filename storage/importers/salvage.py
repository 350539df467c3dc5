"""Whole records out of the lines of a file, damaged ones too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage import json_utils

# A damaged line is searched from each place where a record may begin, and so many bytes in vain.
_MOST_IN_VAIN: Final = 2 * 2**20
_TOKEN: Final = re.compile(rb'\\.|["{}]', re.DOTALL)
_NO_RECORD: Final = "is no record of this format"


@dataclass(frozen=True, slots=True)
class Grammar:
    """How the records of a format are known.

    Attributes:
        opening: How one begins, as far as that tells it from what stands inside another.
        is_record: Says whether a decoded value is one.
    """

    opening: re.Pattern[bytes]
    is_record: Callable[[Any], bool]


@dataclass(slots=True)
class Line:
    """A line of a file.

    Attributes:
        number: Its number, from 1.
        start: Its first byte in the file.
        raw: Its bytes, without its end.
        at: The position behind it.
    """

    number: int
    start: int
    raw: bytes
    at: list[int]


@dataclass(slots=True)
class Piece:
    """A record of a file, or what stands there instead of one.

    Attributes:
        line: The number of its line, from 1.
        start: Its first byte in the file.
        raw: Its bytes, without the end of the line.
        value: What it says; None where it cannot be read.
        error: What is wrong with it, as the rest of a sentence.
        at: The position behind its line.
    """

    line: int
    start: int
    raw: bytes
    value: Any
    error: str
    at: list[int]


def pieces(line: Line, grammar: Grammar) -> Iterator[Piece]:
    """Yield what stands in a line, in order.

    Where the line as a whole is no record, the whole records in it are found all the same: those
    behind one that was cut off, those that were written without an end of line between them.
    """
    text = line.raw.strip()
    if not text:
        return
    first = line.start + line.raw.index(text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        yield from _salvaged(text, first, line, grammar)
        return
    error = "" if grammar.is_record(value) else _NO_RECORD
    yield Piece(line.number, first, text, value if not error else None, error, line.at)


def records_in(raw: bytes, grammar: Grammar) -> Iterator[Any]:
    """Yield what the whole records of a line say, and nothing of what else stands there."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        for _, _, value in _whole_in(raw, grammar):
            yield value
        return
    if grammar.is_record(value):
        yield value


def _salvaged(raw: bytes, first: int, line: Line, grammar: Grammar) -> Iterator[Piece]:
    """Yield the whole records of a damaged line, and what stands around them."""
    number, at = line.number, line.at

    def broken(start: int, end: int) -> Iterator[Piece]:
        part = raw[start:end].strip()
        if part:
            yield Piece(number, first + raw.index(part, start), part, None, _fault(part), at)

    done = 0
    for start, end, value in _whole_in(raw, grammar):
        yield from broken(done, start)
        yield Piece(number, first + start, raw[start:end], value, "", at)
        done = end
    yield from broken(done, len(raw))


def _whole_in(raw: bytes, grammar: Grammar) -> Iterator[tuple[int, int, Any]]:
    """Yield where each whole record of a damaged line begins and ends, and what it says."""
    here = vain = 0
    most = _MOST_IN_VAIN + 2 * len(raw)
    while vain <= most and (match := grammar.opening.search(raw, here)):
        start = match.start()
        end = _end_of_object(raw, start)
        value = None if end is None else _loaded(raw[start:end])
        if end is None or not grammar.is_record(value):
            vain += (end or len(raw)) - start
            here = match.end()
            continue
        yield start, end, value
        here = end


def _loaded(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _fault(raw: bytes) -> str:
    value = json_utils.decode(raw)
    if isinstance(value, json_utils.CorruptJSON):
        return value.error
    return _NO_RECORD


def _end_of_object(raw: bytes, start: int) -> int | None:
    """Return where the object that begins at `start` ends, or None if it does not."""
    depth, is_text = 0, False
    for match in _TOKEN.finditer(raw, start):
        token = match.group()
        if token == b'"':
            is_text = not is_text
        elif is_text:
            continue
        elif token == b"{":
            depth += 1
        elif token == b"}":
            depth -= 1
            if depth == 0:
                return match.end()
    return None
