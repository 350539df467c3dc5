"""Spelling what differs so that a person sees that it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from unicodedata import combining, normalize

from tui.text import safe_text
from tui.values import compact_json

_NEARBY: Final = 8_000


def unlike(
    olds: Sequence[Any], news: Sequence[Any], spell: Callable[[Any], str], limit: int
) -> tuple[list[str], list[str]]:
    """Spell values that were and that are, none of the one as one of the other.

    Of two long texts that differ only further on, something is left out before that.
    Where they look alike, as the text 3306 and the number do, they are spelled as JSON; where they
    still do, as letters that can be written in two ways, by the codes of these letters.

    Args:
        olds: What was, and is not.
        news: What is, and was not.
        spell: Spells one of them for a person.
        limit: Characters of each that are shown.
    """
    if len(olds) == len(news) == 1:
        olds, news = ([each] for each in _near(olds[0], news[0], limit))

    def as_json(value: Any) -> str:
        return safe_text(compact_json(value, limit), limit)

    def by_codes(value: Any) -> str:
        return safe_text(_coded(compact_json(value, limit)), limit)

    spelled = []
    for way in (spell, as_json, by_codes):
        old, new = [way(each) for each in olds], [way(each) for each in news]
        if {_composed(each) for each in old}.isdisjoint(map(_composed, new)):
            return old, new
        spelled.append((old, new))
    # They differ further on than is shown.
    return spelled[1]


def alike_up_to(one: str, other: str) -> int:
    """Say how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, its) in pairs if mine != its), min(len(one), len(other)))


def _near(old: Any, new: Any, limit: int) -> tuple[Any, Any]:
    """Leave something out of two texts where they would be cut before they differ."""
    if not (isinstance(old, str) and isinstance(new, str)) or max(len(old), len(new)) <= limit:
        return old, new
    at, part = alike_up_to(old, new), limit // 4
    if at <= 2 * part:
        return old, new
    old, new = (
        f"{each[: _outside(each, part)]} \u2026 {each[_outside(each, at - part) :]}"
        for each in (old, new)
    )
    return old, new


def _outside(text: str, at: int) -> int:
    """Move a place out of a secret, to its beginning: a part of one would not be masked."""
    from tui.secrets import find_secrets

    first = max(0, at - _NEARBY)
    for secret in find_secrets(text[first : at + _NEARBY], is_cut=True):
        if first + secret.start < at < first + secret.end:
            return first + secret.start
    return at


def spelled_apart(names: Sequence[str]) -> list[str]:
    """Spell names that look alike and are others by the codes of their letters."""
    others: dict[str, set[str]] = {}
    for name in names:
        others.setdefault(_composed(name), set()).add(name)
    return [name if len(others[_composed(name)]) == 1 else _coded(name) for name in names]


def _composed(text: str) -> str:
    return text if text.isascii() else normalize("NFC", text)


def _coded(text: str) -> str:
    return "".join(
        f"\\u{ord(each):04x}" if combining(each) or normalize("NFD", each) != each else each
        for each in text
    )
