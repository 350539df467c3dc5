"""What lists on screen need: keys, short rows, whole records, whatever the file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import Keys, SQLiteStore, ValidationError
from tests.storage.stored import COMPLETE_INTERACTIONS, Text, outside, put, write

KINDS = (
    *("interaction", "pattern", "archived_interaction", "archived_pattern"),
    *("world_model_state", "snapshot"),
)
LONG = "é" * 5000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    with outside(path) as connection:
        connection.execute(COMPLETE_INTERACTIONS)
    return path


async def listed(store: SQLiteStore, kind: str, **filters: Any) -> list[Any]:
    summaries = await store.get_summaries(kind, await store.list_keys(kind, **filters))
    return [summary["record_id"] for summary in summaries if summary]


async def add(store: SQLiteStore, *ids: str, **fields: Any) -> None:
    await store.add_interactions({"interaction_id": each, **fields} for each in ids)


async def test_keys_are_a_sequence_of_its_own_kind(store: SQLiteStore) -> None:
    await add(store, *"abcde")
    keys = await store.list_keys("interaction")
    assert isinstance(keys, Keys)
    assert isinstance(keys[1:3], Keys)
    assert len(keys) == 5
    assert list(keys[1:3]) == [keys[1], keys[2]]
    assert list(keys[::-1]) == list(reversed(keys))
    assert keys[-1] == keys[4]
    assert len(set(keys)) == 5
    assert [keys.index(key) for key in keys] == [0, 1, 2, 3, 4]
    assert all(key in keys for key in keys)
    assert not keys[5:]


async def test_what_is_not_among_the_keys_is_not_found(store: SQLiteStore) -> None:
    await add(store, "a", "b")
    keys = await store.list_keys("interaction")
    for stranger in ((1, keys[0][1]), (0, 99), None, 5, "ab", (), (0, "x"), [0, 1]):
        assert stranger not in keys
        with pytest.raises(ValueError, match=r"key|not in"):
            keys.index(stranger)
    with pytest.raises(ValueError, match="not in"):
        keys.index(keys[0], 1)
    with pytest.raises(IndexError):
        keys[2]


async def test_the_same_row_number_in_two_tables_is_two_keys(
    store: SQLiteStore, path: Path
) -> None:
    write(path, "interactions", interaction_id="a", timestamp="2026-01-05")
    write(path, "complete_interactions", interaction_id="c", timestamp="2026-01-05", data="{}")
    keys = await store.list_keys("interaction")
    assert keys[0][1] == keys[1][1]
    assert [keys.index(key) for key in keys] == [0, 1]
    assert await listed(store, "interaction") == ["a", "c"]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_empty_list_has_no_keys(store: SQLiteStore, kind: str) -> None:
    keys = await store.list_keys(kind)
    assert len(keys) == 0
    assert await store.get_summaries(kind, keys) == []
    assert await store.get_record(kind, "nobody") is None
    assert await store.get_row(kind, "nobody") is None


async def test_a_limit_gives_the_first_page(store: SQLiteStore) -> None:
    await add(store, *"abcde")
    keys = await store.list_keys("interaction")
    assert list(await store.list_keys("interaction", limit=2)) == list(keys[:2])
    assert len(await store.list_keys("interaction", limit=0)) == 0
    for limit in (-1, "2", 1.5, True):
        with pytest.raises(ValidationError, match="limit"):
            await store.list_keys("interaction", limit=limit)  # type: ignore[arg-type]


async def test_lists_are_filtered(store: SQLiteStore, path: Path) -> None:
    await add(store, "a", session_id="s1", action="edit")
    await add(store, "b", session_id="s2", action="edit")
    row = {"timestamp": "2026", "session_id": "s1", "data": "{}"}
    write(path, "complete_interactions", interaction_id="c", **row)
    assert await listed(store, "interaction", session_id="s1") == ["a", "c"]
    assert await listed(store, "interaction", action="edit") == ["b", "a"]
    assert await listed(store, "interaction", action="interaction") == ["c"]
    assert await listed(store, "interaction", session_id="s2", action="edit") == ["b"]
    assert await listed(store, "interaction", session_id=None, action="none") == []
    await store.add_patterns([{"id": "p", "pattern_type": "t"}, {"id": "q", "pattern_type": "u"}])
    assert await listed(store, "pattern", pattern_type="t") == ["p"]
    await store.archive_patterns(["p"], "manual")
    await store.archive_patterns(["q"], "wrong")
    assert len(await listed(store, "archived_pattern", archive_reason="wrong")) == 1
    assert len(await listed(store, "archived_pattern", pattern_type="t")) == 1
    assert await listed(store, "archived_pattern", pattern_type="t", archive_reason="wrong") == []


async def test_a_list_of_some_records_is_in_its_own_order(store: SQLiteStore) -> None:
    await add(store, "a", "b", "c", "1")
    assert await listed(store, "interaction", record_ids=["b", "1", "gone"]) == ["1", "b"]
    assert await listed(store, "interaction", record_ids=[]) == []
    await store.archive_interactions(["a", "b"], "wrong")
    [row] = await store.get_summaries(
        "archived_interaction", await store.list_keys("archived_interaction", record_ids=["b"])
    )
    assert row is not None
    assert row["interaction_id"] == "b"
    with pytest.raises(ValidationError, match="record_ids"):
        await store.list_keys("interaction", record_ids="a")


async def test_snapshots_are_filtered_by_their_own_domain_or_that_of_their_state(
    store: SQLiteStore, path: Path
) -> None:
    state = await store.add_world_model_state({"domain": "coding"})
    for data in ('{"domain": "cooking"}', '{"domain": 1', Text(b'{"domain":"coding","x":"\xff"}')):
        row = {"world_model_id": state, "snapshot_time": "2026-01-05"}
        write(path, "world_model_snapshots", snapshot_data=data, **row)
    assert await listed(store, "snapshot", domain="cooking") == [2]
    assert await listed(store, "snapshot", domain="coding") == [1, 4, 3]


@pytest.mark.parametrize(
    ("kind", "filters"),
    [
        ("interaction", {"pattern_type": "t"}),
        ("pattern", {"colour": "red"}),
        ("interaction", {"session_id": 5}),
        ("interaction", {"session_id": "\ud800"}),
        ("nothing", {}),
    ],
)
async def test_a_list_that_there_is_not_is_refused(
    store: SQLiteStore, kind: str, filters: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        await store.list_keys(kind, **filters)


async def test_a_row_that_is_gone_is_none_among_the_others(store: SQLiteStore) -> None:
    await add(store, "a", "b", "c")
    keys = await store.list_keys("interaction")
    await store.archive_interactions(["b"], "manual")
    found = await store.get_summaries("interaction", [*keys, keys[0]])
    assert [each and each["record_id"] for each in found] == ["c", None, "a", "c"]
    assert [each["key"] for each in found if each] == [keys[0], keys[2], keys[0]]


async def test_more_rows_are_summarised_than_a_query_has_parameters(store: SQLiteStore) -> None:
    await store.add_interactions({} for _ in range(2500))
    keys = [*await store.list_keys("interaction")] * 14
    found = await store.get_summaries("interaction", keys)
    assert [each and each["key"] for each in found] == keys


async def test_a_summary_tells_what_a_list_shows(store: SQLiteStore) -> None:
    await store.add_interaction(
        {
            "interaction_id": "a",
            "timestamp": "2026-01-05",
            "session_id": "s",
            "action": "edit",
            "role": "user",
            "file_path": "x.py",
            "content": "text",
        }
    )
    keys = await store.list_keys("interaction")
    assert await store.get_summaries("interaction", keys) == [
        {
            "key": keys[0],
            "record_id": "a",
            "timestamp": "2026-01-05T00:00:00.000000+00:00",
            "session_id": "s",
            "action": "edit",
            "role": "user",
            "file_path": "x.py",
            "excerpt": "text",
        }
    ]
    await store.add_interaction({"interaction_id": "b", "details": {"only": "details"}})
    (newest, _) = await store.get_summaries("interaction", await store.list_keys("interaction"))
    assert newest
    assert newest["excerpt"] == '{"only":"details"}'


COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "interaction": (
        "interactions",
        dict.fromkeys(
            ("timestamp", "session_id", "action", "role", "content", "file_path", "details"), LONG
        ),
    ),
    "pattern": (
        "patterns",
        dict.fromkeys(
            (
                *("name", "description", "pattern_type", "sequence", "frequency", "confidence"),
                *("created_at", "last_seen"),
            ),
            LONG,
        ),
    ),
    "archived_interaction": (
        "archived_interactions",
        dict.fromkeys(("data", "archived_at", "archive_reason", "consolidated_to"), LONG),
    ),
    "archived_pattern": (
        "archived_patterns",
        dict.fromkeys(
            (
                *("pattern_name", "pattern_type", "data", "archived_at", "archive_reason"),
                "promoted_to",
            ),
            LONG,
        ),
    ),
    "world_model_state": (
        "world_model_states",
        dict.fromkeys(
            (
                *("session_id", "domain", "domain_confidence", "created_at", "updated_at"),
                *("is_active", "entities", "relations", "goals", "metrics"),
                *("discovered_entity_types", "discovered_relation_types"),
            ),
            LONG,
        ),
    ),
    "snapshot": (
        "world_model_snapshots",
        {
            "world_model_id": "w",
            "snapshot_time": LONG,
            "trigger_event": LONG,
            "snapshot_data": f'{{"domain": "{LONG}", "confidence": ["{LONG}"]}}',
        },
    ),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_text_of_a_summary_is_cut(store: SQLiteStore, path: Path, kind: str) -> None:
    table, row = COLUMNS[kind]
    with outside(path) as connection:
        for value in (LONG, LONG.encode(), Text(b"\xff" * 5000)):
            put(
                connection,
                table,
                {name: value if held == LONG else held for name, held in row.items()},
            )
    summaries = await store.get_summaries(kind, await store.list_keys(kind))
    assert len(summaries) == 3
    for summary in summaries:
        assert summary
        for name, value in summary.items():
            assert name == "key" or not isinstance(value, str) or len(value) <= 300
            assert not isinstance(value, bytes)


async def test_a_text_goes_on_behind_a_nul_in_a_summary(store: SQLiteStore) -> None:
    text = "\0be\0hind é" * 100
    await store.add_interaction({"interaction_id": "a", "content": text})
    await store.add_interaction({"interaction_id": "b", "content": text})
    await store.archive_interactions(["b"], "manual")
    for kind in ("interaction", "archived_interaction"):
        (summary,) = await store.get_summaries(kind, await store.list_keys(kind))
        assert summary
        assert summary["excerpt"] == text[:300]
    (longer,) = await store.get_summaries(
        "interaction", await store.list_keys("interaction"), excerpt=600
    )
    assert longer
    assert longer["excerpt"] == text[:600]


@pytest.mark.parametrize("kind", ["pattern", "world_model_state", "snapshot"])
async def test_numbers_stay_numbers_in_a_summary(store: SQLiteStore, kind: str) -> None:
    await store.add_patterns([{"name": "n", "confidence": 0.25, "frequency": 3}])
    await store.add_world_model_state({"domain": "d", "confidence": 0.25})
    (summary,) = await store.get_summaries(kind, await store.list_keys(kind))
    assert summary
    assert summary["confidence"] == 0.25
    assert summary.get("frequency", 3) == 3
    assert summary.get("is_active", 1) == 1


async def test_an_archived_text_is_told_from_its_content(store: SQLiteStore, path: Path) -> None:
    await store.add_interaction({"interaction_id": "a", "content": LONG})
    await store.add_interaction({"interaction_id": "b", "details": {"x": 1}})
    await store.archive_interactions(["a", "b"], "manual", "target")
    row = {"archived_at": "2020-01-01", "archive_reason": "corrupt"}
    write(path, "archived_interactions", interaction_id="c", data='{"content": "cut', **row)
    keys = await store.list_keys("archived_interaction")
    summaries = await store.get_summaries("archived_interaction", keys)
    told = {each["interaction_id"]: each for each in summaries if each}
    assert told["a"]["excerpt"] == LONG[:300]
    assert told["a"]["target"] == "target"
    assert told["b"]["excerpt"] == '{"x":1}'
    assert told["c"]["excerpt"] == '{"content": "cut'
    for each in told.values():
        assert await store.get_record("archived_interaction", each["record_id"])


async def test_a_record_of_a_list_is_what_the_store_itself_gives(store: SQLiteStore) -> None:
    record_id = await store.add_interaction({"content": "x"})
    pattern = await store.add_pattern({"name": "n"})
    state = await store.add_world_model_state({"domain": "d", "confidence": 0.5})
    assert await store.get_record("interaction", record_id) == await store.get_interaction(
        record_id
    )
    assert await store.get_record("pattern", pattern) == await store.get_pattern(pattern)
    assert [await store.get_record("world_model_state", state)] == (
        await store.get_active_world_models()
    )
    (snapshot,) = await store.get_world_model_snapshots()
    assert await store.get_record("snapshot", snapshot["id"]) == snapshot
    await store.archive_interactions([record_id], "manual")
    await store.archive_patterns([pattern], "manual")
    (interaction,) = await store.get_archived_interactions()
    (archived,) = await store.get_archived_patterns()
    assert await store.get_record("archived_interaction", interaction["id"]) == interaction
    assert await store.get_record("archived_pattern", archived["id"]) == archived


async def test_a_record_without_an_id_is_listed_and_read_by_its_number(
    store: SQLiteStore, path: Path
) -> None:
    write(path, "interactions", interaction_id=None, timestamp="2026-01-05")
    write(path, "interactions", interaction_id=b"blob", timestamp="2026-01-06")
    row = {"name": "", "pattern_type": "", "sequence": "[]"}
    write(path, "patterns", id=None, **row)
    write(path, "archived_interactions", original_id="7", data="{}", archived_at="")
    write(
        path, "archived_interactions", interaction_id=b"x", original_id="8", data="", archived_at=""
    )
    assert await listed(store, "interaction") == ["legacy-2", "legacy-1"]
    assert await listed(store, "pattern") == ["legacy-1"]
    for kind, record_id in (("interaction", "legacy-2"), ("pattern", "legacy-1")):
        assert await store.get_record(kind, record_id)
    keys = await store.list_keys("archived_interaction")
    archived = await store.get_summaries("archived_interaction", keys)
    assert [each["interaction_id"] for each in archived if each] == ["legacy-8", "legacy-7"]


async def test_an_empty_type_finds_the_patterns_that_say_none(
    store: SQLiteStore, path: Path
) -> None:
    with outside(path) as connection:
        connection.execute("DROP TABLE patterns")
        connection.execute("CREATE TABLE patterns (id TEXT, name TEXT, pattern_type TEXT)")
        connection.execute(
            "INSERT INTO patterns VALUES ('a', '', NULL), ('b', '', ''), ('c', '', 't')"
        )
    assert await store.get_pattern_types() == {"": 2, "t": 1}
    assert len(await store.list_keys("pattern", pattern_type="")) == 2
    assert len(await store.list_keys("pattern", pattern_type="t")) == 1
