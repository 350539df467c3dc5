"""Filters and places in a list as they are kept between two visits, in what JSON can say."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final

from tui.filters import TIMES, Filter, with_moment

_LONGEST: Final = 2_000


def kept_filters(filters: Iterable[Filter]) -> list[list[Any]]:
    """Give filters as they are kept; one that JSON cannot say, or a very long one, is left out."""
    return [
        [each.field, each.value, each.label]
        for each in filters
        if isinstance(each.value, str | int | None) and len(f"{each.value}{each.label}") <= _LONGEST
    ]


def filters_of(kept: object) -> list[Filter]:
    """Give the filters that were kept, those that go by a time by what that means now.

    Args:
        kept: What `kept_filters` gave, if nobody wrote something else there.
    """
    found = []
    for each in kept if isinstance(kept, list) else ():
        match each:
            case [str() as field, str() | int() | None as value, str() as label]:
                typed = label.partition(":")[2] if field in TIMES else value
                try:
                    found.append(with_moment(Filter(field, typed, label)))
                except ValueError:
                    # No time by now, or never one: of what cannot be read nothing is let through.
                    continue
    return found


def kept_key(key: Hashable | None) -> list[Any] | None:
    """Give the key of a record or domain as it is kept; None for any other."""
    match key:
        case (str() as kind, str() as name):
            return [kind, name]
        case (str() as kind, (int() as rank, int() as rowid)):
            return [kind, rank, rowid]
    return None


def key_of(kept: object) -> Hashable | None:
    """Give the key that was kept, or None.

    Args:
        kept: What `kept_key` gave, if nobody wrote something else there.
    """
    match kept:
        case [str() as kind, str() as name]:
            return kind, name
        case [str() as kind, int() as rank, int() as rowid]:
            return kind, (rank, rowid)
    return None
