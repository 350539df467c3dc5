"""What the rows of a list have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple


class Filter(NamedTuple):
    """One thing that the rows of a list have in common.

    Attributes:
        field: What the store calls it.
        value: What it has to be.
        label: How a person reads it, such as `session:s-91`.
    """

    field: str
    value: Any
    label: str


TIMES: Final = ("after", "before")
"""Filters by a stretch of time, as they are typed."""


def with_moment(chosen: Filter) -> Filter:
    """Give a filter with the time that it means, where a person typed one.

    Raises:
        ValidationError: It is no time.
    """
    if chosen.field not in TIMES:
        return chosen
    from storage import read_time

    return chosen._replace(value=read_time(chosen.value, datetime.now().astimezone()).isoformat())
