"""Merging patterns: one stays with the evidence of all, the others are archived whole."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage import RecordNotFoundError, SQLiteStore, StorageError, ValidationError, merging
from tests.storage import outside
from tests.storage.merges import add_patterns, merge
from tests.storage.photographs import photograph


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db", actor="tester") as store:
        await add_patterns(store)
        yield store


def write(store: SQLiteStore, pattern_id: str, **columns: Any) -> None:
    """Write columns of a pattern as another program would; bytes become text."""
    with outside.connected(store.path) as agent:
        for name, value in columns.items():
            mark = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
            agent.execute(f"UPDATE patterns SET {name} = {mark} WHERE id = ?", (value, pattern_id))


def read(store: SQLiteStore, pattern_id: str, column: str) -> Any:
    """Read one stored value of a pattern."""
    [(value,)] = outside.fetch(
        store.path, f"SELECT {column} FROM patterns WHERE id = ?", (pattern_id,)
    )
    return value


async def sources(store: SQLiteStore, pattern_id: str) -> Any:
    record = await store.get_pattern(pattern_id)
    assert record
    return record["metadata"].get("source_interactions")


# What stays.


async def test_evidence_is_united_in_order_its_own_first(store: SQLiteStore) -> None:
    await merge(store, "prefers", "indents", "uses", "not spaces")
    assert await sources(store, "prefers") == ["i1", "i2", "i4", "i3"]


async def test_frequencies_are_added(store: SQLiteStore) -> None:
    assert (await merge(store, "prefers", "indents", "uses"))["frequency"] == 9


async def test_it_was_made_when_the_first_was_and_seen_when_the_last_was(
    store: SQLiteStore,
) -> None:
    record = await merge(store, "prefers", "uses", "indents")
    assert record["created_at"] == "2025-01-02T00:00:00.000000+00:00"
    assert record["last_seen"] == "2025-02-04T00:00:00.000000+00:00"


async def test_all_else_stays_its_own(store: SQLiteStore) -> None:
    before = await store.get_pattern("prefers")
    after = await merge(store, "prefers", "uses", "indents")
    assert before
    changed = ("frequency", "created_at", "last_seen", "metadata")
    assert {name: after[name] for name in after if name not in changed} == {
        name: before[name] for name in before if name not in changed
    }
    assert after["metadata"]["made_by"] == "prefers"


async def test_the_record_that_is_returned_is_the_one_that_stands(store: SQLiteStore) -> None:
    assert await merge(store, "prefers", "uses") == await store.get_pattern("prefers")


async def test_the_others_are_archived_whole_as_its_duplicates(store: SQLiteStore) -> None:
    before = {each: await store.get_pattern(each) for each in ("uses", "indents")}
    await merge(store, "prefers", "uses", "indents")
    archived = await store.get_archived_patterns()
    assert {each["original_id"]: each["record"] for each in archived} == before
    assert {each["archive_reason"] for each in archived} == {"duplicate"}
    assert {each["promoted_to"] for each in archived} == {"prefers"}


async def test_other_patterns_are_left_alone(store: SQLiteStore) -> None:
    before = await store.get_row("pattern", "besides")
    await merge(store, "prefers", "uses")
    assert await store.get_row("pattern", "besides") == before


async def test_other_lists_of_what_a_pattern_was_made_from_are_united_too(
    store: SQLiteStore,
) -> None:
    await store.update_pattern("prefers", metadata={"source_patterns": ["a"], "tags": ["t"]})
    await store.update_pattern(
        "uses", metadata={"source_patterns": ["b", "a"], "source_sessions": [1], "tags": ["u"]}
    )
    record = await merge(store, "prefers", "uses")
    assert record["metadata"] == {
        "source_patterns": ["a", "b"],
        "source_sessions": [1],
        "tags": ["t"],
    }


async def test_evidence_of_any_json_is_united(store: SQLiteStore) -> None:
    write(store, "prefers", metadata='{"source_interactions": [1, {"a": [null]}]}')
    write(store, "uses", metadata='{"source_interactions": [1.0, true, {"a": [null]}, 1, null]}')
    united = json.dumps((await merge(store, "prefers", "uses"))["metadata"]["source_interactions"])
    assert united == '[1, {"a": [null]}, 1.0, true, null]'


async def test_a_text_where_a_list_is_expected_is_one_piece_of_evidence(store: SQLiteStore) -> None:
    write(store, "prefers", metadata='{"source_interactions": "i7"}')
    write(store, "uses", metadata='{"source_interactions": "i8"}')
    await merge(store, "prefers", "uses")
    assert await sources(store, "prefers") == ["i7", "i8"]


@pytest.mark.parametrize("metadata", [None, "", " ", "null", "[]", "{}"])
async def test_a_pattern_without_metadata_gets_the_evidence_of_the_others(
    store: SQLiteStore, metadata: str | None
) -> None:
    write(store, "prefers", metadata=metadata)
    write(store, "indents", metadata=metadata)
    await merge(store, "prefers", "indents", "uses")
    assert await sources(store, "prefers") == ["i3", "i1"]


# Counts and times that are odd.


@pytest.mark.parametrize("odd", [None, "many", b"\xff", memoryview(b"\x01"), -3, 2.5])
async def test_what_is_no_count_adds_nothing(store: SQLiteStore, odd: Any) -> None:
    write(store, "uses", frequency=odd)
    assert (await merge(store, "prefers", "uses", "indents"))["frequency"] == 7


async def test_a_missing_count_becomes_the_sum_of_the_others(store: SQLiteStore) -> None:
    write(store, "prefers", frequency=None)
    assert (await merge(store, "prefers", "uses", "indents"))["frequency"] == 6


@pytest.mark.parametrize("odd", ["many", memoryview(b"\x01"), -3, 2.5, float("inf")])
async def test_its_own_frequency_that_is_no_count_stays_as_it_stands(
    store: SQLiteStore, odd: Any
) -> None:
    write(store, "prefers", frequency=odd)
    before = read(store, "prefers", "frequency")
    await merge(store, "prefers", "uses")
    assert read(store, "prefers", "frequency") == before


async def test_a_sum_beyond_what_sqlite_holds_is_the_most_that_it_holds(store: SQLiteStore) -> None:
    write(store, "prefers", frequency=2**63 - 2)
    assert (await merge(store, "prefers", "uses", "indents"))["frequency"] == 2**63 - 1


async def test_times_keep_the_spelling_that_they_have(store: SQLiteStore) -> None:
    write(store, "prefers", last_seen="2026-01-01T00:00:00Z", created_at="2025-01-01")
    write(store, "uses", last_seen="2026-01-01 01:00+00:30", created_at="2024-12-31T23:59")
    record = await merge(store, "prefers", "uses")
    assert record["last_seen"] == "2026-01-01 01:00+00:30"
    assert record["created_at"] == "2024-12-31T23:59"


async def test_of_two_spellings_of_one_moment_its_own_stays(store: SQLiteStore) -> None:
    write(store, "prefers", last_seen="2026-01-01T00:00:00Z")
    write(store, "uses", last_seen="2026-01-01 01:00+01:00")
    assert (await merge(store, "prefers", "uses"))["last_seen"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("odd", [None, "", "yesterday", 1751630400, b"\xff"])
async def test_a_time_that_cannot_be_read_is_passed_over(store: SQLiteStore, odd: Any) -> None:
    write(store, "uses", last_seen=odd)
    record = await merge(store, "prefers", "uses", "not spaces")
    assert record["last_seen"] == "2025-02-03T00:00:00.000000+00:00"


@pytest.mark.parametrize("missing", [None, ""])
async def test_a_missing_time_is_taken_from_the_others(
    store: SQLiteStore, missing: str | None
) -> None:
    write(store, "prefers", last_seen=missing)
    record = await merge(store, "prefers", "uses", "not spaces")
    assert record["last_seen"] == "2025-02-02T00:00:00.000000+00:00"


@pytest.mark.parametrize("odd", ["yesterday", b"2025\xff", memoryview(b"2025-07-04")])
async def test_its_own_time_that_cannot_be_read_stays_as_it_stands(
    store: SQLiteStore, odd: Any
) -> None:
    write(store, "prefers", created_at=odd)
    before = (await store.get_row("pattern", "prefers") or {})["created_at"]
    await merge(store, "prefers", "uses")
    assert (await store.get_row("pattern", "prefers") or {})["created_at"] == before


# Bytes that survive.


async def test_fields_that_do_not_change_keep_their_bytes(store: SQLiteStore) -> None:
    metadata = '{"source_interactions":  ["i1","i3", "i2"], "n": 1.10, "n": 2e0}'
    write(store, "prefers", metadata=metadata, sequence='{"cut', description=b"caf\xe9")
    write(store, "uses", frequency=0, last_seen=None, created_at="2026-01-01")
    before = await store.get_row("pattern", "prefers")
    await merge(store, "prefers", "uses")
    assert await store.get_row("pattern", "prefers") == before
    assert [each["operation"] for each in await store.get_journal(1)] == ["archive"]


async def test_columns_of_the_agent_are_left_alone(store: SQLiteStore) -> None:
    with outside.connected(store.path) as agent:
        agent.execute("ALTER TABLE patterns ADD COLUMN mood TEXT DEFAULT 'calm'")
    write(store, "prefers", mood=b"\xff1.10")
    await merge(store, "prefers", "uses")
    assert read(store, "prefers", "hex(mood)") == "FF312E3130"


async def test_numbers_too_long_for_a_double_stay_exact_beside_new_evidence(
    store: SQLiteStore,
) -> None:
    number = "123456789012345678901234567890"
    write(store, "prefers", metadata=f'{{"source_interactions": ["i1"], "n": {number}}}')
    await merge(store, "prefers", "uses")
    assert number in read(store, "prefers", "metadata")


# What is refused, and changes nothing.


async def refused(store: SQLiteStore, keep: Any, others: Any, error: type[StorageError]) -> str:
    """Check that a merge is refused and changes nothing; return what is said."""
    before = photograph(store.path)
    with pytest.raises(error) as caught:
        await store._database.change(lambda tx: merging.merge(tx, keep, others))
    assert photograph(store.path) == before
    return str(caught.value)


async def test_missing_patterns_are_named(store: SQLiteStore) -> None:
    await store.archive_patterns(["uses"], "manual")
    told = await refused(store, "prefers", ["uses", "indents", "who"], RecordNotFoundError)
    assert "uses, who" in told
    assert "gone" in await refused(store, "gone", ["indents"], RecordNotFoundError)


@pytest.mark.parametrize(
    ("others", "named"),
    [
        ([], "empty"),
        (["uses", "prefers"], "prefers"),
        (["uses", "indents", "uses"], "uses"),
        ("uses", "list"),
        ([7], "7"),
        (None, "others"),
        (["\ud800"], "others"),
    ],
)
async def test_others_that_cannot_be_merged_are_named(
    store: SQLiteStore, others: Any, named: str
) -> None:
    assert named in await refused(store, "prefers", others, ValidationError)


async def test_an_id_that_is_no_text_is_refused(store: SQLiteStore) -> None:
    assert "keep" in await refused(store, None, ["uses"], ValidationError)


@pytest.mark.parametrize("pattern_id", ["prefers", "uses"])
@pytest.mark.parametrize("metadata", ['{"source_interactions": ["i1"', b'{"a": "\xff"}', "{'a'}"])
async def test_corrupt_metadata_is_named_with_its_pattern(
    store: SQLiteStore, pattern_id: str, metadata: Any
) -> None:
    write(store, pattern_id, metadata=metadata)
    told = await refused(store, "prefers", ["indents", "uses"], ValidationError)
    assert f"metadata of pattern {pattern_id} is corrupt" in told


@pytest.mark.parametrize("metadata", ['["i1"]', '"i1"', "17", "false"])
async def test_metadata_that_is_no_mapping_is_named_with_its_pattern(
    store: SQLiteStore, metadata: str
) -> None:
    write(store, "uses", metadata=metadata)
    told = await refused(store, "prefers", ["uses"], ValidationError)
    assert "metadata of pattern uses is no mapping" in told


@pytest.mark.parametrize("evidence", ["{}", "7", "true"])
async def test_evidence_that_is_no_list_is_named_with_its_pattern(
    store: SQLiteStore, evidence: str
) -> None:
    write(store, "uses", metadata=f'{{"source_interactions": {evidence}}}')
    told = await refused(store, "prefers", ["uses"], ValidationError)
    assert "metadata.source_interactions of pattern uses" in told


async def test_two_patterns_with_one_id_are_not_guessed_between(tmp_path: Path) -> None:
    path = tmp_path / "agent.db"
    path.touch()
    with outside.connected(path) as agent:
        agent.execute(
            "CREATE TABLE patterns (id TEXT, name TEXT, description TEXT, pattern_type TEXT,"
            " sequence TEXT, frequency INTEGER, confidence REAL, created_at TEXT, last_seen TEXT,"
            " metadata TEXT)"
        )
        for name in ("a", "b", "b"):
            agent.execute("INSERT INTO patterns (id) VALUES (?)", (name,))
    async with SQLiteStore(path) as store:
        assert "id b" in await refused(store, "a", ["b"], ValidationError)


async def test_a_trigger_that_keeps_an_other_stops_the_merge(store: SQLiteStore) -> None:
    with outside.connected(store.path) as agent:
        agent.execute(
            "CREATE TRIGGER kept BEFORE DELETE ON patterns BEGIN SELECT RAISE(IGNORE); END"
        )
    assert "trigger" in await refused(store, "prefers", ["uses"], StorageError)
