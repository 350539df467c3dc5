"""The only door from data to the screen.

What a memory holds was written by agents, tools and strangers. A terminal obeys some of it: escape
codes write the clipboard, bidi marks reorder a line, zero-width marks hide text, markup becomes a
button. Whatever comes from a database, a file name or an error passes through `safe_text()` on its
way to a widget or to standard output; after it, text is only text.

Importable without Textual, for the command line; `content()` and `rich_text()` load what they need.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tui.values import as_text

if TYPE_CHECKING:
    from rich.text import Text
    from textual.content import Content

LINE_LIMIT: Final = 400
"""Characters that are enough for any single line."""

PAGE_LIMIT: Final = 65_536
"""Characters that a widget can wrap without making a key press wait."""

# Real scripts stack up to four (Hebrew with cantillation, Vietnamese, Tibetan); zalgo stacks more.
_MARKS_IN_A_ROW: Final = 4
_TAB: Final = 4
_EXCERPT: Final = 300

# Printable to Python, and yet nothing is seen: fillers, joiners, selectors that can carry bytes.
_INVISIBLE: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0}
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
# Typed with a keyboard as any letter; a word or an emoji is another one without them.
_JOINS: Final = dict.fromkeys((0x200C, 0x200D, 0xFE0E, 0xFE0F), "\u00b7")
_ESCAPED: Final = frozenset({"Cf", "Co", "Cn", "Zl", "Zp"})
_SELECTOR: Final = re.compile("(.)[\ufe0e\ufe0f]", re.DOTALL)


class _Visible(dict[int, str]):
    """What stands for a character, found out when it is first met."""

    def __init__(self, newline: str) -> None:
        super().__init__({0x0A: newline, 0x7F: "\u2421", 0x2800: " ", 0x3000: "  "})

    def __missing__(self, code: int) -> str:
        shown = self[code] = _shown(code)
        return shown


def _shown(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that was not UTF-8, as `surrogateescape` carries it.
        return f"\\x{code - 0xDC00:02x}"
    category = unicodedata.category(chr(code))
    if category == "Zs":
        return " "
    if category in _ESCAPED or category in {"Cc", "Cs"} or code in _INVISIBLE:
        return _escape(code)
    return chr(code)


def _escape(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


class _Door:
    """Whether what goes through the door loses its secrets on the way."""

    hides_secrets = False


def hide_secrets(hides: bool) -> None:
    """Have secrets masked in all that is shown from now on, or shown as they are."""
    _Door.hides_secrets = hides


def hides_secrets() -> bool:
    """Say whether secrets are masked in what is shown."""
    return _Door.hides_secrets


_IN_ONE_LINE: Final = _Visible("\u23ce")
_IN_LINES: Final = _Visible("\n")


def safe_text(value: object, limit: int = PAGE_LIMIT, *, lines: bool = False) -> str:
    r"""Make `value` a text that a terminal can only show.

    Control characters become control pictures (`␛`) or escapes (`\x9b`), as do bidi controls,
    zero-width, private and unassigned characters and bytes that are no UTF-8; tabs become spaces;
    marks stacked without end are cut. Plain text comes back as it is.

    Args:
        value: Text, bytes, a number, None (which reads as nothing) or decoded JSON.
        limit: Characters of the value that are shown; the rest is counted, not shown.
        lines: Whether a line break stays one; it is shown as `⏎` otherwise.

    Returns:
        Printable text, at most ten times `limit` and a few words long.
    """
    text, length = (value, len(value)) if isinstance(value, str) else as_text(value, limit)
    shown = limit
    is_whole = length is not None and length <= limit
    if _Door.hides_secrets:
        from tui.secrets import mask_text

        # A short row holds the beginning of a text, and does not say so.
        is_cut = not is_whole or len(text) >= _EXCERPT
        text, limit = mask_text(text[:limit], is_cut=is_cut), PAGE_LIMIT * 2
    if is_whole:
        return _visible(text, lines)
    more = "" if length is None else f" ({length - shown:,} more)"
    return f"{_visible(text[:limit], lines)}\u2026{more}"


def rich_text(value: object, *, style: str = "") -> Text:
    """Give `safe_text()` as Rich text, for trees and tables; nothing in it is markup."""
    from rich.text import Text

    return Text(safe_text(value, LINE_LIMIT), style=style, end="")


def content(value: object, limit: int = PAGE_LIMIT, *, style: str = "") -> Content:
    """Give `safe_text()` as content, for every other widget; nothing in it is markup."""
    from textual.content import Content

    text = safe_text(value, limit, lines=True)
    return Content.styled(text, style) if style else Content(text)


def spans(*parts: tuple[object, str]) -> Content:
    """Join values, each with a style of its own (`""` for none), to one content."""
    from textual.content import Content

    return Content("").join([content(value, LINE_LIMIT, style=style) for value, style in parts])


def named_value(name: str, value: Any) -> Any:
    """Give what is shown of a field's single value: a mask where its name tells a secret."""
    if not _Door.hides_secrets:
        return value
    from tui.secrets import is_secret_name, mask_field

    return mask_field(name, value) if is_secret_name(name) else value


