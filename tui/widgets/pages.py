"""Rows fetched by key, a page at a time, and a limited number of pages remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from enum import Enum
from typing import Final, Literal, Protocol

from tui.widgets.columns import Row


class Loading(Enum):
    """The type of `LOADING`."""

    LOADING = "loading"


LOADING: Final = Loading.LOADING
"""Stands for a row that was not fetched yet; None stands for one that is gone."""


class PageSource(Protocol):
    """What a table shows: keys in order, and a way to fetch the rows of some of them."""

    @property
    def keys(self) -> Sequence[Hashable]:
        """All keys, in the order of the list."""

    async def fetch(self, keys: Sequence[Hashable]) -> Sequence[Row | None]:
        """Give the rows of these keys in their order, None where a row is gone."""


class Pages:
    """The rows of one source, as far as they were fetched.

    A source that changed gets a `Pages` of its own, so that no row of before is taken for current.

    Attributes:
        source: Where the rows come from.
    """

    def __init__(self, source: PageSource, *, size: int = 100, capacity: int = 64) -> None:
        self.source = source
        self._size = size
        self._capacity = capacity
        self._pages: OrderedDict[int, Sequence[Row | None]] = OrderedDict()

    def __len__(self) -> int:
        return len(self.source.keys)

    def row(self, index: int) -> Row | Literal[Loading.LOADING] | None:
        """Give a row as it was fetched, `LOADING` if it was not, None if it is gone."""
        number, offset = divmod(index, self._size)
        page = self._pages.get(number)
        if page is None:
            return LOADING
        return page[offset] if offset < len(page) else None

    def known(self) -> Iterator[tuple[Hashable, Row | None]]:
        """Give the rows that were fetched, each with its key."""
        for number, page in self._pages.items():
            start = number * self._size
            yield from zip(self.source.keys[start : start + len(page)], page, strict=False)

    def missing(self, first: int, last: int) -> list[int]:
        """Give the numbers of the pages that rows `first` to `last` (inclusive) still need."""
        last = min(last, len(self) - 1)
        first = max(first, 0)
        if last < first:
            return []
        numbers = range(first // self._size, last // self._size + 1)
        return [number for number in numbers if number not in self._pages]

    async def load(self, number: int) -> None:
        """Fetch one page and forget the one that was fetched longest ago."""
        start = number * self._size
        keys = self.source.keys[start : start + self._size]
        self._pages[number] = await self.source.fetch(keys)
        while len(self._pages) > self._capacity:
            self._pages.popitem(last=False)


class NoRows:
    """A source without rows: what is shown before there is anything."""

    keys: Sequence[Hashable] = ()

    async def fetch(self, keys: Sequence[Hashable]) -> Sequence[Row | None]:
        """Give nothing."""
        return [None for _ in keys]
