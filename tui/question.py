"""The text of a question: the filters in it, each of which can be put in and taken out."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tui.text import typeable

# As the search reads it: what is in quotes goes on to the next one, all else to the next space.
_QUOTE: Final = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02'
_TOKEN: Final = re.compile(
    rf"(?:(?<!\S)-(?=[^-\s]))?(?:(?:[A-Za-z]+:)?[{_QUOTE}][^{_QUOTE}]*(?:[{_QUOTE}]\*?|$)|\S+)"
)
_PLAIN: Final = re.compile(r"[^\s,]+")
# Longer ones come cut from the lists of the store.
_LONGEST: Final = 299
_ONE_OF_A_KIND: Final = frozenset({"archived", "before", "after"})


class Chip(NamedTuple):
    """A filter that stands in a question.

    Attributes:
        label: It, as it was typed.
        start: Where it begins.
        end: Where it ends.
    """

    label: str
    start: int
    end: int


def chips(text: str) -> list[Chip]:
    """Give the filters of a question, in their order."""
    return [
        Chip(token[0], token.start(), token.end())
        for token in _TOKEN.finditer(text)
        if is_filter(token[0])
    ]


def is_filter(token: str) -> bool:
    """Whether the search takes this for a filter, and not for words."""
    from storage import parse_query

    return ":" in token and parse_query(token).filters != parse_query("").filters


def without(text: str, *gone: Chip) -> str:
    """Take filters out of a question."""
    for chip in sorted(gone, key=lambda chip: -chip.start):
        before, after = text[: chip.start].rstrip(), text[chip.end :].lstrip()
        text = f"{before} {after}" if before and after else before or after
    return text


def token_for(name: str, value: str) -> str | None:
    """Spell a filter as it is typed; None where that cannot be, as with what nobody can see."""
    if typeable(value) != value or len(value) > _LONGEST or set(value) & set(_QUOTE):
        return None
    spelled = f"{name}:{value}" if _PLAIN.fullmatch(value) else f'{name}:"{value}"'
    return spelled if is_filter(spelled) else None


def with_filter(text: str, name: str, token: str) -> str:
    """Put a filter into a question; one that can be there once takes the place of another.

    Args:
        text: The question.
        name: The name of the filter.
        token: It, as `token_for` spells it.
    """
    if name in _ONE_OF_A_KIND:
        text = without(text, *(c for c in chips(text) if c.label.lower().startswith(f"{name}:")))
    if any(chip.label == token for chip in chips(text)):
        return text
    longer = f"{text.rstrip()} {token} ".lstrip()
    # Behind a quote that is not closed it would be part of the phrase.
    is_there = any(chip.label == token for chip in chips(longer))
    return longer if is_there else f"{token} {text}"
