"""What a source says of a record that was changed here, and how to make the change there."""

from __future__ import annotations

import ast
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pytest

from storage import Explained, SQLiteStore, explain_divergence, get_diverged, sync_source
from storage.importers.recipes import how_to_change
from storage.importers.recipes.model import Case
from tests.storage.importers import sessions, transcripts
from tests.storage.importers.conftest import SAMPLES

PATH = '/home/ada/it\'s "mine"/a.db'
MEAN = 'it\'s "quoted"\n\x1b[31m \u202e\U0001f600 \\'


async def explained(store: SQLiteStore) -> Explained:
    """Explain the one record that differs."""
    [divergence] = await get_diverged(store)
    return await explain_divergence(store, divergence)


class Session:
    """What the printed code of the Agents SDK is run on."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.given, self.named = given, named
        self.items: list[Any] = Session.before
        self.written: list[Any] = []
        self.is_closed = False

    before: ClassVar[list[Any]] = []
    made: ClassVar[list[Session]] = []

    async def get_items(self) -> list[Any]:
        Session.made.append(self)
        return list(self.items)

    async def clear_session(self) -> None:
        self.written = []

    async def add_items(self, items: list[Any]) -> None:
        self.written += items

    def close(self) -> None:
        self.is_closed = True


async def run(code: str, before: list[Any]) -> Session:
    """Run printed code on a session of these items, with a stand-in for the import alone."""
    Session.before, Session.made = before, []
    body = code.replace("from agents import SQLiteSession\n", "")
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    await eval(compile(body, "printed", "exec", flags), {"SQLiteSession": Session})  # noqa: S307
    [session] = Session.made
    assert session.is_closed
    return session


@pytest.fixture
async def source(store: SQLiteStore, tmp_path: Path) -> Path:
    source = sessions.make(tmp_path / "agent.db", ["one", MEAN, "three"])
    await sync_source(store, source)
    return source


def items(source: Path) -> list[Any]:
    with closing(sqlite3.connect(source)) as raw:
        rows = raw.execute("SELECT message_data FROM agent_messages ORDER BY id").fetchall()
    return [json.loads(data) for (data,) in rows]


async def test_what_was_archived_here_is_taken_out_of_a_session(
    store: SQLiteStore, source: Path
) -> None:
    await store.archive_interactions(["openai:s:2"], "wrong")
    told = await explained(store)
    assert told.is_there
    assert told.how_to.language == "python"
    assert "pop_item" in told.how_to.notes[0]
    session = await run(told.how_to.code, items(source))
    assert session.given == ("s", str(source))
    assert [each["content"] for each in session.written] == ["one", "three"]


async def test_what_was_edited_here_is_told_beside_what_the_source_says(
    store: SQLiteStore, source: Path
) -> None:
    await store.update_interaction("openai:s:2", content="rather " + MEAN)
    await sync_source(store, source)
    told = await explained(store)
    assert [(each.name, each.here, each.there) for each in told.differences] == [
        ("content", "rather " + MEAN, MEAN)
    ]
    session = await run(told.how_to.code, items(source))
    assert [each["content"] for each in session.written] == ["one", "rather " + MEAN, "three"]


async def test_what_the_source_changed_since_is_what_it_says(
    store: SQLiteStore, source: Path
) -> None:
    await store.update_interaction("openai:s:2", content="mine")
    sessions.execute(
        source,
        "UPDATE agent_messages SET message_data = ? WHERE id = 2",
        json.dumps({"role": "user", "content": "theirs"}),
    )
    await sync_source(store, source)
    told = await explained(store)
    assert ("content", "mine", "theirs") in [(d.name, d.here, d.there) for d in told.differences]


async def test_what_is_gone_from_the_source_too_needs_nothing(
    store: SQLiteStore, source: Path
) -> None:
    await store.archive_interactions(["openai:s:2"], "wrong")
    sessions.execute(source, "DELETE FROM agent_messages WHERE id = 2")
    told = await explained(store)
    assert not told.is_there
    assert not told.how_to.code
    assert "nothing to do" in told.how_to.notes[0]


async def test_a_graph_that_was_edited_here_becomes_calls_of_the_servers_tools(
    store: SQLiteStore, tmp_path: Path
) -> None:
    source = tmp_path / "memory.jsonl"
    source.write_bytes((SAMPLES / "mcp-memory.jsonl").read_bytes())
    await sync_source(store, source)
    [state] = await store.get_records("snapshot", await store.list_keys("snapshot"))
    assert state is not None
    entities = [each for each in state["entities"] if each["name"] != state["entities"][0]["name"]]
    entities[0]["observations"] = [*entities[0]["observations"], MEAN]
    await store.add_world_model_state({"domain": state["domain"], "entities": entities})
    told = await explained(store)
    calls = [json.loads(line) for line in told.how_to.code.splitlines()]
    assert calls[0] == {
        "name": "delete_entities",
        "arguments": {"entityNames": [state["entities"][0]["name"]]},
    }
    assert {
        "name": "add_observations",
        "arguments": {
            "observations": [{"entityName": entities[0]["name"], "contents": [MEAN]}],
        },
    } in calls


async def test_a_relation_between_what_is_no_name_is_deleted_as_it_stands(
    store: SQLiteStore, tmp_path: Path
) -> None:
    source = tmp_path / "memory.jsonl"
    relation = {"from": ["Ada"], "to": {"id": 1}, "relationType": "knows"}
    source.write_text(json.dumps({"type": "relation", **relation}))
    await sync_source(store, source)
    await store.add_world_model_state({"domain": "memory", "relations": []})
    told = await explained(store)
    assert json.loads(told.how_to.code)["arguments"] == {"relations": [relation]}


async def test_a_line_of_a_transcript_is_named_by_its_number(
    store: SQLiteStore, tmp_path: Path
) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes((SAMPLES / "claude-code.jsonl").read_bytes())
    await sync_source(store, source)
    lines = source.read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if json.loads(line).get("uuid"))
    await store.archive_interactions([f"claude:{json.loads(lines[number - 1])['uuid']}"], "wrong")
    told = await explained(store)
    assert not told.how_to.code
    assert f"it is line {number} of {source}" in told.how_to.notes[0]


async def test_what_is_nested_as_deep_as_json_may_be_is_explained_too(
    store: SQLiteStore, tmp_path: Path
) -> None:
    source = transcripts.write(tmp_path / "a.jsonl", transcripts.message(1, "Hi", x="DEEP"))
    source.write_text(source.read_text().replace('"DEEP"', "[" * 1000 + "]" * 1000))
    await sync_source(store, source)
    [record] = await store.get_recent_interactions()
    await store.update_interaction(record["interaction_id"], content="Ho")
    told = await explained(store)
    assert [each.name for each in told.differences] == ["content"]


# Formats by the record alone.


def test_memories_of_mem0_are_updated_deleted_and_added_again() -> None:
    theirs = {"name": "tabs", "description": "likes tabs"}
    ours = {"name": "tabs", "description": MEAN}
    edited = how_to_change("mem0", Case(PATH, "mem0:m-1", "pattern", "edited", theirs, ours))
    [call] = _calls(edited.code, "memory")
    assert call == ("update", (), {"memory_id": "m-1", "data": MEAN})
    gone = how_to_change("mem0", Case(PATH, "mem0:m-1", "pattern", "archived", theirs))
    assert _calls(gone.code, "memory") == [("delete", (), {"memory_id": "m-1"})]
    back = how_to_change("mem0", Case(PATH, "mem0:m-1", "pattern", "edited", None, ours))
    assert _calls(back.code, "memory")[0][:2] == ("add", (MEAN,))


def test_items_of_a_langgraph_store_are_put_and_deleted() -> None:
    value = {"text": MEAN, "n": [1, None, True]}
    theirs = {"metadata": {"namespace": ["users", "it's"], "key": "k", "value": {"text": "old"}}}
    ours = {"metadata": {"namespace": ["users", "it's"], "key": "k", "value": value}}
    case = Case(PATH, "langgraph:x", "pattern", "edited", theirs, ours)
    edited = how_to_change("langgraph-store", case)
    assert ("put", (("users", "it's"), "k", value), {}) in _calls(edited.code, "store")
    gone = how_to_change("langgraph-store", Case(PATH, "x", "pattern", "archived", theirs))
    assert ("delete", (("users", "it's"), "k"), {}) in _calls(gone.code, "store")


def _calls(code: str, name: str) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Read the calls of methods of a name in printed code, with the values they are given."""
    found = [
        (
            node.func.attr,
            tuple(ast.literal_eval(each) for each in node.args),
            {each.arg or "": ast.literal_eval(each.value) for each in node.keywords},
        )
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if isinstance(node.func.value, ast.Name) and node.func.value.id == name
    ]
    assert all(ord(char) >= 32 or char == "\n" for char in code)
    return found


@pytest.mark.parametrize("form", ["claude-code", "llm", "langgraph-checkpoints", "unheard-of"])
def test_every_format_has_a_sentence_or_a_call(form: str) -> None:
    case = Case(PATH, "k", "interaction", "archived", {"session_id": "s"}, line=3)
    told = how_to_change(form, case)
    assert told.code or told.notes
