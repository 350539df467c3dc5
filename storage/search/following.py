"""How an index follows its database: new rows, the journal, and a sweep for all the rest.

New rows are found by the highest rowid read so far. The journal says what our own changes touched.
What other programs changed or deleted says nobody: a sweep compares the digests of all rows with
those that the index has read. Every step can be repeated, so that one that was broken off, even by
a kill, is taken up where it stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from storage import journal, rows
from storage.embedders import Embedder
from storage.errors import EmbedderError
from storage.kinds import BY_TABLE, INTERACTION, PATTERN, STATE
from storage.search import full_text
from storage.search.documents import TABLES, Document, Source
from storage.search.embedding import Length, vectors_of
from storage.search.index_file import IndexFile, Place
from storage.search.portions import portions
from storage.search.reading import (
    counts,
    digests_above,
    digests_at,
    places_of,
    read_above,
    read_sources,
)
from storage.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
_ENTRIES: Final = 100
_IDS: Final = 300
_LAST: Final = 2**63 - 1
_RETRY_SECONDS: Final = 30.0


class Run(Protocol):
    """Runs a function with a connection, in that one's thread."""

    def __call__(self, function: Callable[[Any], T], /) -> Awaitable[T]:
        """Return what the function returns."""
        ...


@dataclass(slots=True)
class Progress:
    """How far the index is.

    Attributes:
        done: How many rows are in it.
        total: How many rows there are.
        is_complete: Whether it has held all rows once.
    """

    done: int = 0
    total: int = 0
    is_complete: bool = False


@dataclass(slots=True)
class Batch:
    """Rows on their way into the index.

    Attributes:
        documents: What can be found in them.
        places: The rows that they replace; all of them, also those that hold nothing any more.
        meta: What the index says of itself from then on.
        rows: How many rows it brings forward.
    """

    documents: list[Document]
    places: set[Place] = field(default_factory=set)
    meta: dict[str, object] = field(default_factory=dict)
    rows: int = 0


