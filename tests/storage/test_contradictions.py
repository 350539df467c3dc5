"""Where domains contradict each other, and where they merely differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import CorruptJSON, find_contradictions
from storage.claims import contradict, is_compared
from tests.storage.world_models import JSON, MODELS, shuffled

if TYPE_CHECKING:
    import random

STATES = st.lists(
    st.builds(
        lambda domain, model: {"domain": domain, **model},
        st.sampled_from(["infra", "orders", None]),
        MODELS,
    )
    | JSON,
    max_size=4,
)


def entity(domain: str, **fields: Any) -> dict[str, Any]:
    return {"domain": domain, "entities": [{"id": "orders-db", **fields}]}


def related(domain: str, kind: str, **fields: Any) -> dict[str, Any]:
    relation = {"source_id": "api", "target_id": "db", "type": kind, **fields}
    return {"domain": domain, "relations": [relation]}


def found_in(*states: Any) -> list[tuple[Any, str, tuple[Any, ...]]]:
    return [(each.key, each.path, each.values) for each in find_contradictions(states)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mysql", "postgres"),
        ("02:30", "04:00"),
        ("4.1.9", "4.2.1"),
        ("10.0.0.1", "10.0.0.11"),
        ("worker1", "worker12"),
        ("allowed", "not allowed"),
        ("works", "doesn't work"),
        ("C", "C++"),
        (3306, 5432),
        (3306, "5432"),
        ("-1", "1"),
        (True, False),
        (True, "no"),
        (True, 0),
        (4, "4.1"),
        ("2026-09-30", "2026-10-01T10:00:00Z"),
        (["mara"], "jonas"),
        (
            "a deploy of eight words needs one approval",
            "a deploy of eight words needs two approvals",
        ),
        ("2026-09-30T10:00:00Z", "2026-09-30T11:00:00Z"),
        ("\u6771\u4eac", "\u5927\u962a"),
        ("\U0001f44d", "\U0001f44e"),
        ("தமிழ்", "தமிழா"),
        ("तुला", "तुली"),
    ],
)
def test_two_values_that_cannot_both_be_true(one: Any, other: Any) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Postgres", "postgres"),
        ("postgres", "PostgreSQL 15"),
        ("eu_west-1", "EU West 1"),
        ("prod", "production"),
        ("02:30", "02:30 UTC"),
        ("4.1", "4.1.9"),
        (1, 1.0),
        (5432, "5432"),
        ("caf\u00e9", "cafe\u0301"),
        (14, "14 minutes"),
        (True, "yes"),
        (["mara"], "Mara"),
        (["a", "b"], ["c", "d"]),
        ("mara", ["jonas", "ines"]),
        ("mysql", {"name": "postgres"}),
        (True, 14),
        (True, 0.5),
        (True, math.inf),
        ("2026-09-30", "2026-09-30T10:00:00Z"),
        ("mysql", None),
        ("", "mysql"),
        ([], "mysql"),
        ("mysql", CorruptJSON(b"{", "ends early")),
        ("2026-09-30T10:00:00Z", "2026-09-30 12:00:00+02:00"),
        ("a deploy of nine words never needs two approvals", "a deploy of nine words needs one"),
        (10**400, 10**400),
        pytest.param(10**5000, 10**5000, id="more digits than Python spells"),
        ("محمد", "مُحَمَّد"),
        ("मंगलवार", "मंगल"),
        ("\u2764\ufe0f", "\u2764"),
    ],
)
def test_two_values_that_may_both_be_true(one: Any, other: Any) -> None:
    assert not contradict(one, other)
    assert not contradict(other, one)


@pytest.mark.parametrize("unknown", ["unknown", "Not specified", "N/A", "TBD", "?", " - ", "null"])
def test_what_stands_where_nobody_knows_contradicts_nothing(unknown: str) -> None:
    assert found_in(entity("infra", owner=unknown), entity("orders", owner="mara")) == []


@pytest.mark.parametrize(
    "name",
    [
        *("confidence", "createdAt", "updated_at", "last_seen", "observations", "notes", "type"),
        *("entityType", "access_count", "source_interactions", "description", "tags", "name"),
    ],
)
def test_what_is_about_the_belief_or_worded_freely_is_not_compared(name: str) -> None:
    assert not is_compared(name)
    assert found_in(entity("infra", **{name: "a"}), entity("orders", **{name: "b"})) == []


def test_a_field_with_two_values_in_two_domains_is_a_contradiction() -> None:
    infra, orders = entity("infra", engine="postgres"), entity("orders", engine="mysql")
    (found,) = find_contradictions([orders, infra])
    assert (found.key, found.path, found.domains) == ("orders-db", "engine", ("infra", "orders"))
    assert found.values == ("postgres", "mysql")


def test_the_state_that_says_it_is_named() -> None:
    states = [
        {**entity("a", port=1), "id": "wm-a"},
        {**entity("b", port=2), "id": "wm-b"},
    ]
    (found,) = find_contradictions(states)
    assert [claim.state_id for claim in found.claims] == ["wm-a", "wm-b"]


def test_fields_are_found_at_any_depth_and_in_any_wrapping() -> None:
    one = entity("a", properties={"Storage": {"engine": "mysql"}})
    other = entity("b", storage={"engine": "postgres"})
    assert found_in(one, other) == [
        ("orders-db", "properties.Storage.engine", ("mysql", "postgres"))
    ]


def test_of_three_domains_the_one_that_agrees_with_all_is_left_out() -> None:
    states = [entity("a", v="4.1"), entity("b", v="4.2"), entity("c", v="4"), entity("d", v="4.2")]
    (found,) = find_contradictions(states)
    assert found.domains == ("a", "b", "d")


def test_silence_denies_nothing() -> None:
    silent = {"domain": "b", "entities": [{"id": "orders-db"}], "relations": []}
    assert found_in({**entity("a", engine="mysql"), **related("a", "uses")}, silent) == []


def test_sessions_of_one_domain_do_not_contradict_each_other() -> None:
    assert found_in(entity("a", engine="mysql"), entity("a", engine="postgres")) == []


def test_a_domain_of_two_minds_contradicts_only_who_excludes_both() -> None:
    unsure = [entity("a", engine="mysql"), entity("a", engine="postgres")]
    assert found_in(*unsure, entity("b", engine="postgres")) == []
    assert found_in(*unsure, entity("b", engine="sqlite")) == [
        ("orders-db", "engine", ("mysql", "sqlite"))
    ]


@pytest.mark.parametrize("nothing", [None, "", [], {}, "unknown"])
def test_a_session_that_says_nothing_takes_nothing_back(nothing: Any) -> None:
    sessions = [entity("a", engine="mysql"), entity("a", engine=nothing)]
    assert found_in(*sessions, entity("b", engine="sqlite")) == [
        ("orders-db", "engine", ("mysql", "sqlite"))
    ]


def test_entities_without_id_and_name_are_not_the_same() -> None:
    one = {"domain": "a", "entities": [{"engine": "mysql"}]}
    other = {"domain": "b", "entities": [{"engine": "postgres"}]}
    assert found_in(one, other) == []


def test_entities_are_the_same_by_name_under_different_ids_once() -> None:
    one = {"domain": "a", "entities": [{"id": "x1", "name": "Orders_DB", "port": 1}]}
    other = {"domain": "b", "entities": {"orders-db": {"port": 2}}}
    again = {"domain": "c", "entities": [{"id": "orders-db", "name": "orders-db", "port": 2}]}
    assert found_in(one, other, again) == [("x1", "port", (1, 2, 2))]


def test_entities_that_are_only_numbered_alike_are_not_the_same() -> None:
    one = {"domain": "a", "entities": [{"id": "e1", "name": "orders-db", "port": 1}]}
    other = {"domain": "b", "entities": [{"id": "e1", "name": "Ada", "port": 2}]}
    assert found_in(one, other) == []
    nameless = {"domain": "b", "entities": [{"id": "e1", "port": 2}]}
    assert found_in(one, nameless) == [("e1", "port", (1, 2))]


@pytest.mark.parametrize(
    "denial",
    [
        related("b", "does_not_use"),
        related("b", "no longer uses"),
        related("b", "USES", negated=True),
        related("b", "use", is_active=False),
    ],
)
def test_a_relation_that_another_domain_denies_is_a_contradiction(denial: Any) -> None:
    (found,) = find_contradictions([related("a", "uses"), denial])
    assert (found.key, found.path, found.domains) == (("api", "uses", "db"), "", ("a", "b"))


def test_a_relation_denied_twice_over_and_two_different_relations_agree() -> None:
    assert found_in(related("a", "uses"), related("b", "not uses", negated=True)) == []
    assert found_in(related("a", "uses"), related("b", "reads")) == []


@pytest.mark.parametrize("lacking", ["source_id", "target_id", "type"])
def test_a_relation_that_lacks_an_end_or_a_type_denies_nothing(lacking: str) -> None:
    one, other = related("a", "uses", port=1), related("b", "uses", port=2, negated=True)
    for state in (one, other):
        del state["relations"][0][lacking]
    assert found_in(one, other) == []


def test_fields_of_a_relation_are_compared() -> None:
    states = related("a", "uses", port=1), related("b", "uses", port=2)
    assert found_in(*states) == [(("api", "uses", "db"), "port", (1, 2))]


def test_states_that_are_not_active_or_not_readable_are_passed_over() -> None:
    old = {**entity("b", engine="mysql"), "is_active": False}
    corrupt = {"domain": "c", "entities": CorruptJSON(b"{", "ends early"), "relations": 7}
    assert found_in(entity("a", engine="postgres"), old, corrupt, None, "x") == []


@given(STATES, st.randoms(use_true_random=False))
def test_odd_models_never_raise_and_the_order_within_them_does_not_matter(
    states: list[Any], dice: random.Random
) -> None:
    assert found_in(*states) == found_in(*(shuffled(state, dice) for state in states))


@given(MODELS)
def test_a_model_never_contradicts_itself(model: dict[str, Any]) -> None:
    assert found_in({"domain": "a", **model}, {"domain": "b", **model}) == []
