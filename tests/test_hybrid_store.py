"""HybridStore as its users meet it: all of SQLiteStore, and a question box over it."""

from __future__ import annotations

import copy
import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import (
    HybridStore,
    SQLiteStore,
    ValidationError,
)
from tests.talk import TALK, ids, indexed


@pytest.fixture
async def store(path: Path) -> AsyncIterator[HybridStore]:
    async with indexed(path) as store:
        yield store


# What it is.


def test_it_has_all_of_the_plain_store() -> None:
    assert issubclass(HybridStore, SQLiteStore)
    for name, method in inspect.getmembers(SQLiteStore, inspect.iscoroutinefunction):
        taken = inspect.signature(method).parameters
        assert list(inspect.signature(getattr(HybridStore, name)).parameters) == list(taken)


async def test_what_it_stores_the_plain_store_reads(store: HybridStore) -> None:
    async with SQLiteStore(store.path) as plain:
        assert len(await plain.get_recent_interactions()) == 5
        assert await plain.get_pattern("tabs") == await store.get_pattern("tabs")


async def test_the_database_holds_nothing_of_the_index(store: HybridStore, tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "plain.db") as plain:
        tables = (await plain.get_statistics())["tables"]
    assert (await store.get_statistics())["tables"].keys() == tables.keys()


# Searching.


async def test_a_word_finds_the_record_that_holds_it(store: HybridStore) -> None:
    [hit] = await store.search("kitchen", by="words")
    assert hit.record_id == "turn-3"
    assert (hit.why.by, hit.why.words, hit.why.similarity) == ("words", ("kitchen",), None)


async def test_another_form_of_a_word_is_found(store: HybridStore) -> None:
    [hit] = await store.search("migrations", by="words", limit=1)
    assert (hit.record_id, hit.why.words) == ("turn-2", ("migration",))


async def test_meaning_finds_what_is_said_in_other_words(store: HybridStore) -> None:
    hits = await store.search("a pet animal", by="meaning", limit=1)
    assert ids(hits) == ["turn-3"]
    assert hits[0].why.by == "meaning"
    assert hits[0].why.similarity is not None
    assert 0 < hits[0].why.similarity < 1


async def test_words_and_meaning_go_together(store: HybridStore) -> None:
    [hit] = await store.search("which database engine", limit=1)
    assert (hit.record_id, hit.why.by, hit.why.words) == ("turn-0", "both", ("database",))
    assert hit.why.similarity is not None


async def test_a_turn_is_found_for_the_words_of_its_neighbours(store: HybridStore) -> None:
    hits = {hit.record_id: hit for hit in await store.search("postgres", by="words")}
    assert hits["turn-1"].why.words == ("postgres",)
    assert hits["turn-0"].why.words == ()
    assert hits["turn-0"].why.nearby == ("postgres",)
    assert hits["turn-1"].score > hits["turn-0"].score
    assert "turn-3" not in hits


async def test_a_hit_is_the_whole_record_and_says_where_it_stands(store: HybridStore) -> None:
    [hit] = await store.search("kitchen", by="words")
    assert hit.record == await store.get_interaction("turn-3")
    assert (hit.kind, hit.entity, hit.archived, hit.list_kind) == (
        "interaction", None, False, "interaction",
    )  # fmt: skip
    assert hit.key in await store.list_keys("interaction")
    [row] = await store.get_summaries(hit.list_kind, [hit.key])
    assert row is not None
    assert row["record_id"] == "turn-3"


async def test_an_archived_hit_has_what_the_archive_says(store: HybridStore) -> None:
    [hit] = await store.search("logs", by="words", limit=1)
    assert (hit.record_id, hit.archived, hit.list_kind) == ("turn-5", True, "archived_interaction")
    assert hit.record["archive_reason"] == "consolidated_to_working"
    assert hit.record["record"]["content"] == TALK[5][0]
    assert hit.key in await store.list_keys("archived_interaction")


async def test_an_entity_is_a_hit_of_its_own(store: HybridStore) -> None:
    [hit] = await store.search("gardener", by="words")
    assert (hit.kind, hit.entity, hit.list_kind) == ("entity", "auth", "world_model_state")
    assert hit.record["owner"] == "Ben the gardener"
    state = await store.get_record("world_model_state", hit.record_id)
    assert state is not None
    assert state["domain"] == "coding"


async def test_a_snippet_is_one_line_around_the_word(store: HybridStore) -> None:
    filling = "nothing of interest here. \n" * 100
    await store.add_interaction({"content": f"{filling}the zebra came by. {filling}"})
    await store.wait_for_index()
    [hit] = await store.search("zebra", by="words")
    assert "the zebra came by" in hit.snippet
    assert "\n" not in hit.snippet
    assert len(hit.snippet) <= 200


async def test_the_best_hit_stands_first(store: HybridStore) -> None:
    scores = [hit.score for hit in await store.search("the deploy failed")]
    assert scores == sorted(scores, reverse=True)


async def test_a_limit_is_kept(store: HybridStore) -> None:
    assert len(await store.search("deploy", limit=2)) == 2


async def test_a_question_without_an_answer_in_words_has_none(store: HybridStore) -> None:
    assert await store.search("xylophone", by="words") == []


async def test_an_empty_question_gives_the_newest(store: HybridStore) -> None:
    hits = await store.search("kind:interaction archived:no")
    assert ids(hits) == [f"turn-{number}" for number in (4, 3, 2, 1, 0)]
    assert {hit.why.by for hit in hits} == {"filters"}


