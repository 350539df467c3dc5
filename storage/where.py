"""The conditions of a query, with the values that they bind."""

from __future__ import annotations

from typing import Any, Self

from storage import rows


class Where:
    """Conditions that all have to hold; with none, everything passes.

    Attributes:
        values: What the conditions bind, in their order.
    """

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> Self:
        """Add a condition in SQL, and its values."""
        self._conditions.append(condition)
        self.values += values
        return self

    def equals(self, expression: str, wanted: rows.Value) -> Self:
        """Ask that an expression has a value, also one of bad text; None asks for nothing."""
        if wanted is None:
            return self
        mark, value = rows.bindable(wanted)
        return self.add(f"{expression} = {mark}", value)

    def after(self, moment: str, key: str, cursor: list[Any]) -> Self:
        """Ask for what comes after a cursor (moment, key) when both are descending.

        The two halves are spelled so that SQLite finds the place through an index on the moment.
        """
        at, last = cursor
        return self.add(f"{moment} <= ? AND ({moment} < ? OR {key} < ?)", at, at, last)

    @property
    def sql(self) -> str:
        """The conditions, as they follow WHERE."""
        return " AND ".join(self._conditions) or "1"
