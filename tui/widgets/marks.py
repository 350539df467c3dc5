"""Which records of a list a person selected: single ones, all of them, a range at the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence

from tui.widgets.in_parts import in_parts
from tui.widgets.relocate import relocate


class Marks:
    """The selection of one table.

    Selecting all of a million rows takes no time, because only exceptions from it are kept, until
    the list is read anew: then `settle()` makes single selections of it. A selection is of records:
    none comes to it or leaves it by a list that is read anew, and of those that the list no longer
    has none is counted or given, until it comes back.

    Attributes:
        anchor: Index where the range began, or None when there is no range.
    """

    def __init__(self) -> None:
        self.anchor: int | None = None
        self._every: Sequence[Hashable] | None = None
        # What is selected, or what is not where all are.
        self._keys: set[Hashable] = set()
        # Of these, what the list no longer has.
        self._away: set[Hashable] = set()
        # What came to stand within the range, and was never selected.
        self._apart: set[Hashable] = set()

    def __bool__(self) -> bool:
        return bool(self._keys) or self._every is not None or self.anchor is not None

    def holds(self, key: Hashable, index: int, cursor: int) -> bool:
        """Say whether a record is selected, the range up to the cursor included."""
        return self._is_single(key) or (index in self._span(cursor) and key not in self._apart)

    def count(self, cursor: int, keys: Sequence[Hashable]) -> int:
        """Count what is selected."""
        singles = len(self._keys) if self._every is None else len(self._every) - len(self._keys)
        return singles - len(self._away) + len(self._range(keys, cursor))

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
        self._keys, self._every, self._away = set(), None, set()
        self._let_go_of_range()

    def noted(self) -> Collection[Hashable] | None:
        """Give what is selected now, for `let_go_of`; None where it is more than one can note."""
        return None if self._every is not None else self._keys.copy()

    def let_go_of(self, noted: Collection[Hashable] | None) -> None:
        """Let go of what was selected then, and not of what was selected since."""
        if noted is None:
            self.clear()
        elif self._every is None:
            self._keys.difference_update(noted)
            self._away.difference_update(noted)

    def end_range(self, keys: Sequence[Hashable], cursor: int) -> None:
        """Turn the range into single selections."""
        self._keys.symmetric_difference_update(self._range(keys, cursor))
        self._let_go_of_range()

    async def settle(
        self, to: Sequence[Hashable], names: Mapping[Hashable, Hashable] | None = None
    ) -> None:
        """Keep what is selected when the list is about to become another one.

        Args:
            to: The keys of that one.
            names: The keys there of records that had others.
        """
        await self._settle_all()
        for before, now in (names or {}).items():
            for keys in (self._keys, self._apart):
                if before in keys:
                    keys.remove(before)
                    keys.add(now)
        held = self._keys
        away = set(held)
        for part in in_parts(to):
            if not away:
                break
            away.difference_update(part)
            await asyncio.sleep(0)
        if self._keys is held and self._every is None:
            self._away = away & held

    async def _settle_all(self) -> None:
        every, exceptions = self._every, self._keys
        if every is None:
            return
        selected: set[Hashable] = set()
        for part in in_parts(every):
            selected.update(part)
            await asyncio.sleep(0)
        if self._every is every:
            self._every, self._keys = None, selected - exceptions

    def carry_range(
        self, old: Sequence[Hashable], at: int, new: Sequence[Hashable], cursor: int
    ) -> None:
        """Have the range hold the same records where the list became another one.

        Args:
            old: Its keys as they were.
            at: Where the cursor was in them.
            new: Its keys as they are.
            cursor: Where the cursor is in them.
        """
        if self.anchor is None:
            return
        span = self._span(at)
        held = set(old[span.start : span.stop]) - self._apart
        self.anchor = relocate(old, new, self.anchor)
        span = self._span(cursor)
        within = set(new[span.start : span.stop])
        self._apart = within - held
        left = {key for key in held - within if not self._is_single(key)}
        self._keys.symmetric_difference_update(left)
        self._away.update(key for key in left & self._keys if not _holds(new, key))

    def _range(self, keys: Sequence[Hashable], cursor: int) -> list[Hashable]:
        """Give what the range alone selects."""
        span = self._span(cursor)
        within = keys[span.start : span.stop]
        return [key for key in within if key not in self._apart and not self._is_single(key)]

    def _let_go_of_range(self) -> None:
        self.anchor, self._apart = None, set()

    def may_hold(self, key: Hashable) -> bool:
        """Say whether a record is selected, as far as one can without knowing where it stands."""
        return self.anchor is not None or self._is_single(key)

    def _is_single(self, key: Hashable) -> bool:
        return (key in self._keys) != (self._every is not None)

    def _span(self, cursor: int) -> range:
        if self.anchor is None:
            return range(0)
        return range(min(self.anchor, cursor), max(self.anchor, cursor) + 1)


def _holds(keys: Sequence[Hashable], key: Hashable) -> bool:
    # Not `in`, for which a sequence makes all of its keys.
    try:
        keys.index(key)
    except ValueError:
        return False
    return True
