"""The turns of a session follow one another as they happened, wherever they stand by now."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import SQLiteStore
from tests.storage.stored import outside

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def turn(number: int, session: str = "s-1", **fields: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=number // 2)
    return {"interaction_id": f"i-{number:03}", "timestamp": at, "session_id": session, **fields}


async def told(store: SQLiteStore, session: str) -> list[str]:
    """The ids of the turns, in order; an archived one in brackets."""
    ids = []
    for kind, key in await store.history.get_turns(session):
        [record] = await store.get_records(kind, [key])
        assert record is not None
        name = str(record["interaction_id"])
        ids.append(name if kind == "interaction" else f"({name})")
    return ids


@pytest.mark.parametrize("session", ["s-1", 'sitzung \u00fc "1"\\', "it's"])
async def test_archived_turns_stand_where_they_happened(store: SQLiteStore, session: str) -> None:
    # Two turns each share a moment, so that their order is that in which they were written.
    await store.add_interactions([turn(number, session) for number in range(40)])
    await store.add_interactions([turn(number, "s-11") for number in range(50, 60)])
    seed = 7
    gone = random.Random(seed).sample(range(40), 15)
    await store.archive_interactions([f"i-{number:03}" for number in [*gone, 55]], "wrong")
    wanted = [f"(i-{n:03})" if n in gone else f"i-{n:03}" for n in range(40)]
    assert await told(store, session) == wanted
    turns = await store.history.get_turns(session)
    assert [turns.index(each) for each in turns] == list(range(40))
    assert ("interaction", (0, 999)) not in turns
    assert await told(store, "nobody") == []


async def test_what_an_agent_escaped_in_its_archive_is_found_too(store: SQLiteStore) -> None:
    await store.add_interactions([turn(1, "\u00fc"), turn(2, "\u00fc")])
    await store.archive_interactions(["i-001", "i-002"], "wrong")
    with outside(store.path) as connection:
        # Python's json writes what is not ASCII like this.
        connection.execute(
            "UPDATE archived_interactions SET data = replace(data, ?, ?)", ("\u00fc", "\\u00fc")
        )
        connection.execute(
            "UPDATE archived_interactions SET data = '{broken' WHERE interaction_id = 'i-002'"
        )
    assert await told(store, "\u00fc") == ["(i-001)"]
