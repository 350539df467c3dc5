"""The text of a question: its filters are found, put in and taken out as the search reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import parse_query
from tui.question import chips, token_for, with_filter, without
from tui.search_hints import taken_as_words
from tui.text import safe_text, seen_joins, typeable

NAMES = ("kind", "type", "reason", "session", "action", "domain", "before", "after", "archived")
PIECES = st.sampled_from(
    [
        "deploy",
        '"ship it"',
        "-staging",
        "roll*",
        "kind:pattern",
        "KIND:entity",
        "type:workflow",
        'reason:"no longer true"',
        "before:2026-01-01",
        "after:tomorrow",
        "archived:yes",
        "kind:nothing",
        "-kind:pattern",
        "kind:pattern,entity",
        '-"type:workflow"',
        "\u201cjust ship\u201d",
        "--x",
        'session:"s 1',
        "::",
        '"',
        "note:this",
    ]
)
QUESTIONS = st.one_of(st.lists(PIECES).map(" ".join), st.text())


def labels(text: str) -> list[str]:
    return [chip.label for chip in chips(text)]


def test_each_filter_is_a_chip_as_it_was_typed() -> None:
    assert labels('deploy kind:pattern -x reason:"not true" before:2026-01-01') == [
        "kind:pattern",
        'reason:"not true"',
        "before:2026-01-01",
    ]


def test_what_the_search_takes_for_words_is_no_chip() -> None:
    assert labels("note:this kind:nothing before:whenever a:b") == []


def test_a_filter_that_is_turned_round_is_a_chip_too() -> None:
    assert labels("deploy -kind:pattern") == ["-kind:pattern"]


def test_a_chip_is_taken_out_and_the_words_stay() -> None:
    text = "deploy kind:pattern on friday"
    assert without(text, *chips(text)) == "deploy on friday"


def test_one_of_two_chips_is_taken_out() -> None:
    text = "kind:pattern kind:entity"
    assert without(text, chips(text)[0]) == "kind:entity"


def test_a_second_kind_stands_beside_the_first() -> None:
    assert with_filter("kind:pattern ", "kind", "kind:entity") == "kind:pattern kind:entity "


def test_a_second_date_takes_the_place_of_the_first() -> None:
    text = with_filter("x before:2026-01-01", "before", "before:2026-02-01")
    assert text == "x before:2026-02-01 "


def test_a_filter_goes_before_a_phrase_that_is_not_closed() -> None:
    assert with_filter('"ship it', "kind", "kind:pattern") == 'kind:pattern "ship it'


def test_the_same_filter_is_not_put_in_twice() -> None:
    assert with_filter("kind:pattern", "kind", "kind:pattern") == "kind:pattern"


@pytest.mark.parametrize(
    "value", ["s 1", "a,b", "a:b", 'say "x"', '"x"', "-", "", "\x1b[2J", "\u202ex"]
)
def test_a_value_is_spelled_so_that_it_is_read_back_or_not_offered(value: str) -> None:
    token = token_for("session", value)
    if token is None:
        assert value in ('say "x"', '"x"', "", "\x1b[2J", "\u202ex")
    else:
        assert parse_query(token).filters.sessions == frozenset({value})


@given(QUESTIONS)
def test_the_chips_together_are_the_filters_of_the_question(text: str) -> None:
    alone = parse_query(" ".join(labels(text))).filters
    assert alone == parse_query(text).filters


@given(QUESTIONS)
def test_without_its_chips_a_question_has_no_filter_and_the_same_words(text: str) -> None:
    bare = parse_query(without(text, *chips(text)))
    assert bare.filters == parse_query("").filters
    assert bare.terms == parse_query(text).terms


@given(st.sampled_from(("session", "action", "type", "reason", "domain")), st.text())
def test_any_value_is_read_back_as_it_is_or_not_offered(name: str, value: str) -> None:
    token = token_for(name, value)
    if token is not None:
        attribute = {"session": "sessions", "action": "actions", "type": "types"}.get(
            name, f"{name}s"
        )
        assert getattr(parse_query(token).filters, attribute) == {value}


@given(QUESTIONS, st.sampled_from(NAMES), st.sampled_from(["pattern", "yes", "2026-01-01", "x y"]))
def test_a_filter_that_is_put_in_is_there(text: str, name: str, value: str) -> None:
    token = token_for(name, value)
    if token is not None:
        assert token in labels(with_filter(text, name, token))


@given(st.text())
def test_what_can_be_typed_is_as_long_as_what_was_given_and_is_seen(value: str) -> None:
    typed = seen_joins(typeable(value))
    assert len(typed) == len(value)
    assert typed.isprintable()
    assert all(safe_text(f"a{char}") == f"a{char}" for char in typed)


@pytest.mark.parametrize(
    ("asked", "is_typing", "told"),
    [
        ("\u2192", False, "no words to look for in \u2192"),
        ("kind:pattern \u2192", True, "no words to look for in \u2192"),
        ("???", False, "no words to look for in ???"),
        ('"', True, ""),
        ("-", True, ""),
        ("\U0001f680", False, ""),
        ("deploy \u2192", False, ""),
        ("-deploy", False, ""),
        ("kind:pattern", False, ""),
        ("", False, ""),
    ],
)
def test_a_question_without_words_is_said_to_have_none(
    asked: str, is_typing: bool, told: str
) -> None:
    assert taken_as_words(asked, is_typing=is_typing) == told


def test_what_is_taken_as_words_is_said_with_what_would_be_a_filter() -> None:
    assert taken_as_words("deploy kind:pattern") == ""
    assert taken_as_words("kind:zzz") == (
        "taken as words: kind:zzz (kinds are interaction, pattern, entity, archived_interaction,"
        " archived_pattern)"
    )
    assert taken_as_words("kind:zzz", is_typing=True) == ""
    told = taken_as_words("before:x tag: after:" + "y" * 90)
    assert told.startswith("taken as words: before:x, tag: and 1 more (a time is 2026-10-02")
    assert told.endswith("a value stands right behind tag:)")
    assert "\u2026" in taken_as_words("after:" + "y" * 90)


@pytest.mark.parametrize("name", ["kind", "archived", "before", "after"])
def test_what_is_offered_in_the_place_of_words_is_a_filter(name: str) -> None:
    told = taken_as_words(f"{name}:zzz").partition("(")[2]
    values = re.findall(r"[\w-]+", told.split(" is ")[-1].split(" are ")[-1])
    offered = [each for each in values if each not in ("or", "a", "time")]
    assert offered
    assert all(parse_query(f"{name}:{each}").unread == () for each in offered)
