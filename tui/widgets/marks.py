"""Which records of a list a person selected: single ones, all of them, a range at the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Final

_AT_ONCE: Final = 20_000


class Marks:
    """The selection of one table.

    Selecting all of a million rows takes no time, because only exceptions from it are kept, until
    the list is read anew: then `settle()` makes single selections of it.

    Attributes:
        anchor: Index where the range began, or None when there is no range.
    """

    def __init__(self) -> None:
        self.anchor: int | None = None
        self._every: Sequence[Hashable] | None = None
        # What is selected, or what is not where all are.
        self._keys: set[Hashable] = set()

    def __bool__(self) -> bool:
        return bool(self._keys) or self._every is not None or self.anchor is not None

    def holds(self, key: Hashable, index: int, cursor: int) -> bool:
        """Say whether a record is selected, the range up to the cursor included."""
        return self._is_single(key) or (self.anchor is not None and index in self._span(cursor))

    def count(self, cursor: int, keys: Sequence[Hashable]) -> int:
        """Count what is selected."""
        singles = len(self._keys) if self._every is None else len(self._every) - len(self._keys)
        span = self._span(cursor)
        return singles + sum(not self._is_single(key) for key in keys[span.start : span.stop])

    def among(self, keys: Sequence[Hashable]) -> Sequence[Hashable]:
        """Give the selected ones of these keys, in their order."""
        if self._every is keys and not self._keys:
            return keys
        return [key for key in keys if self._is_single(key)]

    def toggle(self, key: Hashable) -> None:
        """Select a record, or let go of it."""
        self._keys.symmetric_difference_update((key,))

    def select_all(self, keys: Sequence[Hashable]) -> None:
        """Select all of these."""
        self.clear()
        self._every = keys

    def clear(self) -> None:
        """Let go of everything."""
        self._keys, self._every, self.anchor = set(), None, None

    def end_range(self, keys: Sequence[Hashable], cursor: int) -> None:
        """Turn the range into single selections."""
        span = self._span(cursor)
        for key in keys[span.start : span.stop]:
            if not self._is_single(key):
                self.toggle(key)
        self.anchor = None

    async def settle(self) -> None:
        """Keep what is selected when the list is about to become another one."""
        every, exceptions = self._every, self._keys
        if every is None:
            return
        selected: set[Hashable] = set()
        for start in range(0, len(every), _AT_ONCE):
            selected.update(every[start : start + _AT_ONCE])
            await asyncio.sleep(0)
        if self._every is every:
            self._every, self._keys = None, selected - exceptions

    def _is_single(self, key: Hashable) -> bool:
        return (key in self._keys) != (self._every is not None)

    def _span(self, cursor: int) -> range:
        if self.anchor is None:
            return range(0)
        return range(min(self.anchor, cursor), max(self.anchor, cursor) + 1)
