"""Real graphs of LangGraph, and programs without a loop, over a memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

from storage import SQLiteStore
from storage.adapters import running
from tests.storage.adapters.items import keys

pytest.importorskip("langgraph.store.base", reason="make adapters installs LangGraph")

from storage.adapters.langgraph import MemglassStore

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore


def as_base_store(memory: MemglassStore) -> BaseStore:
    """Fails to type-check where LangGraph would not take it."""
    return memory


class Talk(TypedDict):
    said: str


def graph_over(memory: MemglassStore) -> Any:
    # The store alone comes also with packages that need no graphs.
    pytest.importorskip("langgraph.graph", reason="make adapters installs LangGraph")
    from langgraph.graph import END, START, StateGraph

    def remember(state: Talk, *, store: BaseStore) -> Talk:
        store.put(("users", "ada"), "last", {"text": state["said"]})
        return state

    async def recall(state: Talk, *, store: BaseStore) -> Talk:
        item = await store.aget(("users", "ada"), "last")
        return {"said": f"you said {item.value['text'] if item else 'nothing'}"}

    builder = StateGraph(Talk)
    builder.add_node("remember", remember)
    builder.add_node("recall", recall)
    builder.add_edge(START, "remember")
    builder.add_edge("remember", "recall")
    builder.add_edge("recall", END)
    return builder.compile(store=as_base_store(memory))


async def test_a_graph_remembers_in_nodes_of_both_kinds(store: SQLiteStore) -> None:
    memory = MemglassStore(store)
    assert await graph_over(memory).ainvoke({"said": "tabs"}) == {"said": "you said tabs"}
    assert keys(await memory.asearch(("users",))) == ["last"]


def test_a_program_without_a_loop_uses_it_too(path: Path) -> None:
    with running(SQLiteStore(path)) as store:
        memory = MemglassStore(store)
        memory.put(("users",), "k", {"v": 1})
        assert keys(memory.search(("users",))) == ["k"]
    with running(SQLiteStore(path, read_only=True)) as store:
        assert keys(MemglassStore(store).search(("users",))) == ["k"]
