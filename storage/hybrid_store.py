"""HybridStore: a store that is also searched, by words and by meaning."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage import fields
from storage.moments import Time
from storage.sqlite_store import SQLiteStore

if TYPE_CHECKING:
    from storage.embedders import Embedder
    from storage.leads.model import Lead, LeadProgress
    from storage.search.finding import Finder
    from storage.search.results import By, DuplicateGroup, IndexStatus, SearchHit


class HybridStore(SQLiteStore):
    """An agent's memory that answers questions, over an index in a file of its own.

    It has all of `SQLiteStore`. The index is a cache beside the database: it can be deleted at any
    time, follows what any process writes, and never keeps the store from opening.

    Args:
        db_path: The file. It is made where it is missing.
        embedder: What makes vectors of texts. None is the endpoint that the environment names
            (`MEMGLASS_EMBEDDINGS_URL`), else the default that works offline.
        index_path: Where to keep the index; None is beside the database, or in the person's
            folder for caches where that cannot be written, or a program with another embedder
            is using what stands there. What is no index is left alone, and search goes without
            one.
        follow: Whether to build the index and keep it up to date in the background while the
            store is open. Without it `wait_for_index()` does, or `resume_index()` begins it later.
        read_only: Open without changing the database in any way.
        migrate: Whether an older file may be brought up to date, after a backup beside it.
        actor: Who makes the changes, for the journal.
        busy_timeout: Seconds to wait for a lock that another process holds.

    Raises:
        ValidationError: An argument is not what it should be, such as an embedder without a name.
    """

    def __init__(
        self,
        db_path: str | os.PathLike[str],
        *,
        embedder: Embedder | None = None,
        index_path: str | os.PathLike[str] | None = None,
        follow: bool = True,
        read_only: bool = False,
        migrate: bool = True,
        actor: str = "api",
        busy_timeout: float = 5.0,
    ) -> None:
        if embedder is not None:
            fields.embedder("embedder", embedder)
        super().__init__(
            db_path, read_only=read_only, migrate=migrate, actor=actor, busy_timeout=busy_timeout
        )
        self._embedder = embedder
        self._index_path = None if index_path is None else Path(index_path)
        self._follow = follow
        self._finder: Finder | None = None
        self._making = asyncio.Lock()
        self._is_ending = False
        self._following: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Open the file, as `SQLiteStore` does; the index is opened in the background."""
        await super().initialize()
        self._is_ending = False
        if self._index_path is not None:
            # The index may be opened once the program is in another folder.
            self._index_path = self._index_path.absolute()
        if self._follow:
            await self.resume_index()

    async def close(self) -> None:
        """Close the index and the file, once the transaction that is open has ended."""
        self._database.check_closable()
        await self.pause_index()
        self._is_ending = True
        # Whoever is having it made right now gets that which is closed here.
        async with self._making:
            finder, self._finder = self._finder, None
        if finder is not None:
            await finder.close()
        await super().close()

    # Searching.

    async def search(
        self,
        query: str,
        *,
        limit: int = 20,
        kinds: Iterable[str] | None = None,
        archived: bool | None = None,
        session_id: str | None = None,
        action: str | None = None,
        pattern_type: str | None = None,
        archive_reason: str | None = None,
        domain: str | None = None,
        before: Time | None = None,
        after: Time | None = None,
        tag: str | None = None,
        by: By = "both",
    ) -> list[SearchHit]:
        """Answer a question, best first, with records as they stand in the database now.

        Args:
            query: Words, `"a phrase"`, `-not`, `prefix*`, and the filters `kind: type: reason:
                session: action: domain: tag: before: after: archived:`. Nothing in it is an error.
            limit: How many hits at most.
            kinds: Any of interaction, pattern, entity, archived_interaction, archived_pattern.
            archived: Only what is archived (True) or live (False).
            session_id: Only of this session.
            action: Only interactions with this action.
            pattern_type: Only patterns of this type.
            archive_reason: Only what was archived for this reason.
            domain: Only entities of this domain.
            before: Only what was before this time.
            after: Only what was at this time or after it.
            tag: Only what a person gave this tag.
            by: Go by `words`, by `meaning`, or by `both`.

        Raises:
            ValidationError: The query is no string, or another argument makes no sense.
        """
        finder = await self._searching()
        return await finder.search(
            query, limit, by, kinds=kinds, archived=archived, session_id=session_id,
            action=action, pattern_type=pattern_type, archive_reason=archive_reason,
            domain=domain, before=before, after=after, tag=tag,
        )  # fmt: skip

    async def typeahead(
        self, typed: str, *, limit: int = 20, kinds: Iterable[str] | None = None, **filters: Any
    ) -> list[SearchHit]:
        """Answer while one types: the newest records that hold every word, the last as a prefix.

        Args:
            typed: What is typed so far, in the language of `search()`.
            limit: How many hits at most.
            kinds: As `search()` takes them.
            filters: As `search()` takes them, but for `by`.

        Raises:
            ValidationError: What is typed is no string, or another argument makes no sense.
        """
        finder = await self._searching()
        return await finder.typeahead(typed, limit, kinds=kinds, **filters)

    async def search_similar(
        self,
        record_id: str,
        *,
        kind: str | None = None,
        limit: int = 20,
        kinds: Iterable[str] | None = None,
        archived: bool | None = None,
    ) -> list[SearchHit]:
        """Return what is nearest in meaning to a record, nearest first.

        Nothing is near to what has no vector, such as a record that is not in the index yet:
        `wait_for_index()` brings it in.

        Args:
            record_id: Its public id.
            kind: Its kind, where several kinds have the id: interaction, pattern or entity.
            limit: How many hits at most.
            kinds: The kinds of hits, as `search()` takes them.
            archived: Only what is archived (True) or live (False).

        Raises:
            RecordNotFoundError: No record has the id.
            ValidationError: Another argument makes no sense.
        """
        finder = await self._searching()
        return await finder.similar(record_id, kind, limit, kinds=kinds, archived=archived)

    # The index.

    async def wait_for_index(self) -> IndexStatus:
        """Bring the index up to date with the database as it is now; build what is missing.

        Where no index can be had, the status says so and why.
        """
        await (await self._searching()).catch_up()
        return await self.index_status()

    async def index_status(self) -> IndexStatus:
        """Return how far the index is, and what is not as it should be."""
        finder = await self._searching()
        return await finder.status(is_followed=self._is_followed)

    async def rebuild_index(self) -> None:
        """Throw the index away. What follows the database makes it again.

        Raises:
            IndexUnavailableError: There is none, and none can be had.
        """
        await (await self._searching()).index.rebuild()

    async def pause_index(self) -> None:
        """Stop following the database in the background; what is indexed stays."""
        self._database.refuse_elsewhere()
        following, self._following = self._following, None
        # One that has ended may be of an event loop that is closed.
        if following is not None and not following.done():
            following.cancel()
            await asyncio.wait([following])

    async def resume_index(self) -> None:
        """Follow the database in the background, and build the index if there is none."""
        self._database.refuse_elsewhere()
        if not self._database.is_open:
            raise self._database.closed()
        if not self._is_followed:
            self._following = asyncio.create_task(self._keep_following())

    @property
    def _is_followed(self) -> bool:
        return self._following is not None and not self._following.done()

    async def _keep_following(self) -> None:
        await (await self._searching()).index.follow()

    async def _searching(self) -> Finder:
        """Return what searches; numpy and all that is loaded when it is first needed."""
        self._database.refuse_elsewhere()
        async with self._making:
            if self._is_ending or not self._database.is_open:
                raise self._database.closed()
            if self._finder is None:
                finding = await asyncio.to_thread(import_module, "storage.search.finding")
                self._finder = finding.Finder(self._database, self._embedder, self._index_path)
            return self._finder

    # Duplicates.

    async def find_duplicates(self, kind: str, threshold: float = 0.9) -> list[DuplicateGroup]:
        """Return groups of live records of a kind that say nearly the same.

        The index is brought up to date first. Every member of a group is near its first.

        Args:
            kind: `interaction` or `pattern`.
            threshold: The least cosine of two near-duplicates, above 0 and up to 1. For short
                texts, as patterns are, 0.75 finds what is said in other words.

        Returns:
            The groups; none where there are no vectors, which `index_status().missing` tells.

        Raises:
            ValidationError: There is no such kind, or the threshold makes no sense.
            IndexUnavailableError: No index can be had.
        """
        await self.wait_for_index()
        return await (await self._searching()).duplicates(kind, threshold)

    async def find_leads(self) -> AsyncIterator[Lead | LeadProgress]:
        """Follow general rules that make a memory suspicious; leads as they are found.

        As `StoreReader.find_leads()`, and near-duplicates among the patterns at the end, where the
        index is ready: whoever opens a memory should not wait until it is built.
        """
        from storage.leads import alike, finding
        from storage.leads.model import LeadProgress

        async for each in finding.find(self._database.read, more=1):
            yield each
        total = len(finding.RULES) + 1
        yield LeadProgress(total - 1, total, alike.RULE)
        status = await self.index_status()
        patterns = sum((await self.get_pattern_types()).values())
        if status.state != "ready":
            yield LeadProgress(total - 1, total, alike.RULE, alike.NO_INDEX)
        elif patterns > alike.MOST_PATTERNS:
            yield LeadProgress(total - 1, total, alike.RULE, alike.TOO_MANY)
        else:
            for lead in alike.leads(await self.find_duplicates("pattern", alike.THRESHOLD)):
                yield lead
        yield LeadProgress(total, total, "")

    async def vacuum_database(self) -> int:
        """Give free space back to the file system; return how many bytes the file lost."""
        try:
            return await super().vacuum_database()
        finally:
            if self._finder is not None:
                # SQLite may give other numbers to the rows of a table without a key of its own.
                self._finder.index.distrust()
