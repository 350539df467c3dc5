"""What a repair keeps, takes away and adds, told by comparing the tokens of two texts."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

import orjson

_TOKEN: Final = re.compile(
    r'"(?:[^"\\]|\\.)*+"?|\'(?:[^\'\\]|\\.)*+\'?|[{}\[\]:,]|[^\s{}\[\]:,"\']++', re.DOTALL
)
_WORDS: Final = {"None": "null", "True": "true", "False": "false"}
# The comparison of two lists takes time by the product of their lengths.
_COMPARED: Final = 2000


@dataclass(frozen=True, slots=True)
class RepairPiece:
    """A part of a text before or after a repair.

    Attributes:
        op: `same` stands in both, `removed` only before, `added` only after.
        text: The part; bytes that are not UTF-8 are carried by `surrogateescape`.
    """

    op: Literal["same", "removed", "added"]
    text: str


def size(pieces: Iterable[RepairPiece], op: str) -> int:
    """Return how many bytes the pieces of one kind have; commas and colons alone are none."""
    return sum(
        len(piece.text.encode("utf-8", "surrogateescape"))
        for piece in pieces
        if piece.op == op and (op == "added" or piece.text.strip(",:"))
    )


def compare(before: str, after: str) -> tuple[list[RepairPiece], str]:
    """Compare a text that is no JSON with JSON that was made of it.

    White space between tokens counts for nothing, and neither does another spelling of the same
    value: quotes of another kind, `None` for `null`, `1.10` for `1.1`.

    Returns:
        The pieces, and `after` with what stands in both spelled as it was wherever that is JSON.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    old_values, new_values = [*map(_meaning, old)], [*map(_meaning, new)]
    pieces: list[RepairPiece] = []
    spelled: list[str] = []
    for op, first, last, start, end in _opcodes(old_values, new_values):
        if op == "equal":
            kept = [_best(*pair) for pair in zip(old[first:last], new[start:end], strict=True)]
            spelled += kept
            pieces += _unclosed("".join(kept), old[last - 1] if first < last else "")
            continue
        if first < last:
            pieces.append(RepairPiece("removed", "".join(old[first:last])))
        if start < end:
            pieces.append(RepairPiece("added", "".join(new[start:end])))
            spelled += new[start:end]
    return pieces, "".join(spelled)


def _unclosed(text: str, last: str) -> list[RepairPiece]:
    """Tell the quote that a string without an end was given from what was there."""
    if text.endswith(f'{last}"') and last.startswith('"'):
        return [RepairPiece("same", text[:-1]), RepairPiece("added", '"')]
    return [RepairPiece("same", text)]


def _opcodes(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Give what `SequenceMatcher` does, with the beginning and the end that agree left out of it.

    What is in between and too long to be compared counts as replaced as a whole.
    """
    head = _agreeing(old, new)
    tail = min(_agreeing(old[::-1], new[::-1]), min(len(old), len(new)) - head)
    yield "equal", 0, head, 0, head
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(middle_old) > _COMPARED or len(middle_new) > _COMPARED:
        yield "replace", head, len(old) - tail, head, len(new) - tail
    else:
        for op, *places in SequenceMatcher(None, middle_old, middle_new, False).get_opcodes():
            first, last, start, end = (place + head for place in places)
            yield op, first, last, start, end
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _agreeing(old: list[str], new: list[str]) -> int:
    """Count the tokens that two lists begin with alike."""
    for count, (left, right) in enumerate(zip(old, new, strict=False)):
        if left != right:
            return count
    return min(len(old), len(new))


def _meaning(token: str) -> str:
    """Spell a token as any other of the same value is spelled; strings begin with a quote."""
    if token[0] in "\"'":
        return '"' + _content(token)
    word = _WORDS.get(token, token)
    try:
        value = orjson.loads(word)
    except orjson.JSONDecodeError:
        # A bare word becomes a string of the same letters.
        return '"' + word
    return repr(value)


def _content(token: str) -> str:
    quote = token[0]
    is_closed = len(token) > 1 and token.endswith(quote)
    whole = token if is_closed else token + quote
    try:
        if quote == '"':
            return str(json.loads(whole, strict=False))
        return str(ast.literal_eval(whole.replace("\n", "\\n").replace("\0", "\\0")))
    except (ValueError, SyntaxError, MemoryError):
        return whole[1:-1]


def _best(old: str, new: str) -> str:
    """Keep the spelling that a token had, if that is JSON."""
    try:
        orjson.loads(old)
    except orjson.JSONDecodeError:
        return old if old == new else new
    return old
