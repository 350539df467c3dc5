"""What is logged: that a file was opened or migrated, never the content of a record."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, StorageError
from tests.storage import outside
from tests.storage.cancelling import cancelled

PRIVATE = "Kestrel-7731"

INTERACTION = {
    "interaction_id": "a",
    "timestamp": "2025-01-01",
    "session_id": PRIVATE,
    "action": PRIVATE,
    "role": PRIVATE,
    "content": PRIVATE,
    "file_path": PRIVATE,
    "details": {PRIVATE: PRIVATE},
    "metadata": {PRIVATE: [PRIVATE]},
    f"extra {PRIVATE}": PRIVATE,
}
PATTERN = {
    "id": "p",
    "name": PRIVATE,
    "description": PRIVATE,
    "pattern_type": PRIVATE,
    "sequence": [PRIVATE],
    "metadata": {PRIVATE: PRIVATE},
}
STATE = {
    "domain": PRIVATE,
    "session_id": PRIVATE,
    "entities": [{"id": PRIVATE}],
    "goals": [PRIVATE],
    "trigger_event": PRIVATE,
}


@pytest.fixture
async def store(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[SQLiteStore]:
    caplog.set_level(logging.DEBUG)
    for name in ("storage", "aiosqlite", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


def assert_discreet(caplog: pytest.LogCaptureFixture) -> None:
    assert len(caplog.records) > 0
    for record in caplog.records:
        shown = f"{record.getMessage()} {record.args!r} {record.exc_info!r} {record.exc_text}"
        assert PRIVATE not in shown
    assert PRIVATE not in caplog.text


async def test_no_operation_logs_the_content_of_a_record(
    store: SQLiteStore, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0
    async with store.transaction(note=PRIVATE):
        await store.add_interactions([INTERACTION])
        await store.add_patterns([PATTERN])
        await store.add_world_model_state(STATE)
        await store.set_note("interaction", "a", tags=[PRIVATE], text=PRIVATE)
    await store.update_interaction("a", content=PRIVATE * 2, details={"b": PRIVATE})
    await store.update_pattern("p", description=PRIVATE * 2)
    await store.archive_interactions(["a"], PRIVATE, PRIVATE)
    await store.archive_patterns(["p"], PRIVATE, PRIVATE)
    await _read_everything(store)
    await store.restore_interactions(["a"])
    await store.restore_patterns(["p"])
    await _read_everything(store)
    await store.undo((await store.get_journal())[0]["transaction_id"])
    await store.vacuum_database()
    assert_discreet(caplog)


async def _read_everything(store: SQLiteStore) -> None:
    await store.get_interaction("a")
    await store.get_recent_interactions(session_id=PRIVATE, action=PRIVATE)
    await store.get_pattern("p")
    await store.get_patterns(PRIVATE)
    await store.get_patterns_by_type(PRIVATE)
    await store.get_pattern_types()
    await store.get_archived_interactions(archive_reason=PRIVATE)
    await store.get_archived_patterns(archive_reason=PRIVATE)
    await store.get_archive_statistics()
    await store.get_world_model_snapshots(domain=PRIVATE)
    await store.get_active_world_models(PRIVATE)
    await store.get_journal()
    await store.get_notes()
    for kind in ("interaction", "archived_interaction", "world_model_state", "snapshot"):
        keys = await store.list_keys(kind)
        for row in await store.get_summaries(kind, keys):
            assert row is not None
            await store.get_record(kind, row["record_id"])
            await store.get_row(kind, row["record_id"])
    await store.get_statistics()
    async for _ in store.check_health():
        pass


MISTAKES: dict[str, Callable[[SQLiteStore], Awaitable[Any]]] = {
    "a bad time": lambda s: s.add_interaction({"timestamp": PRIVATE}),
    "a bad type": lambda s: s.add_interaction({"details": PRIVATE}),
    "a bad key": lambda s: s.add_interaction({(PRIVATE,): 1}),  # type: ignore[dict-item]
    "no JSON": lambda s: s.add_interaction({"details": {PRIVATE: float("nan")}}),
    "given twice": lambda s: s.add_interaction({PRIVATE: 1, "metadata": {PRIVATE: 2}}),
    "no text": lambda s: s.add_interaction({"content": PRIVATE + "\ud800"}),
    "an id that is there": lambda s: s.add_interaction(INTERACTION),
    "a bad confidence": lambda s: s.add_pattern({"confidence": PRIVATE}),
    "a pattern that is there": lambda s: s.add_pattern(PATTERN),
    "no such record": lambda s: s.update_interaction("b", content=PRIVATE),
    "a fixed field": lambda s: s.update_interaction("a", interaction_id=PRIVATE),
    "a blank reason": lambda s: s.archive_interactions(["a"], ""),
    "a bad date": lambda s: s.archive_old_interactions(PRIVATE, "manual"),
    "a live record": lambda s: s.restore_interactions(["a"]),
    "a bad tag": lambda s: s.set_note("interaction", "a", tags=[PRIVATE, ""]),
    "a bad cursor": lambda s: s.get_recent_interactions(before=PRIVATE),
    "no such transaction": lambda s: s.undo(PRIVATE),
    "no such kind": lambda s: s.list_keys(PRIVATE),
}


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_is_told_to_the_caller_and_not_to_the_log(
    store: SQLiteStore, caplog: pytest.LogCaptureFixture, mistake: str
) -> None:
    await store.add_interaction(INTERACTION)
    await store.archive_interactions(["a"], "manual")
    await store.add_interaction(INTERACTION)
    await store.add_pattern(PATTERN)
    with pytest.raises(StorageError):
        await MISTAKES[mistake](store)
    assert_discreet(caplog)


async def test_a_damaged_record_is_not_logged(
    store: SQLiteStore, caplog: pytest.LogCaptureFixture
) -> None:
    await store.add_interaction(INTERACTION)
    with outside.connected(store.path) as agent:
        agent.execute("UPDATE interactions SET details = ?", (f'{{"{PRIVATE}": ',))
    await store.get_interaction("a")
    await store.archive_interactions(["a"], "corrupt")
    with outside.connected(store.path) as agent:
        agent.execute("UPDATE archived_interactions SET data = ?", (f'{{"{PRIVATE}": ',))
    with pytest.raises(StorageError):
        await store.restore_interactions(["a"])
    await _read_everything(store)
    assert_discreet(caplog)


async def test_cancelled_work_is_not_logged(
    store: SQLiteStore, caplog: pytest.LogCaptureFixture
) -> None:
    for ticks in range(0, 60, 3):
        await cancelled(store.add_interaction({**INTERACTION, "interaction_id": None}), ticks=ticks)
        await cancelled(store.get_recent_interactions(), ticks=ticks)
    assert_discreet(caplog)


async def test_opening_says_which_file(
    store: SQLiteStore, caplog: pytest.LogCaptureFixture
) -> None:
    await store.close()
    await store.initialize()
    assert f"opened {store.path}" in caplog.text


def test_a_warning_is_not_written_to_a_terminal_that_nobody_gave_it() -> None:
    warn = "import storage.database as opened; opened.log.warning('unasked')"
    done = subprocess.run([sys.executable, "-c", warn], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
