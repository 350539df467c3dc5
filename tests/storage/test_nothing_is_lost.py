"""Laws: what is done and taken back leaves every column as it was, storage class included."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import SQLiteStore
from tests.chance import examples
from tests.storage.stored import (
    AGENT_COLUMNS,
    BYTES,
    COMPLETE_INTERACTIONS,
    INTEGERS,
    NOT_NULL,
    REALS,
    VALUES,
    Text,
    outside,
    put,
    snapshot,
)

LIVE = ("interactions", "complete_interactions", "patterns")
OWN = ("a_text", "a_int", "a_real", "a_num", "a_blob", "a_none", "a_json")
ROWS = st.integers(1, 4)
EXAMPLES = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty memory whose tables have columns of the agent's own, of every affinity."""
    path = tmp_path_factory.mktemp("laws") / "memory.db"

    async def migrate() -> None:
        async with SQLiteStore(path):
            return

    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    asyncio.run(migrate())
    with outside(path) as connection:
        for table in ("interactions", "patterns"):
            for column in AGENT_COLUMNS.split(", "):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        connection.execute("PRAGMA journal_mode=DELETE")
    return path


def columns(*names: str, required: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        dict.fromkeys((*names, *OWN), VALUES) | dict.fromkeys(required, NOT_NULL)
    )


@st.composite
def keyed(
    draw: st.DrawFn, key: str, tag: bytes, rows: st.SearchStrategy[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Some rows with different keys, as an agent or a fault may have left them."""
    # An id that is derived from a row's number says nothing of which table of the two it is in.
    has_keys = key == "interaction_id" and tag == b"c"
    found = []
    for i in range(draw(ROWS)):
        own = b"%s %d" % (tag, i) + draw(BYTES)
        found.append(
            {
                **draw(rows),
                key: draw(st.sampled_from([Text(own)] if has_keys else [Text(own), own, None])),
            }
        )
    return found


TABLES = st.fixed_dictionaries(
    {
        "interactions": keyed(
            "interaction_id",
            b"i",
            columns("timestamp", "session_id", "action", "content", "details", "metadata"),
        ),
        "complete_interactions": keyed(
            "interaction_id",
            b"c",
            columns("session_id", "user_query", "success", required=("timestamp", "data")),
        ),
        "patterns": keyed(
            "id",
            b"p",
            columns(
                *("description", "frequency", "confidence", "created_at", "metadata"),
                required=("name", "pattern_type", "sequence"),
            ),
        ),
    }
)


@contextmanager
def memory(template: Path, rows: dict[str, list[dict[str, Any]]]) -> Iterator[Path]:
    """A file with these rows, written from outside."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "memory.db"))
        with outside(path) as connection:
            for table, each in rows.items():
                for row in each:
                    put(connection, table, row)
        yield path


def run(path: Path, work: Callable[[SQLiteStore], Awaitable[None]]) -> None:
    async def open_and_work() -> None:
        async with SQLiteStore(path) as store:
            await work(store)

    asyncio.run(open_and_work())


async def all_ids(store: SQLiteStore) -> tuple[list[str], list[str]]:
    interactions = [each["interaction_id"] for each in await store.get_recent_interactions(None)]
    return interactions, [str(each["id"]) for each in await store.get_patterns()]


@EXAMPLES
@given(rows=TABLES)
def test_archiving_and_restoring_is_the_identity(
    template: Path, rows: dict[str, list[dict[str, Any]]]
) -> None:
    async def work(store: SQLiteStore) -> None:
        interactions, patterns = await all_ids(store)
        assert await store.archive_interactions(interactions, "manual") == len(interactions)
        assert await store.archive_patterns(patterns, "manual") == len(patterns)
        assert not any(snapshot(path, *LIVE).values())
        assert await store.restore_interactions(interactions) == len(interactions)
        assert await store.restore_patterns(patterns) == len(patterns)

    with memory(template, rows) as path:
        before = snapshot(path, *LIVE)
        run(path, work)
        assert snapshot(path, *LIVE) == before


@EXAMPLES
@given(rows=TABLES)
def test_undoing_an_archiving_or_a_restoring_is_the_identity(
    template: Path, rows: dict[str, list[dict[str, Any]]]
) -> None:
    async def work(store: SQLiteStore) -> None:
        interactions, patterns = await all_ids(store)
        async with store.transaction() as archiving:
            await store.archive_interactions(interactions, "manual")
            await store.archive_patterns(patterns, "manual")
        archived = snapshot(path, *every)
        restoring = await store.undo(archiving.id)
        assert snapshot(path, *every) == before
        await store.undo(restoring)
        assert snapshot(path, *every) == archived

    every = (*LIVE, "archived_interactions", "archived_patterns")
    with memory(template, rows) as path:
        before = snapshot(path, *every)
        run(path, work)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner),
    max_leaves=5,
)
GIVEN_TEXT = BYTES.map(lambda raw: raw.decode("utf-8", "surrogateescape"))
GIVEN: st.SearchStrategy[Any] = st.none() | INTEGERS | REALS | GIVEN_TEXT | BYTES
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(OWN, GIVEN),
        **dict.fromkeys(("session_id", "content"), st.none() | GIVEN_TEXT),
        "details": st.none() | st.dictionaries(st.text("ab"), JSON, max_size=2),
        "timestamp": st.datetimes(),
    },
)
PATTERN_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(OWN, GIVEN),
        **dict.fromkeys(("name", "description", "pattern_type"), st.none() | GIVEN_TEXT),
        "sequence": st.none() | st.lists(JSON, max_size=2),
        "confidence": st.floats(0, 1),
        "frequency": st.integers(0, 2**63 - 1),
    },
)


@EXAMPLES
@given(rows=TABLES, changes=CHANGES, pattern_changes=PATTERN_CHANGES)
def test_updating_and_undoing_is_the_identity(
    template: Path,
    rows: dict[str, list[dict[str, Any]]],
    changes: dict[str, Any],
    pattern_changes: dict[str, Any],
) -> None:
    async def work(store: SQLiteStore) -> None:
        interactions, patterns = await all_ids(store)
        async with store.transaction() as tx:
            for each in interactions:
                await store.update_interaction(each, **changes)
            for each in patterns:
                await store.update_pattern(each, **pattern_changes)
        changed = snapshot(path, *LIVE)
        if changed != before:
            undone = await store.undo(tx.id)
            assert snapshot(path, *LIVE) == before
            await store.undo(undone)
            assert snapshot(path, *LIVE) == changed

    with memory(template, rows) as path:
        before = snapshot(path, *LIVE)
        run(path, work)


@EXAMPLES
@given(added=st.lists(CHANGES, min_size=1, max_size=3), patterns=st.lists(PATTERN_CHANGES))
def test_an_adding_that_is_undone_twice_is_the_adding(
    template: Path, added: list[dict[str, Any]], patterns: list[dict[str, Any]]
) -> None:
    async def work(store: SQLiteStore) -> None:
        async with store.transaction() as tx:
            await store.add_interactions(added)
            await store.add_patterns(patterns)
        there = snapshot(path, *LIVE)
        undone = await store.undo(tx.id)
        assert not any(snapshot(path, *LIVE).values())
        await store.undo(undone)
        assert snapshot(path, *LIVE) == there

    with memory(template, {}) as path:
        run(path, work)
