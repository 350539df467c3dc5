"""Lists of a store as the table wants them: keys in order, rows by key."""

from __future__ import annotations

import contextlib
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final, overload

if TYPE_CHECKING:
    from storage import Store
    from tui.widgets.columns import Row

Part = tuple[str, Sequence[Any]]

LISTS: Final = (
    *("interaction", "pattern", "archived_interaction", "archived_pattern"),
    *("world_model_state", "snapshot"),
)
"""The kinds of lists of records."""

PUBLIC_ID: Final = {
    "interaction": "record_id",
    "pattern": "record_id",
    "archived_interaction": "interaction_id",
    "archived_pattern": "pattern_id",
    "world_model_state": "record_id",
    "snapshot": "record_id",
}
"""Where a short row of a list has the id that its record is known by; None where it has none."""


class JoinedKeys(Sequence[tuple[str, Any]]):
    """Several lists of keys one after the other, each key with the kind of its list.

    Args:
        parts: Kind and keys of each list.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._ends = list(accumulate(len(keys) for _, keys in parts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @property
    def spans(self) -> list[range]:
        """The indexes of each list, those that are empty left out."""
        starts = [0, *self._ends]
        return [range(*pair) for pair in pairwise(starts) if pair[0] < pair[1]]

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for kind, keys in self._parts:
            for key in keys:
                yield kind, key

    @overload
    def __getitem__(self, at: int) -> tuple[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, Any] | list[tuple[str, Any]]:
        if isinstance(at, slice):
            return self._some(range(*at.indices(len(self))))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        number = bisect_right(self._ends, at)
        kind, keys = self._parts[number]
        return kind, keys[at - (self._ends[number] - len(keys))]

    def _some(self, at: range) -> list[tuple[str, Any]]:
        if at.step != 1:
            return [self[index] for index in at]
        found: list[tuple[str, Any]] = []
        for end, (kind, keys) in zip(self._ends, self._parts, strict=True):
            first = end - len(keys)
            part = keys[max(at.start - first, 0) : max(at.stop - first, 0)]
            found += [(kind, key) for key in part]
        return found

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Say where a key stands.

        Raises:
            ValueError: It is not among them.
        """
        last = len(self) if stop is None else stop
        for end, (kind, keys) in zip(self._ends, self._parts, strict=True):
            if kind != value[0]:
                continue
            with contextlib.suppress(ValueError):
                at = end - len(keys) + keys.index(value[1])
                if start <= at < last:
                    return at
        raise ValueError(f"{value!r} is not among the keys")


class StoreSource:
    """One or more lists of a store, one after the other.

    Args:
        store: The store.
        parts: Kind and keys of each list.
        excerpt: Characters of what a record tells; as many as a list shows if None.
    """

    def __init__(self, store: Store, *parts: Part, excerpt: int | None = None) -> None:
        self._store = store
        self._excerpt = excerpt
        self.keys: Sequence[Hashable] = JoinedKeys(parts)

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the short rows of these keys, each with its `kind`."""
        return await summaries(self._store, keys, excerpt=self._excerpt)


async def summaries(
    store: Store, keys: Sequence[Any], *, excerpt: int | None = None
) -> list[Row | None]:
    """Give the short rows of keys of any kinds, in their order, each with its `kind`."""
    longer = {} if excerpt is None else {"excerpt": excerpt}
    found: dict[Hashable, Row | None] = {}
    for kind in dict.fromkeys(kind for kind, _ in keys):
        wanted = [key for own, key in keys if own == kind]
        rows = await store.get_summaries(kind, wanted, **longer)
        for key, row in zip(wanted, rows, strict=True):
            found[kind, key] = None if row is None else {**row, "kind": kind}
    return [found[key] for key in keys]


async def moved(store: Store, rows: Mapping[Any, Row]) -> dict[Hashable, Hashable]:
    """Give the keys of live records that stand in other rows than they did.

    Args:
        store: Where they are.
        rows: The short row of each, by the key that it had.

    Returns:
        The key that each has now; one that no list has where it is gone and its row is another's.
    """
    found: dict[Hashable, Hashable] = {}
    for kind in ("interaction", "pattern"):
        ids = {key: str(row["record_id"]) for key, row in rows.items() if key[0] == kind}
        places = await store.locate(kind, ids.values()) if ids else {}
        now = {
            key: (place.kind, place.key)
            for key, record_id in ids.items()
            if (place := places.get(record_id)) is not None and place.kind == kind
        }
        found.update((key, at) for key, at in now.items() if at != key)
        gone = [key for key in ids if key not in now]
        for key, row in zip(gone, await summaries(store, gone), strict=True):
            if row is not None:
                found[key] = ("", key)
    return found


def noted_in(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give of a short row what a person put on its record, for another row about it."""
    return {name: row[name] for name in ("tags", "note") if row is not None and name in row}


def public_id_of(row: Mapping[str, Any]) -> str:
    """Give the id that the record of a row is known by, whatever list or search it is of."""
    names = ("interaction_id", "pattern_id", "record_id")
    return next((str(row[name]) for name in names if row.get(name) is not None), "")


def is_nameless(row: Row) -> bool:
    """Say whether a short row has no id, as an archive that somebody wrote into may hold it."""
    return row[PUBLIC_ID[str(row["kind"])]] is None
