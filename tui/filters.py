"""What the rows of a list have in common."""

from __future__ import annotations

from typing import Any, NamedTuple


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
