"""A session of the OpenAI Agents SDK that is kept in a memory.

    async with SQLiteStore("memory.db") as store:
        session = MemglassSession("s-1", store)
        await Runner.run(agent, "Hello", session=session)

Every item is an interaction: `details` is the item itself, `role`, `action` and `content` are read
out of it. What the SDK takes out of a session goes into the archive, and can be undone. A session
that was imported from the SDK's own database goes on.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from storage.adapters.home import at_home
from storage.cursors import cursor_of
from storage.moments import from_moment, parse_moment
from storage.openai_items import IMPORTED, described
from storage.records import Record

if TYPE_CHECKING:
    from agents import SessionSettings, TResponseInputItem

    from storage.sqlite_store import SQLiteStore

SOURCE: Final = "openai_agents"
"""What `metadata.source` of its interactions says."""

POPPED: Final = "popped"
"""The archive reason of an item that was taken back, as a run that is tried again does."""

CLEARED: Final = "session_cleared"
"""The archive reason of the items of a session that was cleared."""

CORRUPT: Final = "corrupt"
"""The archive reason of what stood behind the newest item that can be read, when that is popped."""

_PAGE: Final = 500


class MemglassSession:
    """A conversation, as the `Session` protocol of the Agents SDK has it.

    A person who edits the `details` of one of its interactions changes what the agent is told of
    the conversation; one whose `details` cannot be read is left out, and stays as it is.

    Args:
        session_id: Which conversation; several sessions share a store.
        store: The store, open for as long as the session is used; from whatever event loop.
        session_settings: The limit of `get_items()` where that is given none.
    """

    def __init__(
        self,
        session_id: str,
        store: SQLiteStore,
        *,
        session_settings: SessionSettings | None = None,
    ) -> None:
        self.session_id = session_id
        self.session_settings = session_settings
        self._store = store

    async def get_items(self, limit: int | None = None) -> list[TResponseInputItem]:
        """Return the conversation, oldest first.

        Args:
            limit: Only so many, the latest; None is what `session_settings` says, else all.
        """
        if limit is None and self.session_settings is not None:
            limit = self.session_settings.limit
        return await at_home(self._store, partial(self._items, limit))

    async def add_items(self, items: Sequence[TResponseInputItem]) -> None:
        """Add items behind those that are there, in one transaction.

        Raises:
            ValidationError: An item is no mapping.
            JSONEncodeError: An item holds what JSON cannot say.
        """
        added = [dict(cast("Mapping[str, Any]", item)) for item in items]
        await at_home(self._store, partial(self._add, added))

    async def pop_item(self) -> TResponseInputItem | None:
        """Take the latest item out of the conversation and return it; it is archived `popped`."""
        return await at_home(self._store, self._pop)

    async def clear_session(self) -> None:
        """Take all items out of the conversation; they are archived `session_cleared`."""
        await at_home(self._store, self._clear)

    async def _items(self, limit: int | None) -> list[TResponseInputItem]:
        found: list[TResponseInputItem] = []
        # As the SDK's own sessions have it: none for 0, all for less than that.
        if limit != 0:
            async with aclosing(self._newest_first(limit)) as records:
                async for record in records:
                    if (item := _item_of(record)) is not None:
                        found.append(item)
                    if len(found) == limit:
                        break
        return found[::-1]

    async def _add(self, items: Sequence[Mapping[str, Any]]) -> None:
        if not items:
            return
        async with self._store.transaction(note="added to a session"):
            at = await self._now()
            await self._store.add_interactions(
                {
                    **described(item),
                    "details": item,
                    "metadata": {"source": SOURCE},
                    "timestamp": at,
                    "session_id": self.session_id,
                }
                for item in items
            )

    async def _now(self) -> datetime | None:
        """Return the time for new items: never before the latest there, whatever clocks say."""
        now = datetime.now(UTC)
        newest = await self._store.get_recent_interactions(1, session_id=self.session_id)
        last = parse_moment(newest[0]["timestamp"]) if newest else 0
        return from_moment(max(last, round(now.timestamp() * 1_000_000)))

    async def _pop(self) -> TResponseInputItem | None:
        async with (
            self._store.transaction(note="popped from a session"),
            aclosing(self._newest_first(1)) as records,
        ):
            async for record in records:
                item = _item_of(record)
                reason = POPPED if item is not None else CORRUPT
                await self._store.archive_interactions([record["interaction_id"]], reason)
                if item is not None:
                    return item
        return None

    async def _clear(self) -> None:
        async with self._store.transaction(note="cleared a session"):
            ids = [record["interaction_id"] async for record in self._newest_first(None)]
            await self._store.archive_interactions(ids, CLEARED)

    async def _newest_first(self, expected: int | None) -> AsyncGenerator[Record]:
        """Yield the items of this session, a page at a time."""
        limit = _PAGE if expected is None else min(max(expected, 1), _PAGE)
        before: str | None = None
        while page := await self._store.get_recent_interactions(
            limit, session_id=self.session_id, before=before
        ):
            before, limit = cursor_of(page[-1]), _PAGE
            for record in page:
                if _is_own(record):
                    yield record


def _is_own(record: Record) -> bool:
    metadata = record["metadata"]
    is_added = isinstance(metadata, Mapping) and metadata.get("source") == SOURCE
    return is_added or record["interaction_id"].startswith(IMPORTED)


def _item_of(record: Record) -> TResponseInputItem | None:
    details = record["details"]
    return cast("TResponseInputItem", details) if isinstance(details, dict) else None
