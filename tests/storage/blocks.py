"""Blocks that fail, and what the tests of transactions say often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from storage import SQLiteStore, Transaction


class BlockError(Exception):
    """What goes wrong in a block."""


@asynccontextmanager
async def failing(store: SQLiteStore) -> AsyncIterator[Transaction]:
    """Open a transaction that fails at its end, and check that the failure comes out of it."""
    with pytest.raises(BlockError):  # noqa: PT012 - the body is the caller's
        async with store.transaction() as tx:
            yield tx
            raise BlockError


async def add(store: SQLiteStore, *contents: str) -> None:
    """Add interactions, each in a call of its own."""
    for content in contents:
        await store.add_interaction({"content": content})


async def texts(store: SQLiteStore) -> list[str]:
    """Return the contents of all interactions, oldest first."""
    return [each["content"] for each in reversed(await store.get_recent_interactions(None))]
