"""Under which keys entities and relations are known, and which values are the same."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.diff_records import MISSING
from storage.world_keys import (
    entities_of,
    entity_key,
    fingerprint,
    is_same,
    relation_key,
    relations_of,
    with_entry,
)
from tests.storage.world_models import JSON, MODELS, shuffled

if TYPE_CHECKING:
    import random


def entities(*held: Any) -> dict[str, Any]:
    return {"entities": list(held)}


def relations(*held: Any) -> dict[str, Any]:
    return {"relations": list(held)}


@pytest.mark.parametrize(
    ("entity", "key"),
    [
        ({"id": "e1", "name": "Ada"}, "e1"),
        ({"entity_id": "e1", "name": "Ada"}, "e1"),
        ({"type": "entity", "name": "Ada", "entityType": "person"}, "Ada"),
        ({"id": None, "name": "Ada"}, "Ada"),
        ({"id": "", "name": "Ada"}, "Ada"),
        ({"id": ["e1"], "name": "Ada"}, "Ada"),
        ({"id": 7}, "7"),
        ("Ada", "Ada"),
        ({"type": "module", "n": 1.0}, '{"n":1,"type":"module"}'),
        (None, "null"),
        (True, "true"),
        (4, "4"),
        ([1, "a"], '["a",1]'),
    ],
)
def test_an_entity_is_known_by_its_id_else_its_name_else_its_json(entity: Any, key: str) -> None:
    assert entity_key(entity) == key


@pytest.mark.parametrize(
    ("relation", "key"),
    [
        ({"source_id": "e1", "target_id": "e2", "type": "imports"}, ("e1", "imports", "e2")),
        (
            {"type": "relation", "from": "Ada", "to": "Nobody", "relationType": "knows"},
            ("Ada", "knows", "Nobody"),
        ),
        ({"source": "a", "target": "b", "relation_type": "uses"}, ("a", "uses", "b")),
        ({"source_id": "a", "target_id": "b", "source": "chat"}, ("a", "", "b")),
        ({"source": {"id": "a"}, "target": {"name": "b"}, "type": "uses"}, ("a", "uses", "b")),
        ({"source_id": 1, "type": "uses"}, ("1", "uses", "")),
        ({"type": "uses"}, ("", '{"type":"uses"}', "")),
        ("a uses b", ("", '"a uses b"', "")),
        (None, ("", "null", "")),
    ],
)
def test_a_relation_is_known_by_source_type_and_target(
    relation: Any, key: tuple[str, str, str]
) -> None:
    assert relation_key(relation) == key


def test_the_key_of_a_mapping_is_the_id_where_the_value_has_none() -> None:
    held = {"e1": {"name": "Ada"}, "e2": {"id": "own"}, "e3": "Bob", "e4": None}
    assert list(entities_of({"entities": held})) == ["e1", "own", "e3", "e4"]


def test_an_entity_under_an_empty_key_stays_the_same_one_when_it_changes() -> None:
    versions = [{"": {"name": "Ada", "engine": engine}} for engine in ("mysql", "postgres")]
    assert [list(entities_of({"entities": held})) for held in versions] == [[""], [""]]


def test_the_key_of_a_mapping_stands_for_a_relation_without_ends() -> None:
    held = {"r1": {"type": "uses"}, "r2": {"from": "a", "to": "b"}}
    assert list(relations_of({"relations": held})) == [("", "r1", ""), ("a", "", "b")]


def test_entities_with_one_key_are_all_kept() -> None:
    found = entities_of(entities({"id": "a"}, {"id": "a"}, {"id": "a", "n": 1}))
    assert sorted(found) == ["a", "a#2", "a#3"]


def test_relations_with_one_key_are_numbered_at_the_type() -> None:
    relation = {"from": "a", "to": "b", "type": "uses"}
    assert list(relations_of(relations(relation, relation))) == [
        ("a", "uses", "b"),
        ("a", "uses#2", "b"),
    ]


def test_a_number_given_to_a_double_never_takes_the_place_of_another_entity() -> None:
    found = entities_of(entities({"id": "a"}, {"id": "a#2"}, {"id": "a"}, {"id": "a#2"}))
    assert sorted(found) == ["a", "a#2", "a#2#2", "a#3"]


def test_a_value_where_a_list_was_expected_is_one_entity() -> None:
    assert entities_of({"entities": "auth.py"}) == {"auth.py": "auth.py"}


@pytest.mark.parametrize(
    ("entities", "key", "changed"),
    [
        ({"tls": True, "ipv6": True}, "ipv6", {"tls": True, "ipv6": "new"}),
        ({"a": 1, "": 1, "b": 1}, "a", {"a": "new", "": 1, "b": 1}),
        ({"a": None, "": None}, "", {"a": None, "": "new"}),
        ({"z": 1, "b": {"id": "z"}}, "z#2", {"z": "new", "b": {"id": "z"}}),
        ([None, {"id": "db", "n": 1}, None], "null#2", ["new", {"id": "db", "n": 1}, None]),
        ([{"id": "db"}, {"id": "b"}], "b", [{"id": "db"}, "new"]),
        ("bare", "bare", "new"),
    ],
)
def test_replacing_an_entry_leaves_the_others_as_they_are(
    entities: Any, key: str, changed: Any
) -> None:
    before = copy.deepcopy(entities)
    assert with_entry({"entities": entities}, key, "new") == changed
    assert entities == before


def test_replacing_a_relation_leaves_the_others_as_they_are() -> None:
    held = {"r1": 1, "r2": 1}
    assert with_entry({"relations": held}, ("", "r2", ""), 2) == {"r1": 1, "r2": 2}
    with pytest.raises(KeyError):
        with_entry({"relations": held}, ("", "r3", ""), 2)


@given(MODELS)
def test_no_entity_and_no_relation_is_lost(model: dict[str, Any]) -> None:
    for found, held in (
        (entities_of(model), model.get("entities")),
        (relations_of(model), model.get("relations")),
    ):
        count = len(held) if isinstance(held, list | dict) else int(held is not None)
        assert len(found) == count


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (0.0, -0.0, True),
        (10**400, 10**400 + 1, False),
        (2**60, float(2**60), True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        (None, False, False),
        ([1, [2, 3]], [[3, 2], 1], True),
        ([1, 1, 2], [1, 2, 2], False),
        ({"a": None}, {}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([], {}, False),
        ("\ud800", "\ud800", True),
        (float("nan"), float("nan"), True),
        ([MISSING], [["Missing", "MISSING"]], False),
    ],
)
def test_values_are_the_same_when_json_means_the_same(one: Any, other: Any, same: bool) -> None:
    assert is_same(one, other) is same


@given(JSON, JSON)
def test_fingerprints_agree_with_the_definition_of_sameness(one: Any, other: Any) -> None:
    assert is_same(one, other) is (plain_form(one) == plain_form(other))


@given(JSON, st.randoms(use_true_random=False))
def test_order_is_no_part_of_a_value(value: Any, dice: random.Random) -> None:
    assert is_same(value, shuffled(value, dice))


def test_a_long_value_has_a_short_fingerprint() -> None:
    assert len(fingerprint(["word"] * 1000)) < 100
    assert fingerprint(["word"] * 1000) != fingerprint(["word"] * 1001)


def plain_form(value: Any) -> Any:
    """The definition of sameness, written the obvious way."""
    if isinstance(value, dict):
        return "object", sorted((key, repr(plain_form(held))) for key, held in value.items())
    if isinstance(value, list):
        return "array", sorted(repr(plain_form(held)) for held in value)
    if isinstance(value, float) and value.is_integer():
        return "number", int(value)
    kinds = {bool: "bool", int: "number", float: "number", str: "string", type(None): "null"}
    return kinds[type(value)], value


def test_numbers_too_long_for_decimals_are_compared_too() -> None:
    assert is_same([10**5000], [10**5000])
    assert not is_same([10**5000], [10**5000 + 1])
