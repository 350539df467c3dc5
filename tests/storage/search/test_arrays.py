"""The arrays of a search: in order whatever comes and goes, and never without what may fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.search import arrays as arrays_module
from storage.search.arrays import Arrays
from storage.search.documents import KINDS
from storage.search.filters import Filters
from storage.search.index_file import ASKS, BLOCK, NAME_BITS, name_hash, second_of
from storage.search.neighbours import RADIUS, around, spread
from tests.chance import examples

NAMES = ["", "a", "b", "c"]


@pytest.fixture(params=[3, 1 << 16], autouse=True, scope="module")
def lines_at_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """Place few lines at a time as well as many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays_module, "_LINES_AT_ONCE", request.param)
        yield


SECOND = 1_000_000


def block_of(documents: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    """Return documents as an index keeps them."""
    block = np.zeros(len(documents), BLOCK)
    for at, document in enumerate(documents):
        block[at]["slot"] = document["slot"]
        kind = KINDS.index(document.get("kind", "interaction"))
        block[at]["kind"] = kind | (ASKS if document.get("asks") else 0)
        block[at]["session"] = name_hash(document.get("session", ""))
        block[at]["label"] = name_hash(document.get("label", "")) & NAME_BITS
        block[at]["reason"] = name_hash(document.get("reason", "")) & NAME_BITS
        block[at]["second"] = second_of(document.get("moment", 0))
        block[at]["signs"] = 0 if document.get("bare") else document["slot"] + 1
    return block


def check(arrays: Arrays, live: dict[int, dict[str, Any]]) -> None:
    """Compare the order and the neighbours with those of a sorted list."""
    ordered = sorted(
        live.values(),
        key=lambda each: (
            name_hash(each.get("session", "")), second_of(each.get("moment", 0)), each["slot"],
        ),
    )  # fmt: skip
    assert arrays.slot.tolist() == [each["slot"] for each in ordered]
    assert len(arrays) == len(live)
    for line, each in enumerate(ordered):
        assert arrays.line[each["slot"]] == line
        signs = 0 if each.get("bare") else each["slot"] + 1
        assert set(arrays.planes[:, each["slot"]].tolist()) == {signs}
    bare = arrays.bare()
    meant = set(range(arrays.size)) if bare is None else set(np.flatnonzero(~bare).tolist())
    assert meant == {slot for slot, each in live.items() if not each.get("bare")}
    sessions = [each.get("session", "") for each in ordered]
    near, weights = around(np.arange(len(ordered)), arrays.room)
    for line, session in enumerate(sessions):
        first = max(0, line - RADIUS)
        beside = {
            first + at
            for at, other in enumerate(sessions[first : line + RADIUS + 1])
            if session and other == session
        }
        assert set(near[line][weights[line] > 0].tolist()) == beside | {line}


documents = st.fixed_dictionaries(
    {
        "session": st.sampled_from(NAMES),
        "moment": st.integers(0, 5).map(lambda second: second * SECOND),
        "asks": st.booleans(),
        "bare": st.booleans(),
    }
)
steps = st.lists(st.lists(documents, max_size=8) | st.sets(st.integers(0, 40), max_size=4))


@settings(max_examples=examples(75), deadline=None)
@given(steps)
def test_documents_that_come_and_go_stay_in_order(
    steps: list[list[dict[str, Any]] | set[int]],
) -> None:
    arrays, live, slots = Arrays(), dict[int, dict[str, Any]](), 0
    for step in steps:
        if isinstance(step, set):
            gone = step & live.keys()
            arrays.remove(gone)
            for slot in gone:
                del live[slot]
        else:
            new = [{**each, "slot": slots + number} for number, each in enumerate(step)]
            slots += len(new)
            arrays.put(block_of(new))
            live |= dict(zip(range(slots - len(new), slots), new, strict=True))
        arrays.order()
        check(arrays, live)


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(documents, max_size=25))
def test_what_a_turn_takes_from_a_neighbour_is_what_that_one_gives(
    found: list[dict[str, Any]],
) -> None:
    arrays = Arrays()
    arrays.put(block_of([{**each, "slot": slot} for slot, each in enumerate(found)]))
    arrays.order()
    lines = np.arange(len(found))
    taken, weights = around(lines, arrays.room)
    by_taking = np.zeros((len(found), len(found)))
    np.add.at(by_taking, (np.repeat(lines, weights.shape[1]), taken.ravel()), weights.ravel())
    by_giving = np.zeros((len(found), len(found)))
    for line in lines:
        to, given_there = spread(lines[line : line + 1], arrays.room[line : line + 1])
        np.add.at(by_giving, (to, np.full(len(to), line)), given_there)
    assert np.allclose(by_taking, by_giving)


