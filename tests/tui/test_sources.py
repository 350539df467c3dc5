"""The keys of several lists as one sequence."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from storage.listing import Key, Keys
from tui.sources import JoinedKeys

KINDS = ("interaction", "archived_interaction", "pattern")
_NUMBERS = st.none() | st.integers(-12, 12)


def _keys(rowids: list[int]) -> Keys:
    return Keys(array("B", (number % 2 for number in rowids)), array("q", rowids))


@given(
    st.lists(st.lists(st.integers(1, 99), max_size=5), max_size=3),
    st.builds(slice, _NUMBERS, _NUMBERS, st.none() | st.sampled_from((-2, -1, 1, 2, 3))),
)
def test_a_part_of_several_lists_is_that_of_one_list_of_them_all(
    lists: list[list[int]], part: slice
) -> None:
    joined = JoinedKeys([(kind, _keys(each)) for kind, each in zip(KINDS, lists, strict=False)])
    whole = [
        (kind, Key(number % 2, number))
        for kind, each in zip(KINDS, lists, strict=False)
        for number in each
    ]
    assert list(joined) == whole
    assert joined[part] == whole[part]
    assert [joined[at] for at in range(len(joined))] == whole


@given(st.lists(st.integers(1, 99)))
def test_the_keys_that_are_gone_through_are_those_that_are_asked_for(rowids: list[int]) -> None:
    keys = _keys(rowids)
    through = list(keys)
    assert through == [keys[at] for at in range(len(keys))]
    assert all(type(key) is Key for key in through)
