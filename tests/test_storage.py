"""The store as an agent uses it: every operation that the module was founded on."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import storage
from storage import (
    CorruptJSON,
    RecordExistsError,
    RecordNotFoundError,
    SQLiteStore,
    StoreClosedError,
    TransactionError,
    ValidationError,
    cursor_of,
)

# The founding document's own samples, to the letter.


async def test_the_founding_samples_work_verbatim(tmp_path: Path) -> None:
    db_path = str(tmp_path / "memory.db")
    interaction_data = {"interaction_id": "uuid-here", "timestamp": "2025-01-01", "action": "edit"}
    pattern_data = {"name": "Test first", "pattern_type": "workflow", "sequence": ["test", "edit"]}
    cutoff = datetime(2025, 6, 1)  # noqa: DTZ001 - naive times mean UTC

    store = SQLiteStore(db_path)
    await store.initialize()

    await store.add_interaction(interaction_data)
    await store.add_pattern(pattern_data)

    interactions = await store.get_recent_interactions(limit=10)
    patterns = await store.get_patterns_by_type("workflow")
    assert [each["interaction_id"] for each in interactions] == ["uuid-here"]
    assert [each["name"] for each in patterns] == ["Test first"]

    await store.archive_old_interactions(before_date=cutoff, reason="consolidated_to_working")
    archived = await store.get_archived_interactions(interaction_id="uuid-here")
    assert [each["archive_reason"] for each in archived] == ["consolidated_to_working"]

    await store.add_world_model_state(
        {
            "domain": "coding",
            "entities": [{"id": "ledger", "type": "repository"}],
            "relations": [{"source_id": "ledger", "target_id": "ci", "type": "uses"}],
            "confidence": 0.8,
        }
    )
    snapshots = await store.get_world_model_snapshots(limit=5)
    assert [(each["domain"], each["confidence"]) for each in snapshots] == [("coding", 0.8)]

    async with store.transaction():
        await store.add_interaction({"content": "inside"})
        await store.update_pattern(patterns[0]["id"], confidence=0.9)
    await store.close()


@pytest.mark.parametrize(
    "reason", ["consolidated_to_working", "consolidated_to_episodic", "promoted_to_semantic"]
)
async def test_every_reason_of_the_agent_is_kept(store: SQLiteStore, reason: str) -> None:
    added = await store.add_interaction({"content": "x"})
    learned = await store.add_pattern({"name": "p", "pattern_type": "workflow"})
    await store.archive_interactions([added], reason, consolidated_to=learned)
    await store.archive_patterns([learned], reason, promoted_to="rule-1")
    [interaction] = await store.get_archived_interactions(archive_reason=reason)
    [pattern] = await store.get_archived_patterns(archive_reason=reason)
    assert (interaction["consolidated_to"], pattern["promoted_to"]) == (learned, "rule-1")
    statistics = await store.get_archive_statistics()
    assert statistics["interactions"] == statistics["patterns"] == {reason: 1}


def test_all_operations_are_coroutines() -> None:
    plain = {"transaction"}
    for name, method in inspect.getmembers(SQLiteStore, inspect.isfunction):
        if not name.startswith("_") and name not in plain:
            is_async = inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)
            assert is_async, name


# Interactions.


async def test_an_interaction_reads_back_as_it_was_given(store: SQLiteStore) -> None:
    given = {
        "interaction_id": "int-1",
        "timestamp": "2026-10-02T14:05:00.000000+00:00",
        "session_id": "s-91",
        "action": "deploy",
        "role": "agent",
        "content": "deploy prod",
        "file_path": "deploy.sh",
        "details": {"exit_code": 0},
        "metadata": {"model": "k2"},
    }
    await store.add_interaction(given)
    assert await store.get_interaction("int-1") == {"id": 1, **given}


async def test_arguments_are_never_changed(store: SQLiteStore) -> None:
    given = {"content": "x", "tool": "pytest", "metadata": {"a": 1}}
    copy = {**given, "metadata": {"a": 1}}
    await store.add_interaction(given)
    assert given == copy


async def test_keys_without_a_column_go_into_metadata(store: SQLiteStore) -> None:
    added = await store.add_interaction({"tool": "pytest", "metadata": {"a": 1}})
    record = await store.get_interaction(added)
    assert record is not None
    assert record["metadata"] == {"a": 1, "tool": "pytest"}


async def test_a_key_given_twice_with_different_values_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError) as refused:
        await store.add_interaction({"tool": "a", "metadata": {"tool": "b"}})
    assert refused.value.field == "tool"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content", 5),
        ("session_id", ["s"]),
        ("timestamp", "yesterday"),
        ("timestamp", 1759413720),
        ("details", "text"),
        ("details", ["a list"]),
        ("metadata", 3),
        ("interaction_id", ""),
        ("content", "\ud800"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_added(
    store: SQLiteStore, field: str, value: object
) -> None:
    with pytest.raises(ValidationError) as refused:
        await store.add_interaction({field: value})
    assert refused.value.field == field
    assert field in str(refused.value)
    assert await store.get_recent_interactions() == []
    assert await store.get_journal() == []


@pytest.mark.parametrize(
    "given",
    [
        "2026-01-05",
        "2026-01-05T00:00:00",
        "2026-01-05T02:00:00+02:00",
        date(2026, 1, 5),
        datetime(2026, 1, 5, tzinfo=UTC),
        datetime(2026, 1, 5, 2, tzinfo=timezone(timedelta(hours=2))),
    ],
)
async def test_times_are_stored_in_one_form(store: SQLiteStore, given: object) -> None:
    added = await store.add_interaction({"timestamp": given})
    record = await store.get_interaction(added)
    assert record is not None
    assert record["timestamp"] == "2026-01-05T00:00:00.000000+00:00"


async def test_an_id_that_is_live_is_refused(store: SQLiteStore) -> None:
    await store.add_interaction({"interaction_id": "int-1"})
    with pytest.raises(RecordExistsError, match="int-1"):
        await store.add_interactions([{"content": "new"}, {"interaction_id": "int-1"}])
    assert len(await store.get_recent_interactions()) == 1


async def test_an_id_given_twice_in_a_batch_is_refused(store: SQLiteStore) -> None:
    with pytest.raises(RecordExistsError, match="twice"):
        await store.add_interactions([{"interaction_id": "twice"}, {"interaction_id": "twice"}])
    assert await store.get_recent_interactions() == []


async def test_a_batch_that_fails_late_leaves_nothing(store: SQLiteStore) -> None:
    rows = [{"content": str(i)} for i in range(2500)]
    with pytest.raises(ValidationError):
        await store.add_interactions([*rows, {"content": 7}])
    assert await store.get_recent_interactions() == []


async def test_a_bulk_add_returns_its_ids_in_order(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"content": str(i)} for i in range(2500))
    newest = await store.get_recent_interactions(2500)
    assert [record["content"] for record in reversed(newest)] == [str(i) for i in range(2500)]
    assert [record["interaction_id"] for record in reversed(newest)] == ids
    assert len(await store.get_journal()) == 3


async def test_recent_interactions_are_ordered_by_the_moment_not_the_text(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await store.add_interaction({"interaction_id": "later", "timestamp": "2026-01-05T00:30:00"})
    await store.add_interaction(
        {"interaction_id": "earlier", "timestamp": "2026-01-05T02:00:00+02:00"}
    )
    newest = await store.get_recent_interactions()
    assert [record["interaction_id"] for record in newest] == ["later", "earlier"]


async def test_recent_interactions_can_be_filtered(store: SQLiteStore) -> None:
    await store.add_interactions(
        {"session_id": f"s{i % 3}", "action": "edit" if i % 2 else "read"} for i in range(30)
    )
    of_session = await store.get_recent_interactions(session_id="s1")
    of_both = await store.get_recent_interactions(session_id="s1", action="edit")
    assert (len(of_session), len(of_both)) == (10, 5)


async def test_pages_neither_lose_nor_double_ties(store: SQLiteStore) -> None:
    await store.add_interactions({"timestamp": "2026-01-01", "content": str(i)} for i in range(95))
    seen: list[str] = []
    before: str | None = None
    while page := await store.get_recent_interactions(10, before=before):
        seen += [record["content"] for record in page]
        before = cursor_of(page[-1])
    assert seen == [str(i) for i in reversed(range(95))]


async def test_iteration_streams_everything(store: SQLiteStore) -> None:
    await store.add_interactions({"content": str(i)} for i in range(1203))
    assert [record["content"] async for record in store.iter_interactions()] == [
        str(i) for i in reversed(range(1203))
    ]


async def test_iteration_keeps_to_an_action(store: SQLiteStore) -> None:
    await store.add_interactions({"action": "edit" if i % 2 else "read"} for i in range(6))
    found = [record["action"] async for record in store.iter_interactions(action="edit")]
    assert found == ["edit"] * 3


async def test_the_default_limit_is_a_hundred(store: SQLiteStore) -> None:
    await store.add_interactions({"content": str(i)} for i in range(150))
    assert len(await store.get_recent_interactions()) == 100


async def test_an_update_changes_only_what_it_names(store: SQLiteStore) -> None:
    added = await store.add_interaction({"content": "x", "details": {"a": 1}})
    before = await store.get_interaction(added)
    await store.update_interaction(added, content="y", tool="git")
    after = await store.get_interaction(added)
    assert before is not None
    assert after == {**before, "content": "y", "metadata": {"tool": "git"}}


@pytest.mark.parametrize("field", ["id", "interaction_id"])
async def test_an_id_cannot_be_updated(store: SQLiteStore, field: str) -> None:
    added = await store.add_interaction({"content": "x"})
    with pytest.raises(ValidationError) as refused:
        await store.update_interaction(added, **{field: "9" if field == "interaction_id" else 9})
    assert refused.value.field == field


async def test_updating_what_is_not_there_says_so(store: SQLiteStore) -> None:
    with pytest.raises(RecordNotFoundError, match="nowhere"):
        await store.update_interaction("nowhere", content="x")
    with pytest.raises(RecordNotFoundError, match="nowhere"):
        await store.update_pattern("nowhere", name="x")


# Patterns.


async def test_a_pattern_has_sensible_defaults(store: SQLiteStore) -> None:
    added = await store.add_pattern({"name": "Prefers tabs", "pattern_type": "preference"})
    pattern = await store.get_pattern(added)
    assert pattern is not None
    assert pattern["sequence"] == []
    assert (pattern["frequency"], pattern["confidence"], pattern["metadata"]) == (1, 0.5, {})
    assert pattern["created_at"]


async def test_patterns_come_by_confidence_then_id(store: SQLiteStore) -> None:
    await store.add_patterns(
        {"id": name, "name": name, "pattern_type": "t", "confidence": confidence}
        for name, confidence in [("b", 0.5), ("a", 0.5), ("c", 0.9)]
    )
    assert [pattern["id"] for pattern in await store.get_patterns()] == ["c", "a", "b"]
    first = await store.get_patterns_by_type("t", limit=2)
    rest = await store.get_patterns_by_type("t", limit=2, before=cursor_of(first[-1]))
    assert [pattern["id"] for pattern in first + rest] == ["c", "a", "b"]


async def test_pattern_types_are_counted(store: SQLiteStore) -> None:
    for kind in ("workflow", "workflow", "preference"):
        await store.add_pattern({"name": "p", "pattern_type": kind})
    assert await store.get_pattern_types() == {"workflow": 2, "preference": 1}


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan"), float("inf"), "high", True])
async def test_a_confidence_out_of_range_is_refused(store: SQLiteStore, confidence: object) -> None:
    added = await store.add_pattern({"name": "p", "pattern_type": "t"})
    with pytest.raises(ValidationError) as refused:
        await store.update_pattern_confidence(added, confidence)  # type: ignore[arg-type]
    assert refused.value.field == "confidence"


# Opening, closing, importing.


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "memory.db")
    with pytest.raises(StoreClosedError, match="initialize"):
        await store.get_recent_interactions()
    await store.initialize()
    await store.close()
    await store.close()
    with pytest.raises(StoreClosedError, match="initialize"):
        await store.add_interaction({})


async def test_closing_takes_the_wal_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": "x" * 500} for _ in range(2000))
        await store.get_recent_interactions()
        await store.get_data_version()
    assert [each.name for each in tmp_path.iterdir()] == ["memory.db"]


async def test_a_store_is_not_closed_inside_its_own_transaction(store: SQLiteStore) -> None:
    with pytest.raises(TransactionError):
        async with store.transaction():
            await store.close()
    assert await store.get_recent_interactions() == []


async def test_what_one_store_writes_another_reads(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as writer, SQLiteStore(path, read_only=True) as reader:
        before = await reader.get_data_version()
        added = await writer.add_interaction({"content": "x"})
        assert await reader.get_interaction(added) == await writer.get_interaction(added)
        assert await reader.get_data_version() != before


async def test_vacuum_gives_space_back(store: SQLiteStore) -> None:
    ids = await store.add_interactions({"content": "x" * 2000} for _ in range(2000))
    await store.archive_interactions(ids, "manual")
    await store.vacuum_database()
    statistics = await store.get_statistics()
    assert statistics["file"]["free_bytes"] == 0
    assert statistics["tables"]["archived_interactions"]["rows"] == 2000


async def test_many_tasks_read_the_same_at_once(store: SQLiteStore) -> None:
    await store.add_interactions({"content": str(i)} for i in range(100))
    pages = await asyncio.gather(*(store.get_recent_interactions(10) for _ in range(20)))
    told = [[each["content"] for each in page] for page in pages]
    assert told == [[str(i) for i in range(99, 89, -1)]] * 20


def test_corrupt_json_looks_like_an_empty_mapping() -> None:
    corrupt = CorruptJSON(b'{"a":', "ends too early", 5)
    assert dict(corrupt) == {}
    assert corrupt.get("a", 5) == 5
    assert corrupt.raw == b'{"a":'


def test_importing_storage_imports_neither_textual_nor_numpy() -> None:
    program = (
        "import sys; from storage import SQLiteStore; print([name for name in"
        " ('textual', 'rich', 'numpy', 'click', 'tui') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_every_public_name_can_be_imported() -> None:
    for name in storage.__all__:
        assert getattr(storage, name) is not None
    with pytest.raises(AttributeError):
        _ = storage.no_such_name
