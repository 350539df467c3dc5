"""A memory that is filled from damaged sources, looked at and emptied again, by the hundred."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from storage import SQLiteStore, UnknownSourceError, sync_source
from tests.chance import examples, seed_of

FEW = examples(25)
MANY = 17_000
EMPTIED = (
    *("interactions", "archived_interactions", "patterns", "archived_patterns"),
    *("world_model_states", "world_model_snapshots"),
    *("memglass_journal", "memglass_sources", "memglass_imported"),
)

few_and_many = pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"]
)


class Bench:
    """A memory that is filled, looked at and emptied again."""

    def __init__(self, store: SQLiteStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.path = folder / "source"
        self._raw = sqlite3.connect(store.path, isolation_level=None)
        self._raw.execute("PRAGMA synchronous=OFF")
        self._raw.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        self.is_told = False
        self.count = 0

    def close(self) -> None:
        self._raw.close()

    async def imported(self, *, recognised: bool, again: bool = True) -> bool:
        """Import the source; it may be unknown only where nothing of it was spared.

        Args:
            recognised: Whether it has to be known.
            again: Whether a second import has to find the same; of a damaged page SQLite itself
                says one thing now and another then.
        """
        try:
            report = await sync_source(self.store, self.path)
        except UnknownSourceError:
            assert not recognised
            return False
        assert report.is_complete
        self.is_told = bool(report.troubles)
        self.count += 1
        # A pattern with a cell that cannot be read is told of too.
        assert report.corrupt >= len(self.details("action = 'corrupt'"))
        if self.count % 4 or not again:
            return True
        # And once more, from the beginning: nothing new is found.
        os.utime(self.path, (1, 1))
        second = await sync_source(self.store, self.path)
        assert second.changed == 0, (report, second)
        return True

    def details(self, where: str = "1") -> list[bytes]:
        found = self._raw.execute(
            f"SELECT CAST(details AS BLOB) FROM interactions WHERE {where} ORDER BY id"
        )
        return [raw or b"" for (raw,) in found]

    def believed(self) -> list[dict[str, Any]]:
        (entities, relations) = self._raw.execute(
            "SELECT entities, relations FROM world_model_states"
        ).fetchone()
        return [
            {"type": kind, **each}
            for kind, found in (("entity", entities), ("relation", relations))
            for each in orjson.loads(found)
        ]

    def ids(self) -> list[str]:
        return [each for (each,) in self._raw.execute("SELECT interaction_id FROM interactions")]

    def records(self) -> dict[str, str]:
        """Return what every record says, by its kind and id; its number and its times left out."""
        told: dict[str, str] = {}
        for table, columns in (
            ("interactions", "interaction_id, session_id, role, action, content, details"),
            ("patterns", "id, name, description, pattern_type, metadata"),
            ("archived_patterns", "original_id, archive_reason, pattern_name"),
        ):
            for record_id, *values in self._raw.execute(f"SELECT {columns} FROM {table}"):
                told[f"{table} {record_id}"] = repr(values)
        return told

    def empty(self) -> None:
        self._raw.execute("BEGIN IMMEDIATE")
        for table in EMPTIED:
            self._raw.execute(f"DELETE FROM {table}")
        self._raw.execute("COMMIT")


@asynccontextmanager
async def benched(folder: Path) -> AsyncIterator[Bench]:
    async with SQLiteStore(folder / "memory.db") as store:
        bench = Bench(store, folder)
        try:
            yield bench
        finally:
            bench.close()


def chances(count: int) -> list[tuple[str, random.Random]]:
    """Return sources of chance, each with the name under which it comes again."""
    seed = seed_of(1)
    return [
        (f"MEMGLASS_SEED={seed}, variant {number}", random.Random(f"{seed}/{number}"))
        for number in range(count)
    ]
