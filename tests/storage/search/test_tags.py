"""The filter `tag:`: what a person tagged is found, as the tags stand now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import HybridStore, SearchHit, ValidationError
from storage.errors import IndexUnavailableError
from storage.search.index import SearchIndex


def ids(hits: list[SearchHit]) -> set[str]:
    """Return the public ids of hits."""
    return {hit.record_id for hit in hits}


@pytest.fixture
async def store(path: Path) -> AsyncIterator[HybridStore]:
    """A store with six turns, a pattern, and tags on some of them; its index is complete."""
    async with HybridStore(path, follow=False) as opened:
        for number in range(6):
            record = {"interaction_id": f"t{number}", "content": f"figs and dates {number}"}
            await opened.add_interaction(record)
        await opened.add_pattern({"id": "p1", "name": "eats figs"})
        await opened.set_note("interaction", "t1", tags=["todo"])
        await opened.set_note("interaction", "t2", tags=["todo", "wrong"])
        await opened.set_note("pattern", "p1", tags=["wrong"])
        await opened.wait_for_index()
        yield opened


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("tag:todo", {"t1", "t2"}),
        ("figs tag:wrong", {"t2", "p1"}),
        ("figs tag:wrong kind:pattern", {"p1"}),
        ("tag:todo tag:wrong", {"t1", "t2", "p1"}),
        ("tag:todo,wrong", {"t1", "t2", "p1"}),
        ("tag:todo -tag:wrong", {"t1"}),
        ("figs -tag:todo", {"t0", "t3", "t4", "t5", "p1"}),
        ("figs tag:nobody", set()),
        ('tag:"todo"', {"t1", "t2"}),
    ],
)
async def test_what_has_a_tag_is_found(store: HybridStore, asked: str, expected: set[str]) -> None:
    assert ids(await store.search(asked, by="words")) == expected
    assert ids(await store.typeahead(asked)) == expected


async def test_a_tag_that_is_given_counts_beside_the_one_that_is_typed(store: HybridStore) -> None:
    assert ids(await store.search("tag:todo", tag="wrong")) == {"t2"}
    assert ids(await store.search("figs", tag="todo", by="meaning")) == {"t1", "t2"}
    with pytest.raises(ValidationError, match="tag must be a string"):
        await store.search("figs", tag=3)  # type: ignore[arg-type]


async def test_a_tag_is_found_as_soon_as_it_is_there_and_no_longer(store: HybridStore) -> None:
    await store.set_note("interaction", "t5", tags=["todo"])
    await store.set_note("interaction", "t1", tags=[])
    assert ids(await store.search("tag:todo")) == {"t2", "t5"}


async def test_a_record_keeps_its_tags_in_the_archive(store: HybridStore) -> None:
    await store.archive_interactions(["t1"], "manual")
    await store.wait_for_index()
    assert ids(await store.search("tag:todo archived:yes")) == {"t1"}


async def test_the_few_with_a_tag_are_found_among_many(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {"interaction_id": f"t{n}", "content": "figs and dates"} for n in range(2000)
        )
        await store.set_note("interaction", "t7", tags=["todo"])
        await store.wait_for_index()
        assert ids(await store.search("figs tag:todo")) == {"t7"}
        assert ids(await store.search("figs tag:todo", by="words")) == {"t7"}
        assert ids(await store.search("figs tag:todo", by="meaning")) == {"t7"}


async def test_tags_count_without_an_index_too(
    store: HybridStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> None:
        raise IndexUnavailableError("There is none.")

    monkeypatch.setattr(SearchIndex, "search", none)
    assert ids(await store.search("figs tag:todo")) == {"t1", "t2"}
