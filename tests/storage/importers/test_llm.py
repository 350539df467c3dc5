"""The log of llm, of both ages: all that was said, in order, with calls, files and tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import CorruptJSON, SQLiteStore, detect_source, sync_source
from storage.records import Record
from tests.storage.importers.test_mem0 import execute

Sample = Callable[[str], Path]

BOTH = pytest.mark.parametrize("name", ["llm-tools.db", "llm-tools-0.26.db"])


async def _all(store: SQLiteStore) -> list[Record]:
    return list(reversed(await store.get_recent_interactions(None)))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("llm-logs.db", "llm logs: 2 threads, 3 turns"),
        ("llm-logs-0.27.db", "llm logs: 2 conversations, 3 responses"),
    ],
)
async def test_both_ages_tell_the_same_conversations(
    name: str, told: str, sample: Sample, store: SQLiteStore
) -> None:
    path = sample(name)
    assert str(detect_source(path)) == told
    report = await sync_source(store, path)
    assert (report.added, report.corrupt, report.counts) == (7, 0, {"message": 7})
    found = await _all(store)
    assert [(each["role"], each["content"]) for each in found] == [
        ("system", "be brief"),
        ("user", "I am Ada, I prefer dark mode"),
        ("assistant", "You said: I am Ada, I prefer dark mode"),
        ("user", "What do I prefer?"),
        ("assistant", "You said: What do I prefer?"),
        ("user", "release notes\n\nsummarise"),
        ("assistant", "You said: release notes\n\nsummarise"),
    ]
    assert [each["session_id"] == found[0]["session_id"] for each in found] == [True] * 5 + [
        False,
        False,
    ]
    assert len({each["metadata"]["turn"] for each in found}) == 3
    assert {each["metadata"]["thread"] for each in found} == {
        "I am Ada, I prefer dark mode",
        "release notes summarise",
    }


@BOTH
async def test_calls_are_joined_with_results_and_models_tokens_and_files_are_kept(
    name: str, sample: Sample, store: SQLiteStore
) -> None:
    await sync_source(store, sample(name))
    found = await _all(store)
    call = next(each for each in found if each["action"] == "tool_call")
    result = next(each for each in found if each["action"] == "tool_result")
    assert call["content"].endswith('weather {"city":"Lisbon"}')
    assert (result["role"], result["content"]) == ("tool", "sunny in Lisbon")
    assert result["metadata"]["call"] == call["interaction_id"]
    answers = [each["metadata"] for each in found if "model" in each["metadata"]]
    assert [(each["model"], each["input_tokens"], each["output_tokens"]) for each in answers] == [
        ("scripted", 11, 7),
        ("scripted", 20, 5),
        ("scripted", 3, 2),
    ]
    asked = next(each for each in found if "what is this?" in each["content"])
    assert "[image/png: " in asked["content"]
    assert '"base64": "iVBORw0KGgp4eA=="' in str(asked["details"]).replace("'", '"')


@BOTH
async def test_a_result_finds_a_call_that_was_imported_before(
    name: str, sample: Sample, store: SQLiteStore
) -> None:
    path = sample(name)
    table = "turns" if name == "llm-tools.db" else "responses"
    execute(path, f"CREATE TABLE later AS SELECT * FROM {table} WHERE rowid > 1")
    execute(path, f"DELETE FROM {table} WHERE rowid > 1")
    if table == "turns":
        execute(path, "UPDATE threads SET tip_message_hash = (SELECT tip_message_hash FROM turns)")
    first = await sync_source(store, path)
    execute(path, f"INSERT INTO {table} SELECT * FROM later")
    second = await sync_source(store, path)
    assert (second.updated, second.archived, second.corrupt) == (0, 0, 0)
    assert first.added + second.added == (7 if table == "turns" else 8)
    (result,) = [each for each in await _all(store) if each["action"] == "tool_result"]
    assert await store.get_interaction(result["metadata"]["call"]) is not None


async def test_a_file_of_both_ages_tells_both(sample: Sample, store: SQLiteStore) -> None:
    path = sample("llm-logs.db")
    execute(
        path,
        "INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc)"
        " VALUES ('r', 'gpt', 'Before?', 'Before.', 'c', '2024-01-01T00:00:00')",
    )
    assert str(detect_source(path)) == "llm logs: 2 threads, 3 turns, 1 response"
    report = await sync_source(store, path)
    assert report.added == 9
    assert [each["content"] for each in await _all(store)][:2] == ["Before?", "Before."]


async def test_a_thread_that_was_forked_tells_all_of_its_own(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("llm-logs.db")
    execute(
        path,
        "INSERT INTO threads SELECT 'fork', 'A fork', 'b2:0f78fcc64edfc4c6d6a70198d5d46d2b', id,"
        " datetime_utc FROM threads LIMIT 1",
    )
    report = await sync_source(store, path)
    assert report.added == 10
    told = await store.get_recent_interactions(session_id="fork")
    assert [each["content"] for each in reversed(told)] == [
        "be brief",
        "I am Ada, I prefer dark mode",
        "You said: I am Ada, I prefer dark mode",
    ]
    assert told[0]["metadata"]["forked_from"] == "01m85b415fmezqs303zkgdv64y"


async def test_what_is_damaged_is_shown_with_its_bytes_in_its_thread(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("llm-tools.db")
    execute(path, "UPDATE parts SET payload = '{\"name\": \"wea' WHERE type = 'tool_call'")
    execute(path, "UPDATE parts SET text = CAST(x'ff41' AS TEXT) WHERE text = 'be brief'")
    execute(path, "DELETE FROM messages WHERE rowid = 4")
    report = await sync_source(store, path)
    raw = {
        each["details"].raw
        for each in await _all(store)
        if isinstance(each["details"], CorruptJSON)
    }
    assert {b'{"name": "wea', b"\xffA"} < raw
    assert report.corrupt == 3
    told = [each["content"] for each in await _all(store)]
    assert told[-1] == "You said: what is this?"
    assert "let me look\n\nweather null" in told


async def test_a_damaged_response_hides_no_other(sample: Sample, store: SQLiteStore) -> None:
    path = sample("llm-logs-0.27.db")
    execute(path, "UPDATE responses SET response = CAST(x'ff' AS TEXT) WHERE rowid = 2")
    execute(path, "UPDATE responses SET conversation_id = CAST(x'fe' AS TEXT) WHERE rowid = 3")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (5, 2)
    broken = await store.get_interaction("llm:responses-2-response")
    assert broken is not None
    assert broken["details"].raw == b"\xff"


async def test_payloads_of_odd_types_end_no_import_and_are_kept(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("llm-tools.db")
    payloads: list[dict[str, object]] = [
        {"attachments": 5},
        {"attachment": {"id": ["a"]}},
        {"text_ref": 5},
        {"text_ref": [{"fragment": 10**30}, {"fragment": {}}, {"literal": "said"}]},
    ]
    for number, payload in enumerate(payloads):
        execute(
            path,
            "UPDATE parts SET payload = ? WHERE rowid ="
            " (SELECT rowid FROM parts ORDER BY rowid LIMIT 1 OFFSET ?)",
            *(json.dumps(payload), number),
        )
    report = await sync_source(store, path)
    assert (report.added, report.corrupt, report.is_complete) == (7, 0, True)
    parts = [part for each in await _all(store) for part in each["details"]["parts"]]
    for name, value in (("attachments", 5), ("attachment", {"id": ["a"]}), ("text_ref", 5)):
        assert value in [part.get(name) for part in parts]
    assert "said" in [part.get("text") for part in parts]
