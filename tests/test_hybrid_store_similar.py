"""HybridStore while one types, and what is like a record: near ones, and duplicates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import (
    HybridStore,
    RecordNotFoundError,
    ValidationError,
)
from tests.talk import ids, indexed


@pytest.fixture
async def store(path: Path) -> AsyncIterator[HybridStore]:
    async with indexed(path) as store:
        yield store


async def test_while_typing_the_newest_record_stands_first(store: HybridStore) -> None:
    await store.add_interaction({"interaction_id": "new", "content": "another deploy"})
    await store.wait_for_index()
    hits = await store.typeahead("depl", kinds=["interaction"])
    assert hits[0].record_id == "new"
    assert {"turn-4", "turn-5"} <= set(ids(hits))


async def test_while_typing_what_is_live_and_new_stands_before_what_is_archived(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turns = [
            {"interaction_id": f"{n}", "timestamp": f"2026-01-{n:02}", "content": f"deploy {n}"}
            for n in range(10, 30)
        ]
        await store.add_interactions(turns)
        await store.archive_interactions([f"{n}" for n in range(10, 15)], "old")
        pattern = {"name": "deploys", "description": "x", "pattern_type": "habit"}
        gone = await store.add_patterns([pattern] * 5)
        await store.archive_patterns(gone, "wrong")
        await store.add_world_model_state({"domain": "x", "entities": {"deploy": {}}})
        await store.wait_for_index()
        assert ids(await store.typeahead("dep", limit=3)) == ["29", "28", "27"]


async def test_while_typing_every_word_must_be_there(store: HybridStore) -> None:
    assert ids(await store.typeahead("deploy fri")) == ["turn-4"]
    assert await store.typeahead("friday depl kitchen") == []


async def test_while_typing_filters_hold(store: HybridStore) -> None:
    assert ids(await store.typeahead("archived:yes depl")) == ["turn-5"]
    assert ids(await store.typeahead("depl", archived=True)) == ["turn-5"]


async def test_while_typing_what_was_excluded_stays_out(store: HybridStore) -> None:
    assert {"turn-4", "turn-5"} <= set(ids(await store.typeahead("depl")))
    found = ids(await store.typeahead("-friday depl"))
    assert "turn-4" not in found
    assert "turn-5" in found


async def test_while_typing_times_are_told_apart_within_a_second(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {"interaction_id": at, "timestamp": f"2026-01-01T09:30:00.{at}", "content": "deploy"}
            for at in "159"
        )
        await store.wait_for_index()
        assert ids(await store.typeahead("after:2026-01-01T09:30:00.6 dep")) == ["9"]
        assert ids(await store.search("before:2026-01-01T09:30:00.5 deploy")) == ["1"]


async def test_while_typing_what_was_added_last_may_be_the_oldest(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        for day in (3, 1, 2):
            turn = {"interaction_id": f"{day}", "timestamp": f"2026-01-0{day}", "content": "deploy"}
            await store.add_interaction(turn)
        await store.wait_for_index()
        assert ids(await store.typeahead("dep")) == ["3", "2", "1"]


async def test_a_word_that_stands_beside_the_text_is_shown_where_it_stands(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interaction({"content": "said", "details": {"fruit": "one kiwi"}})
        await store.wait_for_index()
        for hits in (await store.typeahead("kiw"), await store.search("kiwi")):
            [hit] = hits
            assert (hit.why.words, hit.snippet) == (("kiwi",), "one kiwi")


async def test_more_like_this_one_is_what_is_near_to_it(store: HybridStore) -> None:
    hits = await store.search_similar("tabs", limit=2)
    assert hits[0].record_id == "tabs-2"
    assert "tabs" not in ids(hits)
    assert hits[0].why.similarity == pytest.approx(hits[0].score)


async def test_more_like_this_one_can_be_of_one_kind(store: HybridStore) -> None:
    hits = await store.search_similar("deploys", kind="pattern", kinds=["interaction"])
    assert hits
    assert {hit.kind for hit in hits} == {"interaction"}


async def test_more_like_this_one_can_be_live_or_archived_alone(store: HybridStore) -> None:
    for archived in (True, False):
        hits = await store.search_similar("turn-4", kinds=["interaction"], archived=archived)
        assert {hit.archived for hit in hits} == {archived}


async def test_more_like_any_hit_can_be_asked_for(store: HybridStore) -> None:
    hits = await store.search("", limit=100)
    assert {hit.kind for hit in hits} == {"interaction", "pattern", "entity"}
    for hit in hits:
        assert await store.search_similar(hit.record_id, kind=hit.kind)


async def test_more_like_a_record_that_is_not_there_is_an_error(store: HybridStore) -> None:
    with pytest.raises(RecordNotFoundError, match="nobody"):
        await store.search_similar("nobody")


async def test_near_duplicates_are_found(store: HybridStore) -> None:
    [group] = await store.find_duplicates("pattern", 0.75)
    assert group.kind == "pattern"
    assert set(group.record_ids) == {"tabs", "tabs-2"}
    assert 0.75 <= group.similarity <= 1


async def test_a_kind_that_has_no_duplicates_is_named(store: HybridStore) -> None:
    with pytest.raises(ValidationError, match="kind"):
        await store.find_duplicates("dream")


async def test_patterns_are_merged_in_one_transaction_that_can_be_undone(
    store: HybridStore,
) -> None:
    before = await store.get_patterns()
    merged = await store.merge_patterns("tabs", ["tabs-2"])
    assert merged["frequency"] == 5
    assert await store.get_pattern("tabs-2") is None
    await store.wait_for_index()
    assert {hit.archived for hit in await store.search("tabs", kinds=["pattern"])} == {True, False}
    [transaction] = {each["transaction_id"] for each in await store.get_journal(2)}
    await store.undo(transaction)
    assert await store.get_patterns() == before