def beginning(text: str, limit: int) -> str:
    """Cut a text that something else is put behind, before it goes through the door."""
    if not _Door.hides_secrets:
        return text[:limit]
    from tui.secrets import mask_text

    return mask_text(text[:limit], is_cut=len(text) > limit)


def lines_of_spans(lines: Iterable[Iterable[tuple[object, str]]]) -> Content:
    """Join lines, each of values with a style of its own, to one content."""
    from textual.content import Content

    return Content("\n").join([spans(*line) for line in lines])


def typeable(value: str) -> str:
    """Give a text of the same length for a line to type in: what cannot be seen is a space.

    What joins signs to one stays, such as the joiners of an emoji of a family or of a word in
    Persian; `seen_joins` shows where it stands.
    """
    if value.isascii() and value.isprintable():
        return value
    return "".join(char if ord(char) in _JOINS or _is_seen(char) else " " for char in value)


def seen_joins(value: str) -> str:
    """Give what is seen of a text in a line to type in, of the same length."""
    return value if value.isascii() else value.translate(_JOINS)


@lru_cache(maxsize=8192)
def _is_seen(char: str) -> bool:
    # Behind a letter, because an accent alone is shown on a dotted circle.
    return safe_text(f"a{char}") == f"a{char}"


def _visible(text: str, lines: bool) -> str:
    if text.isascii():
        if text.isprintable():
            return text
    elif text.isprintable() and not _needs_care(text):
        return text
    if "\t" in text:
        text = text.expandtabs(_TAB)
    if "\ufe0e" in text or "\ufe0f" in text:
        text = _SELECTOR.sub(_without_selector, text)
    text = text.translate(_IN_LINES if lines else _IN_ONE_LINE)
    return text if text.isascii() else _without_stacks(text)


def _needs_care(text: str) -> bool:
    return any(map(_is_suspect, set(text)))


@lru_cache(maxsize=8192)
def _is_suspect(char: str) -> bool:
    return _is_mark(char) or _IN_ONE_LINE[ord(char)] != char


@lru_cache(maxsize=8192)
def _is_mark(char: str) -> bool:
    """Whether a terminal may draw it over the character before it."""
    code = ord(char)
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FF
        or 0x1F3FB <= code <= 0x1F3FF
    )


def _without_selector(match: re.Match[str]) -> str:
    # After a symbol it only chooses colour or monochrome, and terminals disagree about the width.
    base = match[1]
    if unicodedata.category(base) in {"So", "Sm", "Sk", "Po", "Pd"} or base in "0123456789#*":
        return base
    return match[0]


def _without_stacks(text: str) -> str:
    if not any(map(_is_mark, set(text))):
        return text
    pieces: list[str] = []
    run = 0
    at_start = True
    for char in text:
        run = run + 1 if _is_mark(char) else 0
        if run and at_start:
            # It would be drawn over whatever stands before the text.
            pieces.append("\u25cc")
        if run <= _MARKS_IN_A_ROW:
            pieces.append(char)
        elif run == _MARKS_IN_A_ROW + 1:
            pieces.append("\ufffd")
        at_start = char == "\n"
    return "".join(pieces)
