"""The question box understands what a person types, and takes everything else for words."""

from __future__ import annotations

import re

import pytest

from storage.search.query import (
    MAX_TERMS,
    MAX_TYPED,
    STOP_WORDS,
    Query,
    Term,
    as_words,
    parse_query,
)
from storage.search.spelling import WORD


def words_of(typed: str) -> list[tuple[str, ...]]:
    return [term.words for term in parse_query(typed).terms]


# Words.


def test_words_are_looked_for_one_by_one() -> None:
    assert parse_query("support Group").terms == (Term(("support",)), Term(("group",)))


def test_a_word_that_is_typed_twice_is_one_term() -> None:
    assert words_of("dog Dog DOG") == [("dog",)]


def test_what_is_joined_is_looked_for_side_by_side() -> None:
    assert words_of("self-care foo_bar src/x.py:12 a:b rock'n'roll") == [
        ("self", "care"),
        ("foo", "bar"),
        ("src", "x", "py", "12"),
        ("a", "b"),
        ("rock", "n", "roll"),
    ]


def test_what_signs_keep_apart_is_looked_for_one_by_one() -> None:
    assert words_of("cats,dogs x=1 f(y) red|blue you\u2014me") == [
        *[("cats",), ("dogs",), ("x",), ("1",), ("f",), ("y",)],
        *[("red",), ("blue",), ("you",), ("me",)],
    ]


@pytest.mark.parametrize("typed", ["Anna's", "Anna\u2019s", "anna'll", "ANNA'S", "Anna's?"])
def test_an_english_ending_behind_an_apostrophe_does_not_count(typed: str) -> None:
    assert words_of(typed) == [("anna",)]


@pytest.mark.parametrize("typed", ["C++", "c", "(c)", "C#", "-- c", "c!?", "\u00abc", "\0c\0"])
def test_signs_around_a_word_do_not_count(typed: str) -> None:
    assert words_of(typed) == [("c",)]


def test_an_address_is_read_as_words() -> None:
    assert words_of("https://a.example/b?c=d") == [("https", "a", "example", "b"), ("c",), ("d",)]


@pytest.mark.parametrize(
    "typed", ["", " ", "\n\t", "-", '"', '""', '-"', "*", "...", "\0", "\ud800"]
)
def test_what_holds_no_word_asks_nothing(typed: str) -> None:
    assert parse_query(typed).terms == parse_query(typed).excluded == ()


@pytest.mark.parametrize("name", ["José", "Zoë", "Мария", "मीना", "שרה"])
@pytest.mark.parametrize("ending", ["'s", "\u2019s", "'ll"])
def test_whoever_owns_something_is_looked_for_whatever_letter_the_name_ends_with(
    name: str, ending: str
) -> None:
    assert words_of(f"{name}{ending} plan") == words_of(f"{name} plan")


@pytest.mark.parametrize("typed", ["what", "don't", "won't", "it's", "the"])
def test_words_that_say_only_how_is_asked_are_common(typed: str) -> None:
    assert all(term.is_common for term in parse_query(typed).terms)


@pytest.mark.parametrize("typed", ["race", '"the"', "th*", "won", "to-do-list"])
def test_what_is_asked_for_is_not_common(typed: str) -> None:
    assert not any(term.is_common for term in parse_query(typed).terms)


def test_common_words_do_not_tell_beside_others() -> None:
    assert parse_query("what is the plan").telling == (Term(("plan",)),)


def test_common_words_tell_where_there_are_no_others() -> None:
    assert parse_query("who is who").telling == (Term(("who",)), Term(("is",)))


def test_stop_words_are_words() -> None:
    assert all(re.fullmatch(WORD, word) for word in STOP_WORDS)


# Phrases, exclusion, prefixes.


def test_a_phrase_has_to_stand_there() -> None:
    assert parse_query('"Support  group"').terms == (Term(("support", "group"), required=True),)


def test_a_quote_that_is_not_closed_takes_the_rest() -> None:
    assert parse_query('x "a -b kind:pattern').terms == (
        Term(("x",)),
        Term(("a", "b", "kind", "pattern"), required=True),
    )


@pytest.mark.parametrize("typed", ["“a b”", "„a b“", "«a b»", '“a b"', "\uff02a b\uff02"])
def test_typographic_quotes_are_quotes(typed: str) -> None:
    assert parse_query(typed).terms == (Term(("a", "b"), required=True),)