async def test_an_empty_database_answers_with_nothing(tmp_path: Path) -> None:
    async with HybridStore(tmp_path / "empty.db") as store:
        assert await store.search("anything") == []
        assert await store.typeahead("any") == []
        assert (await store.wait_for_index()).total == 0


# Phrases, exclusion, prefixes.


async def test_a_phrase_must_stand_there(store: HybridStore) -> None:
    assert ids(await store.search('"kitchen door"')) == ["turn-3"]
    assert await store.search('"door kitchen"') == []


async def test_what_is_excluded_is_in_no_hit(store: HybridStore) -> None:
    assert "turn-4" in ids(await store.search("deploy"))
    assert "turn-4" not in ids(await store.search("deploy -friday"))
    assert "turn-4" not in ids(await store.search('deploy -"disk was full"'))


async def test_a_prefix_finds_what_goes_on_from_it(store: HybridStore) -> None:
    [hit] = await store.search("kitch*", by="words")
    assert (hit.record_id, hit.why.words) == ("turn-3", ("kitchen",))


@pytest.mark.parametrize("query", ["C++", "it's", "a-b", '"', "-", "*", "NEAR(", "kind:", "\0", ""])
async def test_nothing_that_is_typed_is_an_error(store: HybridStore, query: str) -> None:
    await store.search(query)
    await store.typeahead(query)


# Filters, typed and given.


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("kind:pattern", {"kinds": ["pattern"]}),
        ("kind:entity", {"kinds": ["entity"]}),
        ("kind:archived_interaction", {"kinds": ["archived_interaction"]}),
        ("archived:yes", {"archived": True}),
        ("archived:no", {"archived": False}),
        ("session:plan", {"session_id": "plan"}),
        ("action:ask", {"action": "ask"}),
        ("type:workflow", {"pattern_type": "workflow"}),
        ("reason:consolidated_to_working", {"archive_reason": "consolidated_to_working"}),
        ("domain:coding", {"domain": "coding"}),
        ("before:2026-01-03", {"before": "2026-01-03"}),
        ("after:2026-01-05", {"after": datetime(2026, 1, 5, tzinfo=UTC)}),
    ],
)
async def test_a_filter_can_be_typed_or_given(
    store: HybridStore, typed: str, given: dict[str, object]
) -> None:
    everything = ids(await store.search("", limit=100))
    hits = ids(await store.search(typed, limit=100))
    assert 0 < len(hits) < len(everything)
    assert ids(await store.search("", limit=100, **given)) == hits  # type: ignore[arg-type]


async def test_filters_go_together(store: HybridStore) -> None:
    hits = await store.search("deploy session:work", archived=False)
    assert ids(hits) == ["turn-4"]
    assert await store.search("deploy session:work", session_id="chat") == []


async def test_a_filter_holds_for_meaning_too(store: HybridStore) -> None:
    hits = await store.search("a pet animal", by="meaning", kinds=["pattern"])
    assert {hit.kind for hit in hits} == {"pattern"}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"kinds": ["dream"]}, "kinds"),
        ({"by": "luck"}, "by"),
        ({"before": "someday"}, "before"),
    ],
)
async def test_an_argument_that_makes_no_sense_is_named(
    store: HybridStore, arguments: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await store.search("deploy", **arguments)  # type: ignore[arg-type]
    assert caught.value.field == field


async def test_a_question_that_is_no_text_is_refused(store: HybridStore) -> None:
    for ask in (store.search, store.typeahead):
        with pytest.raises(ValidationError, match="query must be a string, not NoneType"):
            await ask(None)  # type: ignore[arg-type]


# The store around it.


async def test_arguments_are_never_changed(store: HybridStore) -> None:
    kinds, sessions, others = ["interaction"], ["plan", "chat"], ["tabs-2"]
    given = copy.deepcopy((kinds, sessions, others))
    await store.search("deploy", kinds=kinds, session_id=sessions)  # type: ignore[arg-type]
    await store.typeahead("deploy", kinds=kinds, session_id=sessions)
    await store.merge_patterns("tabs", others)
    assert (kinds, sessions, others) == given


async def test_a_changed_hit_changes_nothing_in_the_store(store: HybridStore) -> None:
    [hit] = await store.search("kitchen", by="words")
    hit.record["content"] = "changed"
    [again] = await store.search("kitchen", by="words")
    assert again.record["content"] == TALK[3][0]


async def test_the_status_says_where_the_index_is_and_who_made_it(store: HybridStore) -> None:
    status = await store.wait_for_index()
    assert (status.state, status.missing, status.sends_text_to) == ("ready", (), "")
    assert status.done == status.total == 10
    assert status.path == Path(f"{store.path}.index")
    assert status.size > 0
    assert status.embedder is not None
    assert status.embedder.startswith("wordllama")


async def test_a_search_in_a_transaction_shows_nothing_that_it_has_archived(
    store: HybridStore,
) -> None:
    async with store.transaction():
        await store.archive_interactions(["turn-3"], "manual")
        assert await store.search("kitchen", by="words") == []
    await store.wait_for_index()
    [hit] = await store.search("kitchen", by="words")
    assert hit.archived


@pytest.mark.parametrize("limit", [0, -1, None, "5"])
async def test_a_limit_that_is_refused_is_told_which_would_not_be(
    store: HybridStore, limit: object
) -> None:
    with pytest.raises(ValidationError, match=r"^limit must be an integer of at least 1\.$"):
        await store.search("deploy", limit=limit)  # type: ignore[arg-type]
