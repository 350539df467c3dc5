"""Groups of near-duplicates: exact, each around the one that all its members are near to."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from storage import HybridStore, ValidationError
from storage.embedders import default_embedder
from storage.search import duplicates, finding
from storage.search.documents import Document, Source
from storage.search.duplicates import Group, Vectors, groups
from storage.search.reading import read_sources
from storage.view import View
from tests.chance import examples

FAR = 1e-4
"""How far every cosine has to be from the threshold where the answer must not hang on rounding."""


def unit(rows: NDArray[np.float64]) -> Vectors:
    """Scale rows to length 1; rows of zeros stay so."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def turned(*degrees: float) -> Vectors:
    """Return vectors in a plane, by their angles."""
    angles = np.radians(degrees)
    return unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))


def cosine_of(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def clustered(count: int, clusters: int, noise: float, seed: int = 1) -> Vectors:
    """Return 256-dimensional vectors that lie around some centres, in no order."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(clusters, 256)) * np.linspace(3, 0.2, 256)
    chosen = centres[random.integers(clusters, size=count)]
    return unit(chosen + noise * random.normal(size=chosen.shape))


def all_cosines(vectors: Vectors) -> NDArray[np.float64]:
    """Return the cosine of each with each; those of a vector with itself are -1."""
    exact = vectors.astype(np.float64)
    cosines: NDArray[np.float64] = exact @ exact.T
    np.fill_diagonal(cosines, -1)
    return cosines


def by_brute_force(vectors: Vectors, threshold: float) -> list[Group]:
    """Find stars by their definition, in a matrix of all pairs."""
    cosines = all_cosines(vectors)
    for at, vector in enumerate(vectors):
        for other in np.flatnonzero(np.all(vectors == vector, axis=1)):
            if other != at and vector.any():
                cosines[at, other] = 1
    near = cosines >= threshold
    is_open: NDArray[np.bool_] = np.array(near.any(axis=1))
    found = []
    for first in sorted(range(len(vectors)), key=lambda at: (-near[at].sum(), at)):
        others = np.flatnonzero(near[first] & is_open)
        if not is_open[first] or not len(others):
            continue
        members = [first, *(int(at) for at in others)]
        is_open[members] = False
        among = cosines[np.ix_(members, members)]
        found.append((members, float(among.max(axis=1).min())))
    return found


def check_same(found: list[Group], expected: list[Group]) -> None:
    assert [members[0] for members, _ in found] == [members[0] for members, _ in expected]
    assert [sorted(members) for members, _ in found] == [sorted(each) for each, _ in expected]
    assert [lowest for _, lowest in found] == pytest.approx([low for _, low in expected], abs=1e-5)


def is_settled(vectors: Vectors, threshold: float) -> bool:
    """Say whether rounding cannot change which pairs are near."""
    return bool((np.abs(all_cosines(vectors) - threshold) > FAR).all())


# What a group is.


def test_vectors_that_are_near_make_a_group() -> None:
    [(members, lowest)] = groups(turned(0, 90, 10, 200), cosine_of(15))
    assert members == [0, 2]
    assert lowest == pytest.approx(cosine_of(10), abs=1e-6)


def test_vectors_that_are_far_from_each_other_make_none() -> None:
    assert groups(turned(0, 60, 120, 180), 0.9) == []


def test_a_pair_that_is_just_as_near_as_asked_is_a_group() -> None:
    pair = np.array([[1, 0], [0.5, 0.75**0.5]], np.float32)
    assert [members for members, _ in groups(pair, 0.5)] == [[0, 1]]


def test_a_chain_is_no_group_but_those_near_to_one_of_it() -> None:
    found = groups(turned(0, 12, 24, 36, 48), cosine_of(15))
    assert [members for members, _ in found] == [[1, 0, 2], [3, 4]]


def test_what_is_said_in_ways_that_are_far_from_each_other_is_a_group_around_their_middle() -> None:
    [(members, _)] = groups(turned(-14, 14, 0), cosine_of(15))
    assert members == [2, 0, 1]


def test_members_stand_in_the_order_of_their_nearness_to_the_first() -> None:
    [(members, _)] = groups(turned(9, 0, -3, 5), cosine_of(10))
    assert members == [1, 2, 3, 0]


def test_of_a_pair_the_one_given_first_is_the_first() -> None:
    assert [members for members, _ in groups(turned(90, 5, 0), 0.99)] == [[1, 2]]


def test_the_similarity_is_that_of_the_loneliest_member_to_its_nearest() -> None:
    [(members, lowest)] = groups(turned(0, 10, 11, -9), cosine_of(12))
    assert sorted(members) == [0, 1, 2, 3]
    assert lowest == pytest.approx(cosine_of(9), abs=1e-6)


def test_the_greatest_group_comes_first() -> None:
    found = groups(turned(0, 1, 100, 101, 102.3, 200, 201), cosine_of(1.5))
    assert [members for members, _ in found] == [[3, 2, 4], [0, 1], [5, 6]]


# Equal vectors, and vectors of nothing.


def test_equal_vectors_are_a_group_at_the_highest_threshold() -> None:
    random = np.random.default_rng(3)
    vectors = unit(np.repeat(random.normal(size=(50, 256)), 2, axis=0))
    found = groups(vectors, 1)
    assert sorted(members for members, _ in found) == [[at, at + 1] for at in range(0, 100, 2)]
    assert {lowest for _, lowest in found} == {1.0}


def test_copies_count_as_near_duplicates_of_each_other() -> None:
    assert groups(turned(0, 10, 20, 20, 50), cosine_of(11))[0][0] == [1, 0, 2, 3]
    assert groups(turned(0, 10, 20, 20, 20, 50), cosine_of(11))[0][0] == [1, 0, 2, 3, 4]
    assert groups(turned(0, 20, 20, 20), cosine_of(11)) == [([1, 2, 3], 1.0)]


def test_a_vector_with_a_copy_is_as_near_to_another_as_can_be() -> None:
    [(members, lowest)] = groups(turned(0, 0, 10, 10), cosine_of(12))
    assert (sorted(members), lowest) == ([0, 1, 2, 3], 1.0)


@pytest.mark.parametrize("value", [0.0, -0.0, np.nan, np.inf])
def test_vectors_of_nothing_are_near_to_none_and_hide_no_other(value: float) -> None:
    vectors = clustered(40, 4, 0.01)
    expected = groups(vectors, 0.9)
    odd = np.full((2, 256), value, np.float32)
    assert groups(np.concatenate([vectors, odd]), 0.9) == expected


@pytest.mark.parametrize("shape", [(0, 0), (0, 256), (1, 256), (5, 0)])
def test_where_nothing_can_be_compared_there_is_no_group(shape: tuple[int, int]) -> None:
    assert groups(np.ones(shape, np.float32), 0.9) == []


# Exactness.


@settings(max_examples=examples(100), deadline=None)
@given(
    grid=hnp.arrays(
        np.int8, st.tuples(st.integers(0, 14), st.integers(1, 4)), elements=st.integers(-3, 3)
    ),
    threshold=st.floats(0.05, 0.995),
)
def test_the_groups_are_those_of_brute_force(grid: NDArray[np.int8], threshold: float) -> None:
    vectors = unit(grid.astype(np.float64))
    assume(is_settled(vectors, threshold))
    check_same(groups(vectors, threshold), by_brute_force(vectors, threshold))


@settings(max_examples=examples(40), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 60),
    noise=st.floats(0, 2),
    threshold=st.floats(0.05, 0.995),
)
def test_sketches_lose_no_pair(seed: int, count: int, noise: float, threshold: float) -> None:
    vectors = clustered(count, 1 + count // 4, noise, seed)
    assume(is_settled(vectors, threshold))
    check_same(groups(vectors, threshold), by_brute_force(vectors, threshold))


@settings(max_examples=examples(50), deadline=None)
@given(
    grid=hnp.arrays(
        np.int8, st.tuples(st.integers(0, 20), st.just(3)), elements=st.integers(-2, 2)
    ),
    threshold=st.floats(0.05, 1),
)
def test_groups_are_disjoint_and_each_member_is_near_to_the_first(
    grid: NDArray[np.int8], threshold: float
) -> None:
    vectors = unit(grid.astype(np.float64))
    found = groups(vectors, threshold)
    listed = [at for members, _ in found for at in members]
    assert len(listed) == len(set(listed))
    for members, lowest in found:
        assert len(members) > 1
        to_first = vectors[members[1:]] @ vectors[members[0]]
        assert to_first.min() >= threshold - 1e-6
        assert threshold - 1e-6 <= lowest <= 1


@settings(max_examples=examples(50), deadline=None)
@given(
    grid=hnp.arrays(
        np.int8, st.tuples(st.integers(0, 20), st.just(3)), elements=st.integers(-2, 2)
    ),
    threshold=st.floats(0.05, 1),
)
def test_whatever_is_in_no_group_is_near_only_to_members_of_groups(
    grid: NDArray[np.int8], threshold: float
) -> None:
    vectors = unit(grid.astype(np.float64))
    assume(is_settled(vectors, threshold))
    grouped = {at for members, _ in groups(vectors, threshold) for at in members}
    alone = [at for at in range(len(vectors)) if at not in grouped]
    assert (all_cosines(vectors)[np.ix_(alone, alone)] < threshold).all()


@pytest.mark.parametrize("threshold", [0.3, 0.8, 0.95])
def test_blocks_change_nothing(threshold: float, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.repeat(clustered(250, 40, 0.4), 2, axis=0)[:450]
    whole = groups(vectors, threshold)
    for name, size in (("_ROWS", 7), ("_COLUMNS", 19), ("_CHUNK", 11), ("_MOST_NEIGHBOURS", 40)):
        monkeypatch.setattr(duplicates, name, size)
    check_same(groups(vectors, threshold), whole)


async def test_pairs_of_real_texts_are_found_where_the_sketches_leave_much_out() -> None:
    verbs = ("open", "close", "restore", "archive", "search", "merge", "undo", "import")
    things = ("pattern", "session", "snapshot", "world model", "journal", "index", "backup")
    texts = [
        f"{verb} the {thing} {when}"
        for verb in verbs
        for thing in things
        for when in ("now", "right now", "tomorrow", "before the tests run")
    ]
    vectors = await default_embedder().embed(texts)
    for threshold in (0.7123, 0.8123, 0.9123):
        check_same(groups(vectors, threshold), by_brute_force(vectors, threshold))


def test_vectors_may_stand_in_a_file(tmp_path: Path) -> None:
    vectors = clustered(200, 50, 0.1)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert groups(mapped, 0.9) == groups(vectors, 0.9)


# Progress, an end before the end, and what is refused.


def test_progress_is_told_from_nothing_to_all_and_never_falls() -> None:
    told: list[float] = []
    groups(clustered(1500, 300, 0.3), 0.8, told.append)
    assert (told[0], told[-1]) == (0, 1)
    assert told == sorted(told)
    assert len(told) > 10


def test_what_breathing_raises_ends_the_work() -> None:
    stop = threading.Event()

    def breathe(share: float) -> None:
        if stop.is_set():
            raise InterruptedError(share)
        if share > 0.5:
            stop.set()

    with pytest.raises(InterruptedError):
        groups(clustered(3000, 30, 0.3), 0.8, breathe)


@pytest.mark.parametrize("threshold", [0, -0.5, 1.001, float("nan"), float("inf")])
def test_a_threshold_that_is_no_cosine_of_near_duplicates_is_refused(threshold: float) -> None:
    with pytest.raises(ValidationError, match="threshold") as refused:
        groups(turned(0, 1), threshold)
    assert refused.value.field == "threshold"


async def test_what_is_no_longer_as_the_index_has_read_it_is_in_no_group(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        for name in ("a", "b", "c"):
            await store.add_interaction({"interaction_id": name, "content": "prefers tabs"})
        await store.wait_for_index()
        await store.update_interaction("b", content="likes the sea")
        [group] = await (await store._searching()).duplicates("interaction", 0.9)
        assert set(group.record_ids) == {"a", "c"}


async def test_records_are_compared_without_holding_them_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 0

    def counted(view: View, sources: Iterable[Source]) -> dict[Source, Document]:
        nonlocal most
        wanted = list(sources)
        most = max(most, len(wanted))
        return read_sources(view, wanted)

    async with HybridStore(path, follow=False) as store:
        await store.add_interactions({"content": f"turn {number}"} for number in range(900))
        await store.wait_for_index()
        monkeypatch.setattr(finding, "read_sources", counted)
        await store.find_duplicates("interaction", 0.999)
        assert 0 < most < 900
