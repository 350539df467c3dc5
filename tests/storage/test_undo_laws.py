"""Laws of undoing, over any sequence of changes: back to any point and forward again."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from storage import SQLiteStore, StorageError, UndoConflictError, UndoPreview
from tests.chance import examples, seed_of
from tests.storage import outside
from tests.storage.photographs import Photograph, photograph

NAMES = ("a", "b", "c", "d")
STEP = st.tuples(
    st.sampled_from(
        ["add", "add pattern", "update", "archive", "restore", "state", "note", "undo", "outside"]
    ),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    st.integers(0, 9),
)
Step = tuple[str, list[str], int]
Live = dict[tuple[str, str], Any]
LAWS = settings(
    max_examples=examples(25),
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


async def step(store: SQLiteStore, one: Step) -> None:
    """Do one step; what cannot be done changes nothing."""
    what, names, number = one
    try:
        if what == "add":
            await store.add_interactions({"interaction_id": n, "content": "x"} for n in names)
        elif what == "add pattern":
            await store.add_patterns([{"id": n, "name": n, "metadata": {"n": 1}} for n in names])
        elif what == "update":
            await store.update_pattern(names[0], confidence=number / 10, metadata={"n": number})
        elif what == "archive":
            await store.archive_interactions(names, "manual")
            await store.archive_patterns(names, "wrong", "z")
        elif what == "restore":
            await store.restore_interactions(names)
        elif what == "state":
            await store.add_world_model_state({"domain": names[0], "confidence": number / 10})
        elif what == "note":
            await store.set_note("pattern", names[0], tags=names)
        elif what == "undo":
            numbers = await store.history.list_transactions()
            [chosen] = await store.history.get_transactions([numbers[number % len(numbers)]])
            assert chosen is not None
            await store.undo(chosen["transaction_id"])
        else:
            with outside.connected(store.path) as agent:
                agent.execute("UPDATE patterns SET name = name || '!' WHERE id = ?", names[:1])
    except StorageError:
        pass


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row to the byte; a table with a text for a key gives a row that returns a new place."""
    taken: Photograph = photograph(path)
    return {table: sorted(row[1:] for row in found) for table, found in taken.items()}


def check_preview(preview: UndoPreview, before: Live, after: Live) -> None:
    """Compare what was foretold with what became of the live records."""
    assert preview.is_whole
    told: dict[tuple[str, str], str] = {
        (each.kind, each.record_id): each.effect
        for each in preview.effects
        if each.effect != "stays"
    }
    happened: dict[tuple[str, str], str] = {}
    for key in before.keys() | after.keys():
        if key not in after:
            happened[key] = "is archived"
        elif key not in before:
            happened[key] = "comes back"
        elif before[key] != after[key]:
            happened[key] = "changed"
    assert told == happened


async def live(store: SQLiteStore) -> Live:
    found: Live = {}
    for kind, table, key in (
        ("interaction", "interactions", "interaction_id"),
        ("pattern", "patterns", "id"),
        ("world_model_state", "world_model_states", "id"),
        ("snapshot", "world_model_snapshots", "id"),
        ("note", "memglass_notes", "id"),
    ):
        for record_id, *row in outside.fetch(store.path, f"SELECT {key}, * FROM {table}"):
            found[kind, str(record_id)] = row
    return found


async def back_and_forth(steps: list[Step], point: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.db"
        async with SQLiteStore(path) as store:
            await store.add_patterns([{"id": "a", "name": "a"}, {"id": "b", "name": "b"}])
            for one in steps:
                await step(store, one)
            numbers = await store.history.list_transactions()
            [chosen] = await store.history.get_transactions([numbers[point % len(numbers)]])
            assert chosen is not None
            preview = await store.history.preview_undo_to(chosen["transaction_id"])
            before, rows = contents(path), await live(store)
            if preview.conflicts:
                with pytest.raises(UndoConflictError) as caught:
                    await store.undo_to(chosen["transaction_id"])
                assert caught.value.record_id == preview.conflicts[0].record_id
                assert contents(path) == before
                return
            undone = await store.undo_to(chosen["transaction_id"])
            check_preview(preview, rows, await live(store))
            if undone is None:
                assert preview.records == 0
                return
            after = await live(store)
            redone = await store.redo()
            assert redone is not None
            assert contents(path) == before
            # And once more: a redo can be undone, and that redone.
            await store.undo(redone)
            assert await live(store) == after
            await store.redo()
            assert contents(path) == before


@LAWS
@given(st.lists(STEP, min_size=1, max_size=12), st.integers(0, 20))
def test_going_back_to_any_point_and_forward_again_gives_back_every_byte(
    steps: list[Step], point: int
) -> None:
    asyncio.run(back_and_forth(steps, point))


async def undo_all_and_redo_all(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory.db"
        async with SQLiteStore(path) as store:
            await store.add_patterns([{"id": "a", "name": "a"}, {"id": "b", "name": "b"}])
            for one in steps:
                await step(store, one)
            await store.set_note("pattern", "a", text="the last change")
            numbers = await store.history.list_transactions(3)
            photographs = [contents(path)]
            for each in await store.history.get_transactions(numbers):
                assert each is not None
                await store.undo(each["transaction_id"])
                photographs.append(contents(path))
        # As after a restart: nothing is known but what stands in the file.
        async with SQLiteStore(path) as store:
            for expected in reversed(photographs[:-1]):
                assert await store.redo() is not None
                assert contents(path) == expected
            assert await store.redo() is None


@LAWS
@given(st.lists(STEP.filter(lambda one: one[0] not in ("outside", "undo")), max_size=8))
def test_redo_after_undo_gives_back_every_byte_also_after_a_restart(steps: list[Step]) -> None:
    asyncio.run(undo_all_and_redo_all(steps))


@pytest.mark.slow
def test_thousands_of_ways_back_and_forth() -> None:
    law = given(st.lists(STEP, min_size=1, max_size=25), st.integers(0, 40))(
        lambda steps, point: asyncio.run(back_and_forth(steps, point))
    )
    settings(LAWS, max_examples=2000)(seed(seed_of(1))(law))()
