"""Restoring: all of it or nothing, and exactly as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage import (
    RecordExistsError,
    RestoreError,
    SQLiteStore,
    StorageError,
)
from tests.storage.stored import COMPLETE_INTERACTIONS, outside, snapshot, write
from tests.storage.turns import add

LIVE = ("interactions", "complete_interactions", "patterns")
EVERYTHING = (*LIVE, "archived_interactions", "archived_patterns", "memglass_journal")
OLD = "2026-01-05 10:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    return path


async def test_a_record_goes_back_into_its_own_table(store: SQLiteStore, path: Path) -> None:
    write(path, "complete_interactions", interaction_id="c", timestamp=OLD, data="{}")
    await add(store, "a")
    before = snapshot(path, *LIVE)
    assert await store.archive_interactions(["a", "c"], "manual") == 2
    assert await store.restore_interactions(["c", "a"]) == 2
    assert snapshot(path, *LIVE) == before


async def test_a_restored_row_leaves_no_archive_row_but_its_reason_in_the_journal(
    store: SQLiteStore,
) -> None:
    await add(store, "a")
    await store.archive_interactions(["a"], "duplicate")
    await store.restore_interactions(["a"])
    assert await store.get_archived_interactions("a") == []
    (entry, *_) = await store.get_journal()
    assert entry["operation"] == "restore"
    assert entry["before"]["archive_rows"][0]["archive_reason"] == "duplicate"


async def test_restoring_over_a_live_record_is_refused(store: SQLiteStore, path: Path) -> None:
    await add(store, "a", "b")
    await store.archive_interactions(["a", "b"], "manual")
    await add(store, "a")
    before = snapshot(path, *EVERYTHING)
    with pytest.raises(RecordExistsError, match="interaction a is live"):
        await store.restore_interactions(["b", "a"])
    assert snapshot(path, *EVERYTHING) == before


async def test_an_id_that_stands_only_in_the_archive_may_be_added_anew(store: SQLiteStore) -> None:
    for i in range(3):
        await store.add_interaction({"interaction_id": "a", "content": f"life {i}"})
        await store.add_pattern({"id": "p", "name": f"life {i}"})
        await store.archive_interactions(["a"], "manual")
        await store.archive_patterns(["p"], "manual")
    told = [each["record"]["content"] for each in await store.get_archived_interactions("a")]
    assert told == ["life 2", "life 1", "life 0"]
    told = [each["record"]["name"] for each in await store.get_archived_patterns("p")]
    assert told == ["life 2", "life 1", "life 0"]


async def test_the_newest_of_several_archive_rows_is_restored(store: SQLiteStore) -> None:
    # Newest by the moment that its time means, not by its text or its number.
    for content, at in (
        ("middle", "2026-03-01T10:00:00+00:00"),
        ("newest", "2026-03-01T09:30:00-02:00"),
        ("oldest", "2026-03-01T11:00:00+02:00"),
    ):
        await store.add_interaction({"interaction_id": "a", "content": content})
        await store.archive_interactions(["a"], "manual", archived_at=at)
    for content in ("newest", "middle", "oldest"):
        assert await store.restore_interactions(["a"]) == 1
        record = await store.get_interaction("a")
        assert record
        assert record["content"] == content
        await store.archive_interactions(["a"], "seen", archived_at="2020-01-01")


BICAMRL = [
    # As `json.dumps(dict(row))` writes it, with JSON text in details.
    (
        "interactions",
        json.dumps({"id": 41, "interaction_id": "a", "timestamp": OLD, "details": '{"é": 1.10}'}),
        {"id": 41, "details": '{"é": 1.10}', "timestamp": OLD},
    ),
    # Details as an object, not as text.
    (
        "interactions",
        json.dumps({"interaction_id": "a", "timestamp": OLD, "details": {"x": [1, None]}}),
        {"details": '{"x":[1,null]}'},
    ),
    ("interactions", json.dumps({"timestamp": OLD, "action": "edit"}), {"action": "edit"}),
    (
        "complete_interactions",
        json.dumps(
            {
                "interaction_id": "a",
                "session_id": "s",
                "timestamp": OLD,
                "user_query": "why",
                "success": True,
                "execution_time": 1.5,
                "data": json.dumps({"interaction_id": "a"}),
            },
            indent=2,
        ),
        {
            "user_query": "why",
            "success": 1,
            "execution_time": 1.5,
            "data": '{"interaction_id": "a"}',
        },
    ),
]


@pytest.mark.parametrize(("table", "data", "expected"), BICAMRL)
async def test_what_an_agent_archived_is_restored_sensibly(
    store: SQLiteStore, path: Path, table: str, data: str, expected: dict[str, Any]
) -> None:
    write(path, "archived_interactions", interaction_id="a", data=data, archived_at=OLD)
    (archived,) = await store.get_archived_interactions("a")
    assert archived["record"]["interaction_id"] == "a"
    before = snapshot(path, *LIVE, "archived_interactions")
    assert await store.restore_interactions(["a"]) == 1
    row = await store.get_row("interaction", "a")
    assert row
    assert row == row | expected
    assert len(snapshot(path, table)[table]) == 1
    await store.undo((await store.get_journal())[0]["transaction_id"])
    assert snapshot(path, *LIVE, "archived_interactions") == before


async def test_huge_numbers_in_what_an_agent_nested_are_read_and_restored(
    store: SQLiteStore, path: Path
) -> None:
    data = f'{{"interaction_id": "a", "timestamp": "{OLD}", "details": {{"n": {10**30}}}}}'
    write(path, "archived_interactions", interaction_id="a", data=data, archived_at=OLD)
    (archived,) = await store.get_archived_interactions()
    assert archived["record"]["details"] == {"n": 10**30}
    await store.restore_interactions(["a"])
    record = await store.get_interaction("a")
    assert record
    assert record["details"] == {"n": 10**30}


async def test_a_row_archived_before_there_were_ids_comes_back_under_its_number(
    store: SQLiteStore, path: Path
) -> None:
    write(
        path,
        "archived_interactions",
        original_id="41",
        data=json.dumps({"id": 41, "timestamp": OLD, "action": "edit", "details": "{}"}),
        archived_at=OLD,
    )
    write(
        path,
        "archived_interactions",
        original_id="41",
        interaction_id="another",
        data="{}",
        archived_at=OLD,
    )
    (archived,) = await store.get_archived_interactions("legacy-41")
    assert archived["interaction_id"] == "legacy-41"
    assert archived["record"]["interaction_id"] == "legacy-41"
    assert await store.restore_interactions(["legacy-41"]) == 1
    record = await store.get_interaction("legacy-41")
    assert record
    assert (record["id"], record["action"]) == (41, "edit")


async def test_a_pattern_without_an_id_comes_back_even_where_its_number_is_taken(
    store: SQLiteStore, path: Path
) -> None:
    for name in ("first", "second"):
        write(path, "patterns", id=None, name=name, pattern_type="t", sequence="[]")
    before = snapshot(path, "patterns")
    ids = [each["id"] for each in await store.get_patterns()]
    assert ids == ["legacy-1", "legacy-2"]
    await store.archive_patterns(ids, "manual")
    write(path, "patterns", id="p", name="third", pattern_type="t", sequence="[]")
    assert await store.restore_patterns(ids) == 2
    assert {each["name"] for each in await store.get_patterns()} == {"first", "second", "third"}
    await store.archive_patterns(["p"], "manual")
    assert snapshot(path, "patterns") == before


BAD_DATA: list[Any] = [
    *("", "{", "[]", "{}", "null", "5", '"text"', '{"id": 1', b"\xff", 5, 1.5, float("inf")),
    '{"interaction_id": "bad", "timestamp": "2026", "gone_column": 1}',
    '{"interaction_id": "bad", "timestamp": "2026", "id": 99999999999999999999}',
    '{"interaction_id": "bad", "timestamp": "2026", "id": %s}' % ("9" * 5000),
    '{"interaction_id": "bad", "timestamp": "2026", "id": "no number"}',
]


@pytest.mark.parametrize("data", BAD_DATA, ids=range(len(BAD_DATA)))
async def test_one_corrupt_archive_row_among_many_restores_none_of_them(
    store: SQLiteStore, path: Path, data: Any
) -> None:
    good = [f"i{i}" for i in range(3)]
    await add(store, *good)
    await store.archive_interactions(good, "manual")
    write(path, "archived_interactions", interaction_id="bad", data=data, archived_at=OLD)
    before = snapshot(path, *EVERYTHING)
    with pytest.raises(RestoreError):
        await store.restore_interactions([*good, "bad"])
    assert snapshot(path, *EVERYTHING) == before
    assert await store.restore_interactions(good) == 3


async def test_a_row_number_that_was_given_away_keeps_the_row_in_the_archive(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "a")
    await store.archive_interactions(["a"], "manual")
    write(path, "interactions", id=1, interaction_id="b", timestamp=OLD)
    with pytest.raises(RecordExistsError, match="its id, 1, is taken by another record"):
        await store.restore_interactions(["a"])
    assert len(await store.get_archived_interactions("a")) == 1


async def test_a_trigger_that_swallows_restored_rows_keeps_the_archive(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "a")
    await store.archive_interactions(["a"], "manual")
    with outside(path) as connection:
        connection.execute(
            "CREATE TRIGGER swallow BEFORE INSERT ON interactions BEGIN SELECT RAISE(IGNORE); END"
        )
    with pytest.raises(StorageError, match="trigger"):
        await store.restore_interactions(["a"])
    assert len(await store.get_archived_interactions("a")) == 1


async def test_why_records_cannot_be_restored_is_told_before_as_it_is_told_then(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "free", "live", "number")
    await store.archive_interactions(["free", "live", "number"], "manual")
    await add(store, "live")
    write(path, "interactions", id=3, interaction_id="other", timestamp=OLD)
    write(path, "archived_interactions", interaction_id="cut", data='{"a', archived_at=OLD)
    lost = '{"interaction_id": "lost", "mood": "calm"}'
    write(path, "archived_interactions", interaction_id="lost", data=lost, archived_at=OLD)
    with outside(path) as connection:
        connection.execute("CREATE UNIQUE INDEX of_agent ON interactions (id || interaction_id)")
    before = snapshot(path, *EVERYTHING)
    for record_id in ("live", "number", "cut", "lost"):
        told = await store.history.why_not_restored("interaction", ["free", record_id])
        with pytest.raises(StorageError) as refused:
            await store.restore_interactions(["free", record_id])
        assert told == str(refused.value).replace("; nothing was restored.", ".")
    assert await store.history.why_not_restored("interaction", ["free"]) is None
    assert snapshot(path, *EVERYTHING) == before


async def test_what_several_columns_keep_apart_together_is_taken(
    store: SQLiteStore, path: Path
) -> None:
    with outside(path) as connection:
        connection.execute("CREATE UNIQUE INDEX of_agent ON interactions (session_id, content)")
    said = {"session_id": "s", "content": "once"}
    await store.add_interaction({"interaction_id": "a", **said})
    await store.archive_interactions(["a"], "manual")
    await store.add_interaction({"interaction_id": "b", **said})
    with pytest.raises(RecordExistsError, match="UNIQUE"):
        await store.restore_interactions(["a"])
    assert len(await store.get_archived_interactions()) == 1


async def test_a_number_that_an_agent_archived_as_text_comes_back_as_the_number(
    store: SQLiteStore, path: Path
) -> None:
    row = {"id": "p", "name": "n", "pattern_type": "t", "sequence": "[]", "frequency": "7"}
    write(path, "archived_patterns", original_id="p", data=json.dumps(row), archived_at=OLD)
    assert await store.restore_patterns(["p"]) == 1
    assert (await store.get_pattern("p") or {})["frequency"] == 7
