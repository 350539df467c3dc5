"""Saved questions: how ranks moved, and what is kept of them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tui.saved_queries import (
    Identity,
    SavedHit,
    SavedQuery,
    from_values,
    moved,
    to_values,
)

TEXTS = st.text(max_size=9)
IDENTITIES = st.builds(Identity, TEXTS, TEXTS, st.none() | TEXTS)
NUMBERS = st.integers(0, 2**53)
HITS = st.builds(SavedHit, IDENTITIES, TEXTS, st.tuples(NUMBERS, NUMBERS), TEXTS)
QUERIES = st.builds(
    SavedQuery,
    TEXTS,
    st.sampled_from(["both", "words", "meaning"]),
    TEXTS,
    st.lists(HITS, max_size=5).map(tuple),
)


def then(*ids: str) -> SavedQuery:
    """A question that was answered by some interactions, best first."""
    hits = tuple(SavedHit(known(each), "interaction", (0, 1), "") for each in ids)
    return SavedQuery("q", "both", "2026-11-20T12:00:00+00:00", hits)


def known(record_id: str) -> Identity:
    """An interaction."""
    return Identity("interaction", record_id, None)


def test_up_down_new_and_gone_are_told_apart() -> None:
    moves = moved(then("a", "b", "c", "d"), [known(each) for each in "cabx"])
    assert moves.marks == ("\u21912", "\u21931", "\u21931", "new")
    assert [hit.identity.record_id for hit in moves.gone] == ["d"]
    assert moves.summary() == "1 up, 2 down, 1 new, 1 gone"


def test_the_same_answers_in_the_same_order_have_not_moved() -> None:
    assert moved(then("a", "b"), [known("a"), known("b")]).summary() == "nothing moved"


def test_below_the_ranks_that_were_saved_nothing_is_said_to_be_new() -> None:
    names = [f"{number}" for number in range(60)]
    moves = moved(then(*names[:50]), [known(each) for each in names])
    assert set(moves.marks[:50]) == {"="}
    assert set(moves.marks[50:]) == {""}
    assert moves.summary() == "nothing moved"
    swapped = [*names[:49], "x", names[49], *names[50:]]
    moves = moved(then(*names[:50]), [known(each) for each in swapped])
    assert moves.summary() == "1 down, 1 new"


@given(st.lists(IDENTITIES, unique=True), st.lists(IDENTITIES, unique=True))
def test_every_answer_of_then_and_now_is_accounted_for(
    before: list[Identity], now: list[Identity]
) -> None:
    hits = tuple(SavedHit(each, "interaction", (0, 1), "") for each in before)
    moves = moved(SavedQuery("q", "both", "", hits), now)
    assert len(moves.marks) == len(now)
    assert {hit.identity for hit in moves.gone} == set(before) - set(now)
    assert sum(mark == "new" for mark in moves.marks) == len(set(now) - set(before))


@given(QUERIES)
def test_what_is_kept_comes_back_as_it_was(query: SavedQuery) -> None:
    assert list(from_values(json.loads(json.dumps(to_values([query]))))) == [query]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.lists(JSON))
def test_what_somebody_else_wrote_there_is_passed_over(values: list[object]) -> None:
    assert all(isinstance(each, SavedQuery) for each in from_values(values))


def test_the_newest_are_kept_and_never_more_than_a_state_can_hold() -> None:
    hits = then("x" * 100_000).hits
    queries = [SavedQuery(f"q{n}", "both", f"2026-01-{n:02}", hits) for n in range(1, 20)]
    kept = list(from_values(to_values(queries)))
    assert kept[0].text == "q19"
    assert len(json.dumps(to_values(queries))) < 1_100_000
    assert 5 < len(kept) < 12