def test_a_quote_within_a_word_opens_no_phrase() -> None:
    assert words_of('a 6"pipe here') == [("a",), ("6",), ("pipe",), ("here",)]


def test_a_minus_excludes_a_word_and_a_phrase() -> None:
    query = parse_query('tea -green -"with milk" -iced*')
    assert query.terms == (Term(("tea",)),)
    assert query.excluded == (
        Term(("green",)),
        Term(("with", "milk"), required=True),
        Term(("iced",), prefix=True),
    )


def test_what_is_excluded_is_not_asked() -> None:
    assert parse_query("tea -green kind:pattern hot").text == "tea hot"


@pytest.mark.parametrize("typed", ["--x", "- x", "---x", '"y"-x', "y-x"])
def test_a_minus_elsewhere_excludes_nothing(typed: str) -> None:
    query = parse_query(typed)
    assert query.excluded == ()
    assert any("x" in term.words for term in query.terms)


def test_a_star_lets_a_word_go_on() -> None:
    assert parse_query("conn* a-b* x").terms == (
        Term(("conn",), prefix=True),
        Term(("a", "b"), prefix=True),
        Term(("x",)),
    )


def test_a_star_behind_a_phrase_lets_its_last_word_go_on() -> None:
    assert parse_query('"support gr"*').terms == (
        Term(("support", "gr"), prefix=True, required=True),
    )


# While typing.


def test_while_typing_the_last_word_may_go_on() -> None:
    assert parse_query("support gr", is_typing=True).terms == (
        Term(("support",)),
        Term(("gr",), prefix=True),
    )


def test_a_space_ends_the_last_word() -> None:
    assert parse_query("support gr ", is_typing=True).terms[-1] == Term(("gr",))


def test_while_typing_the_last_word_of_an_open_phrase_may_go_on() -> None:
    [term] = parse_query('"support gr', is_typing=True).terms
    assert term == Term(("support", "gr"), prefix=True, required=True)


def test_a_closed_phrase_is_complete() -> None:
    assert not parse_query('"support gr"', is_typing=True).terms[0].prefix


def test_while_typing_what_is_excluded_is_a_whole_word() -> None:
    assert parse_query("tea -gre", is_typing=True).excluded == (Term(("gre",)),)


@pytest.mark.parametrize("typed", ["tea kind:", "tea kind:pat", "tea before:2026-0", "tea -kind:x"])
def test_while_typing_a_filter_that_makes_no_sense_yet_is_left_out(typed: str) -> None:
    assert parse_query(typed, is_typing=True) == Query("tea", (Term(("tea",)),))


def test_what_is_named_like_a_filter_and_taken_as_words_is_told_as_it_was_typed() -> None:
    asked = "kind:zzz -before:notadate kind:pattern,x tag: https://a.example a:b type:workflow"
    query = parse_query(f"{asked} kind:zzz")
    assert query.unread == ("kind:zzz", "-before:notadate", "kind:pattern,x", "tag:")
    assert Term(("kind", "zzz")) in query.terms
    assert parse_query("tea kind:zz", is_typing=True).unread == ()
    assert parse_query("kind:zz tea", is_typing=True).unread == ("kind:zz",)


# Sizes.


def test_only_the_beginning_of_a_very_long_question_is_read() -> None:
    assert len(parse_query("word " * 2_000_000).text) <= MAX_TYPED
    assert parse_query("x" * 10_000_000).terms == (Term(("x" * MAX_TYPED,)),)


def test_only_so_many_terms_are_looked_for() -> None:
    typed = " ".join(f"w{n} -x{n}" for n in range(500))
    assert len(parse_query(typed).terms) == len(parse_query(typed).excluded) == MAX_TERMS


def test_only_so_many_words_of_a_phrase_are_looked_for() -> None:
    assert len(parse_query('"' + "a " * 500 + '"').terms[0].words) == MAX_TERMS


@pytest.mark.parametrize(
    "text",
    ["kind:pattern tabs", "--tabs -tea", '"tabs" and “tea”', 'session:"s 1" -type:x', "ta* : -"],
)
def test_a_text_asks_for_its_words_alone(text: str) -> None:
    asked = parse_query(as_words(text))
    words = {word for term in asked.terms for word in term.words}
    assert words == {word.lower() for word in re.findall(WORD, text)}
    assert asked == Query(asked.text, tuple(Term(term.words) for term in asked.terms))
