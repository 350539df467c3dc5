"""Words are told apart, and made alike, as the full text needs it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.spaceless import GAP
from storage.search.spelling import composed, indexed, letter_at, places_of, spelled_out, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a dog's x_y, 12", ["a", "dog", "s", "x", "y", "12"]),
        ("कल काल।", ["कल", "काल"]),
        ("தமிழ் மொழி", ["தமிழ்", "மொழி"]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("data\u00adbase", ["data\u00adbase"]),
        ("\u0640 \u0332 \u00ad", []),
        ("ข้อ", ["ข้", "อ"]),
        ("x数据🚀y", ["x", "数", "据", "🚀", "y"]),
        ("👍🏽x 🏽", ["👍🏽", "x"]),
        ("🇦🇺🇸🇪 🇺🇸x", ["🇦🇺", "🇸🇪", "🇺🇸", "x"]),
        ("0\U0001d8001", ["0", "\U0001d800", "1"]),
    ],
)
def test_a_word_is_letters_with_their_marks(text: str, words: list[str]) -> None:
    assert [each[0] for each in words_in(composed(text))] == words


@pytest.mark.parametrize("text", ["ab", "กำกี่", "e\u0301e\u0323\u0301", "👍🏽a", "\u0301\u0301a"])
def test_a_letter_begins_before_its_marks(text: str) -> None:
    starts = {letter_at(text, at) for at in range(len(text))}
    assert starts - {0} == {each.start() for each in re.finditer(r"\w|👍", text)} - {0}


def test_marks_are_piled_on_a_letter_up_to_a_height() -> None:
    piled = "a" + "\u0301\u0323" * 15
    assert composed(f"{piled} " * 99) == composed(f"{piled} ") * 99
    assert composed(piled + "\u0301\u0323" * 50_000) == composed(piled)


@given(st.text())
def test_what_a_text_says_is_said_once_only(text: str) -> None:
    assert spelled_out(spelled_out(text)) == spelled_out(text)


@given(st.text(st.characters(max_codepoint=0x24F, exclude_characters="ß\u00ad")))
def test_what_is_written_in_latin_letters_is_indexed_as_it_stands(text: str) -> None:
    assert indexed(text) == composed(text)


def test_a_mark_without_a_letter_is_left_out_of_the_index() -> None:
    assert indexed("\u0901a →\u0901\u0901") == f"{GAP}a →{GAP}"


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["cat"], "Concat a CAT, cats", ["CAT"]),
        (
            ["file", "file system"],
            "a file systems file system file",
            ["file", "file system", "file"],
        ),
        (["कल"], "कला कल काल", ["कल"]),
        (["数据"], "新数据库", ["数据"]),
        (["x"], "x_y", ["x"]),
        (["zo\ufffd"], "zo\ufffd x zo", ["zo\ufffd"]),
        (["the", "cut off wo…"], "the cut off words", ["the"]),
        ([], "anything", []),
        (["anything"], "", []),
    ],
)
def test_words_are_found_as_whole_ones(words: list[str], text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in places_of(words, text)] == found


@given(st.lists(st.text(max_size=4), max_size=4), st.text(max_size=30))
def test_places_of_words_follow_one_another(words: list[str], text: str) -> None:
    places = places_of(words, text)
    assert [edge for place in places for edge in place] == sorted(
        edge for place in places for edge in place
    )
    folded = {word.casefold() for word in words}
    assert all(text[start:end].casefold() in folded for start, end in places)
