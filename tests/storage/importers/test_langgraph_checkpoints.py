"""Checkpoints of LangGraph: each message once, the states of a thread as its history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest

from storage import CorruptJSON, SQLiteStore, detect_source, diff_world_models, sync_source
from storage.importers.langgraph_moments import moment_of_id
from storage.importers.plain_msgpack import read
from tests.storage.importers.test_mem0 import execute

Sample = Callable[[str], Path]


async def _told(store: SQLiteStore, session: str) -> list[tuple[str, str | None, str]]:
    found = await store.get_recent_interactions(None, session_id=session)
    return [(each["action"], each["role"], each["content"]) for each in reversed(found)]


def test_it_says_how_much_is_in_it(sample: Sample) -> None:
    found = detect_source(sample("langgraph-checkpoints.db"))
    assert str(found) == "LangGraph checkpoints: 2 threads, 9 checkpoints"


async def test_each_message_is_there_once_in_order_with_the_node_that_wrote_it(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("langgraph-checkpoints.db"))
    assert report.counts == {"message": 6, "snapshot": 9}
    assert await _told(store, "thread-1") == [
        ("message", "user", "I am Ada"),
        ("message", "assistant", "echo: I am Ada"),
        ("message", "user", "I prefer dark mode"),
        ("message", "assistant", "echo: I prefer dark mode"),
    ]
    (last,) = await store.get_recent_interactions(1, session_id="thread-1")
    assert last["metadata"]["node"] == "bot"
    assert last["timestamp"] == "2026-11-23T23:17:36.647920+00:00"


async def test_the_states_of_a_thread_can_be_compared(sample: Sample, store: SQLiteStore) -> None:
    await sync_source(store, sample("langgraph-checkpoints.db"))
    found = await store.get_world_model_snapshots(domain="thread-1")
    assert [each["trigger_event"] for each in found] == [
        *("loop, step 4", "loop, step 3", "input, step 2"),
        *("loop, step 1", "loop, step 0", "input, step -1"),
    ]
    diff = diff_world_models(found[1], found[0])
    changed = {each.key: [field.path for field in each.fields] for each in diff.entities.changed}
    assert changed["profile@thread-1"] == ["properties.turns"]
    assert diff.fields == ()
    assert found[0]["parent_checkpoint"] == found[1]["checkpoint"]


async def test_a_call_is_joined_with_its_result_and_trouble_of_a_run_is_told(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-both.db")
    assert str(detect_source(path)) == (
        "LangGraph store and checkpoints: 3 threads, 9 checkpoints, 1 item in 1 namespace"
    )
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (18, 0)
    assert await _told(store, "weather") == [
        ("message", "user", "Weather in Lisbon?"),
        ("tool_call", "assistant", 'let me look\n\nweather {"city":"Lisbon"}'),
        ("tool_result", "tool", "sunny"),
        ("message", "assistant", "It is sunny"),
    ]
    answer, result, call, _ = await store.get_recent_interactions(session_id="weather")
    assert result["metadata"]["call"] == call["interaction_id"]
    assert answer["metadata"]["model"] == "scripted"
    assert answer["metadata"]["usage"]["output_tokens"] == 3
    assert (await _told(store, "deploy"))[1:] == [
        ("interrupt", None, '{"question":"Really deploy?"}')
    ]
    assert (await _told(store, "save"))[1:] == [("error", None, "RuntimeError('the disk is full')")]
    assert await store.get_pattern("langgraph:users/ada/pref") is not None


async def test_of_a_thread_that_went_on_only_what_is_new_is_added(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-checkpoints.db")
    for table in ("checkpoints", "writes"):
        execute(path, f"CREATE TABLE later_{table} AS SELECT * FROM {table} WHERE rowid > 4")
        execute(path, f"DELETE FROM {table} WHERE rowid > 4")
    assert (await sync_source(store, path)).counts == {"message": 2, "snapshot": 4}
    for table in ("checkpoints", "writes"):
        execute(path, f"INSERT INTO {table} SELECT * FROM later_{table}")
    report = await sync_source(store, path)
    assert (report.counts, report.updated) == ({"message": 4, "snapshot": 5}, 0)
    assert (await _told(store, "thread-1"))[0] == ("message", "user", "I am Ada")


async def test_messages_of_a_channel_that_keeps_only_what_changes_are_all_there(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("langgraph-delta.db"))
    assert report.counts == {"message": 4, "snapshot": 6}
    assert [each[2] for each in await _told(store, "d")] == [
        *("one", "echo: one"),
        *("two", "echo: two"),
    ]
    newest, *_ = await store.get_world_model_snapshots()
    assert newest["entities"] == [
        {
            "id": "messages@d",
            "type": "messages",
            "properties": {"added": 1, "last": "echo: two"},
        }
    ]


async def test_graphs_within_a_graph_tell_no_message_twice_and_have_a_history_a_node(
    sample: Sample, store: SQLiteStore
) -> None:
    report = await sync_source(store, sample("langgraph-subgraphs.db"))
    assert report.counts == {"message": 8, "snapshot": 22}
    assert [each[2] for each in await _told(store, "d")] == [
        *("one", "sub: one", "done", "sub: done"),
        *("two", "sub: two", "done", "sub: done"),
    ]
    states = await store.get_active_world_models()
    assert [each["domain"] for each in states] == ["d", "d/agent", "d/agent2"]


async def test_what_was_written_and_is_in_no_checkpoint_yet_is_pending(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-checkpoints.db")
    execute(path, "DELETE FROM checkpoints WHERE checkpoint_id LIKE '1f1e7941-1e40%'")
    report = await sync_source(store, path)
    assert report.counts["pending_write"] == 2
    told = await _told(store, "thread-2")
    assert told[1:] == [
        ("pending_write", None, "echo: Deploy on Friday?"),
        ("pending_write", None, '{"turns":1}'),
    ]


async def test_a_damaged_checkpoint_is_shown_and_hides_no_message_of_another(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-checkpoints.db")
    execute(path, "UPDATE checkpoints SET checkpoint = substr(checkpoint, 1, 90) WHERE rowid = 2")
    execute(path, "UPDATE checkpoints SET type = 'pickle' WHERE rowid = 8")
    execute(path, "UPDATE writes SET value = x'81a1' WHERE rowid = 4")
    report = await sync_source(store, path)
    assert (report.corrupt, report.counts["message"], report.counts["snapshot"]) == (3, 6, 7)
    assert ("message", "user", "I am Ada") in await _told(store, "thread-1")
    key = "langgraph:thread-2//1f1e7941-1e3e-6e64-8000-4cc00ddbe0f1#checkpoint"
    broken = await store.get_interaction(key)
    assert broken is not None
    assert isinstance(broken["details"], CorruptJSON)
    assert broken["details"].raw.startswith(b"\x87\xa1v\x04")
    assert any("is a pickle, which would run code to be read" in each for each in report.troubles)


# What is serialised.


def _packed(code: int, *content: object) -> bytes:
    return bytes(msgpack.packb(msgpack.ExtType(code, msgpack.packb(content))))


def test_an_object_is_shown_by_the_name_of_its_class_and_never_made() -> None:
    assert read("msgpack", _packed(0, "os", "system", "rm -rf /")) == {
        "$type": "os.system",
        "value": "rm -rf /",
    }
    assert read("msgpack", _packed(5, "m", "Person", {"name": "Ada"}, "model_validate")) == {
        "$type": "m.Person",
        "name": "Ada",
    }


def test_objects_in_objects_are_read_to_some_depth_and_then_shown_as_bytes() -> None:
    raw = msgpack.packb("core")
    for _ in range(200):
        raw = msgpack.packb(msgpack.ExtType(0, msgpack.packb(["m", "C"])[:-2] + b"\xa1C" + raw))
    value = read("msgpack", b"\x91" + raw)
    assert isinstance(value, list)


@pytest.mark.parametrize(
    ("packed", "plain"),
    [
        ({1: b"\x00", (1, 2): float("nan")}, {"1": {"$bytes": "AA=="}, "[1, 2]": "nan"}),
        (msgpack.ExtType(99, b"\xc1"), {"$extension": 99, "$bytes": "wQ=="}),
        (msgpack.Timestamp(0), "1970-01-01T00:00:00+00:00"),
        ([float("inf"), 2**64 - 1], ["inf", 2**64 - 1]),
    ],
)
def test_what_json_cannot_say_is_spelled_out(packed: object, plain: object) -> None:
    assert read("msgpack", msgpack.packb(packed)) == plain


def test_json_says_how_an_object_is_made_and_only_that_is_shown() -> None:
    raw = (
        b'{"messages": [{"lc": 2, "type": "constructor", "id": ["langchain_core", "messages",'
        b' "HumanMessage"], "kwargs": {"content": "Hi", "type": "human"}}]}'
    )
    (message,) = read("json", raw)["messages"]
    assert message == {
        "$type": "langchain_core.messages.HumanMessage",
        "content": "Hi",
        "type": "human",
    }
    assert read(None, raw) == read("json", raw)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("msgpack", b""),
        ("msgpack", b"\x01\x02"),
        ("msgpack", b"\xdd\xff\xff\xff\xff"),
        ("msgpack", b"\x91" * 100_000),
        ("msgpack", b"\xa2\xff\xff"),
        ("json", b"[" * 100_000),
        ("json", b"\xff"),
        ("msgpack+aes", b""),
        ("pickle", b"\x80\x04."),
    ],
)
def test_what_cannot_be_read_is_refused(kind: str, raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        read(kind, raw)


def test_the_id_of_a_checkpoint_tells_its_time() -> None:
    told = moment_of_id("1f1e7941-1e34-65f9-8004-1df33f02e370")
    assert told is not None
    assert told.startswith("2026-11-23T23:17:36.6479")
    assert moment_of_id("01a214d9-9f9d-74e5-b5db-9b6a94dbc88c") is None
    assert moment_of_id("x") is None


async def test_an_old_checkpoint_that_changed_is_a_snapshot_and_not_what_the_thread_knows(
    sample: Sample, store: SQLiteStore
) -> None:
    path = sample("langgraph-checkpoints.db")
    await sync_source(store, path)
    before = await store.get_active_world_models()
    snapshots = len(await store.get_world_model_snapshots(None))
    execute(path, "UPDATE checkpoints SET metadata = '{\"step\": 99}' WHERE rowid = 1")
    assert (await sync_source(store, path)).updated == 1
    assert await store.get_active_world_models() == before
    assert len(await store.get_world_model_snapshots(None)) == snapshots + 1


async def test_a_thread_that_a_copy_tells_of_too_has_each_snapshot_once(
    sample: Sample, store: SQLiteStore, tmp_path: Path
) -> None:
    path = sample("langgraph-checkpoints.db")
    first = await sync_source(store, path)
    snapshots = len(await store.get_world_model_snapshots(None))
    second = await sync_source(store, path.rename(tmp_path / "moved.db"))
    assert (second.changed, second.unchanged) == (0, first.added)
    assert len(await store.get_world_model_snapshots(None)) == snapshots
