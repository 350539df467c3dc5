"""What is printed to change a source does that, with the package itself.

`make sources` installs the packages; without them this is skipped.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, explain_divergence, get_diverged, sync_source

TEXT = 'it\'s "quoted"\n\x1b[31m \u202e\U0001f600 \\'


async def code_for(store: SQLiteStore) -> str:
    """What is printed for the one record that differs."""
    [divergence] = await get_diverged(store)
    return (await explain_divergence(store, divergence)).how_to.code


async def run(code: str) -> None:
    """Run what was printed."""
    compiled = compile(code, "printed", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(compiled, {})  # noqa: S307
    if waiting is not None:
        await waiting


@pytest.mark.parametrize("how", ["archived", "edited"])
async def test_the_agents_sdk_changes_a_session_as_it_was_changed_here(
    tmp_path: Path, store: SQLiteStore, how: str
) -> None:
    agents = pytest.importorskip("agents")
    path = tmp_path / "it's sessions.db"
    session = agents.SQLiteSession("ada's", path)
    items: list[Any] = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": [{"type": "output_text", "text": TEXT, "x": [None, 1.5]}]},
        {"role": "user", "content": "three"},
    ]
    await session.add_items(items)
    await sync_source(store, path)
    [record] = [each for each in await store.get_recent_interactions() if each["content"] == TEXT]
    if how == "archived":
        await store.archive_interactions([record["interaction_id"]], "wrong")
        wanted = [items[0], items[2]]
    else:
        await store.update_interaction(record["interaction_id"], content="rather " + TEXT)
        block = {"type": "output_text", "text": "rather " + TEXT, "x": [None, 1.5]}
        wanted = [items[0], {"role": "assistant", "content": [block]}, items[2]]
    await run(await code_for(store))
    assert await session.get_items() == wanted
    session.close()


@pytest.mark.parametrize("how", ["archived", "edited"])
async def test_langgraphs_store_puts_and_deletes_as_was_done_here(
    tmp_path: Path, store: SQLiteStore, how: str
) -> None:
    sqlite = pytest.importorskip("langgraph.store.sqlite")
    path = tmp_path / "it's a store.db"
    with sqlite.SqliteStore.from_conn_string(str(path)) as theirs:
        theirs.setup()
        theirs.put(("memories", "ada"), "k", {"text": TEXT})
    await sync_source(store, path)
    [pattern] = await store.get_patterns()
    value = {"text": "rather " + TEXT, "n": [1, None, True]}
    if how == "archived":
        await store.archive_patterns([pattern["id"]], "wrong")
    else:
        metadata = {**pattern["metadata"], "value": value}
        await store.update_pattern(pattern["id"], metadata=metadata)
    await run(await code_for(store))
    with sqlite.SqliteStore.from_conn_string(str(path)) as theirs:
        found = theirs.get(("memories", "ada"), "k")
    assert (found and found.value) == (None if how == "archived" else value)
