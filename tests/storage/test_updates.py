"""What is edited is written; what nobody edited keeps its bytes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from storage import (
    JSONEncodeError,
    RecordNotFoundError,
    SQLiteStore,
    ValidationError,
)
from tests.storage.stored import COMPLETE_INTERACTIONS, Stored, Text, outside, rows_of, write

ODD = b'{ "price": 1.10, "big": 123456789012345678901234567890, "b": 1, "a": 2, "a": 3 }'
CORRUPT = b'{"a": "\xff'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    return path


def read(path: Path, table: str) -> dict[str, Stored]:
    with outside(path) as connection:
        (row,) = rows_of(connection, table)
    return row


def write_interaction(path: Path, **row: Any) -> None:
    write(path, "interactions", **({"interaction_id": "i", "timestamp": "2026-01-05 10:00"} | row))


async def test_an_odd_field_survives_an_update_of_another(store: SQLiteStore, path: Path) -> None:
    write_interaction(path, details=Text(ODD), metadata=Text(CORRUPT), content="old")
    await store.update_interaction("i", content="new")
    row = read(path, "interactions")
    assert row["details"] == Stored("text", ODD, "None")
    assert row["metadata"] == Stored("text", CORRUPT, "None")
    assert row["content"].raw == b"new"


@pytest.mark.parametrize(
    "row",
    [
        {"details": Text(ODD), "metadata": ODD},
        {"details": Text(CORRUPT), "metadata": CORRUPT},
        {"details": Text(b'["a list"]'), "metadata": Text(b"null")},
        {"details": Text(b'"text"'), "metadata": Text(b"5")},
        {"details": None, "metadata": Text(b"")},
        {"timestamp": "yesterday", "session_id": b"\xff", "content": Text(b"a\0b\xff")},
        {"timestamp": "2026-01-05T10:00:00+02:00", "action": "", "role": Text(b"")},
        {"timestamp": None},
        {"interaction_id": None},
        {"interaction_id": b"blob"},
    ],
)
async def test_a_record_that_comes_back_unchanged_is_not_written(
    store: SQLiteStore, path: Path, row: dict[str, Any]
) -> None:
    write_interaction(path, **row)
    before = read(path, "interactions")
    (record,) = await store.get_recent_interactions()
    await store.update_interaction(record["interaction_id"], **record)
    assert read(path, "interactions") == before
    assert await store.get_journal() == []


@pytest.mark.parametrize(
    "row",
    [
        {"confidence": "high", "frequency": "often", "sequence": Text(b'{"a": 1}')},
        {"confidence": 1, "frequency": -5, "sequence": b"[1.0, 1]"},
        {"confidence": float("inf"), "frequency": 1.5, "sequence": 7},
        {"confidence": None, "frequency": None, "sequence": float("inf")},
        {"id": None, "created_at": "2026", "metadata": Text(b'{"a":\ttrue}')},
    ],
)
async def test_a_pattern_that_comes_back_unchanged_is_not_written(
    store: SQLiteStore, path: Path, row: dict[str, Any]
) -> None:
    write(path, "patterns", **({"id": "p", "name": "", "pattern_type": "", "sequence": ""} | row))
    before = read(path, "patterns")
    (record,) = await store.get_patterns()
    await store.update_pattern(record["id"], **record)
    assert read(path, "patterns") == before
    assert await store.get_journal() == []


async def test_only_what_changed_is_in_the_journal(store: SQLiteStore, path: Path) -> None:
    write_interaction(path, details=Text(ODD), content="old", session_id="s")
    record = await store.get_interaction("i")
    assert record
    await store.update_interaction("i", **(record | {"content": "new"}))
    (entry,) = await store.get_journal()
    assert entry["before"] == {"content": "old"}
    assert read(path, "interactions")["details"].raw == ODD


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"n": 1}', {"n": 1.0}),
        (b'{"n": 1}', {"n": True}),
        (b'{"n": 0.0}', {"n": -0.0}),
        (b'{"n": null}', {}),
        (b'{"n": 1e400}', {"n": 1}),
    ],
)
async def test_a_value_of_another_type_is_a_change(
    store: SQLiteStore, path: Path, old: bytes, new: dict[str, Any]
) -> None:
    write_interaction(path, details=Text(old))
    await store.update_interaction("i", details=new)
    record = await store.get_interaction("i")
    assert record
    assert repr(record["details"]) == repr(new)
    await store.undo((await store.get_journal())[0]["transaction_id"])
    assert read(path, "interactions")["details"] == Stored("text", old, "None")


async def test_a_corrupt_field_that_is_given_back_keeps_its_bytes(
    store: SQLiteStore, path: Path
) -> None:
    write_interaction(path, details=CORRUPT, metadata=Text(CORRUPT))
    record = await store.get_interaction("i")
    assert record
    await store.update_interaction(
        "i", details=record["details"], metadata=record["metadata"], content="new"
    )
    row = read(path, "interactions")
    assert row["details"] == Stored("blob", CORRUPT, "None")
    assert row["metadata"] == Stored("text", CORRUPT, "None")


async def test_a_corrupt_field_that_is_given_to_another_record_keeps_its_bytes(
    store: SQLiteStore, path: Path
) -> None:
    write_interaction(path, details=CORRUPT)
    record = await store.get_interaction("i")
    assert record
    copy = await store.add_interaction({"details": record["details"]})
    row = await store.get_row("interaction", copy)
    assert row
    assert row["details"] == CORRUPT.decode("utf-8", "surrogateescape")


async def test_a_whole_record_with_corrupt_fields_is_added_to_another_memory(
    store: SQLiteStore, path: Path, tmp_path: Path
) -> None:
    write_interaction(path, details=CORRUPT, metadata=Text(CORRUPT))
    record = await store.get_interaction("i")
    assert record
    async with SQLiteStore(tmp_path / "other.db") as other:
        assert await other.add_interaction(record) == "i"
        copy = await other.get_interaction("i")
    assert copy
    assert (copy["details"].raw, copy["metadata"].raw) == (CORRUPT, CORRUPT)


async def test_a_corrupt_field_can_be_repaired_and_the_repair_undone(
    store: SQLiteStore, path: Path
) -> None:
    write_interaction(path, details=CORRUPT)
    await store.update_interaction("i", details={"a": "mended"})
    assert read(path, "interactions")["details"].raw == b'{"a":"mended"}'
    await store.undo((await store.get_journal())[0]["transaction_id"])
    assert read(path, "interactions")["details"] == Stored("blob", CORRUPT, "None")


async def test_a_key_without_a_column_goes_into_metadata(store: SQLiteStore, path: Path) -> None:
    write_interaction(path, metadata=Text(b'{"a": 1}'))
    await store.update_interaction("i", tool="grep", a=1)
    record = await store.get_interaction("i")
    assert record
    assert record["metadata"] == {"a": 1, "tool": "grep"}


async def test_a_key_that_metadata_says_already_is_not_written(
    store: SQLiteStore, path: Path
) -> None:
    write_interaction(path, metadata=Text(b'{ "a": 1.10 }'))
    await store.update_interaction("i", a=1.1)
    assert read(path, "interactions")["metadata"].raw == b'{ "a": 1.10 }'
    assert await store.get_journal() == []


@pytest.mark.parametrize("metadata", [CORRUPT, b"[1]", b'"text"'])
async def test_nothing_is_added_to_metadata_that_cannot_take_it(
    store: SQLiteStore, path: Path, metadata: bytes
) -> None:
    write_interaction(path, metadata=Text(metadata))
    with pytest.raises(ValidationError, match="metadata is corrupt or no mapping"):
        await store.update_interaction("i", tool="grep")
    assert read(path, "interactions")["metadata"].raw == metadata


async def test_an_id_cannot_be_changed(store: SQLiteStore, path: Path) -> None:
    write_interaction(path)
    for change in ({"interaction_id": "other"}, {"id": 7}):
        with pytest.raises(ValidationError, match="cannot be changed"):
            await store.update_interaction("i", **change)
    pattern = await store.add_pattern({"name": "n"})
    with pytest.raises(ValidationError, match="id cannot be changed"):
        await store.update_pattern(pattern, id="other")


async def test_nobody_can_be_updated(store: SQLiteStore) -> None:
    with pytest.raises(RecordNotFoundError, match="no live interaction nobody"):
        await store.update_interaction("nobody", content="x")


async def test_what_json_cannot_say_leaves_the_record_alone(store: SQLiteStore, path: Path) -> None:
    write_interaction(path, details=Text(ODD), content="old")
    with pytest.raises(JSONEncodeError) as caught:
        await store.update_interaction("i", content="new", details={"a": [float("nan")]})
    assert caught.value.path == "details.a[0]"
    assert read(path, "interactions")["content"].raw == b"old"


async def test_a_column_that_needs_a_value_gets_its_empty_one(store: SQLiteStore) -> None:
    pattern = await store.add_pattern({"name": "n", "sequence": [1], "description": "d"})
    await store.update_pattern(pattern, name=None, sequence=None, description=None)
    row = await store.get_row("pattern", pattern)
    assert row
    assert (row["name"], row["sequence"], row["description"]) == ("", "[]", None)


class Action(StrEnum):
    EDIT = "edit"


async def test_text_of_a_subclass_is_stored_as_that_text(store: SQLiteStore) -> None:
    record_id = await store.add_interaction({"action": Action.EDIT, "role": "user"})
    record = await store.get_interaction(record_id)
    assert record
    assert (type(record["action"]), record["action"], record["role"]) == (str, "edit", "user")
    await store.update_interaction(record_id, action=Action.EDIT)
    assert len(await store.get_journal()) == 1


async def test_a_field_of_the_agent_takes_every_value_but_nan(
    store: SQLiteStore, path: Path
) -> None:
    with outside(path) as connection:
        connection.execute("ALTER TABLE interactions ADD COLUMN own")
    record_id = await store.add_interaction({})
    for value in (None, 5, -0.0, float("inf"), "text", "", b"\xff", b""):
        await store.update_interaction(record_id, own=value)
        record = await store.get_interaction(record_id)
        assert record
        assert repr(record["own"]) == repr(value)
    for bad in (float("nan"), 2**63, [1], {}, object()):
        with pytest.raises(ValidationError, match="own must be text, bytes, a number or None"):
            await store.update_interaction(record_id, own=bad)


async def test_a_complete_interaction_keeps_its_data_in_an_update(
    store: SQLiteStore, path: Path
) -> None:
    write(
        path,
        "complete_interactions",
        interaction_id="c",
        timestamp="2026-01-05 10:00",
        user_query="old",
        success=1,
        data=Text(ODD),
    )
    await store.update_interaction("c", content="new", metadata={"success": 0})
    row = read(path, "complete_interactions")
    assert (row["user_query"].raw, row["success"].number) == (b"new", "0")
    assert row["data"] == Stored("text", ODD, "None")
    assert row["timestamp"].raw == b"2026-01-05 10:00"
