"""What the rows of a list have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple


class Filter(NamedTuple):
    """One thing that the rows of a list have in common.

    Attributes:
        field: What the store calls it.
        value: What it has to be.
        label: How a person reads it, such as `session:s-91`.
        parts: What to filter by in the place of this, where several were typed after one another.
    """

    field: str
    value: Any
    label: str
    parts: tuple[Filter, ...] = ()


TIMES: Final = ("after", "before")
"""Filters by a stretch of time, as they are typed."""


TAG: Final = "tag"
"""The filter by what a person put on a record."""


DIFFERS: Final = "differs"
"""The filter by what a person changed in a mirror, so that it is other than in the source."""


def typed_apart(text: str, names: Iterable[str]) -> list[str]:
    """Take apart what was typed, such as `session:s-91 text:ship it`, before each of the names."""
    starts = "|".join(map(re.escape, sorted(names)))
    return re.split(rf"\s+(?=(?:{starts}):)", text) if starts else [text]


def tag_in(filters: Iterable[Filter]) -> str | None:
    """Give the tag that is filtered by, or None."""
    return next((str(each.value) for each in filters if each.field == TAG), None)


def with_moment(chosen: Filter) -> Filter:
    """Give a filter with the time that it means, where a person typed one.

    Raises:
        ValidationError: It is no time.
    """
    if chosen.field not in TIMES:
        return chosen
    from storage import read_time

    return chosen._replace(value=read_time(chosen.value, datetime.now().astimezone()).isoformat())
