"""The index of one open store: where it is, how far it is, and who reads and writes it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from storage import driver
from storage.connection import Call, Worker, finish, start_worker
from storage.database import Database
from storage.embedders import Embedder, default_embedder
from storage.errors import EmbedderError, IndexUnavailableError, StorageError, StoreClosedError
from storage.llm_embeddings import OpenAIEmbedder, embedder_from_environment
from storage.search import index_opening, searcher
from storage.search.asking import Asker
from storage.search.damage import IndexDamagedError, damage_as_error
from storage.search.documents import Source
from storage.search.following import Follower, Progress
from storage.search.index_file import IndexFile, OvertakenError
from storage.search.searcher import Searcher
from storage.search.spare_memory import give_back
from storage.view import View

T = TypeVar("T")
Answer = TypeVar("Answer")
log = logging.getLogger("storage")

_ATTEMPTS: Final = 20
_MOST_RENEWALS: Final = 10
_POLL_SECONDS: Final = 0.25
_TROUBLE_SECONDS: Final = 5.0
# A new index would meet these as well.
_NO_DAMAGE: Final = re.compile("is full|disk I/O error|readonly|read-only|unable to open")
_LEAST_SWEEP_SECONDS: Final = 30.0
# A sweep in the background takes at most this part of the time.
_SWEEP_SHARE: Final = 0.05
# The part of its time that a build in the background leaves to the program that is writing.
_REST: Final = 0.25


class SearchIndex:
    """Opens the index of a database, keeps it up to date and lets searches at it.

    Args:
        database: The database, open.
        embedder: What makes vectors; None for the endpoint that the environment names, else the
            default that works offline.
        path: Where to keep it; None for the first place that can be written.
    """

    def __init__(self, database: Database, embedder: Embedder | None, path: Path | None) -> None:
        self._database = database
        self._given = embedder
        self._places = index_opening.Places(database.place, path)
        # Whoever takes several of them takes them in this order.
        self._catching, self._reading, self._opening = (asyncio.Lock() for _ in range(3))
        self._writer: Worker | None = None
        self._reader: driver.Connection | None = None
        self._file: IndexFile | None = None
        self._searcher: Searcher | None = None
        self._follower: Follower | None = None
        self._renewals = 0
        self._clean: int | None = None
        self._caught_up: int | None = None
        self._swept = (0.0, 0.0)
        self._doubts = 0
        self._is_closed = False
        self.embedder: Embedder | None = None
        self.asker = Asker()
        self.trouble: dict[str, str] = {}

    # What there is to tell.

    @property
    def file(self) -> IndexFile | None:
        """The index as a file, while it is open."""
        return self._file

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress() if self._follower is None else self._follower.progress

    @property
    def is_busy(self) -> bool:
        """Whether it is being brought up to date right now."""
        return self._catching.locked()

    def distrust(self) -> None:
        """Have everything compared with the database the next time."""
        self._doubts += 1
        self._clean = self._caught_up = None
        self._swept = (0.0, 0.0)

    async def is_caught_up(self) -> bool:
        """Say whether nothing was committed since the index was last brought up to date."""
        if self._caught_up is None or self._follower is None or self._follower.is_behind:
            return False
        if self._file is None or not self._file.is_current:
            return False
        return await self._database.data_version() == self._caught_up

    def missing(self) -> tuple[str, ...]:
        """Return a sentence for each thing that is not as it should be."""
        told = dict(self.trouble)
        if self._file is not None and not self._file.has_vectors:
            told["vectors"] = (
                "sqlite-vec cannot be loaded, so search goes by words alone: install it with"
                " `pip install sqlite-vec pysqlite3`."
            )
        if self._follower is not None and self._follower.damage:
            told["damage"] = self._follower.damage
        for failure in (self.asker.failure, self._follower.failure if self._follower else ""):
            if failure:
                told["embedder"] = failure
        return tuple(told.values())

    # Opening and closing.

    async def open(self) -> None:
        """Open the index, or make it, if it is not open.

        Raises:
            IndexUnavailableError: There is no place for it.
            StoreClosedError: The store is closed.
        """
        async with self._opening:
            self._check_open()
            if self._file is None:
                await self._open()

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreClosedError(f"{self._database.path}: the store is closed.")

    async def _open(self) -> None:
        if self.embedder is None:
            await asyncio.to_thread(self._choose_embedder)
        self._places.embedder = self.embedder.name if self.embedder else ""
        self.trouble.pop("place", None)
        opened: list[IndexFile] = []
        identity = index_opening.owner(self._database.place, self._database.identity)

        def connect() -> driver.Connection:
            index = index_opening.open_first(
                self._places,
                identity,
                self._places.embedder,
                partial(self.trouble.__setitem__, "place"),
                getattr(self.embedder, "dimension", 0),
                ascii(str(self._database.place)),
            )
            opened.append(index)
            return index.connection

        try:
            self._writer = await start_worker(connect)
        except OSError as error:
            raise IndexUnavailableError(f"There is no index: {error}") from error
        self._file = opened[0]
        embedder = self.embedder if self._file.has_vectors else None
        read = self._database.read_committed
        self._follower = Follower(read, self._write, embedder, self.asker.length)
        self._clean = self._caught_up = None

    def _choose_embedder(self) -> None:
        self.trouble.pop("embedder", None)
        try:
            self.embedder = self._given or embedder_from_environment() or default_embedder()
        except EmbedderError as error:
            self.trouble["embedder"] = f"Search goes by words alone. {error}"

    async def close(self) -> None:
        """Close the index; the database stays open."""
        async with self._reading, self._opening:
            self._is_closed = True
            await finish(self._close())
        if isinstance(self.embedder, OpenAIEmbedder) and self.embedder is not self._given:
            await self.embedder.aclose()
        self._places.close()

    async def _close(self) -> None:
        reader, writer = self._reader, self._writer
        # Nobody may be given a connection that is being closed.
        self._reader = self._writer = self._file = self._searcher = None
        if reader is not None:
            await asyncio.to_thread(reader.close)
        if writer is not None:
            await writer.close()

    async def rebuild(self) -> None:
        """Throw the index away, and open a new one."""
        async with self._catching, self._reading, self._opening:
            self._check_open()
            if self._file is None:
                await self._open()
            await finish(self._throw_away())
            await self._open()

    async def _throw_away(self) -> None:
        """Close the index and delete it: nothing but what was opened as one is known to be one."""
        path = self._file.path if self._file else None
        await self._close()
        if path is not None:
            with suppress(OSError):
                await asyncio.to_thread(index_opening.delete, path)
        self._follower = None

    # Writing.

    async def _write(self, function: Callable[[IndexFile], T]) -> T:
        writer, file = self._writer, self._file
        if writer is None or file is None:
            # A search has found it damaged meanwhile.
            raise OvertakenError
        with damage_as_error():
            return await writer.run(Call(lambda _: function(file)))

    async def catch_up(self, *, force_sweep: bool = True, is_gentle: bool = False) -> None:
        """Bring the index up to date with what is committed now.

        Args:
            force_sweep: Whether to look at once for what other programs changed or deleted.
            is_gentle: Whether to leave time to the program that is writing.

        Raises:
            IndexUnavailableError: There is no place for it, or its disk fails.
        """
        async with self._catching:
            attempts = 0
            while attempts < _ATTEMPTS:
                try:
                    await self._catch_up(force_sweep=force_sweep, is_gentle=is_gentle)
                except OvertakenError:
                    # What the other one has done need not be done again.
                    await asyncio.sleep(_POLL_SECONDS)
                except driver.Error as error:
                    attempts += 1
                    await self._renew(error, self._file)
                else:
                    if self._file is not None and self._file.is_current:
                        return
                    # Somebody deleted it meanwhile.
                    attempts += 1
            raise IndexUnavailableError("Another process keeps the index locked, or deletes it.")

    async def _catch_up(self, *, force_sweep: bool, is_gentle: bool) -> None:
        await self.open()
        if self._file is None or not self._file.is_current:
            async with self._reading, self._opening:
                self._check_open()
                await finish(self._close())
                await self._open()
        follower, file = self._follower, self._file
        if follower is None or file is None:
            # A search has found it damaged meanwhile.
            raise OvertakenError
        follower.rest = _REST if is_gentle else 0.0
        doubts = self._doubts
        # In this order, so that what is committed meanwhile makes the next one look again.
        seen = index_opening.stamp_of(self._database.place)
        everything = await self._database.data_version()
        version = await self._database.foreign_version()
        is_new = not await self._write(lambda index: index.number("generation"))
        known = await self._write(lambda index: index.meta("seen"))
        if self._clean is None and known == seen == index_opening.stamp_of(self._database.place):
            self._clean = version
        sweep = version != self._clean and not is_new and (force_sweep or self._may_sweep())
        started = time.monotonic()
        await follower.catch_up(sweep=sweep, is_alone=version == self._clean)
        if sweep:
            self._swept = time.monotonic(), time.monotonic() - started
        if sweep or self._caught_up is None:
            # All rows went through the caches, and few of them are asked for soon.
            await self._write(IndexFile.shrink)
            await self._database.read_committed(_shrink)
            await asyncio.to_thread(give_back)
        if doubts != self._doubts:
            return
        if sweep or is_new or version == self._clean:
            self._clean = version
            await self._write(partial(_note_seen, seen=seen))
        self._caught_up = everything

    def _may_sweep(self) -> bool:
        last, took = self._swept
        return time.monotonic() - last > max(_LEAST_SWEEP_SECONDS, took / _SWEEP_SHARE) or not last

    async def _is_sweep_due(self) -> bool:
        """Say whether it is time to look for what other programs changed or deleted."""
        return self._may_sweep() and self._clean != await self._database.foreign_version()

    async def _renew(self, error: driver.Error, file: IndexFile | None) -> None:
        """Make the index anew after an error of a file that says it is damaged."""
        if driver.is_busy(error):
            await asyncio.sleep(_POLL_SECONDS)
            return
        self._renewals += 1
        log.info("index of %s: %s", self._database.path, error)
        is_there = file is None or file.is_current
        if self._renewals > _MOST_RENEWALS or (is_there and _NO_DAMAGE.search(str(error))):
            raise IndexUnavailableError(f"The index cannot be written: {error}.") from error
        async with self._reading, self._opening:
            if self._file is file:
                await finish(self._throw_away())

    async def follow(self) -> None:
        """Keep the index up to date until the task is cancelled."""
        while True:
            try:
                if not await self.is_caught_up() or await self._is_sweep_due():
                    await self.catch_up(force_sweep=False, is_gentle=True)
                self.trouble.pop("index", None)
            except (StorageError, OSError) as error:
                self.trouble["index"] = f"The index is not kept up to date: {error}"
                await asyncio.sleep(_TROUBLE_SECONDS)
            await asyncio.sleep(_POLL_SECONDS)

    # Reading.

    async def search(
        self, propose: Callable[[Searcher], T], check: Callable[[View, T], Answer]
    ) -> Answer:
        """Ask the index, and the database about what it says; cancelling the task interrupts both.

        Both happen in one thread: on the way from one to another a short answer would be longer
        than it takes to find.

        Args:
            propose: Asks the index.
            check: Asks the database.

        Raises:
            IndexUnavailableError: There is no index, or it is damaged and is made anew.
        """

        def both(view: View) -> Answer:
            try:
                with damage_as_error():
                    found = propose(self._open_reader())
            except driver.Error as error:
                raise IndexDamagedError(error) from error
            return check(view, found)

        file = self._file
        try:
            # One at a time, so that who is cancelled interrupts nobody else's query.
            async with self._reading:
                if self._file is None:
                    await self.open()
                file = self._file
                return await self._database.read(both, self._stop)
        except IndexDamagedError as damaged:
            error = damaged.error
            await self._renew(error, file)
            raise IndexUnavailableError(f"The index is damaged: {error}.") from error

    def _open_reader(self) -> Searcher:
        if self._searcher is None:
            if self._file is None:
                raise IndexUnavailableError("The index is closed.")
            self._reader = searcher.connect(self._file.path)
            self._searcher = Searcher(self._reader)
        return self._searcher

    def _stop(self) -> None:
        if self._reader is not None:
            self._reader.interrupt()

    def note_stale(self, found: Sequence[Source]) -> None:
        """Have rows read again that a search found to be others by now."""
        if self._follower is not None:
            self._follower.note_stale(found)


def _shrink(view: View) -> None:
    view.fetch("PRAGMA shrink_memory")


def _note_seen(index: IndexFile, seen: str) -> None:
    if index.meta("seen") != seen:
        with index.change():
            index.write_meta({"seen": seen})
