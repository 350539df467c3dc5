"""The history of mem0 becomes patterns: what is remembered, what was said before, what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage import CorruptJSON, SQLiteStore, detect_source, sync_source
from storage.importers import mem0
from storage.importers.sqlite_file import SqliteFile

Sample = Callable[[str], Path]

ADA = "mem0:e26dceff-7ec8-473b-8c58-269876d15e10"
LISBON = "mem0:e4b0b535-9055-4d57-aea6-a82982e14a3c"


def execute(path: Path, sql: str, *values: Any) -> None:
    """Run a statement on the source."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(sql, values)
        raw.commit()


def tell(path: Path, memory: str, event: str, old: str | None, new: str | bytes | None) -> None:
    """Write an event as mem0 does."""
    execute(
        path,
        "INSERT INTO history VALUES (hex(randomblob(8)), ?, ?, ?, ?, '2026-12-01T00:00:00+00:00',"
        " '2026-12-02T00:00:00+00:00', ?, 'ada', 'user')",
        *(memory, old, new, event, int(event == "DELETE")),
    )


def test_it_says_how_many_memories_there_are(sample: Sample) -> None:
    found = detect_source(sample("mem0-history.db"))
    assert str(found) == "mem0 history: 4 memories, 6 events"


async def test_a_memory_is_a_pattern_that_shows_what_it_said_before(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("mem0-history.db"))
    assert (report.added, report.corrupt, report.counts) == (4, 0, {"pattern": 4})
    ada = await store.get_pattern(ADA)
    assert ada is not None
    assert ada["description"] == "Ada prefers light mode since June"
    told = [(each["event"], each["text"]) for each in ada["metadata"]["versions"]]
    assert told == [("ADD", "Ada prefers dark mode"), ("UPDATE", ada["description"])]
    assert (ada["frequency"], ada["metadata"]["role"]) == (2, "user")
    assert ada["created_at"] < ada["last_seen"]


async def test_a_deleted_memory_is_in_the_archive_as_it_was(
    sample: Sample, store: SQLiteStore
) -> None:
    await sync_source(store, sample("mem0-history.db"))
    assert await store.get_pattern(LISBON) is None
    (gone,) = await store.get_archived_patterns()
    assert (gone["original_id"], gone["archive_reason"]) == (LISBON, mem0.DELETED)
    assert gone["record"]["description"] == "I live in Lisbon"
    assert gone["archived_at"].startswith("2026-11-23T23:18:29.764")


async def test_events_that_come_later_change_archive_and_bring_back(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    await sync_source(store, path)
    memory = ADA.removeprefix("mem0:")
    tell(path, memory, "UPDATE", "Ada prefers light mode since June", "Ada prefers dark mode again")
    assert (await sync_source(store, path)).updated == 1
    ada = await store.get_pattern(ADA)
    assert ada is not None
    assert [len(ada["metadata"]["versions"]), ada["name"]] == [3, "Ada prefers dark mode again"]
    tell(path, memory, "DELETE", "Ada prefers dark mode again", None)
    await sync_source(store, path)
    assert await store.get_pattern(ADA) is None
    tell(path, memory, "ADD", None, "Ada prefers grey mode")
    await sync_source(store, path)
    ada = await store.get_pattern(ADA)
    assert ada is not None
    assert (ada["description"], len(ada["metadata"]["versions"])) == ("Ada prefers grey mode", 5)
    execute(path, "DELETE FROM history WHERE memory_id = ?", memory)
    assert (await sync_source(store, path)).archived == 1


async def test_a_wording_that_only_a_later_event_tells_of_is_a_version_too(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    tell(path, "m", "UPDATE", "first", "second")
    await sync_source(store, path)
    made = await store.get_pattern("mem0:m")
    assert made is not None
    assert [each["text"] for each in made["metadata"]["versions"]] == ["first", "second"]


async def test_a_damaged_event_is_shown_with_its_bytes_and_hides_no_other(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    tell(path, "m", "ADD", None, "sound")
    execute(path, "UPDATE history SET new_memory = CAST(x'41ff' AS TEXT) WHERE rowid = 6")
    execute(path, "UPDATE history SET memory_id = NULL WHERE rowid = 3")
    report = await sync_source(store, path)
    assert report.corrupt == 2
    assert await store.get_pattern("mem0:m") is not None
    broken = await store.get_interaction("mem0:history-6-new_memory")
    assert broken is not None
    assert isinstance(broken["details"], CorruptJSON)
    assert broken["details"].raw == b"A\xff"
    assert "row 6" in report.troubles[1]


async def test_a_long_history_is_read_in_parts(
    sample: Sample, store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mem0, "_HELD", 2)
    report = await sync_source(store, sample("mem0-history.db"))
    assert (report.added, report.is_complete) == (4, True)


async def test_the_messages_that_it_keeps_are_interactions_of_their_session(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    for number, text in enumerate(("Hi", "Hello, Ada")):
        execute(
            path,
            "INSERT INTO messages VALUES (?, 'user_id=ada', ?, ?, NULL, '2026-12-01T00:00:00')",
            *(f"m{number}", ("user", "assistant")[number], text),
        )
    await sync_source(store, path)
    told = await store.get_recent_interactions()
    assert [(each["role"], each["content"]) for each in reversed(told)] == [
        ("user", "Hi"),
        ("assistant", "Hello, Ada"),
    ]
    assert {each["session_id"] for each in told} == {"user_id=ada"}


async def test_a_message_of_no_session_keeps_nobody_from_the_others(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    execute(path, "INSERT INTO messages VALUES ('m', NULL, 'user', 'Hi', NULL, NULL)")
    report = await sync_source(store, path)
    assert (report.added, report.is_complete) == (5, True)
    (told,) = await store.get_recent_interactions()
    assert (told["session_id"], told["content"]) == (None, "Hi")


async def test_a_row_with_a_huge_number_is_read_like_any_other(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("mem0-history.db")
    execute(path, "UPDATE history SET rowid = 1 << 40 WHERE rowid = 6")
    with SqliteFile(path) as opened:
        # Each part is a reading of the whole history.
        assert mem0._parts(opened) == 1
    report = await sync_source(store, path)
    assert (report.added, report.is_complete) == (4, True)
