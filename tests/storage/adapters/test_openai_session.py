"""A session of the Agents SDK over a store: what is asked of every session, and of this one.

The cases are those of the SDK's own tests of `SQLiteSession` and of `session_settings`; the SDK
itself is not needed for them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from storage import JSONEncodeError, SQLiteStore, sync_source
from storage.adapters.openai_agents import MemglassSession

FIXTURES = Path(__file__).parents[2] / "fixtures" / "importers"

TURNS: Any = [
    {"role": "user", "content": "Message 1"},
    {"role": "assistant", "content": "Response 1"},
    {"role": "user", "content": "Message 2"},
    {"role": "assistant", "content": "Response 2"},
    {"role": "user", "content": "Message 3"},
    {"role": "assistant", "content": "Response 3"},
]
CALL: Any = [
    {"role": "user", "content": "What is the weather?"},
    {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"at":"here"}'},
    {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
    {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "It is sunny.", "annotations": []}],
    },
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
]


@pytest.fixture
def session(store: SQLiteStore) -> MemglassSession:
    return MemglassSession("s-1", store)


def said(items: Sequence[Any]) -> list[Any]:
    return [item.get("content") for item in items]


async def reasons(store: SQLiteStore) -> list[tuple[str, str]]:
    """Why what is in the archive is there, oldest first."""
    found = await store.get_archived_interactions()
    return [(each["archive_reason"], each["record"]["content"]) for each in reversed(found)]


def break_details(path: Path, content: str) -> None:
    """Damage an item, as another program may."""
    with sqlite3.connect(path) as raw:
        raw.execute(
            "UPDATE interactions SET details = 'not json {{{' WHERE content = ?", (content,)
        )
    raw.close()


async def test_items_come_back_as_they_were_given_and_in_order(session: MemglassSession) -> None:
    await session.add_items(TURNS)
    await session.add_items(CALL)
    assert await session.get_items() == [*TURNS, *CALL]


async def test_the_given_items_are_not_changed(session: MemglassSession) -> None:
    given = [dict(each) for each in CALL]
    await session.add_items(CALL)
    assert given == CALL


@pytest.mark.parametrize("limit", [0, 1, 2, 4, 6, 10, -1, None])
async def test_a_limit_gives_the_latest_in_the_order_of_the_conversation(
    session: MemglassSession, limit: int | None
) -> None:
    await session.add_items(TURNS)
    expected = TURNS if limit is None or limit < 0 else TURNS[len(TURNS) - min(limit, 6) :]
    assert await session.get_items(limit) == expected


async def test_the_settings_give_the_limit_that_a_call_does_not(store: SQLiteStore) -> None:
    settings: Any = SimpleNamespace(limit=2)
    session = MemglassSession("s-1", store, session_settings=settings)
    await session.add_items(TURNS)
    assert await session.get_items() == TURNS[-2:]
    assert await session.get_items(limit=3) == TURNS[-3:]


async def test_popping_gives_the_latest_until_nothing_is_left(session: MemglassSession) -> None:
    assert await session.pop_item() is None
    await session.add_items(TURNS[:3])
    popped = [await session.pop_item() for _ in range(4)]
    assert popped == [*reversed(TURNS[:3]), None]
    assert await session.get_items() == []


async def test_sessions_in_one_store_do_not_see_each_other(store: SQLiteStore) -> None:
    one, other = MemglassSession("s-1", store), MemglassSession("s-2", store)
    await one.add_items(TURNS[:1])
    await other.add_items(TURNS[1:3])
    assert await other.pop_item() == TURNS[2]
    await other.clear_session()
    assert await one.get_items() == TURNS[:1]
    assert await other.get_items() == []


async def test_nothing_to_add_is_no_change(session: MemglassSession, store: SQLiteStore) -> None:
    await session.add_items([])
    assert await store.get_journal() == []


async def test_what_is_popped_or_cleared_is_archived_and_comes_back_by_undo(
    session: MemglassSession, store: SQLiteStore
) -> None:
    await session.add_items(TURNS[:3])
    await session.pop_item()
    await session.clear_session()
    assert sorted(await reasons(store)) == [
        ("popped", "Message 2"), ("session_cleared", "Message 1"), ("session_cleared", "Response 1")
    ]  # fmt: skip
    for change in await store.get_journal():
        if change["operation"] == "archive":
            await store.undo(change["transaction_id"])
    assert await session.get_items() == TURNS[:3]


async def test_an_item_reads_as_an_interaction(
    session: MemglassSession, store: SQLiteStore
) -> None:
    await session.add_items(CALL)
    found = [record async for record in store.iter_interactions(session_id="s-1")]
    assert [(each["action"], each["role"], each["content"]) for each in reversed(found)] == [
        ("message", "user", "What is the weather?"),
        ("function_call", "assistant", 'weather {"at":"here"}'),
        ("function_call_output", "tool", "sunny"),
        ("message", "assistant", "It is sunny."),
        ("reasoning", "assistant", "Hm."),
    ]


async def test_other_records_of_the_session_are_no_part_of_the_conversation(
    session: MemglassSession, store: SQLiteStore
) -> None:
    await session.add_items(TURNS[:2])
    await store.add_interaction({"session_id": "s-1", "content": "a note", "role": "user"})
    await store.add_interaction({"session_id": "s-1", "metadata": {"source": ["openai_agents"]}})
    assert await session.get_items(limit=1) == TURNS[1:2]
    assert await session.pop_item() == TURNS[1]
    await session.clear_session()
    assert len(await store.get_recent_interactions()) == 2


async def test_the_limit_counts_items_that_can_be_read(
    session: MemglassSession, path: Path
) -> None:
    await session.add_items(TURNS[:4])
    break_details(path, "Response 2")
    assert await session.get_items(limit=2) == TURNS[1:3]
    assert await session.get_items() == TURNS[:3]


async def test_popping_puts_away_what_cannot_be_read_and_goes_on(
    session: MemglassSession, store: SQLiteStore, path: Path
) -> None:
    await session.add_items(TURNS[:2])
    break_details(path, "Response 1")
    assert await session.pop_item() == TURNS[0]
    assert await session.get_items() == []
    assert await reasons(store) == [("corrupt", "Response 1"), ("popped", "Message 1")]


async def test_what_a_person_edits_is_what_the_agent_is_told(
    session: MemglassSession, store: SQLiteStore
) -> None:
    await session.add_items(TURNS[:1])
    [record] = await store.get_recent_interactions()
    changed: Any = {"role": "user", "content": "Message one"}
    await store.update_interaction(record["interaction_id"], details=changed)
    assert await session.get_items() == [changed]


async def test_the_order_stands_even_where_the_clock_goes_back(
    session: MemglassSession, store: SQLiteStore
) -> None:
    late = datetime.now(UTC) + timedelta(hours=1)
    await store.add_interaction({"session_id": "s-1", "timestamp": late, "content": "from later"})
    await session.add_items(TURNS[:1])
    await session.add_items(TURNS[1:2])
    [newest, before, _] = await store.get_recent_interactions()
    assert newest["content"], before["content"] == ("Response 1", "Message 1")
    assert await session.pop_item() == TURNS[1]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, 世界! 🌍",
        'O\'Reilly "quoted"',
        "'; DROP TABLE interactions; --",
        "a\nb\tc\\",
        "\x00",
    ],
)
async def test_any_text_comes_back(session: MemglassSession, text: str) -> None:
    item: Any = {"role": "user", "content": text}
    await session.add_items([item])
    assert await session.get_items() == [item]


async def test_what_json_cannot_say_is_refused_as_a_whole(session: MemglassSession) -> None:
    bad: Any = {"role": "user", "content": [{"text": "x", "score": float("nan")}]}
    with pytest.raises(JSONEncodeError, match="score"):
        await session.add_items([*TURNS, bad])
    assert await session.get_items() == []


async def test_many_tasks_add_to_one_session_without_loss(store: SQLiteStore) -> None:
    await asyncio.gather(
        *(MemglassSession("s-1", store).add_items([TURNS[n % 6]]) for n in range(20))
    )
    assert len(await MemglassSession("s-1", store).get_items()) == 20


async def test_a_long_conversation_is_read_page_by_page(session: MemglassSession) -> None:
    turns: Any = [{"role": "user", "content": f"turn {number}"} for number in range(1203)]
    await session.add_items(turns)
    assert said(await session.get_items()) == said(turns)
    assert said(await session.get_items(limit=700)) == said(turns[-700:])


async def test_what_the_callers_own_transaction_loses_is_lost_here_too(
    session: MemglassSession, store: SQLiteStore
) -> None:
    async def fail() -> None:
        async with store.transaction():
            await session.add_items(TURNS)
            assert await session.get_items() == TURNS
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await session.get_items() == []


async def test_a_session_that_was_imported_goes_on(store: SQLiteStore, tmp_path: Path) -> None:
    source = tmp_path / "openai-agents.db"
    shutil.copyfile(FIXTURES / source.name, source)
    await sync_source(store, source)
    session = MemglassSession("user-ada", store)
    imported = await session.get_items()
    with sqlite3.connect(source) as raw:
        query = "SELECT message_data FROM agent_messages WHERE session_id = 'user-ada' ORDER BY id"
        assert imported == [json.loads(data) for (data,) in raw.execute(query)]
    raw.close()
    await session.add_items(TURNS[:1])
    assert await session.get_items() == [*imported, *TURNS[:1]]
    assert [await session.pop_item() for _ in range(2)] == [TURNS[0], imported[-1]]
