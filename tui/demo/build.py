"""Writing the demo memory into a file, week by week, as an agent would have written it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from storage import SQLiteStore, StorageError
from tui.demo.beliefs import Belief
from tui.demo.clock import DEMO_EPOCH, DEMO_WEEKS, spell, week_of
from tui.demo.consolidation import Run
from tui.demo.memory import Memory, record, remember

Progress = Callable[[str, int, int], None]

_ACTOR: Final = "kestrel"
_WORK: Final = "work of week {}"

FIRST_CHANGE: Final = (_ACTOR, _WORK.format(1))
"""By whom and why a demo memory was changed first, by which it is known."""


async def create_demo(path: Path, progress: Progress | None = None) -> None:
    """Make the demo memory.

    It is written beside its place and moved there when it is whole, so that whatever goes wrong,
    there is either all of it or nothing.

    Args:
        path: Where the file will be. Folders on the way are made.
        progress: Called with a label, how many interactions are written, and how many there will
            be.

    Raises:
        FileExistsError: Something is there already; it is not touched.
        StorageError: It cannot be written.
    """
    await asyncio.to_thread(_refuse_existing, path)
    if progress is not None:
        progress("inventing eleven weeks", 0, 1)
    memory = await asyncio.to_thread(remember)
    workshop = Path(await asyncio.to_thread(_make_workshop, path))
    try:
        made = workshop / path.name
        async with SQLiteStore(made, actor=_ACTOR) as store:
            await _write(store, memory, progress)
            # Only one file is moved, so nothing may be left in the -wal beside it.
            await store.vacuum_database()
        await asyncio.to_thread(_put_in_place, made, path)
    finally:
        # Shielded, so that a cancelled build leaves nothing behind either.
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, workshop, ignore_errors=True))


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise FileExistsError(f"{path} exists already; remove it or choose another place.")


def _make_workshop(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent)


def _put_in_place(made: Path, path: Path) -> None:
    _refuse_existing(path)
    journal = made.with_name(f"{made.name}-wal")
    if journal.exists() and journal.stat().st_size:
        raise StorageError(f"{made} has changes that are not in the file yet; try again.")
    made.rename(path)


async def _write(store: SQLiteStore, memory: Memory, progress: Progress | None) -> None:
    done = 0
    for week in range(DEMO_WEEKS):
        turns = [turn for turn in memory.turns if week_of(turn.moment) == week]
        async with store.transaction(_WORK.format(week + 1)):
            await store.add_interactions(map(record, turns))
        await _learn(store, memory.beliefs, week)
        for run in memory.runs:
            if week_of(run.at) == week:
                await _consolidate(store, run)
        await _believe(store, [state for at, state in memory.states if week_of(at) == week], week)
        done += len(turns)
        if progress is not None:
            progress(f"week {week + 1} of {DEMO_WEEKS}", done, len(memory.turns))


async def _learn(store: SQLiteStore, beliefs: list[Belief], week: int) -> None:
    """Add the patterns that were learned in a week, and change those that were seen again."""
    monday: datetime = DEMO_EPOCH + timedelta(weeks=week)
    async with store.transaction(f"patterns learned in the week of {monday:%Y-%m-%d}"):
        for belief in beliefs:
            for number, step in enumerate(belief.steps):
                if week_of(step.at) != week:
                    continue
                pattern = belief.as_of(number)
                if number == 0:
                    await store.add_pattern(pattern)
                else:
                    await _grow(store, pattern)


async def _grow(store: SQLiteStore, pattern: dict[str, Any]) -> None:
    grown = {name: pattern[name] for name in ("frequency", "last_seen", "metadata")}
    await store.update_pattern(pattern["id"], **grown)
    await store.update_pattern_confidence(pattern["id"], pattern["confidence"])


async def _consolidate(store: SQLiteStore, run: Run) -> None:
    product = run.product.id
    at = spell(run.at)
    async with store.transaction(run.says()):
        await store.add_pattern(run.product.record())
        if run.patterns:
            await store.archive_patterns(
                run.patterns, run.reason, promoted_to=product, archived_at=at
            )
        else:
            ids = [turn.id for turn in run.turns]
            await store.archive_interactions(
                ids, run.reason, consolidated_to=product, archived_at=at
            )


async def _believe(store: SQLiteStore, states: list[dict[str, Any]], week: int) -> None:
    async with store.transaction(f"world models of week {week + 1}"):
        for state in states:
            await store.add_world_model_state(state)
