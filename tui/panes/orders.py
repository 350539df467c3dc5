"""The orders that a list can be shown in."""

from __future__ import annotations

from typing import NamedTuple


class Order(NamedTuple):
    """An order of a list.

    Attributes:
        value: What the store calls it; None is the usual one.
        label: What a person reads.
        by_time: Whether one can go to a time in it.
        column: The column by which it orders; a click on its title chooses the order.
    """

    value: str | None
    label: str
    by_time: bool = False
    column: str = ""
