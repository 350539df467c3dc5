"""Sources as the real packages write them today, and the counts that the packages give of them.

They are skipped where the packages are not installed; `make sources` installs them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, sync_source


async def test_what_mem0_remembers(tmp_path: Path, store: SQLiteStore) -> None:
    storage = pytest.importorskip("mem0.memory.storage")
    path = tmp_path / "history.db"
    manager = storage.SQLiteManager(str(path))
    at = "2026-01-01T00:00:00+00:00"
    for number in range(3):
        manager.add_history(f"m{number}", None, f"fact {number}", "ADD", created_at=at)
    manager.add_history("m1", "fact 1", "fact one", "UPDATE", created_at=at, role="user")
    manager.add_history("m2", "fact 2", None, "DELETE", created_at=at, is_deleted=1)
    manager.save_messages([{"role": "user", "content": "Hi"}], "user_id=ada")
    report = await sync_source(store, path)
    assert (report.added, report.corrupt) == (4, 0)
    for memory in ("m0", "m1"):
        pattern = await store.get_pattern(f"mem0:{memory}")
        assert pattern is not None
        told = [each["text"] for each in pattern["metadata"]["versions"]]
        assert told == [each["new_memory"] for each in manager.get_history(memory)]
    (gone,) = await store.get_archived_patterns()
    assert gone["original_id"] == "mem0:m2"
    (said,) = await store.get_recent_interactions()
    assert said["content"] == manager.get_last_messages("user_id=ada")[0]["content"]
    manager.close()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection as LangGraph's savers and stores want it."""
    path = tmp_path / "graph.db"
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as opened:
        yield opened


async def test_what_a_graph_stores(
    raw: sqlite3.Connection, tmp_path: Path, store: SQLiteStore
) -> None:
    kept = pytest.importorskip("langgraph.store.sqlite").SqliteStore(raw)
    kept.setup()
    for number in range(3):
        kept.put(("users", "ada"), f"k{number}", {"text": f"fact {number}"})
    kept.delete(("users", "ada"), "k0")
    assert (await sync_source(store, tmp_path / "graph.db")).added == 2
    kept.put(("users", "ada"), "k1", {"text": "other"})
    kept.put(("users",), "k9", {"text": "new"})
    report = await sync_source(store, tmp_path / "graph.db")
    assert (report.added, report.updated, report.archived) == (1, 1, 0)
    held = {each["name"]: each["metadata"]["value"] for each in await store.get_patterns()}
    assert held == {each.key: each.value for each in kept.search(("users",))}


async def test_what_a_graph_says_and_knows(
    raw: sqlite3.Connection, tmp_path: Path, store: SQLiteStore
) -> None:
    saver = pytest.importorskip("langgraph.checkpoint.sqlite").SqliteSaver(raw)
    graph = pytest.importorskip("langgraph.graph")

    def answer(state: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [("ai", f"echo: {state['messages'][-1].content}")]}

    builder = graph.StateGraph(graph.MessagesState)
    builder.add_node("bot", answer)
    builder.add_edge(graph.START, "bot")
    app = builder.compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "t"}}
    for text in ("one", "two"):
        app.invoke({"messages": [("user", text)]}, config)
        report = await sync_source(store, tmp_path / "graph.db")
        assert (report.corrupt, report.updated, report.archived) == (0, 0, 0)
    found = await store.get_recent_interactions(None, session_id="t")
    said = app.get_state(config).values["messages"]
    assert [each["content"] for each in reversed(found)] == [each.content for each in said]
    states = await store.get_world_model_snapshots(limit=None, domain="t")
    assert len(states) == len(list(app.get_state_history(config)))


async def test_what_llm_logs(tmp_path: Path, store: SQLiteStore) -> None:
    llm = pytest.importorskip("llm")
    logs = pytest.importorskip("llm.logs")
    database = pytest.importorskip("sqlite_utils").Database(tmp_path / "logs.db")

    def execute(_self: object, prompt: Any, **_: object) -> Iterator[str]:
        yield f"echo: {prompt.prompt}"

    echo = type("Echo", (llm.Model,), {"model_id": "echo", "execute": execute})
    kept = logs.LogStore(database)
    conversation = echo().conversation()
    path = tmp_path / "logs.db"
    for number in range(3):
        response = conversation.prompt(f"say {number}", system="be brief" if not number else None)
        response.text()
        kept.log(response)
        report = await sync_source(store, path)
        assert (report.added, report.updated) == (3 if not number else 2, 0)
    (thread,) = [row["id"] for row in database["threads"].rows]
    messages = kept.thread_messages(thread)
    found = await store.get_recent_interactions(None, session_id=thread)
    assert [(each["role"], each["content"]) for each in reversed(found)] == [
        (each.role, each.parts[0].text) for each in messages
    ]
    forked = kept.fork(database.execute("SELECT tip_message_hash FROM turns").fetchone()[0])
    assert (await sync_source(store, path)).added == 3
    told = await store.get_recent_interactions(None, session_id=forked)
    assert len(told) == len(kept.thread_messages(forked))
    database.close()
