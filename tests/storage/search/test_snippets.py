"""Snippets show which words of a text were asked for, and one line around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.search.lines import line_of
from storage.search.query import Term, parse_query
from storage.search.snippets import MAX_LINE, MAX_WORDS, snippets_of
from storage.search.spelling import composed

FILLER = "and so it went on from one day to the next "


class Told(NamedTuple):
    """A snippet."""

    words: tuple[str, ...]
    line: str


def snippets(texts: Sequence[str], terms: Sequence[Term]) -> list[Told]:
    return [Told(*each) for each in snippets_of([line_of(text) for text in texts], terms)]


def shown(typed: str, text: str) -> Told:
    [snippet] = snippets([text], parse_query(typed).terms)
    return snippet


# Words.


def test_words_stand_as_they_are_spelled_in_the_text() -> None:
    found = shown("run cafe", "She was Running to the CAFÉ.")
    assert found.words == ("Running", "CAFÉ")


def test_words_stand_in_the_order_of_the_text_and_once() -> None:
    assert shown("dog cat", "Cat, dog, cat, Dog").words == ("Cat", "dog")


def test_a_phrase_is_one_word() -> None:
    text = "a group, then the support\n  Group of support"
    assert shown('"support group"', text).words == ("support Group",)


def test_what_is_joined_is_one_word() -> None:
    assert shown("src/x.py", "see src/x.py:12").words == ("src/x.py",)


def test_a_prefix_shows_the_whole_word() -> None:
    assert shown("relatio*", "our relations, relatives").words == ("relations",)


def test_common_words_do_not_count_beside_others() -> None:
    assert shown("what is the plan", "This is the plan.").words == ("plan",)


def test_common_words_count_where_there_are_no_others() -> None:
    assert shown("who is", "It is Anna.").words == ("is",)


def test_only_so_many_words_are_given() -> None:
    many = " ".join(f"w{n}" for n in range(50))
    assert shown(many, many).words == tuple(f"w{n}" for n in range(MAX_WORDS))


def test_a_word_without_end_is_cut() -> None:
    [word] = shown("xx*", "x" * 20_000).words
    assert len(word) == 60
    assert word.endswith("…")


# Lines.


def test_a_short_text_stands_there_whole() -> None:
    assert shown("dog", "The dog barked.").line == "The dog barked."


def test_a_line_is_one_line() -> None:
    text = "  The\n\n dog\t\r\n barked.\u2028 Twice\x85"
    assert shown("dog", text).line == "The dog barked. Twice"


def test_a_text_that_does_not_match_shows_its_beginning() -> None:
    found = shown("zebra", "Once " + FILLER * 20)
    assert found.words == ()
    assert found.line.startswith("Once and so")
    assert found.line.endswith("…")


def test_without_terms_a_text_shows_its_beginning() -> None:
    assert snippets(["one", "two"], []) == [((), "one"), ((), "two")]


def test_a_long_text_is_cut_around_what_matches() -> None:
    found = shown("zebra", FILLER * 20 + "A zebra crossed. " + FILLER * 20)
    assert "A zebra crossed." in found.line
    assert found.line.startswith("…")
    assert found.line.endswith("…")
    assert 150 < len(found.line) <= MAX_LINE


def test_a_match_at_the_end_is_shown_with_what_stands_before() -> None:
    line = shown("zebra", FILLER * 20 + "a zebra").line
    assert line.endswith("a zebra")
    assert len(line) > 150


def test_a_line_is_cut_between_words() -> None:
    line = shown("zebra", FILLER * 20 + "zebra " + FILLER * 20).line
    assert set(line.strip("…").split()) <= {*FILLER.split(), "zebra"}


def test_a_line_is_where_most_different_words_stand() -> None:
    text = "A zebra. A zebra. " + FILLER * 20 + "The zebra met a lion. " + FILLER * 20
    assert "zebra met a lion" in shown("zebra lion", text).line


def test_more_words_count_than_are_named() -> None:
    many = [f"w{n}" for n in range(MAX_WORDS + 2)]
    text = f"Once {' '.join(many[:MAX_WORDS])}. {FILLER * 20} Then {' '.join(many)}. {FILLER * 20}"
    assert f"Then {' '.join(many)}." in shown(" ".join(many), text).line


def test_of_places_that_are_as_good_the_first_is_shown() -> None:
    text = "One zebra. " + FILLER * 20 + "Two zebra. " + FILLER * 20
    assert shown("zebra", text).line.startswith("One zebra.")


def test_a_text_without_spaces_is_cut_too() -> None:
    text = "日本語" * 200 + "。猫。" + "日本語" * 200
    found = shown("猫", text)
    assert found.words == ("猫",)
    assert "。猫。" in found.line
    assert len(found.line) <= MAX_LINE


def test_every_text_has_its_snippet() -> None:
    texts = ["a dog", "", "a cat", "a dog and a cat"]
    found = snippets(texts, parse_query("dog cat").terms)
    assert [each.words for each in found] == [("dog",), (), ("cat",), ("dog", "cat")]
    assert [each.line for each in found] == texts


def test_texts_of_one_answer_are_gone_in_the_next() -> None:
    terms = parse_query("dog").terms
    assert snippets(["dog"] * 5, terms) != snippets(["cat"] * 5, terms)
    assert [each.words for each in snippets(["cat", "dog"], terms)] == [(), ("dog",)]


# Anything at all.


@pytest.mark.parametrize("odd", ["\0", "\udcff", "\1", "\2", "\2dog\1", "\1\1", "\x1b[31m"])
def test_odd_characters_do_no_harm(odd: str) -> None:
    found = shown("dog", f"a {odd} dog {odd} barked")
    assert "dog" in found.words
    assert found.line.endswith("barked")


TEXT = st.text(max_size=300) | st.lists(
    st.sampled_from(["dog", "Dogs", "cat-food", "\0", "\1", "\2", "\ud800", "é", "x" * 90, "…"])
).map(" ".join)


@example(["\uf900"], "dog")
@given(st.lists(TEXT, max_size=5), st.text(max_size=40) | st.just('dog* "cat food" é'))
def test_any_texts_and_terms_give_lines_of_their_texts(texts: list[str], typed: str) -> None:
    found = snippets(texts, parse_query(typed).terms)
    assert len(found) == len(texts)
    for text, snippet in zip(texts, found, strict=True):
        assert len(snippet.line) <= MAX_LINE
        assert len(snippet.words) <= MAX_WORDS
        assert "\n" not in snippet.line
        plain = composed(" ".join(text.split()))
        assert snippet.line.removeprefix("…").removesuffix("…") in plain


def test_threads_share_one() -> None:
    def words(name: str) -> set[tuple[str, ...]]:
        answers = (shown(name, f"a {name} there").words for _ in range(50))
        return set(answers)

    names = ["dog", "cat", "lion", "zebra"]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(words, names)) == [{(name,)} for name in names]


@given(st.integers(0, 60))
def test_a_line_without_spaces_is_cut_between_letters(before: int) -> None:
    letters = ["กี่", "ที่", "รู้", "👍🏽"]
    line = line_of("x" * before + "".join(letters * 30) + "ฟ้า" + "".join(letters * 30))
    [(words, shown)] = snippets_of([line], parse_query("ฟ้า").terms)
    assert words == ("ฟ้า",)
    assert len(shown) <= MAX_LINE
    assert re.fullmatch(f"…?(x|ฟ้า|{'|'.join(letters)})+…", shown)
