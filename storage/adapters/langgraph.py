"""A LangGraph store that is kept in a memory.

    async with HybridStore("memory.db") as store:
        graph = builder.compile(store=MemglassStore(store))
        await graph.ainvoke(...)

Every item is a pattern. Putting over one that is there changes it, deleting and expiring archive
it: all of it stands in the journal, and can be undone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from langgraph.store.base import (
    BaseStore,
    GetOp,
    Item,
    ListNamespacesOp,
    PutOp,
    SearchItem,
    SearchOp,
    get_text_at_path,
    validate_op_namespace,
)

from storage.adapters.home import at_home, wait_for
from storage.adapters.langgraph_matching import begins_with, holds, matches
from storage.hybrid_store import HybridStore
from storage.langgraph_items import (
    Namespace,
    StoredItem,
    as_pattern,
    described,
    namespace_of,
    pattern_id,
    read_item,
)
from storage.search.query import as_words

if TYPE_CHECKING:
    from langgraph.store.base import Op, Result, TTLConfig

    from storage.sqlite_store import SQLiteStore

DELETED: Final = "deleted"
"""The archive reason of an item that was deleted."""

EXPIRED: Final = "expired"
"""The archive reason of an item whose time to live was over."""

_PAGE: Final = 500
_MOST_HITS: Final = 10_000


class MemglassStore(BaseStore):
    """Long-term memory for LangGraph, in all of which a person can look, search and correct.

    `search()` with a `query` goes by words and meaning where the store is a `HybridStore`, after
    its index has caught up; a score says how well an item fits, compared with others of the same
    answer. Other stores give what the filter leaves, as LangGraph's own do without an index.

    The methods without `a` are for threads other than that of the store's event loop.

    Items whose time to live is over are archived by `sweep_ttl()`, and now and then by itself where
    `ttl` has `sweep_interval_minutes`. A read prolongs a life only once a tenth of it is over, so
    that reading seldom writes.

    Args:
        store: The store, open for as long as this is used.
        fields: The paths in a value that a search goes by, where a put does not say; None is all.
        ttl: How long items live, as LangGraph configures it.
    """

    supports_ttl = True

    def __init__(
        self,
        store: SQLiteStore,
        *,
        fields: Sequence[str] | None = None,
        ttl: TTLConfig | None = None,
    ) -> None:
        self._store = store
        self._fields = fields
        self.ttl_config = ttl
        self._swept_at = datetime.now(UTC)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once, reading first; changes are one transaction.

        Raises:
            InvalidStateError: This is the thread of the store's event loop; await `abatch()`.
            InvalidNamespaceError: A label is none; nothing was done.
            StorageError: It cannot be done; nothing was changed.
        """
        wanted = _checked(ops)
        return wait_for(self._store, partial(self._do, wanted))

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """Do several things at once, reading first; changes are one transaction.

        Raises:
            InvalidNamespaceError: A label is none; nothing was done.
            StorageError: It cannot be done; nothing was changed.
        """
        wanted = _checked(ops)
        return await at_home(self._store, partial(self._do, wanted))

    def sweep_ttl(self) -> int:
        """Archive what has expired, and return how many items that were."""
        return wait_for(self._store, self._sweep)

    async def asweep_ttl(self) -> int:
        """Archive what has expired, and return how many items that were."""
        return await at_home(self._store, self._sweep)

    async def _do(self, ops: Sequence[Op]) -> list[Result]:
        results: list[Result] = []
        for op in ops:
            if isinstance(op, GetOp):
                results.append(await self._get(op))
            elif isinstance(op, SearchOp):
                results.append(cast("Result", await self._search(op)))
            elif isinstance(op, ListNamespacesOp):
                results.append(await self._namespaces(op))
            else:
                results.append(None)
        # The last of several for one item holds.
        if puts := {(tuple(op.namespace), op.key): op for op in ops if isinstance(op, PutOp)}:
            await self._put(puts.values())
            await self._sweep_if_due()
        return results

    # Reading.

    async def _get(self, op: GetOp) -> Item | None:
        record = await self._store.get_pattern(pattern_id(tuple(op.namespace), op.key))
        item = None if record is None else read_item(record)
        if item is None or not self._is_shown(item):
            return None
        if op.refresh_ttl:
            await self._prolong([item])
        return Item(
            value=item.value,
            key=item.key,
            namespace=item.namespace,
            created_at=item.created_at,
            updated_at=item.updated_at,
        )

    async def _search(self, op: SearchOp) -> list[SearchItem]:
        end = op.offset + op.limit
        found: list[tuple[StoredItem, float | None]] = []
        async with aclosing(self._candidates(op, end)) as candidates:
            async for item, score in candidates:
                if len(found) >= end:
                    break
                if self._is_shown(item) and holds(item.value, op.filter or {}):
                    found.append((item, score))
        page = found[op.offset : end]
        if op.refresh_ttl:
            await self._prolong([item for item, _ in page])
        return [
            SearchItem(
                item.namespace, item.key, item.value, item.created_at, item.updated_at, score
            )
            for item, score in page
        ]

    async def _candidates(
        self, op: SearchOp, wanted: int
    ) -> AsyncGenerator[tuple[StoredItem, float | None]]:
        """Yield what is in a namespace and may be meant, best or newest first."""
        prefix = tuple(op.namespace_prefix)
        if not op.query or not isinstance(self._store, HybridStore):
            async for item in self._listed(prefix):
                yield item, None
            return
        least, seen = 0.0, set[str]()
        async for item, score in self._answers(self._store, op.query, prefix, wanted):
            if item.is_indexed and begins_with(item.namespace, prefix):
                least = min(least, score)
                seen.add(item.pattern_id)
                yield item, score
        # As with LangGraph's own: what answers nothing is further away, but it is not left out.
        async for item in self._listed(prefix):
            if item.is_indexed and item.pattern_id not in seen:
                yield item, least

    async def _answers(
        self, store: HybridStore, query: str, prefix: Namespace, wanted: int
    ) -> AsyncGenerator[tuple[StoredItem, float]]:
        """Yield what answers a question, asking for more until there is no more."""
        types = await self._types(prefix)
        await store.wait_for_index()
        seen: set[str] = set()
        limit = max(2 * wanted, 20)
        while types:
            hits = await store.search(
                as_words(query),
                limit=limit,
                kinds=["pattern"],
                archived=False,
                pattern_type=types[0] if len(types) == 1 else None,
            )
            for hit in hits:
                item = None if hit.record_id in seen else read_item(hit.record)
                seen.add(hit.record_id)
                if item is not None:
                    yield item, hit.score
            if len(hits) < limit or limit >= _MOST_HITS:
                return
            limit = min(4 * limit, _MOST_HITS)

    async def _listed(self, prefix: Namespace) -> AsyncGenerator[StoredItem]:
        """Yield what is in a namespace, what was put last first."""
        types = await self._types(prefix)
        only = types[0] if len(types) == 1 else None
        keys = (
            await self._store.list_keys("pattern", order="last_seen", pattern_type=only)
            if types
            else []
        )
        for start in range(0, len(keys), _PAGE):
            for record in await self._store.get_records("pattern", keys[start : start + _PAGE]):
                item = None if record is None else read_item(record)
                if item is not None and begins_with(item.namespace, prefix):
                    yield item

    async def _types(self, prefix: Namespace) -> list[str]:
        """Return the pattern types that stand for a namespace and those in it."""
        return [
            kind
            for kind in await self._store.get_pattern_types()
            if (namespace := namespace_of(kind)) is not None and begins_with(namespace, prefix)
        ]

    async def _namespaces(self, op: ListNamespacesOp) -> list[Namespace]:
        if (self.ttl_config or {}).get("omit_expired"):
            there = {item.namespace async for item in self._listed(()) if self._is_shown(item)}
        else:
            there = {
                namespace
                for kind in await self._store.get_pattern_types()
                if (namespace := namespace_of(kind)) is not None
            }
        fitting = (each for each in there if matches(each, op.match_conditions or ()))
        cut = sorted({namespace[: op.max_depth] for namespace in fitting})
        return cut[op.offset : op.offset + op.limit]

    # Changing.

    async def _put(self, ops: Iterable[PutOp]) -> None:
        now = datetime.now(UTC)
        async with self._store.transaction(note="put by a graph"):
            for op in ops:
                own = pattern_id(tuple(op.namespace), op.key)
                if op.value is None:
                    await self._store.archive_patterns([own], DELETED)
                    continue
                pattern = as_pattern(
                    tuple(op.namespace),
                    op.key,
                    op.value,
                    texts=self._texts(op),
                    minutes=op.ttl,
                    now=now,
                )
                if await self._store.get_pattern(own) is None:
                    await self._store.add_pattern({**pattern, "id": own, "created_at": now})
                else:
                    await self._store.update_pattern(own, **pattern)

    def _texts(self, op: PutOp) -> list[str] | None:
        """Return what of a value a search goes by; None if none may find it."""
        if op.index is False:
            return None
        paths = self._fields if op.index is None else op.index
        texts = [text for path in paths or () for text in get_text_at_path(op.value, path)]
        return texts or described(op.value or {})

    # Living and expiring.

    def _is_shown(self, item: StoredItem) -> bool:
        omits = (self.ttl_config or {}).get("omit_expired", False)
        return not (omits and item.is_expired(datetime.now(UTC)))

    async def _prolong(self, items: Iterable[StoredItem]) -> None:
        now = datetime.now(UTC)
        ids = [item.pattern_id for item in items if item.prolonged(now) is not None]
        if not ids or self._store.read_only:
            return
        async with self._store.transaction(note="kept alive by reading"):
            for own in ids:
                # Another task may have put over it, or deleted it, since it was read.
                record = await self._store.get_pattern(own)
                item = None if record is None else read_item(record)
                metadata = None if item is None else item.prolonged(now)
                if metadata is not None:
                    await self._store.update_pattern(own, metadata=metadata)

    async def _sweep_if_due(self) -> None:
        minutes = (self.ttl_config or {}).get("sweep_interval_minutes")
        if minutes and datetime.now(UTC) - self._swept_at >= timedelta(minutes=minutes):
            await self._sweep()

    async def _sweep(self) -> int:
        now = self._swept_at = datetime.now(UTC)
        async with self._store.transaction(note="expired"):
            gone = [item.pattern_id async for item in self._listed(()) if item.is_expired(now)]
            return await self._store.archive_patterns(gone, EXPIRED)


def _checked(ops: Iterable[Op]) -> list[Op]:
    wanted = list(ops)
    for op in wanted:
        if not isinstance(op, GetOp | SearchOp | ListNamespacesOp | PutOp):
            raise TypeError(f"There is no operation {type(op).__name__}.")
        validate_op_namespace(op)
    return wanted