class Follower:
    """Brings an index up to date with its database.

    Args:
        read: Runs a function with a `View` of the database.
        write: Runs a function with the `IndexFile`.
        embedder: What makes vectors; None for an index of words.
        length: Of its vectors.

    Attributes:
        progress: How far the index is.
        failure: Why there are no vectors, while that is so.
        rest: How long to rest after each step, as a share of what it took.
        unread: Which of `documents.TABLES` are damaged in places that could not be read.
    """

    def __init__(self, read: Run, write: Run, embedder: Embedder | None, length: Length) -> None:
        self._read = read
        self._write = write
        self._embedder = embedder
        self._length = length
        self._generation = 0
        self._retry_at = 0.0
        self._stale: set[Place] = set()
        self.progress = Progress()
        self.failure = ""
        self.rest = 0.0
        self.unread: set[int] = set()

    def note_stale(self, sources: Sequence[Source]) -> None:
        """Remember rows that a search found to be others by now."""
        self._stale.update((source.table, source.number) for source in sources)

    @property
    def damage(self) -> str:
        """A sentence about what of the database cannot be read; empty where all can."""
        if not self.unread:
            return ""
        names = " and ".join(TABLES[table] for table in sorted(self.unread))
        return (
            f"The database is damaged: a part of {names} cannot be read, and is not found."
            " `memglass doctor` says more."
        )

    @property
    def is_behind(self) -> bool:
        """Whether a search found rows to be read again, or the embedder is to be asked again."""
        return bool(self._stale) or bool(self.failure and time.monotonic() >= self._retry_at)

    async def catch_up(self, *, sweep: bool, is_alone: bool) -> None:
        """Take in everything that the database holds now.

        Args:
            sweep: Whether to look for what other programs changed or deleted.
            is_alone: Whether no other program wrote since that was looked for. What is other then
                although the journal does not say so, is a damage of the index, which may be larger.

        Raises:
            OvertakenError: Another process wrote to the index meanwhile; begin again.
        """
        state = await self._write(_state_of)
        self._generation = state["generation"]
        self.unread = {table for table in range(len(TABLES)) if state.get(f"unread:{table}")}
        last_entry = await self._read(journal.newest)
        if "journal" not in state:
            # What was before the first build, the build reads anyway.
            state["journal"] = last_entry
            await self._put(Batch([], meta={"journal": last_entry}))
        elif last_entry < state["journal"]:
            # A backup was put in the place of the database.
            state["journal"], sweep = last_entry, True
            await self._put(Batch([], meta={"journal": last_entry}))
        await self._count(state)
        # What is live comes last, so that it stands where one looks first while a person types.
        for table in reversed(range(len(TABLES))):
            await self._read_new(table, state.get(f"high:{table}", -_LAST))
        await self._read_journal(state["journal"])
        sweep |= await self._refresh_stale() and is_alone
        if not state.get("complete"):
            await self._put(Batch([], meta={"complete": 1}))
        self.progress.is_complete = True
        if not state.get("merged"):
            await self._merge()
        await self._embed_rest()
        if sweep:
            for table in range(len(TABLES)):
                await self._sweep(table)
        if self.unread:
            self.progress.total = await self._write(IndexFile.count_rows)
        self.progress.done = self.progress.total

    async def _count(self, state: dict[str, int]) -> None:
        def counted(view: View) -> tuple[int, int]:
            total = waiting = 0
            for number, name in enumerate(TABLES):
                rows_of_it, new = counts(view, name, state.get(f"high:{number}", -_LAST))
                total += rows_of_it
                waiting += new
            return total, waiting

        total, waiting = await self._read(counted)
        self.progress.total, self.progress.done = total, total - waiting
        self.progress.is_complete = bool(state.get("complete"))

    async def _read_new(self, table: int, high: int) -> None:
        """Add the rows of a table above the highest that the index has read."""
        writing: asyncio.Task[None] | None = None
        try:
            while True:
                started = time.monotonic()
                part = await self._read(partial(read_above, table=table, high=high))
                if part.is_damaged:
                    await self._note_unread(table, is_damaged=True)
                if part.high == high:
                    break
                high = part.high
                documents, numbers = part.documents, part.numbers
                vectors = await self._embed(documents)
                if writing is not None:
                    await writing
                # The next rows are read and embedded while these are written.
                batch = Batch(
                    documents,
                    {(table, number) for number in numbers},
                    {f"high:{table}": high},
                    len(numbers),
                )
                writing = asyncio.create_task(self._put(batch, vectors))
                await self._rest_after(started)
        finally:
            if writing is not None:
                await writing

    async def _put(self, batch: Batch, vectors: NDArray[np.float32] | None = None) -> None:
        generation = self._generation

        def written(index: IndexFile) -> None:
            with index.change(generation):
                for table in {table for table, _ in batch.places}:
                    index.forget(table, [number for of, number in batch.places if of == table])
                index.put(batch.documents, vectors)
                index.write_meta(batch.meta)

        await self._write(written)
        self._generation = generation + 1
        self.progress.done = min(self.progress.done + batch.rows, self.progress.total)

    async def _note_unread(self, table: int, *, is_damaged: bool) -> None:
        """Remember whether a table is damaged, also for who opens the index later."""
        if is_damaged != (table in self.unread):
            self.unread ^= {table}
            await self._put(Batch([], meta={f"unread:{table}": int(is_damaged)}))

    async def _rest_after(self, started: float) -> None:
        """Leave a part of the time since then to the program that is writing."""
        if self.rest:
            await asyncio.sleep((time.monotonic() - started) * self.rest)

    async def _merge(self) -> None:
        """Merge the parts in which the full text lies after a build."""
        await self._write(lambda index: full_text.begin_merging(index.connection))
        is_left = True
        while is_left:
            started = time.monotonic()
            is_left = await self._write(lambda index: full_text.go_on_merging(index.connection))
            await self._rest_after(started)
        await self._put(Batch([], meta={"merged": 1}))

    async def _embed(self, documents: Sequence[Document]) -> NDArray[np.float32] | None:
        """Return the vectors of documents, or None where none can be had now."""
        if self._embedder is None or not documents or time.monotonic() < self._retry_at:
            return None
        try:
            texts = [document.text for document in documents]
            vectors = await vectors_of(self._embedder, texts, self._length)
        except EmbedderError as error:
            self.failure = str(error)
            self._retry_at = time.monotonic() + _RETRY_SECONDS
            return None
        self.failure = ""
        return vectors

    async def _read_journal(self, last: int) -> None:
        """Read again what the entries of the journal after one speak of."""
        while True:
            entries = await self._read(partial(journal.since, last=last, limit=_ENTRIES))
            if not entries:
                return
            last = entries[-1][0]
            ids: dict[str, dict[rows.Value, None]] = {}
            for _, table, record_ids in entries:
                if (kind := BY_TABLE.get(str(table).lower())) is not None:
                    ids.setdefault(kind.name, {}).update(dict.fromkeys(record_ids))
            for kind in (INTERACTION, PATTERN, STATE):
                wanted = [each for each in ids.get(kind.name, ()) if isinstance(each, str)]
                for start in range(0, len(wanted), _IDS):
                    part = wanted[start : start + _IDS]
                    places = set(await self._write(partial(IndexFile.places_of, record_ids=part)))
                    places |= await self._read(partial(places_of, kind=kind, ids=part))
                    await self._refresh(places)
            await self._put(Batch([], meta={"journal": last}))

    async def _refresh_stale(self) -> bool:
        """Read again what a search found to be other; say whether some of it is."""
        stale = set(self._stale)
        # Also where the index has read the row as it is: then it is damaged in what it says of it.
        is_other = await self._refresh(stale, is_doubted=True)
        self._stale -= stale
        return is_other

    async def _refresh(self, places: set[Place], *, is_doubted: bool = False) -> bool:
        """Read rows again, and forget those that are gone.

        Args:
            places: Where they stand.
            is_doubted: Whether to read those again, too, that are as the index has read them.

        Returns:
            Whether one is not as the index has read it.
        """
        is_other = False
        for part in await self._read(partial(portions, places=sorted(places))):
            there = await self._read(partial(digests_at, places=part))
            held = await self._write(partial(IndexFile.digests_at, places=part))
            changed = {place for place in part if there.get(place) != held.get(place)}
            is_other |= bool(changed)
            if is_doubted:
                changed = set(part)
            if not changed:
                continue
            found = await self._read(partial(read_sources, sources=_sources(changed)))
            documents = list(found.values())
            if documents or changed & held.keys():
                await self._put(Batch(documents, changed), await self._embed(documents))
        return is_other

    async def _embed_rest(self) -> None:
        """Embed what was indexed while no vectors could be had."""
        while self._embedder is not None and time.monotonic() >= self._retry_at:
            places = set(await self._write(partial(IndexFile.unembedded, limit=_IDS)))
            if not places:
                self.failure = ""
                return
            found = await self._read(partial(read_sources, sources=_sources(places)))
            documents = list(found.values())
            vectors = await self._embed(documents)
            if documents and vectors is None:
                return
            await self._put(Batch(documents, places), vectors)

    async def _sweep(self, table: int) -> None:
        """Compare every row of a table with what the index has read of it."""
        above, is_damaged = -_LAST, False
        while True:
            started = time.monotonic()
            step = await self._read(partial(digests_above, table=table, above=above))
            digests, up_to = step.found or {}, _LAST if step.up_to is None else step.up_to
            is_damaged |= step.is_damaged
            held = await self._write(
                partial(IndexFile.digests, table=table, above=above, up_to=up_to)
            )
            changed = {
                (table, number)
                for number in digests.keys() | held.keys()
                if digests.get(number) != held.get(number)
            }
            if changed and step.is_damaged:
                await self._put(Batch([], changed))
            elif changed:
                await self._refresh(changed)
            if up_to == _LAST:
                await self._note_unread(table, is_damaged=is_damaged)
                return
            above = up_to
            await self._rest_after(started)


def _state_of(index: IndexFile) -> dict[str, int]:
    keys = [
        "generation",
        "journal",
        "complete",
        "merged",
        *(f"{what}:{n}" for what in ("high", "unread") for n in range(len(TABLES))),
    ]
    told = {key: index.meta(key) for key in keys}
    state = {"generation": 0} | {key: int(value) for key, value in told.items() if value}
    if not all(-_LAST <= value <= _LAST for value in state.values()):
        raise OverflowError("no number of a row")
    return state


def _sources(places: Iterable[Place]) -> list[Source]:
    return [Source(*place, "") for place in places]
