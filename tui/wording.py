"""Small words of sentences on screen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from tui.aloud import is_read_aloud
from tui.values import compact_json


def counted(count: int, noun: str) -> str:
    """Give a number with its noun: `1 pattern`, `1,204 interactions`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop; the name of a file or record stays itself."""
    text = text.strip()
    if not text:
        return ""
    end = "" if text[-1] in ".!?\u2026" else "."
    is_word = text.split(maxsplit=1)[0].rstrip(",:;.!?").replace("-", "").isalpha()
    return f"{text[0].upper() if is_word else text[0]}{text[1:]}{end}"


def of_system(error: OSError) -> str:
    """Say what an error of the system means, and of which file; its number says nothing."""
    if not error.strerror:
        return str(error)
    name = error.filename
    where = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes | os.PathLike) else ""
    return f"{where}{error.strerror}"


def confidence(value: object) -> str:
    """Give a confidence in four cells, `.91` or `1.00`; what is no number is given as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)[:20]
    if 0 <= value <= 1:
        return f"{value:.2f}".removeprefix("0")
    try:
        return f"{value:g}"
    except OverflowError:
        # JSON holds whole numbers of any length.
        return ">1e308" if value > 0 else "<-1e308"


def confidences(one: object, other: object) -> tuple[str, str]:
    """Give two confidences that differ so that this is seen: in full where rounding hides it."""
    told = confidence(one), confidence(other)
    if told[0] != told[1]:
        return told
    return compact_json(one, 40), compact_json(other, 40)


def with_those_beside(what: str, more: int) -> str:
    """Name records with those that go along because they share an id: `1 pattern, and 1 more …`."""
    return f"{what}, and {more:,} more of the same id" if more else what


def in_bytes(size: int) -> str:
    """Give a size: `512 bytes`, `1.2 kB`, `3.4 MB`, `5.6 GB`."""
    if size < 1000:
        return counted(size, "byte")
    told = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        told /= 1000
        if told < 1000 or unit == "TB":
            break
    return f"{told:,.1f} {unit}"


def meter(share: float, cells: int) -> str:
    """Draw how much of something is done, from 0 to 1; nothing for a screen reader."""
    if is_read_aloud():
        return ""
    filled = int(cells * share)
    return "\u2588" * filled + "\u2591" * (cells - filled)


def time_of(record: Mapping[str, Any]) -> object:
    """Give when a record, live or archived, was said or seen; else when it was archived."""
    inner = record.get("record")
    for each in (inner if isinstance(inner, Mapping) else {}, record):
        for name in _TIMES:
            if each.get(name):
                return each[name]
    return record.get("archived_at")


_TIMES: Final = ("timestamp", "last_seen", "created_at", "updated_at")


def what_of(row: Mapping[str, Any]) -> object:
    """Say what an interaction was about: the file, where it has neither text nor details."""
    return row["file_path"] if row["excerpt"] in (None, "", "{}", "[]") else row["excerpt"]
