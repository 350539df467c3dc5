"""Lineage: what a record was made from, and what became of it, live, archived or gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage import Piece, SQLiteStore, ValidationError
from storage.evidence import read_evidence
from tests.storage.stored import Text, outside, put


async def add(store: SQLiteStore, *ids: str) -> None:
    await store.add_interactions({"interaction_id": each} for each in ids)


async def learn(store: SQLiteStore, pattern_id: str, **metadata: object) -> None:
    await store.add_pattern({"id": pattern_id, "name": pattern_id, "metadata": metadata})


def told(pieces: tuple[Piece, ...]) -> list[tuple[int, str, str, str]]:
    """Step, kind, id and where it stands of each piece."""
    return [
        (each.step, each.kind, each.record_id, each.place.kind if each.place else "gone")
        for each in pieces
    ]


async def test_a_pattern_tells_what_it_was_made_from_live_archived_or_gone(
    store: SQLiteStore,
) -> None:
    await add(store, "a", "b")
    await learn(store, "p", source_interactions=["b", "a", "never"])
    await store.archive_interactions(["b"], "manual")
    lineage = await store.get_lineage("pattern", "p")
    assert told(lineage.sources) == [
        (1, "interaction", "b", "archived_interaction"),
        (1, "interaction", "a", "interaction"),
        (1, "interaction", "never", "gone"),
    ]
    assert lineage.products == ()
    assert lineage.troubles == ()


async def test_the_chain_from_an_interaction_to_what_is_known_is_told_step_by_step(
    store: SQLiteStore,
) -> None:
    await add(store, "a")
    await learn(store, "working", source_interactions=["a"])
    await store.archive_interactions(["a"], "consolidated_to_working", "working")
    await learn(store, "episode", source_working_memories=["working"])
    await store.archive_patterns(["working"], "consolidated_to_episodic", "episode")
    await learn(store, "lesson", source_patterns=["episode"])
    await store.archive_patterns(["episode"], "promoted_to_semantic", "lesson")
    lineage = await store.get_lineage("interaction", "a")
    assert told(lineage.products) == [
        (1, "pattern", "working", "archived_pattern"),
        (2, "pattern", "episode", "archived_pattern"),
        (3, "pattern", "lesson", "pattern"),
    ]
    assert lineage.products[0].told_by == ("source_interactions", "consolidated_to")
    back = await store.get_lineage("pattern", "episode")
    assert told(back.sources) == [(1, "pattern", "working", "archived_pattern")]
    assert told(back.products) == [(1, "pattern", "lesson", "pattern")]


async def test_what_names_a_turn_and_what_was_made_of_it_stands_behind_that(
    store: SQLiteStore,
) -> None:
    await add(store, "a")
    await learn(store, "lesson", source_interactions=["a"], source_patterns=["working"])
    await learn(store, "working", source_interactions=["a"])
    assert told((await store.get_lineage("interaction", "a")).products) == [
        (1, "pattern", "working", "pattern"),
        (2, "pattern", "lesson", "pattern"),
    ]
    sources = (await store.get_lineage("pattern", "lesson")).sources
    assert [piece.record_id for piece in sources] == ["working", "a"]


async def test_what_only_the_archive_tells_counts_too(store: SQLiteStore) -> None:
    await add(store, "a")
    await learn(store, "p")
    await store.archive_interactions(["a"], "consolidated_to_working", "p")
    lineage = await store.get_lineage("pattern", "p")
    assert told(lineage.sources) == [(1, "interaction", "a", "archived_interaction")]
    assert lineage.sources[0].told_by == ("consolidated_to",)
    assert told((await store.get_lineage("interaction", "a")).products) == [
        (1, "pattern", "p", "pattern")
    ]


async def test_a_circle_of_patterns_comes_to_an_end(store: SQLiteStore) -> None:
    await learn(store, "p", source_patterns=["q"])
    await learn(store, "q", source_patterns=["p"])
    assert told((await store.get_lineage("pattern", "p")).products) == [
        (1, "pattern", "q", "pattern")
    ]


async def test_corrupt_metadata_is_told_and_hides_no_other_pattern(
    store: SQLiteStore, path: Path
) -> None:
    await add(store, "a")
    await learn(store, "good", source_interactions=["a"])
    with outside(path) as raw:
        empty = {"name": "", "pattern_type": "", "sequence": "[]"}
        for name, metadata in (
            ("bad", '{"source_interactions": ["a"'),
            ("worse", Text(b'{"a": "\xff')),
        ):
            put(raw, "patterns", {**empty, "id": name, "metadata": metadata})
        put(
            raw,
            "archived_patterns",
            {"original_id": "lost", "data": "{", "archived_at": "", "archive_reason": "x"},
        )
    assert told((await store.get_lineage("interaction", "a")).products) == [
        (1, "pattern", "good", "pattern")
    ]
    (trouble,) = (await store.get_lineage("pattern", "bad")).troubles
    assert trouble.startswith("The metadata of pattern bad ends")


async def test_the_same_id_of_another_kind_is_another_record(store: SQLiteStore) -> None:
    await add(store, "x")
    await learn(store, "x")
    await learn(store, "p", source_patterns=["x"])
    await learn(store, "q", source_interactions=["x"])
    assert [each.record_id for each in (await store.get_lineage("pattern", "x")).products] == ["p"]
    naming = await store.get_patterns_naming("interaction", ["x", "y"])
    assert naming == {"x": ["q"]}


async def test_changes_of_this_and_other_processes_are_seen(store: SQLiteStore, path: Path) -> None:
    await add(store, "a")
    assert (await store.get_lineage("interaction", "a")).products == ()
    await learn(store, "p", source_interactions=["a"])
    assert len((await store.get_lineage("interaction", "a")).products) == 1
    async with SQLiteStore(path) as other:
        await other.update_pattern("p", metadata={})
    assert (await store.get_lineage("interaction", "a")).products == ()


async def test_a_transaction_sees_the_lineage_that_it_makes_and_nobody_else_does(
    store: SQLiteStore,
) -> None:
    await add(store, "a")
    async with store.transaction():
        await learn(store, "p", source_interactions=["a"])
        await store.archive_interactions(["a"], "consolidated_to_working", "p")
        lineage = await store.get_lineage("pattern", "p")
        assert told(lineage.sources) == [(1, "interaction", "a", "archived_interaction")]
        assert await store.get_patterns_naming("interaction", ["a"]) == {"a": ["p"]}
        other = await asyncio.create_task(store.get_lineage("interaction", "a"))
        assert other.products == ()
    assert await store.get_patterns_naming("interaction", ["a"]) == {"a": ["p"]}


async def test_only_interactions_and_patterns_have_a_lineage(store: SQLiteStore) -> None:
    with pytest.raises(ValidationError, match="interaction, pattern"):
        await store.get_lineage("snapshot", "1")


@pytest.mark.parametrize(
    ("metadata", "sources"),
    [
        ('{"source_interactions": ["a", 7, {"id": "b"}, null, true, ["c"]]}', ["a", "7", "b"]),
        ('{"source_interactions": "a"}', ["a"]),
        ('{"derived_from": ["a"], "note": ["b"], "evidence": 2}', ["a", "2"]),
        ('{"source_interactions": {}}', []),
        ("[]", []),
        (None, []),
        ("", []),
        ("3", []),
    ],
)
def test_ids_are_read_from_whatever_stands_there(metadata: str | None, sources: list[str]) -> None:
    assert [each.record_id for each in read_evidence(metadata).sources] == sources


async def test_what_may_name_anything_is_shown_only_where_it_names_a_record(
    store: SQLiteStore,
) -> None:
    await add(store, "a")
    await learn(store, "p", derived_from=["a", "notes.txt"], source_session="s-1")
    sources = (await store.get_lineage("pattern", "p")).sources
    assert told(sources) == [(1, "interaction", "a", "interaction")]


async def test_a_turn_tells_which_call_it_answers_and_what_it_replies_to(
    store: SQLiteStore,
) -> None:
    await add(store, "question", "one", "two")
    known = {"calls": ["one", "two", 7], "parent": "question", "call": "no record"}
    await store.add_interaction({"interaction_id": "result", "metadata": known})
    await store.archive_interactions(["two"], "manual")
    lineage = await store.get_lineage("interaction", "result")
    assert [(each.record_id, each.told_by) for each in lineage.sources] == [
        ("one", ("calls",)),
        ("two", ("calls",)),
        ("question", ("parent",)),
    ]
    assert told(lineage.sources)[1] == (1, "interaction", "two", "archived_interaction")