@pytest.mark.parametrize("count", [10, 5000])
def test_many_at_once_stand_as_one_by_one(count: int) -> None:
    chance = np.random.default_rng(1)
    new: list[dict[str, Any]] = [
        {"slot": slot, "session": NAMES[slot % 3], "moment": int(chance.integers(50)) * SECOND}
        for slot in range(count)
    ]
    arrays = Arrays()
    arrays.put(block_of(new[: count // 2]))
    arrays.order()
    arrays.put(block_of(new[count // 2 :]))
    arrays.remove([0, count - 1])
    arrays.order()
    check(arrays, {each["slot"]: each for each in new[1:-1]})


def test_what_comes_and_goes_before_it_is_ordered_is_not_there() -> None:
    arrays = Arrays()
    arrays.put(block_of([{"slot": 0}, {"slot": 1}]))
    arrays.remove([0])
    arrays.order()
    check(arrays, {1: {"slot": 1}})


def test_a_million_documents_take_at_most_64_megabytes() -> None:
    arrays = Arrays()
    block = np.zeros(100_000, BLOCK)
    block["slot"] = np.arange(100_000)
    block["session"] = np.arange(100_000) // 30
    arrays.put(block)
    arrays.order()
    held = sum(
        each.nbytes // len(each.T) * arrays.size
        for each in vars(arrays).values()
        if isinstance(each, np.ndarray)
    )
    assert held * 10 <= 64 * 2**20


# Filters.

values = st.none() | st.frozensets(st.sampled_from(NAMES[1:]), max_size=2)
moments = st.none() | st.integers(0, 6 * SECOND)
plain = st.builds(
    Filters,
    kinds=st.none() | st.frozensets(st.sampled_from(KINDS), max_size=3),
    actions=values,
    types=values,
    domains=values,
    reasons=values,
    sessions=values,
    archived=st.none() | st.booleans(),
    after=moments,
    before=moments,
)
all_filters = st.builds(
    lambda wanted, barred: Filters(**{**_fields(wanted), "excluded": tuple(barred)}),
    plain,
    st.lists(plain, max_size=2),
)


def _fields(filters: Filters) -> dict[str, Any]:
    return {name: getattr(filters, name) for name in Filters.__slots__}


filtered = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "session": st.sampled_from(NAMES),
        "label": st.sampled_from(NAMES),
        "reason": st.sampled_from(NAMES),
        "moment": st.integers(0, 5 * SECOND),
    }
)


def fits(document: dict[str, Any], filters: Filters) -> bool:
    """Say what the filters mean."""
    if any(fits(document, barred) for barred in filters.excluded):
        return False
    kind, archived = document["kind"], document["kind"].startswith("archived")
    labels = {
        "actions": ("interaction", "archived_interaction"),
        "types": ("pattern", "archived_pattern"),
        "domains": ("entity",),
    }
    return (
        (filters.kinds is None or kind in filters.kinds)
        and all(
            getattr(filters, name) is None
            or (kind in kinds and document["label"] in getattr(filters, name))
            for name, kinds in labels.items()
        )
        and (filters.reasons is None or (archived and document["reason"] in filters.reasons))
        and (filters.sessions is None or document["session"] in filters.sessions)
        and (filters.archived is None or archived == filters.archived)
        and (filters.after is None or document["moment"] >= filters.after)
        and (filters.before is None or document["moment"] < filters.before)
    )


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(filtered, max_size=12), all_filters)
def test_nothing_that_fits_the_filters_is_left_out(
    found: list[dict[str, Any]], filters: Filters
) -> None:
    arrays = Arrays()
    arrays.put(block_of([{**each, "slot": slot} for slot, each in enumerate(found)]))
    arrays.order()
    fitting = arrays.fitting(filters)
    allowed = set(range(len(found))) if fitting is None else set(arrays.slot[fitting].tolist())
    assert {slot for slot, each in enumerate(found) if fits(each, filters)} <= allowed


@settings(max_examples=examples(75), deadline=None)
@given(st.lists(filtered, max_size=12), plain)
def test_filters_without_times_let_through_just_what_fits(
    found: list[dict[str, Any]], filters: Filters
) -> None:
    exact = Filters(**{**_fields(filters), "after": None, "before": None})
    arrays = Arrays()
    arrays.put(block_of([{**each, "slot": slot} for slot, each in enumerate(found)]))
    arrays.order()
    fitting = arrays.fitting(exact)
    allowed = set(range(len(found))) if fitting is None else set(arrays.slot[fitting].tolist())
    assert {slot for slot, each in enumerate(found) if fits(each, exact)} == allowed


def test_no_filters_are_no_work() -> None:
    assert Arrays().fitting(Filters()) is None
