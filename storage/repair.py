"""Proposing what a field that cannot be read may have said. A proposal changes nothing.

What can be mended without touching the rest is mended so that every other byte stays: bytes that
are no text, half characters, NUL bytes at the end, what follows a value that was complete. Only
then does json-repair guess; it invents brackets and quotes, so that all it does is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from storage import repair_pieces, repair_process
from storage.json_utils import CorruptJSON, decode, encode, exact_bytes
from storage.repair_pieces import RepairPiece
from storage.rows import tolerant_text

__all__ = ["LONGEST", "Repair", "RepairPiece", "propose_repair"]

LONGEST: Final = 256 * 1024
"""Bytes of the longest field that json-repair is asked about."""

_LONGEST_PATH: Final = 4096
_MOST_MARKS: Final = 1000
_BOM: Final = "\ufeff"
_BAD_BYTES: Final = re.compile("[\udc80-\udcff]+")
_HALF: Final = re.compile(
    r"(?P<sound>\\(?:[^u]|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}",
    re.DOTALL,
)
_NO_TEXT: Final = {
    _BAD_BYTES: "marks bytes that are not UTF-8 with U+FFFD",
    _HALF: "marks half characters with U+FFFD",
}
_BARE: Final = re.compile(r"[^\s{}\[\]\":,][^{}\[\]\"\n,]*")
_WORDS: Final[dict[type, str]] = {dict: "an object", list: "an array"}


@dataclass(frozen=True, slots=True)
class Repair:
    """What a field could be made to say.

    Attributes:
        before: The exact bytes of the field.
        after: The JSON that is proposed, or None where there is nothing to propose.
        lost: How many bytes of what the field says the proposal leaves out. White space and
            another spelling of the same value are no loss.
        added: How many bytes the proposal has that the field did not.
        pieces: The difference, in order.
        how: What the proposal does, in words.
        why_not: Why there is none, as a sentence; empty where there is one.
    """

    before: bytes
    after: str | None = None
    lost: int = 0
    added: int = 0
    pieces: tuple[RepairPiece, ...] = ()
    how: str = ""
    why_not: str = ""


def propose_repair(raw: bytes, expected: tuple[type, ...] = (dict,)) -> Repair:
    """Propose JSON for the bytes of a field.

    It takes at most a few seconds: fields longer than `LONGEST` are mended only where the fault
    is of a kind that leaves no choice.

    Args:
        raw: The exact bytes of the field.
        expected: What the value may be: `dict`, `list` or both.
    """
    value = decode(raw)
    if not isinstance(value, CorruptJSON):
        return _of_another_type(raw, value, expected)
    try:
        text, marks, how = _cleaned(tolerant_text(raw))
    except ValueError as error:
        return Repair(raw, why_not=str(error))
    propose = partial(_proposal, raw, marks, how, expected)
    if _fits(text, expected):
        return propose(marks, text, "")
    held, rest = _first_value(text)
    if rest.strip() and _fits(held, expected):
        pieces = [RepairPiece("same", held), RepairPiece("removed", rest)]
        return propose(pieces, held, "keeps the first value and leaves out what comes after it")
    if list in expected and len(text) <= _LONGEST_PATH and _BARE.fullmatch(text.strip()):
        only = encode([text.strip()])
        return propose(repair_pieces.compare(text, only)[0], only, "makes a list of the bare text")
    return _guessed(raw, text, expected, propose)


def _guessed(
    raw: bytes, text: str, expected: tuple[type, ...], propose: Callable[..., Repair]
) -> Repair:
    """Ask json-repair."""
    if len(raw) > LONGEST:
        return Repair(
            raw,
            why_not=f"It is {len(raw):,} bytes long; a repair is guessed for up to {LONGEST:,}.",
        )
    try:
        made = repair_process.mended(text)
    except TimeoutError:
        seconds = f"{repair_process.SECONDS:g} seconds"
        return Repair(raw, why_not=f"Nothing sensible was found within {seconds}.")
    except ValueError:
        return Repair(raw, why_not="Nothing in it can be read as JSON.")
    value = decode(made.encode())
    if not isinstance(value, expected):
        return Repair(raw, why_not=_made_of_another_type(value, expected))
    pieces, spelled = repair_pieces.compare(text, made)
    if not value and not any(piece.op == "same" and piece.text.strip("{}[]") for piece in pieces):
        return Repair(raw, why_not="Nothing in it can be read as JSON.")
    # Spelled as it was, it has to say the same; numbers beyond a double may not.
    after = spelled if decode(spelled.encode()) == value else made
    return propose(pieces, after, "is what json-repair makes of it")


def _proposal(
    raw: bytes,
    marks: list[RepairPiece],
    how: str,
    expected: tuple[type, ...],
    pieces: list[RepairPiece],
    after: str,
    then: str,
) -> Repair:
    """Make the proposal, or say that none is any good."""
    if not _fits(after, expected):
        return Repair(raw, why_not="Nothing in it can be read as JSON.")
    lost, added = repair_pieces.size(pieces, "removed"), repair_pieces.size(pieces, "added")
    if pieces is not marks:
        lost += repair_pieces.size(marks, "removed")
        added += repair_pieces.size(marks, "added")
    words = "; ".join(each for each in (how, then) if each)
    shown = tuple(piece for piece in pieces if piece.text)
    return Repair(raw, after, lost, added, shown, words)


def _of_another_type(raw: bytes, value: Any, expected: tuple[type, ...]) -> Repair:
    """Propose something for valid JSON: only a text that is JSON itself leaves no choice."""
    if isinstance(value, expected) or value is None:
        return Repair(raw, why_not="It reads well by now.")
    if isinstance(value, str) and _fits(value, expected):
        pieces = (RepairPiece("removed", tolerant_text(raw)), RepairPiece("added", value))
        how = "takes the text for the JSON that it is; it was encoded twice"
        return Repair(raw, value, 0, 0, pieces, how)
    return Repair(
        raw,
        why_not="It is sound JSON of another type; what it should say, no program can know.",
    )


def _made_of_another_type(value: Any, expected: tuple[type, ...]) -> str:
    wanted = " or ".join(_WORDS[each] for each in expected)
    made = _WORDS.get(type(value), "a single value")
    if not value and not isinstance(value, int | float):
        return "Nothing in it can be read as JSON."
    return f"What can be made of it is {made}, where {wanted} is expected."


def _fits(text: str, expected: tuple[type, ...]) -> bool:
    value = decode(exact_bytes(text))
    return isinstance(value, expected) and not isinstance(value, CorruptJSON)


def _cleaned(text: str) -> tuple[str, list[RepairPiece], str]:
    """Put marks in the place of what is no text, and take away what holds none.

    Returns:
        The text, what was done to it as pieces, and in words.

    Raises:
        ValueError: There is too much of that for what is left to say anything.
    """
    pieces: list[RepairPiece] = [RepairPiece("same", text)]
    how = []
    for pattern, words in _NO_TEXT.items():
        marked = [each for piece in pieces for each in _marked(piece, pattern)]
        if len(marked) > len(pieces):
            how.append(words)
        pieces = marked
    if pieces[0].text.startswith(_BOM):
        pieces[:1] = [
            RepairPiece("removed", _BOM),
            RepairPiece("same", pieces[0].text[len(_BOM) :]),
        ]
        how.append("takes away the byte order mark")
    end = pieces[-1].text.rstrip("\0")
    if end != pieces[-1].text:
        nuls = pieces[-1].text[len(end) :]
        pieces[-1:] = [RepairPiece(pieces[-1].op, end), RepairPiece("removed", nuls)]
        how.append("takes away the NUL bytes at the end")
    kept = "".join(piece.text for piece in pieces if piece.op != "removed")
    return kept, pieces, "; ".join(how)


def _marked(piece: RepairPiece, pattern: re.Pattern[str]) -> list[RepairPiece]:
    """Part a piece where a pattern finds what has to be marked.

    Raises:
        ValueError: It finds too much.
    """
    if piece.op != "same":
        return [piece]
    parts: list[RepairPiece] = []
    last = 0
    for match in pattern.finditer(piece.text):
        if match.groupdict().get("sound") is not None:
            continue
        if len(parts) > 3 * _MOST_MARKS:
            raise ValueError("Too much of it is no text for the rest to say anything.")
        parts.append(RepairPiece("same", piece.text[last : match.start()]))
        parts += [RepairPiece("removed", match[0]), RepairPiece("added", "\ufffd")]
        last = match.end()
    return [*parts, RepairPiece("same", piece.text[last:])]


def _first_value(text: str) -> tuple[str, str]:
    """Part a text where its first value ends, if that is what is wrong with it."""
    value = decode(exact_bytes(text))
    if not isinstance(value, CorruptJSON) or value.offset is None:
        return text, ""
    raw = exact_bytes(text)
    if isinstance(decode(raw[: value.offset]), CorruptJSON):
        return text, ""
    return tolerant_text(raw[: value.offset]), tolerant_text(raw[value.offset :])
