"""Damaged databases, by the hundred: no crash, and no row is lost to damage beside it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import FileError, SQLiteStore, sync_source
from tests.storage.importers import damages, sessions
from tests.storage.importers.benches import Bench, benched, chances, few_and_many
from tests.storage.importers.conftest import SAMPLES


@few_and_many
async def test_damaged_cells_are_shown_beside_the_others(tmp_path: Path, count: int) -> None:
    sound = shutil.copy(SAMPLES / "openai-agents.db", tmp_path / "sound.db")
    sessions.execute(Path(sound), "ALTER TABLE agent_messages RENAME TO old")
    sessions.execute(Path(sound), "CREATE TABLE agent_messages AS SELECT * FROM old")
    sessions.execute(Path(sound), "DROP TABLE old")
    async with benched(tmp_path) as bench:
        for name, chance in chances(count):
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
                continue
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
        for name, chance in chances(count):
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


# Every kind of database, what stands in it and what it stands on.

DATABASES = sorted(path for path in SAMPLES.glob("*.db"))


async def _pristine(bench: Bench) -> dict[Path, dict[str, str]]:
    found = {}
    for sample in DATABASES:
        bench.path.unlink(missing_ok=True)
        shutil.copyfile(sample, bench.path)
        await bench.imported(recognised=True)
        found[sample] = bench.records()
        bench.empty()
    return found


@few_and_many
async def test_a_damaged_cell_of_any_database_changes_nothing_of_other_rows(
    tmp_path: Path, count: int
) -> None:
    async with benched(tmp_path) as bench:
        pristine = await _pristine(bench)
        for name, chance in chances(count):
            sample = chance.choice(DATABASES)
            bench.path.unlink(missing_ok=True)
            shutil.copyfile(sample, bench.path)
            told, touched = damages.damage_any_cell(bench.path, chance)
            try:
                await bench.imported(recognised=True)
                now = bench.records()
                for key, record in pristine[sample].items():
                    if not any(each in key or each in record for each in touched):
                        assert now.get(key) == record, key
            except BaseException as error:
                error.add_note(f"{name}: {sample.name}, {told}")
                raise
            bench.empty()


@few_and_many
async def test_damaged_pages_of_any_database_are_no_reason_to_fail(
    tmp_path: Path, count: int
) -> None:
    async with benched(tmp_path) as bench:
        for name, chance in chances(count):
            sample = chance.choice(DATABASES)
            bench.path.unlink(missing_ok=True)
            damages.damage_pages(sample, bench.path, chance)
            try:
                await bench.imported(recognised=False, again=False)
            except FileError:
                # Of the pages that say which tables there are, some are not readable at all.
                pass
            except BaseException as error:
                error.add_note(f"{name}: {sample.name}")
                raise
            bench.empty()


@pytest.mark.parametrize(("size", "text"), [(4096, "60 60 60"), (4096, "119 119"), (1024, "60 60")])
async def test_what_damage_hides_that_came_since_is_not_taken_for_deleted(
    tmp_path: Path, store: SQLiteStore, size: int, text: str
) -> None:
    path = tmp_path / "s.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA page_size={size}")
        raw.execute("CREATE TABLE t (a)")
    sessions.make(path, (f"{n} " * 40 for n in range(120)), wal=False)
    await sync_source(store, path)
    before = {each["interaction_id"] for each in await store.get_recent_interactions(None)}
    whole = path.read_bytes()
    # A kilobyte: a page, or some rows in one, which SQLite then gives without a number.
    start = whole.index(text.encode()) // 1024 * 1024
    path.write_bytes(whole[:start] + bytes(1024) + whole[start + 1024 :])
    report = await sync_source(store, path)
    assert report.troubles
    assert report.archived == 0
    assert before <= {each["interaction_id"] for each in await store.get_recent_interactions(None)}


async def test_what_a_damaged_page_holds_no_more_is_not_taken_for_deleted(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", (f"{n} " * 40 for n in range(120)), wal=False)
    await sync_source(store, path)
    # A page says that it holds a single row.
    whole = path.read_bytes()
    size = int.from_bytes(whole[16:18])
    start = whole.index(b"60 60 60") // size * size + 3
    path.write_bytes(whole[:start] + b"\0\1" + whole[start + 2 :])
    report = await sync_source(store, path)
    assert report.archived == 0
    [trouble] = report.troubles
    assert "is damaged: of the 120 records that it counts" in trouble
    assert len(await store.get_recent_interactions(None)) == 120
