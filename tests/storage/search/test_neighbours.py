"""What the turns around a turn count: the nearer the more, and more of a question before it."""

from __future__ import annotations

import numpy as np

from storage.search.neighbours import OFFSETS, around, rooms


def taken(asks: list[bool], line: int) -> dict[int, float]:
    """What a line of one session takes from which line on."""
    room = rooms(np.ones(len(asks), np.uint32), np.array(asks))
    _, weights = around(np.array([line]), room[[line]])
    return {
        distance: round(weight, 6)
        for distance, weight in zip(OFFSETS.tolist(), weights[0].tolist(), strict=True)
        if weight
    }


def test_what_stands_before_counts_more_than_what_comes_after_and_the_near_more() -> None:
    assert taken([False] * 5, 2) == {0: 1.0, -1: 0.5, 1: 0.3, -2: 0.25, 2: 0.15}


def test_an_answer_takes_more_of_its_question_and_the_question_less_of_its_answer() -> None:
    assert taken([True, False], 1) == {0: 1.0, -1: 0.75}
    assert taken([True, False], 0) == {0: 1.0, 1: 0.15}


def test_a_question_is_answered_by_the_turn_behind_it_alone() -> None:
    assert taken([True, False, False], 2) == {0: 1.0, -1: 0.5, -2: 0.25}
    assert taken([False, True, False], 2) == {0: 1.0, -1: 0.75, -2: 0.25}
    assert taken([False, True], 0) == {0: 1.0, 1: 0.3}
