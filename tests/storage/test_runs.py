"""Runs of archiving: found in an archive of any size, and given back as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage import ArchiveRun, RecordExistsError, SQLiteStore, runs
from tests.storage import outside
from tests.storage.photographs import LIVE, photograph

START = datetime(2026, 3, 1, tzinfo=UTC)


async def found(store: SQLiteStore, limit: int | None = None) -> list[ArchiveRun]:
    return [run async for run in store.history.find_runs(limit)]


async def archive(
    store: SQLiteStore, ids: list[str], reason: str, target: str | None, seconds: float
) -> None:
    at = START + timedelta(seconds=seconds)
    await store.archive_interactions(ids, reason, target, archived_at=at)


@pytest.fixture
async def filled(store: SQLiteStore) -> SQLiteStore:
    """Two runs that overlap, and a third over the target of the first, an hour later."""
    await store.add_interactions({"interaction_id": f"i-{n}"} for n in range(30))
    await store.add_patterns([{"id": n, "name": n, "pattern_type": "t"} for n in ("p", "q")])
    for n in range(10):
        await archive(store, [f"i-{n}"], "consolidated_to_working", "p", n * 50)
        await archive(store, [f"i-{n + 10}"], "consolidated_to_working", "q", n * 50 + 1)
    await store.archive_patterns(
        ["q"], "consolidated_to_working", "p", archived_at=START + timedelta(seconds=500)
    )
    await archive(store, ["i-20", "i-21"], "consolidated_to_working", "p", 3600)
    return store


async def test_a_run_has_one_reason_one_target_and_no_pause(
    filled: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [("p", 2, 0), ("p", 10, 1), ("q", 10, 0)]
    for rows_per_step in (20_000, 1, 3):
        monkeypatch.setattr(runs, "_ROWS_PER_STEP", rows_per_step)
        told = [(run.target, run.interactions, run.patterns) for run in await found(filled)]
        assert told == expected
    later, first, _ = await found(filled)
    assert (first.began, first.ended) == (
        "2026-03-01T00:00:00.000000+00:00",
        "2026-03-01T00:08:20.000000+00:00",
    )
    assert first.count == 11
    assert await found(filled, 1) == [later]


async def test_the_members_of_a_run_are_in_the_order_in_which_they_left(
    filled: SQLiteStore,
) -> None:
    run = (await found(filled))[1]
    members = await filled.history.get_run_members(run)
    assert [each.record_id for each in members] == [*(f"i-{n}" for n in range(10)), "q"]
    assert len(await filled.history.get_run_members(run, 3)) == 3


async def test_a_run_comes_back_as_a_whole_and_that_can_be_undone(filled: SQLiteStore) -> None:
    before = photograph(filled.path)
    run = (await found(filled))[1]
    said: list[int] = []
    transaction, count = await filled.restore_run(run, said.append)
    assert (count, said) == (11, [10, 11])
    assert await filled.get_interaction("i-3") is not None
    assert await filled.get_pattern("q") is not None
    assert run not in await found(filled)
    await filled.undo(transaction)
    assert photograph(filled.path) == before


async def test_a_run_with_a_live_namesake_is_left_as_it_was(filled: SQLiteStore) -> None:
    await filled.add_interaction({"interaction_id": "i-9"})
    before = photograph(filled.path, LIVE)
    with pytest.raises(RecordExistsError, match="i-9"):
        await filled.restore_run((await found(filled))[1])
    assert photograph(filled.path, LIVE) == before


async def test_rows_without_a_readable_time_are_a_run_too(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interactions({"interaction_id": n} for n in ("a", "b"))
        await store.archive_interactions(["a", "b"], "manual")
        with outside.connected(store.path) as agent:
            agent.execute("UPDATE archived_interactions SET archived_at = 'some day'")
        [run] = await found(store)
        assert (run.count, run.began, run.ended) == (2, None, None)
        assert (await store.restore_run(run))[1] == 2


async def test_runs_are_narrowed_to_those_whose_archive_holds_what_is_tagged(
    filled: SQLiteStore,
) -> None:
    async def tagged(tag: str) -> list[str | None]:
        every = await found(filled)
        return [run.ended for run in await filled.history.get_tagged_runs(every, tag)]

    later, first, other = [run.ended for run in await found(filled)]
    await filled.add_notes("interaction", ["i-3", "i-20"], add_tags=["odd"])
    await filled.add_notes("pattern", ["q"], add_tags=["even"])
    # A live record is no part of a run, though one with that id may have left in it.
    await filled.add_notes("pattern", ["p"], add_tags=["live"])
    assert await tagged("odd") == [later, first]
    assert await tagged("even") == [first]
    assert await tagged("live") == []
    await filled.add_notes("interaction", ["i-13"], add_tags=["live"])
    assert await tagged("live") == [other]
    await filled.restore_interactions(["i-20"])
    assert await tagged("odd") == [first]
