"""Filters, as a person types them and as a caller gives them, and how they go together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ValidationError
from storage.moments import parse_moment as moment
from storage.search.documents import KINDS
from storage.search.filters import Filters, filters_of
from storage.search.query import parse_query

NOW = datetime(2026, 3, 15, 12, 30, tzinfo=UTC)
INTERACTIONS = frozenset({"interaction", "archived_interaction"})
PATTERNS = frozenset({"pattern", "archived_pattern"})


def words_of(typed: str) -> list[tuple[str, ...]]:
    return [term.words for term in parse_query(typed).terms]


def filters(typed: str) -> Filters:
    """Return what is understood of filters with nothing beside them."""
    query = parse_query(typed, now=NOW)
    assert query.terms == query.excluded == ()
    assert query.text == ""
    return query.filters


# Typed.


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("interaction", INTERACTIONS),
        ("Interactions", INTERACTIONS),
        ("PATTERN", PATTERNS),
        ("patterns", PATTERNS),
        ("entity", {"entity"}),
        ("entities", {"entity"}),
        ("archived_interaction", {"archived_interaction"}),
        ("archived-interactions", {"archived_interaction"}),
        ('"archived patterns"', {"archived_pattern"}),
        ("pattern,entity", PATTERNS | {"entity"}),
    ],
)
def test_kinds_are_understood(typed: str, kinds: set[str]) -> None:
    assert filters(f"kind:{typed}") == Filters(kinds=frozenset(kinds))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("type", "types"),
        ("reason", "reasons"),
        ("session", "sessions"),
        ("action", "actions"),
        ("domain", "domains"),
    ],
)
def test_a_filter_takes_a_value_as_it_is_typed(name: str, field: str) -> None:
    assert getattr(filters(f"{name}:Edit_File"), field) == {"Edit_File"}
    assert getattr(filters(f'{name}:"a, b: c"'), field) == {"a, b: c"}


def test_the_name_of_a_filter_may_be_in_any_case() -> None:
    assert filters("KIND:pattern Session:s1") == Filters(kinds=PATTERNS, sessions=frozenset({"s1"}))


def test_several_of_one_filter_are_any_of_them() -> None:
    assert filters("session:a session:b,c").sessions == frozenset("abc")


def test_several_times_are_any_of_them() -> None:
    both = filters("after:2026 after:2025 before:2021 before:2022")
    assert (both.after, both.before) == (moment("2025-01-01"), moment("2022-01-01"))


@pytest.mark.parametrize("value", ["yes", "True", "ONLY", "1"])
def test_archived_can_be_asked_for(value: str) -> None:
    assert filters(f"archived:{value}").archived is True


@pytest.mark.parametrize("value", ["no", "False", "0"])
def test_archived_can_be_left_out(value: str) -> None:
    assert filters(f"archived:{value}").archived is False


@pytest.mark.parametrize(
    "typed", ["archived:all", "archived:yes archived:no", "archived:yes,no,yes"]
)
def test_archived_and_live_together_are_no_condition(typed: str) -> None:
    assert filters(typed) == Filters()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025", "2025-01-01"),
        ("2025-07", "2025-07-01"),
        ("2025/7", "2025-07-01"),
        ("2025-07-04", "2025-07-04"),
        ("2025/07/04", "2025-07-04"),
        ("2025-07-04T09:30", "2025-07-04T09:30"),
        ('"2025-07-04 09:30:01.5"', "2025-07-04T09:30:01.5"),
        ("2025-07-04T09:30+02:00", "2025-07-04T07:30"),
        ("today", "2026-03-15"),
        ("Yesterday", "2026-03-14"),
        ("24h", "2026-03-14T12:30"),
        ("7d", "2026-03-08T12:30"),
        ("2W", "2026-03-01T12:30"),
        ("1m", "2026-02-13T12:30"),
        ("1y", "2025-03-15T12:30"),
        ('"3 days ago"', "2026-03-12T12:30"),
    ],
)
def test_times_are_understood(typed: str, meant: str) -> None:
    assert filters(f"after:{typed}").after == moment(meant)
    assert filters(f"before:{typed}").before == moment(meant)


@pytest.mark.parametrize(
    "typed",
    [
        *["kind:", "kind:dog", 'kind:""', "session:", "archived:maybe"],
        *["before:soon", "after:2026-13", "before:2026-02-30", "after:9999y", "before:0000"],
        *["colour:red", "before:", "-kind:dog", "kind::pattern"],
    ],
)
def test_a_filter_that_makes_no_sense_is_words(typed: str) -> None:
    query = parse_query(typed)
    assert query.filters == Filters()
    assert len(query.terms + query.excluded) == 1


def test_several_values_of_which_one_makes_no_sense_are_words() -> None:
    assert parse_query("kind:pattern,dog").filters == Filters()
    assert words_of("kind:pattern,dog") == [("kind", "pattern"), ("dog",)]


def test_an_unknown_filter_with_a_quoted_value_is_words() -> None:
    assert words_of('title:"a b" c') == [("title", "a", "b"), ("c",)]


def test_a_minus_turns_a_filter_round() -> None:
    assert filters("-kind:pattern -session:a,b").excluded == (
        Filters(kinds=PATTERNS),
        Filters(sessions=frozenset({"a"})),
        Filters(sessions=frozenset({"b"})),
    )


# Given by a caller.


def test_no_argument_is_no_condition() -> None:
    assert filters_of() == Filters()


def test_arguments_make_the_filters_that_typing_makes() -> None:
    given = filters_of(
        kinds=["pattern", "Entities"],
        archived=True,
        session_id="s",
        action=["a", "b"],
        pattern_type="t",
        archive_reason="r",
        domain="d",
        before="2026-02",
        after=date(2026, 1, 1),
    )
    assert given == filters(
        "kind:pattern,entity archived:yes session:s action:a,b type:t reason:r domain:d"
        " before:2026-02 after:2026-01-01"
    )


def test_no_value_at_all_is_what_nothing_fulfils() -> None:
    assert filters_of(kinds=[]).kinds == frozenset()


def test_a_time_may_be_a_datetime_of_another_zone() -> None:
    zone = datetime.fromisoformat("2026-01-01T00:00:00+05:00")
    assert filters_of(after=zone).after == moment("2025-12-31T19:00")


def test_a_time_may_be_relative() -> None:
    after = filters_of(after="1h").after
    assert after is not None
    ago = datetime.now(UTC) - timedelta(microseconds=after) - datetime.fromtimestamp(0, UTC)
    assert timedelta(hours=1) <= ago < timedelta(hours=2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kinds", ["pattern", "dog"]),
        ("kinds", [1]),
        ("archived", "yes"),
        ("session_id", 5),
        ("action", [None]),
        ("pattern_type", b"t"),
        ("archive_reason", 1.5),
        ("domain", object()),
        ("before", "soon"),
        ("before", "9999y"),
        ("after", 1767225600),
    ],
)
def test_an_argument_that_makes_no_sense_is_an_error_that_names_it(
    field: str, value: object
) -> None:
    with pytest.raises(ValidationError, match=field) as caught:
        filters_of(**{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


# Together.


def test_typed_and_given_filters_both_hold() -> None:
    typed = filters("kind:pattern,entity session:a after:2026-01-01 before:2026-03-01 -action:x")
    given = filters_of(kinds=["pattern"], after="2026-02-01", before="2026-04-01", domain="d")
    assert typed.both(given) == Filters(
        kinds=PATTERNS,
        sessions=frozenset({"a"}),
        domains=frozenset({"d"}),
        after=moment("2026-02-01"),
        before=moment("2026-03-01"),
        excluded=(Filters(actions=frozenset({"x"})),),
    )


def test_filters_that_contradict_each_other_fit_nothing() -> None:
    assert filters("kind:pattern").both(filters_of(kinds="interaction")).kinds == frozenset()


def test_archived_and_not_archived_fit_nothing() -> None:
    assert filters("archived:yes").both(filters_of(archived=False)).kinds == frozenset()
    assert filters("archived:no").both(filters_of(archived=True)).kinds == frozenset()


MADE = st.builds(
    filters_of,
    kinds=st.none() | st.lists(st.sampled_from(KINDS)),
    archived=st.none() | st.booleans(),
    session_id=st.none() | st.lists(st.sampled_from("abc")),
    before=st.none() | st.dates(),
    after=st.none() | st.dates(),
)


@given(MADE, MADE, MADE)
def test_the_order_of_filters_makes_no_difference(
    one: Filters, two: Filters, three: Filters
) -> None:
    assert one.both(two) == two.both(one)
    assert one.both(one) == one
    assert one.both(Filters()) == one
    assert one.both(two).both(three).kinds == one.both(two.both(three)).kinds
