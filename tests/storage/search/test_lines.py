"""A line shows a text as it is, and what is searched of it stands at the same places."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.search.lines import line_of
from storage.search.spelling import composed

ODD = st.text() | st.text(st.sampled_from("aB1 _.\t\n\x1c\x1f\x7f\x85\xa0é\u2028"), max_size=30)


@example("a  b")
@example(" a")
@example("a ")
@given(ODD)
def test_a_line_has_one_space_between_its_words(text: str) -> None:
    assert line_of(text).text == composed(" ".join(text.split()))


@given(st.text(st.characters(max_codepoint=127)))
def test_small_letters_stand_one_place_farther_on_with_spaces_for_all_else(text: str) -> None:
    line = line_of(text)
    assert line.small[1:-1] == "".join(c.lower() if c.isalnum() else " " for c in line.text)
    assert line.small[0] == line.small[-1] == " "


@pytest.mark.parametrize("text", ["é", "a ß", "日本"])
def test_a_line_that_is_not_ascii_has_no_small_letters(text: str) -> None:
    assert line_of(text).small == ""
