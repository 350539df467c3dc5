"""The order of what a search finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from storage import HybridStore, SearchHit, default_embedder
from storage.search.query import Query
from storage.search.results import By

TALK = (
    ("Ada: Where did you spend the winter holidays?", "s-1"),
    ("Ben: In a hut near Zermatt, with my sister.", "s-1"),
    ("Ada: That sounds lovely.", "s-1"),
    ("Ben: The deploy of the ledger failed again.", "s-2"),
    ("Ada: Roll it back, then look at the logs.", "s-2"),
    ("Ben: I rolled it back.", "s-2"),
    ("Cleo: My winter tyres are on the car.", "s-3"),
)


@pytest.fixture
async def memory(path: Path) -> AsyncIterator[HybridStore]:
    async with HybridStore(path, follow=False) as store:
        await tell(store, TALK)
        await store.wait_for_index()
        yield store


async def tell(store: HybridStore, talk: Sequence[tuple[str, str]]) -> None:
    await store.add_interactions(
        {
            "interaction_id": f"t{number}",
            "content": content,
            "session_id": session,
            "timestamp": f"2026-01-01T00:{number // 60:02}:{number % 60:02}",
        }
        for number, (content, session) in enumerate(talk)
    )


def ids(hits: Sequence[SearchHit]) -> list[str]:
    return [hit.record_id for hit in hits]


async def test_what_answers_a_question_is_found_by_the_words_of_the_question(
    memory: HybridStore,
) -> None:
    hits = await memory.search("winter holidays", by="words")
    assert ids(hits)[:2] == ["t0", "t1"]
    assert hits[1].why.words == ()
    assert hits[1].why.nearby == ("winter", "holidays")


async def test_neighbours_of_another_session_do_not_count(memory: HybridStore) -> None:
    assert "t3" not in ids(await memory.search("lovely", by="words"))


async def test_who_is_named_comes_before_who_is_not(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await tell(store, [("Ben: I like figs.", "s-1"), ("Ada: I like figs.", "s-2")])
        await store.wait_for_index()
        assert ids(await store.search("Does Ada like figs?"))[0] == "t1"
        assert ids(await store.search("Does Ben like figs?"))[0] == "t0"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("राहुल", "मीना"),
        ("สมหญิง", "สมชาย"),
        ("王小明", "李雷"),
        ("김철수", "이영희"),
        ("Jose\u0301", "Zoe\u0308"),
        ("O'Neil", "D\u2019Arcy"),
        ("مُحَمَّد", "نیک\u200cپی"),
        ("שָׂרָה", "משה"),
    ],
)
async def test_who_is_named_is_known_in_any_script(path: Path, one: str, other: str) -> None:
    async with HybridStore(path, follow=False) as store:
        await tell(store, [(f"{one}: figs {other}", "s-1"), (f"{other}: figs {one}", "s-2")])
        await store.wait_for_index()
        assert ids(await store.search(f"{one} figs", by="words"))[0] == "t0"
        assert ids(await store.search(f"{other} figs", by="words"))[0] == "t1"


async def test_a_word_that_most_records_hold_does_not_decide(path: Path) -> None:
    talk = [(f"ledger entry {n}", f"s-{n}") for n in range(30)]
    talk[17] = ("ledger entry 17 with figs", "s-17")
    async with HybridStore(path, follow=False) as store:
        await tell(store, talk)
        await store.wait_for_index()
        assert ids(await store.search("ledger figs", by="words"))[0] == "t17"


async def test_words_of_a_question_that_say_nothing_do_not_count(memory: HybridStore) -> None:
    hits = await memory.search("where did the deploy go", by="words")
    assert ids(hits)[0] == "t3"
    assert "t0" not in ids(hits)


async def test_what_holds_no_word_is_found_by_its_meaning(memory: HybridStore) -> None:
    hits = await memory.search("vacation in the mountains")
    assert "t1" in ids(hits)[:3]
    assert hits[0].why.by == "meaning"


async def test_a_quoted_title_in_a_sentence_need_not_stand_in_the_answer(
    memory: HybridStore,
) -> None:
    assert "t1" in ids(await memory.search('Who spent the "winter holidays" in a hut?'))
    assert ids(await memory.search('hut "winter holidays"')) == ["t0"]


async def test_a_turn_without_a_session_has_no_neighbours(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await tell(store, [("figs", ""), ("dates", "")])
        await store.wait_for_index()
        assert ids(await store.search("figs", by="words")) == ["t0"]


async def test_as_many_good_hits_as_are_looked_at_are_no_damage(path: Path) -> None:
    talk = [("figs and dates" if n < 200 else "figs", f"s-{n}") for n in range(1000)]
    talk += [("something else", f"s-{n}") for n in range(1000, 3000)]
    async with HybridStore(path, follow=False) as store:
        await tell(store, talk)
        await store.wait_for_index()
        for hits in (
            await store.search("figs dates", by="words"),
            await store.search("figs dates", by="both"),
        ):
            assert all("dates" in hit.snippet for hit in hits)
        assert (await store.index_status()).missing == ()


async def test_of_equals_the_newest_comes_first(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await tell(store, [("figs", f"s-{n}") for n in range(9)])
        await store.wait_for_index()
        assert ids(await store.search("figs", by="words"))[0] == "t8"


@pytest.mark.parametrize("count", [1, 10, 300])
async def test_the_nearest_are_those_of_a_product_over_all_vectors(path: Path, count: int) -> None:
    rng = np.random.default_rng(count)
    words = [f"{a}{b}" for a in ("red", "sea", "hand") for b in ("light", "work", "shell", "side")]
    talk = [(" ".join(rng.choice(words, 6)), f"s-{n // 7}") for n in range(600)]
    vectors = default_embedder().embed_now([content for content, _ in talk])
    question = default_embedder().embed_now(["a shell by the sea"])[0]
    async with HybridStore(path, follow=False) as store:
        await tell(store, talk)
        await store.wait_for_index()
        index = (await store._searching()).index
        found = await index.search(
            lambda reading: reading.nearest(question, Query(), count), lambda _view, found: found
        )
    cosines = [ranked.score for ranked, _ in found]
    assert np.allclose(cosines, np.sort(vectors @ question)[::-1][:count], atol=1e-4)


async def test_filters_count_before_the_best_are_chosen(path: Path) -> None:
    talk = [(f"figs and dates {n}", f"s-{n // 40}") for n in range(800)]
    async with HybridStore(path, follow=False) as store:
        await tell(store, talk)
        await store.wait_for_index()
        hits = await store.search("figs", session_id="s-3", limit=50)
        assert len(hits) == 40
        assert {hit.record["session_id"] for hit in hits} == {"s-3"}


async def test_who_is_named_may_be_a_role(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {"interaction_id": role, "content": "I like figs.", "session_id": role, "role": role}
            for role in ("ben", "ada")
        )
        await store.wait_for_index()
        assert ids(await store.search("Does Ada like figs?", by="words"))[0] == "ada"
        assert ids(await store.search("Does Ben like figs?", by="words"))[0] == "ben"


async def test_of_many_that_hold_a_word_the_best_are_kept(path: Path) -> None:
    talk = [("figs and dates" if n < 10 else "figs", f"s-{n}") for n in range(600)]
    async with HybridStore(path, follow=False) as store:
        await tell(store, [*talk, *((f"pea {n}", f"t-{n}") for n in range(1500))])
        await store.wait_for_index()
        hits = await store.search("figs dates", by="words", limit=10)
        assert set(ids(hits)) == {f"t{n}" for n in range(10)}


async def test_how_alike_a_hit_is_told_to_be_is_its_cosine(path: Path) -> None:
    rng = np.random.default_rng(11)
    words = ["sea", "hand", "light", "work", "shell", "side", "fig", "date", "oak", "stone"]
    talk = [(" ".join(rng.choice(words, 5)), f"s-{n // 5}") for n in range(1500)]
    async with HybridStore(path, follow=False) as store:
        await tell(store, talk)
        await store.wait_for_index()
        for asked in ("shell", "work", "stone"):
            [vector] = default_embedder().embed_now([asked])
            hits = await store.search(asked, limit=20)
            assert len(hits) == 20
            for hit in hits:
                [own] = default_embedder().embed_now([hit.record["content"]])
                assert hit.why.similarity == pytest.approx(float(own @ vector), abs=1e-3)


@pytest.mark.parametrize("by", ["words", "both"])
async def test_of_what_says_the_same_the_live_record_stands_first(path: Path, by: By) -> None:
    async with HybridStore(path, follow=False) as store:
        pattern = {"name": "Prefers tabs", "last_seen": "2026-01-01", "pattern_type": "habit"}
        gone = await store.add_patterns([{**pattern, "last_seen": "2026-02-02"}] * 2)
        await store.archive_patterns(gone, "duplicate")
        await store.add_pattern({**pattern, "id": "live"})
        await store.wait_for_index()
        assert ids(await store.search("tabs", by=by))[0] == "live"
