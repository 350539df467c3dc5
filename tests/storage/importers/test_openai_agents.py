"""Sessions of the OpenAI Agents SDK become interactions: all of them, in order, word for word."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage import CorruptJSON, SQLiteStore, detect_source, sync_source
from tests.storage.importers import sessions

Sample = Callable[[str], Path]


def test_it_is_recognised_by_its_tables_whatever_the_file_is_called(sample: Sample) -> None:
    path = sample("openai-agents.db")
    found = detect_source(path.rename(path.with_name("notes.txt")))
    assert (found.format, found.summary) == ("openai-agents", "2 sessions, 7 messages")


async def test_every_message_is_there_in_order_and_word_for_word(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("openai-agents.db")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (7, 0)
    assert report.counts == {"message": 5, "function_call": 1, "function_call_output": 1}
    with closing(sqlite3.connect(path)) as raw:
        written = raw.execute("SELECT session_id, message_data FROM agent_messages").fetchall()
    with closing(sqlite3.connect(store.path)) as raw:
        stored = raw.execute("SELECT session_id, details FROM interactions ORDER BY id").fetchall()
    assert stored == written
    told = [each["content"] for each in reversed(await store.get_recent_interactions())]
    assert told[:2] == ["Hi, I am Ada and I prefer dark mode.", "Nice to meet you, Ada."]
    assert told[3] == 'weather {"city": "Lisbon"}'


async def test_a_call_and_its_output_are_joined(sample: Sample, store: SQLiteStore) -> None:
    await sync_source(store, sample("openai-agents.db"))
    call = await store.get_interaction("openai:user-ada:4")
    output = await store.get_interaction("openai:user-ada:5")
    assert call is not None
    assert output is not None
    assert call["metadata"] == {"call_id": "call_2", "tool": "weather"}
    assert output["metadata"] == {"call_id": "call_2", "call": "openai:user-ada:4"}
    assert (call["role"], output["role"]) == ("assistant", "tool")


async def test_an_output_finds_its_call_that_was_imported_before(
    tmp_path: Path, store: SQLiteStore
) -> None:
    call = {"type": "function_call", "call_id": "c", "name": "ls", "arguments": "{}"}
    path = sessions.make(tmp_path / "s.db", [call])
    await sync_source(store, path)
    sessions.say(path, {"type": "function_call_output", "call_id": "c", "output": "a b"})
    await sync_source(store, path)
    output = await store.get_interaction("openai:s:2")
    assert output is not None
    assert output["metadata"]["call"] == "openai:s:1"


async def test_what_is_new_and_what_broke_since_are_each_counted_once(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("openai-agents.db")
    await sync_source(store, path)
    sessions.execute(
        path, "UPDATE agent_messages SET message_data = CAST(x'ff' AS TEXT) WHERE id = 1"
    )
    sessions.execute(
        path,
        "INSERT INTO agent_messages (session_id, message_data) SELECT session_id, message_data"
        " FROM agent_messages WHERE id IN (2, 3)",
    )
    report = await sync_source(store, path)
    assert (report.added, report.updated, report.unchanged, report.corrupt) == (2, 1, 6, 1)


async def test_tables_may_have_other_names(sample: Sample, store: SQLiteStore) -> None:
    path = sample("openai-agents.db")
    for table in ("agent_messages", "agent_sessions"):
        sessions.execute(path, f"ALTER TABLE {table} RENAME TO my_{table}")
    assert (await sync_source(store, path)).added == 7
    assert await store.get_interaction("openai:my_agent_messages:user-ada:1") is not None


async def test_a_damaged_message_is_shown_with_its_bytes_in_its_session(
    tmp_path: Path, store: SQLiteStore
) -> None:
    path = sessions.make(tmp_path / "s.db", ["one", b'{"role": "us\xff', b"/home/ada/x", "two"])
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (4, 2)
    broken = await store.get_interaction("openai:s:2")
    assert broken is not None
    assert isinstance(broken["details"], CorruptJSON)
    assert broken["details"].raw == b'{"role": "us\xff'
    assert (broken["action"], broken["session_id"]) == ("corrupt", "s")
    assert broken["metadata"]["imported_from"]["row"] == 2
    assert "row 2" in report.troubles[0]


async def test_json_that_is_no_message_is_kept_as_it_is(tmp_path: Path, store: SQLiteStore) -> None:
    path = sessions.make(tmp_path / "s.db", [["a", 1], {"role": 7, "content": {"x": None}}])
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (2, 1)
    odd = await store.get_interaction("openai:s:1")
    assert odd is not None
    assert odd["details"] == json.loads('["a", 1]')
