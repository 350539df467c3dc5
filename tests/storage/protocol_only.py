"""A store that gives out no more than a Protocol names, whatever stands behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import pytest

import storage
from storage import HybridStore, SearchableStore
from storage.protocols.changes import Outcome
from storage.protocols.history import History


def members(protocol: type) -> frozenset[str]:
    """The names that a Protocol has, its own and those of what it is joined of."""
    parts = [part for part in protocol.__mro__ if part not in (object, Protocol)]
    return frozenset(
        name
        for part in parts
        if Protocol in part.__mro__
        for name in vars(part)
        if not name.startswith("_")
    )


class Only:
    """Passes on what a Protocol names, and nothing else.

    Args:
        inner: What does the work.
        protocol: The Protocol.
        used: Takes the names that were asked for.
    """

    def __init__(self, inner: object, protocol: type, used: set[str]) -> None:
        self._inner = inner
        self._protocol = protocol
        self._used = used

    def __getattr__(self, name: str) -> Any:
        if name not in members(self._protocol):
            raise AttributeError(f"{self._protocol.__name__} has no {name}")
        self._used.add(name)
        value = getattr(self._inner, name)
        if name == "history":
            return Only(value, History, self._used)
        return self._guarded(value) if name == "transaction" else value

    def _guarded(self, transaction: Callable[..., Any]) -> Callable[..., Any]:
        @asynccontextmanager
        async def block(note: str | None = None) -> AsyncIterator[Any]:
            async with transaction(note) as tx:
                yield Only(tx, Outcome, self._used)

        return block


def only_store(inner: SearchableStore, used: set[str]) -> SearchableStore:
    """The store, as far as its Protocol goes."""
    return cast("SearchableStore", Only(inner, SearchableStore, used))


def open_only_what_is_named(patch: pytest.MonkeyPatch) -> set[str]:
    """Let the program open stores that have no more than the Protocol; what it asks is noted."""
    used: set[str] = set()

    def opened(*given: Any, **named: Any) -> SearchableStore:
        return only_store(HybridStore(*given, **named), used)

    patch.setattr(storage, "HybridStore", opened)
    return used
