"""Repairing and putting away what a scan found: in the journal, in the archive, and undone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from storage import (
    FieldChangedError,
    HealthFinding,
    HealthProgress,
    SQLiteStore,
    StorageError,
    ValidationError,
)
from tests.storage.scans import findings
from tests.storage.stored import COMPLETE_INTERACTIONS, FEEDBACK, Text, outside, snapshot, write

TIME = "2026-01-05"
SPLICED = b'{"a": 1.10}{"b": 2}'
LIVE = ("interactions", "complete_interactions", "patterns", "world_model_states")
OTHERS = ("world_model_snapshots", "memglass_notes", "archived_interactions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
        connection.execute(FEEDBACK)
    return path


async def repair(store: SQLiteStore, finding: HealthFinding) -> str:
    async with store.transaction("repaired") as tx:
        await store.repair_field(finding, await store.propose_repair(finding))
    return tx.id


ROWS: list[tuple[str, dict[str, Any], str]] = [
    ("interactions", {"interaction_id": "i", "content": Text(b"\xff")}, "details"),
    ("interactions", {"timestamp": TIME}, "metadata"),
    ("complete_interactions", {"interaction_id": "c", "timestamp": TIME, "a_real": 1.0}, "data"),
    ("patterns", {"id": "p", "name": "", "pattern_type": "", "sequence": "[]"}, "metadata"),
    ("world_model_snapshots", {"world_model_id": "w", "snapshot_time": TIME}, "snapshot_data"),
    ("archived_interactions", {"interaction_id": "i", "archived_at": TIME}, "data"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "column"), ROWS)
@pytest.mark.parametrize("raw", [Text(SPLICED), SPLICED], ids=["text", "blob"])
async def test_one_field_is_repaired_and_undo_gives_every_byte_back(
    store: SQLiteStore, path: Path, table: str, row: dict[str, Any], column: str, raw: Any
) -> None:
    number = write(path, table, **row, **{column: raw})
    before = snapshot(path, table)[table]
    finding = next(each for each in await findings(store) if each.problem == "corrupt")
    assert (finding.table, finding.rowid) == (table, number)
    tx = await repair(store, finding)
    (after,) = snapshot(path, table)[table]
    assert after.pop(column).raw == b'{"a": 1.10}'
    assert after == {name: value for name, value in before[0].items() if name != column}
    with outside(path) as connection:
        assert connection.execute(f"SELECT rowid FROM {table}").fetchall() == [(number,)]
    await store.undo(tx)
    assert snapshot(path, table)[table] == before


async def test_the_original_goes_into_journal_and_archive(store: SQLiteStore, path: Path) -> None:
    write(path, "interactions", interaction_id="i", timestamp=TIME, details=Text(SPLICED))
    (finding,) = await findings(store)
    tx = await repair(store, finding)
    (archived,) = await store.get_archived_interactions()
    assert archived["archive_reason"] == "corrupt"
    assert archived["record"]["details"].raw == SPLICED
    told = [each for each in await store.get_journal() if each["transaction_id"] == tx]
    assert [(each["operation"], each["record_id"]) for each in told] == [
        ("add", "i"),
        ("archive", "i"),
    ]
    (left,) = await findings(store)
    assert (left.table, left.archive_reason) == ("archived_interactions", "corrupt")


async def test_a_repair_that_was_undone_can_be_redone(store: SQLiteStore, path: Path) -> None:
    write(path, "interactions", interaction_id="i", timestamp=TIME, details=Text(SPLICED))
    (finding,) = await findings(store)
    undone = await store.undo(await repair(store, finding))
    await store.undo(undone)
    assert (await store.get_interaction("i") or {})["details"] == {"a": 1.1}


async def test_a_field_that_changed_meanwhile_is_not_touched(
    store: SQLiteStore, path: Path
) -> None:
    write(path, "interactions", interaction_id="i", timestamp=TIME, details=Text(SPLICED))
    (finding,) = await findings(store)
    proposal = await store.propose_repair(finding)
    for change in ("UPDATE interactions SET details = '{\"a\": 3}'", "DELETE FROM interactions"):
        with outside(path) as connection:
            connection.execute(change)
        before = snapshot(path, *LIVE, "archived_interactions")
        with pytest.raises(FieldChangedError, match="details of interaction i is no longer"):
            await store.repair_field(finding, proposal)
        assert snapshot(path, *LIVE, "archived_interactions") == before


async def test_another_row_with_the_same_number_is_not_touched(
    store: SQLiteStore, path: Path
) -> None:
    number = write(path, "interactions", interaction_id="i", timestamp=TIME, details=Text(SPLICED))
    (finding,) = await findings(store)
    proposal = await store.propose_repair(finding)
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET interaction_id = 'other'")
        assert connection.execute("SELECT rowid FROM interactions").fetchall() == [(number,)]
    with pytest.raises(FieldChangedError):
        await store.repair_field(finding, proposal)
    assert await store.archive_found([finding], "corrupt") == 0
    assert await store.read_field(finding) is None


async def test_a_record_that_came_back_under_another_number_is_found_by_its_id(
    store: SQLiteStore, path: Path
) -> None:
    write(path, "patterns", id="p", name="", pattern_type="", sequence=Text(b"[1,2"))
    write(path, "patterns", id="q", name="", pattern_type="", sequence="[]")
    (finding,) = await findings(store)
    await store.undo(await repair(store, finding))
    with outside(path) as connection:
        [(number,)] = connection.execute("SELECT rowid FROM patterns WHERE id = 'p'").fetchall()
    assert number != finding.rowid
    assert await store.are_broken([finding]) == [True]
    assert await store.read_field(finding) == b"[1,2"
    await repair(store, finding)
    assert (await store.get_pattern("p") or {})["sequence"] == [1, 2]


async def test_of_two_records_with_one_id_none_is_taken_for_the_one_that_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "doubled.db"
    with outside(path) as connection:
        connection.execute("CREATE TABLE patterns (id TEXT, name TEXT, sequence TEXT)")
        connection.execute(
            "INSERT INTO patterns VALUES ('p', '', '{'), ('p', '', '{'), ('p', '', '')"
        )
    async with SQLiteStore(path) as store:
        finding = next(each for each in await findings(store) if each.column == "sequence")
        with outside(path) as connection:
            connection.execute("DELETE FROM patterns WHERE rowid = ?", (finding.rowid,))
        assert await store.are_broken([finding]) == [None]


async def test_a_trigger_that_rewrites_keeps_all_as_it_was(store: SQLiteStore, path: Path) -> None:
    write(path, "interactions", interaction_id="i", timestamp=TIME, details=Text(SPLICED))
    with outside(path) as connection:
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON interactions BEGIN"
            " UPDATE interactions SET details = 'x' WHERE rowid = new.rowid; END"
        )
    before = snapshot(path, *LIVE, *OTHERS)
    (finding,) = await findings(store)
    with pytest.raises(StorageError, match="trigger"):
        await store.repair_field(finding, await store.propose_repair(finding))
    assert snapshot(path, *LIVE, *OTHERS) == before


@pytest.mark.parametrize(
    ("table", "row", "says"),
    [
        ("feedback", {"context": "{"}, "only kept"),
        ("archived_interactions", {"archived_at": TIME, "data": '{"details": "{"}'}, "Restore"),
        ("memglass_journal", {"before": "{"}, "never rewritten"),
        ("memglass_archived_rows", {"data": "{"}, "only kept"),
    ],
)
async def test_what_cannot_be_repaired_says_why(
    store: SQLiteStore, path: Path, table: str, row: dict[str, Any], says: str
) -> None:
    write(path, table, **row)
    (finding,) = await findings(store)
    proposal = await store.propose_repair(finding)
    assert says in proposal.why_not
    with pytest.raises(ValidationError, match=says):
        await store.repair_field(finding, proposal)
    with pytest.raises(ValidationError, match=r"archive"):
        await store.archive_found([finding], "corrupt")


@pytest.mark.parametrize(
    ("table", "column"), [("patterns", "sequence"), ("world_model_states", "goals")]
)
async def test_an_archived_field_of_another_type_than_its_own_is_still_broken(
    store: SQLiteStore, path: Path, table: str, column: str
) -> None:
    await store.add_pattern({"name": "p"})
    await store.add_world_model_state({"domain": "d"})
    with outside(path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = '{{}}'")
    await store.archive_found(await findings(store), "corrupt")
    [finding] = [each for each in await findings(store) if each.problem == "type"]
    assert finding.column == f"data.{column}"
    assert await store.are_broken([finding]) == [True]


async def test_what_is_still_broken_is_archived_and_the_rest_left(
    store: SQLiteStore, path: Path
) -> None:
    for name in ("a", "b"):
        write(path, "interactions", interaction_id=name, timestamp=TIME, details="{")
    write(path, "patterns", id="p", name="", pattern_type="", sequence="{}")
    await store.add_pattern({"id": "q", "metadata": {"source_interactions": ["gone"]}})
    broken = await findings(store)
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET details = '{}' WHERE interaction_id = 'b'")
    assert await store.are_broken(broken) == [True, False, True, True]
    assert await store.archive_found(broken, "corrupt") == 3
    assert await store.are_broken(broken) == [None, False, None, None]
    assert await store.get_interaction("b") is not None
    assert {each["archive_reason"] for each in await store.get_archived_patterns()} == {"corrupt"}


async def test_an_interrupted_scan_goes_on_where_it_was(store: SQLiteStore, path: Path) -> None:
    await store.add_interactions({"content": str(i)} for i in range(4500))
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET details = '{' WHERE id % 7 = 0")
        connection.execute("UPDATE memglass_journal SET before = '['")
    whole = [each async for each in store.check_health()]
    for stop in range(1, 6):
        told: list[HealthFinding | HealthProgress] = []
        place: HealthProgress | None = None
        async for each in store.check_health():
            told.append(each)
            if isinstance(each, HealthProgress):
                place = each
                stop -= 1
                if not stop:
                    break
        told += [each async for each in store.check_health(place)]
        assert told == whole


async def test_a_cancelled_scan_lets_go_of_its_reader(store: SQLiteStore) -> None:
    await store.add_interactions({"content": "x" * 500} for _ in range(5000))
    task = asyncio.create_task(findings(store))
    await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await findings(store) == []


async def test_the_size_of_the_file_says_what_vacuum_would_win(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"content": "x" * 2000} for _ in range(500))
    before = await store.get_file_size()
    await store.archive_interactions(ids, "manual")
    size = await store.get_file_size()
    assert size["free_bytes"] > before["free_bytes"]
    await store.vacuum_database()
    assert (await store.get_file_size())["free_bytes"] == 0


async def test_a_repair_that_is_refused_calls_a_world_model_as_everywhere(
    store: SQLiteStore, path: Path
) -> None:
    await store.add_world_model_state({"id": "w", "domain": "d"})
    with outside(path) as connection:
        connection.execute("UPDATE world_model_states SET goals = '[1' WHERE id = 'w'")
    (finding,) = await findings(store)
    proposal = await store.propose_repair(finding)
    with outside(path) as connection:
        connection.execute("UPDATE world_model_states SET goals = '[2' WHERE id = 'w'")
    with pytest.raises(FieldChangedError, match="goals of world-model state w is no longer"):
        await store.repair_field(finding, proposal)
