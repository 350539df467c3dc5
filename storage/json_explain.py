"""Saying in words, and to the byte, why a text is not JSON.

orjson says that it is not and where it stopped; here its few messages are told apart by what
stands there: a text that was cut off, two that were spliced, Python's `repr`, a bare path, …
Every explanation is the rest of a sentence that begins with the field: "ends in the middle of a
string". None holds more of the text than one character.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import orjson

from storage.json_integers import blank_long_integers

_BOM: Final = b"\xef\xbb\xbf"
_WHITE_SPACE: Final = b" \t\r\n"
_TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*+("?)|[\[\]{}]', re.DOTALL)
_TORN_ESCAPE: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{0,4})?(?:\\u?[0-9A-Fa-f]{0,3})?")
_PYTHON: Final = re.compile(r"None\b|True\b|False\b|[bru]?'")
_NOT_A_NUMBER: Final = re.compile(r"[-+]?(?:NaN|Infinity|inf|nan)\b", re.IGNORECASE)
_PATH: Final = re.compile(r"[./~\\]+[\w.~\\/-]|[A-Za-z]:[\\/]|[\w.-]+[/\\][\w.-]")
_POINT: Final = re.compile(r"\.\d")
_COMMENT: Final = re.compile(r"//|/\*|#")
_WORD: Final = re.compile(r"\w")

_Explanation = tuple[str, int]
_Explainer = Callable[[str, int], _Explanation]


def explain(raw: bytes) -> tuple[str, int | None]:
    """Say what keeps a text from being JSON.

    Args:
        raw: The exact bytes of the field.

    Returns:
        The explanation, and the byte in `raw` where the fault begins, or None where it is all of
        the text (or nothing, if it is valid JSON after all).
    """
    if not raw:
        return "is empty", None
    if not raw.strip(_WHITE_SPACE):
        return "is nothing but white space", None
    if not raw.strip(b"\0"):
        return f"is nothing but {_nuls(raw.decode())}", 0
    if raw.startswith(_BOM):
        return "begins with a byte order mark, which JSON does not have", 0
    try:
        text = raw.decode()
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data":
            return "ends in the middle of a character", fault.start
        return f"is not UTF-8: byte 0x{raw[fault.start]:02x} cannot stand there", fault.start
    error = _judge(blank_long_integers(raw))
    if error is None:
        return "is valid JSON", None
    position = min(error.pos, len(text))
    explainer = _EXPLAINERS.get(error.msg, _fixed(f"is not JSON: {error.msg}"))
    words, position = explainer(text, position)
    return words, len(text[:position].encode())


def _judge(raw: bytes) -> orjson.JSONDecodeError | None:
    """Ask orjson what is wrong.

    It makes room for the values that fit into a text where each bracket is closed. Many that are
    left open run out of room before the fault is reached; white space after them makes more.
    """
    error = None
    for padding in (b"", b" " * len(raw)):
        try:
            orjson.loads(raw + padding)
        except orjson.JSONDecodeError as found:
            # Its traceback holds this frame, and so all of the text, in a cycle.
            error = found.with_traceback(None)
        if error is None or error.msg != "failed to allocate memory":
            break
    return error


def _cut_off(text: str, position: int) -> _Explanation:
    """Name what is unfinished at the end of the text."""
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            open_brackets.append(mark)
        elif mark in "]}":
            open_brackets.pop()
        elif not token[1]:
            return "ends in the middle of a string", position
    last = text.rstrip()[-1:]
    if _WORD.match(last) or last in "-+.":
        before = re.search(r"[-+.\w]+$", text.rstrip())
        word = before[0] if before else ""
        if word and not _is_complete(word):
            kind = "word" if word[0].isalpha() else "number"
            return f"ends in the middle of a {kind}", position
    kind = "an array" if open_brackets[-1:] == ["["] else "an object"
    depth = len(open_brackets)
    still = "1 bracket is" if depth == 1 else f"{depth} brackets are"
    return f"ends in the middle of {kind}: {still} still open", position


def _is_complete(word: str) -> bool:
    try:
        orjson.loads(word)
    except orjson.JSONDecodeError:
        return False
    return True


def _no_value(text: str, position: int) -> _Explanation:
    rest = text[position : position + 80]
    for pattern, words in (
        (_NOT_A_NUMBER, "has NaN or Infinity, which JSON does not have"),
        (_PYTHON, "has Python's spelling (None, True, single quotes) instead of JSON's"),
        (_COMMENT, "has a comment, which JSON does not have"),
        (_PATH, "has a bare path where a value should be"),
        (_WORD, "has a bare word where a value should be"),
    ):
        if pattern.match(rest):
            return words, position
    if rest[:1] in (",", "]", "}", ":"):
        return f"lacks a value before {_name(rest[0])}", position
    return _stray(text, position, "a value")


def _no_key(text: str, position: int) -> _Explanation:
    rest = text[position : position + 80]
    if rest.startswith("'"):
        return "has Python's spelling (None, True, single quotes) instead of JSON's", position
    if _COMMENT.match(rest):
        return "has a comment, which JSON does not have", position
    if _WORD.match(rest):
        return "has a key without double quotes", position
    return _stray(text, position, "a key in double quotes")


def _no_comma(text: str, position: int) -> _Explanation:
    here = text[position]
    if here in '"{[-' or _WORD.match(here):
        return "lacks a comma before the next item", position
    if here in "]}":
        return f"closes with {_name(here)} what another bracket opened", position
    return _stray(text, position, "a comma or a closing bracket")


def _no_colon(text: str, position: int) -> _Explanation:
    return _stray(text, position, "a colon")


def _more(text: str, position: int) -> _Explanation:
    """Name what follows a value that was complete."""
    rest = text[position:]
    if rest[0] == "\0":
        return f"has {_nuls(rest)} after its end", position
    if rest[0] in '{["':
        return "has a second value after the first one ended", position
    if _COMMENT.match(rest):
        return "has a comment, which JSON does not have", position
    if rest[0] in "]}":
        return f"has a {_name(rest[0])} too many", position
    return f"goes on with {_name(rest[0])} after its value ended", position


def _sign(text: str, position: int) -> _Explanation:
    """Name what stands for a number; orjson stops before or after the sign."""
    start = position - 1 if position and text[position - 1] == "-" else position
    rest = text[start : start + 80]
    if _NOT_A_NUMBER.match(rest):
        return "has NaN or Infinity, which JSON does not have", start
    if _PATH.match(rest) and not _POINT.match(rest):
        return "has a bare path where a value should be", start
    if rest[0] == "-":
        return "has a minus sign without digits", start
    return f"has a number that begins with {_name(rest[0])}", start


def _control(text: str, position: int) -> _Explanation:
    here = text[position]
    if here == "\0":
        return _stray(text, position, "the rest of a string")
    if here in "\r\n":
        return "has a raw line break inside a string", position
    return f"has the raw control character {_name(here)} inside a string", position


def _surrogate(text: str, position: int) -> _Explanation:
    if _TORN_ESCAPE.fullmatch(text, position):
        return "ends in the middle of a string", len(text)
    return "has a lone surrogate escape, which is half a character", position


def _escape(text: str, position: int) -> _Explanation:
    if _TORN_ESCAPE.fullmatch(text, position):
        return "ends in the middle of a string", len(text)
    return "has an escape in a string that JSON does not know", position


def _stray(text: str, position: int, expected: str) -> _Explanation:
    if text[position] != "\0":
        return f"has {_name(text[position])} where {expected} should be", position
    return f"has {_nuls(text[position:])} where {expected} should be", position


def _nuls(text: str) -> str:
    """Count the NUL bytes that `text` begins with."""
    count = len(text) - len(text.lstrip("\0"))
    return "a NUL byte" if count == 1 else f"a run of {count} NUL bytes"


def _name(character: str) -> str:
    """Spell a character so that it is only text: `';'`, or its number."""
    return repr(character) if "!" <= character <= "~" else f"U+{ord(character):04X}"


def _fixed(words: str, back: int = 0) -> _Explainer:
    return lambda _text, position: (words, position - back)


_EXPLAINERS: Final[dict[str, _Explainer]] = {
    "unexpected end of data": _cut_off,
    "unexpected character, expected a JSON value": _no_value,
    "invalid literal, expected 'true'": _no_value,
    "invalid literal, expected 'false'": _no_value,
    "invalid literal, expected 'null'": _no_value,
    "unexpected character, expected a string key": _no_key,
    "unexpected character, expected ':' after key": _no_colon,
    "unexpected character, expected ',' or '}'": _no_comma,
    "unexpected character, expected ',' or ']'": _no_comma,
    "unexpected content after document": _more,
    "unexpected control character in string": _control,
    "no digit after sign": _sign,
    "no low surrogate in string": _surrogate,
    "invalid low surrogate in string": _surrogate,
    "invalid high surrogate in string": _surrogate,
    "invalid escaped sequence in string": _escape,
    "invalid escape in string": _escape,
    "no digit after decimal point": _fixed("has a number that breaks off"),
    "no digit after exponent sign": _fixed("has a number that breaks off"),
    "trailing comma is not allowed": _fixed("has a comma after the last item"),
    "depth limit exceeded": _fixed("is nested deeper than 1024", back=1),
    "number with leading zero is not allowed": _fixed("has a number with a leading zero"),
    "number is infinity when parsed as double": _fixed("has a number too large for a double"),
}
