"""Under which keys the records of a table go on that were written into other rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Final, overload

from tui.widgets.columns import Row
from tui.widgets.in_parts import in_parts
from tui.widgets.marks import Marks
from tui.widgets.pages import Pages

Find = Callable[[Mapping[Hashable, Row]], Awaitable[Mapping[Hashable, Hashable]]]
"""Gives the keys under which records stand now, of those whose key was another one."""

_MOST: Final = 1000


class Identities:
    """What the records are known by that a person holds: under the cursor, or selected.

    A key says in which row a record stands. An agent that writes a record anew puts it into another
    row, and may put another record into the one that it left.

    Attributes:
        find: Looks for records; nothing is looked for if None.
        former: The keys of before, of the records that have others since the last reading.
    """

    def __init__(self) -> None:
        self.find: Find | None = None
        self.former: Mapping[Hashable, Hashable] = {}
        self._held: dict[Hashable, Row] = {}

    async def follow(
        self, old: Pages, new: Pages, cursor: Hashable | None, marks: Marks
    ) -> Mapping[Hashable, Hashable]:
        """Give the keys that records have in a list read anew, where they had others.

        Args:
            old: The list as it was.
            new: The list read anew, what is in view being fetched.
            cursor: The key under the cursor, as it was.
            marks: What is selected.
        """
        self.former = {}
        if self.find is None:
            return {}
        known = {**self._held, **{key: row for key, row in old.known() if row is not None}}
        held = {key: row for key, row in known.items() if marks.may_hold(key)}
        # Of very many records only some are looked for, whenever an agent writes.
        held = dict(islice(held.items(), max(0, len(held) - _MOST), None))
        held.update((key, row) for key, row in known.items() if key == cursor)
        # What is in view under its key still, as nearly always all is, need not be looked for.
        now = {key: _id_of(row) for key, row in new.known() if row is not None}
        doubtful = {key: row for key, row in held.items() if now.get(key) != _id_of(row)}
        found = await _unknown(await self.find(doubtful), old) if doubtful else {}
        self._held = {found.get(key, key): row for key, row in held.items()}
        self.former = {key: before for before, key in found.items()}
        return found

    def were(self, key: Hashable) -> Hashable:
        """Give the key that a record had before the last reading."""
        return self.former.get(key, key)


class Renamed(Sequence[Hashable]):
    """Keys as they were, those of records that have others since by these.

    Args:
        keys: The keys.
        names: The new key of each that has one.
    """

    def __init__(self, keys: Sequence[Hashable], names: Mapping[Hashable, Hashable]) -> None:
        self._keys = keys
        self._names = names

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> Hashable: ...
    @overload
    def __getitem__(self, at: slice) -> list[Hashable]: ...
    def __getitem__(self, at: int | slice) -> Hashable | list[Hashable]:
        if isinstance(at, slice):
            return [self._names.get(key, key) for key in self._keys[at]]
        key = self._keys[at]
        return self._names.get(key, key)


def _id_of(row: Row) -> Hashable:
    return row.get("kind"), row.get("record_id")


async def _unknown(found: Mapping[Hashable, Hashable], old: Pages) -> Mapping[Hashable, Hashable]:
    """Leave out the records that stood there before, and only share the id of another one."""
    unknown = set(found.values())
    for part in in_parts(old.source.keys if unknown else ()):
        unknown.difference_update(part)
        await asyncio.sleep(0)
    return {key: now for key, now in found.items() if now in unknown}
