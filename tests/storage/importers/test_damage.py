"""Damaged sources, by the hundred: no crash, what was spared is there, what was not is shown."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from storage import SQLiteStore, UnknownSourceError, sync_source
from tests.storage.importers import damages, sessions
from tests.storage.importers.conftest import SAMPLES

FEW = 60
MANY = 25_000
SEED = int(os.environ.get("MEMGLASS_SEED", "0")) or random.randrange(2**32)
EMPTIED = (
    *("interactions", "archived_interactions", "world_model_states", "world_model_snapshots"),
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
        assert (
            report.corrupt
            == self._raw.execute(
                "SELECT count(*) FROM interactions WHERE action = 'corrupt'"
            ).fetchone()[0]
        )
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


def _solid(raw: bytes) -> bytes:
    """Return bytes without white space, which no record keeps at its ends."""
    return b"".join(raw.split())


def _chances(count: int) -> list[tuple[str, random.Random]]:
    return [(f"seed {SEED}, variant {n}", random.Random(f"{SEED}/{n}")) for n in range(count)]


@few_and_many
async def test_transcripts_lose_not_a_byte(tmp_path: Path, count: int) -> None:
    lines = (SAMPLES / "claude-code.jsonl").read_bytes().splitlines()
    async with benched(tmp_path) as bench:
        for name, chance in _chances(count):
            file = damages.damaged_lines(lines, chance)
            bench.path.write_bytes(file.raw())
            try:
                if await bench.imported(recognised=bool(file.spared())):
                    stored = bench.details()
                    assert not Counter(file.spared()) - Counter(stored)
                    # Every byte of the file stands in a record, in order.
                    whole = file.raw().removeprefix(b"\xef\xbb\xbf")
                    assert _solid(b"".join(stored)) == _solid(whole)
            except BaseException as error:
                error.add_note(f"{name}: {file.done}")
                raise
            bench.empty()


@few_and_many
async def test_world_models_keep_what_was_spared_and_show_the_rest(
    tmp_path: Path, count: int
) -> None:
    lines = (SAMPLES / "mcp-memory-before.jsonl").read_bytes().splitlines()
    async with benched(tmp_path) as bench:
        for name, chance in _chances(count):
            file = damages.damaged_lines(lines, chance)
            bench.path.write_bytes(file.raw())
            try:
                if await bench.imported(recognised=bool(file.spared())):
                    believed = bench.believed()
                    for each in file.spared():
                        assert orjson.loads(each) in believed
                    if {"_spliced", "_flipped"} & {*file.done}:
                        # What is JSON by chance may say a thing twice, of which one is read.
                        bench.empty()
                        continue
                    shown = b"".join(bench.details())
                    read = b"".join(map(orjson.dumps, believed))
                    whole = file.raw().removeprefix(b"\xef\xbb\xbf")
                    assert Counter(_solid(shown + read)) == Counter(_solid(whole))
            except BaseException as error:
                error.add_note(f"{name}: {file.done}")
                raise
            bench.empty()


@few_and_many
async def test_damaged_cells_are_shown_beside_the_others(tmp_path: Path, count: int) -> None:
    sound = shutil.copy(SAMPLES / "openai-agents.db", tmp_path / "sound.db")
    sessions.execute(Path(sound), "ALTER TABLE agent_messages RENAME TO old")
    sessions.execute(Path(sound), "CREATE TABLE agent_messages AS SELECT * FROM old")
    sessions.execute(Path(sound), "DROP TABLE old")
    async with benched(tmp_path) as bench:
        for name, chance in _chances(count):
            bench.path.unlink(missing_ok=True)
            shutil.copyfile(sound, bench.path)
            damages.damage_cells(bench.path, "agent_messages", "message_data", chance)
            with closing(sqlite3.connect(bench.path)) as raw:
                cells = raw.execute(
                    "SELECT coalesce(CAST(message_data AS BLOB), x'') FROM agent_messages"
                ).fetchall()
            try:
                await bench.imported(recognised=True)
                assert bench.details() == [each for (each,) in cells]
            except BaseException as error:
                error.add_note(name)
                raise
            bench.empty()


def _readable(path: Path, most: int) -> tuple[set[int], bool]:
    """Return the messages that SQLite reads when asked for each, and whether it reads all."""
    found = set()
    is_sound = True
    query = "SELECT id, session_id, message_data, created_at FROM agent_messages"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        raw.execute("PRAGMA cell_size_check=ON")
        raw.text_factory = bytes
        for number in range(1, most + 1):
            try:
                if raw.execute(f"{query} WHERE id = ?", (number,)).fetchone() is not None:
                    found.add(number)
            except sqlite3.DatabaseError:
                is_sound = False
        try:
            raw.execute(f"{query} ORDER BY id").fetchall()
        except sqlite3.DatabaseError:
            is_sound = False
    return found, is_sound


@few_and_many
async def test_damaged_pages_hide_no_message_that_can_be_read(tmp_path: Path, count: int) -> None:
    most = 120
    sound = tmp_path / "sound.db"
    with closing(sqlite3.connect(sound)) as raw:
        raw.execute("PRAGMA page_size=1024")
    sessions.make(sound, (f"{n} " * 40 for n in range(most)), wal=False)
    async with benched(tmp_path) as bench:
        for name, chance in _chances(count):
            bench.path.unlink(missing_ok=True)
            damages.damage_pages(sound, bench.path, chance)
            there, is_sound = _readable(bench.path, most)
            try:
                if await bench.imported(recognised=False, again=False):
                    ids = [each.rpartition(":")[2] for each in bench.ids()]
                    assert there <= {int(each) for each in ids if each.isdecimal()}
                    assert is_sound or bench.is_told
            except BaseException as error:
                error.add_note(name)
                raise
            bench.empty()
