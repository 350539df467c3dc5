"""Where two world models differ."""

from __future__ import annotations

import copy
import doctest
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import world_history, world_keys, world_model
from storage.diff_records import MISSING, FieldChange
from storage.json_utils import decode
from storage.world_keys import entities_of, is_same, relations_of
from storage.world_model import diff_world_models, field_changes
from tests.storage.world_models import JSON, MODELS, nested, nested_mappings, shuffled

if TYPE_CHECKING:
    import random


def entities(*held: Any) -> dict[str, Any]:
    return {"entities": list(held)}


def relations(*held: Any) -> dict[str, Any]:
    return {"relations": list(held)}


def paths(changes: tuple[FieldChange, ...]) -> list[tuple[str, Any, Any]]:
    return [(change.path, change.old, change.new) for change in changes]


def test_a_change_is_told_down_to_the_field() -> None:
    old = entities({"id": "db", "type": "db", "properties": {"engine": "mysql", "port": 1}})
    new = entities({"id": "db", "type": "db", "properties": {"engine": "postgres", "ssl": None}})
    (change,) = diff_world_models(old, new).entities.changed
    assert change.key == "db"
    assert paths(change.fields) == [
        ("properties.engine", "mysql", "postgres"),
        ("properties.port", 1, MISSING),
        ("properties.ssl", MISSING, None),
    ]
    assert [field.kind for field in change.fields] == ["changed", "removed", "added"]


def test_entities_added_and_removed_come_with_their_value() -> None:
    diff = diff_world_models(entities({"id": "a", "n": 1}), entities({"id": "b", "n": 2}))
    assert [(change.kind, change.key) for change in diff.entities] == [
        ("removed", "a"),
        ("added", "b"),
    ]
    assert (diff.entities.removed[0].old, diff.entities.removed[0].new) == (
        {"id": "a", "n": 1},
        MISSING,
    )
    assert diff.entities.added[0].new == {"id": "b", "n": 2}


def test_a_relation_that_changes_its_type_is_another_relation() -> None:
    old = relations({"source_id": "a", "target_id": "b", "type": "uses", "confidence": 0.5})
    new = relations({"source_id": "a", "target_id": "b", "type": "owns", "confidence": 0.5})
    diff = diff_world_models(old, new)
    assert [change.key for change in diff.relations.removed] == [("a", "uses", "b")]
    assert [change.key for change in diff.relations.added] == [("a", "owns", "b")]


def test_a_relation_in_another_spelling_is_the_same_relation() -> None:
    old = relations({"source_id": "a", "target_id": "b", "type": "uses", "confidence": 0.5})
    new = relations({"from": "a", "to": "b", "relationType": "uses", "confidence": 0.7})
    (change,) = diff_world_models(old, new).relations.changed
    assert paths(change.fields) == [("confidence", 0.5, 0.7)]


def test_an_object_at_the_end_of_a_relation_is_compared_too() -> None:
    old = relations({"source": {"id": "a", "port": 1}, "target": "b", "type": "uses"})
    new = relations({"source": {"id": "a", "port": 2}, "target": "b", "type": "uses"})
    (change,) = diff_world_models(old, new).relations.changed
    assert paths(change.fields) == [("source.port", 1, 2)]


def test_an_array_and_a_mapping_by_id_say_the_same() -> None:
    old = entities({"id": "e1", "type": "module"}, {"id": "e2", "name": "Ada"})
    new = {"entities": {"e2": "Ada", "e1": {"type": "module"}}}
    assert diff_world_models(old, new).is_empty


def test_a_name_that_makes_the_key_in_an_array_only_is_no_change() -> None:
    ada = {"name": "Ada", "role": "owner"}
    array, mapping = {"entities": [ada]}, {"entities": {"Ada": dict(ada)}}
    assert diff_world_models(array, mapping).is_empty
    assert diff_world_models(mapping, array).is_empty
    [renamed] = diff_world_models(array, {"entities": {"Ada": {**ada, "name": "Ada L."}}}).entities
    assert [(each.path, each.new) for each in renamed.fields] == [("name", "Ada L.")]


def test_a_bare_name_that_becomes_an_object_tells_only_what_is_new() -> None:
    (change,) = diff_world_models(
        entities("Ada"), entities({"name": "Ada", "entityType": "person"})
    ).entities
    assert paths(change.fields) == [("entityType", MISSING, "person")]


def test_a_value_of_another_shape_is_one_change_without_a_path() -> None:
    (change,) = diff_world_models({"entities": {"e1": 3}}, {"entities": {"e1": {"n": 3}}}).entities
    assert paths(change.fields) == [("", 3, {"n": 3})]


def test_observations_tell_which_items_came_and_went() -> None:
    old = entities({"name": "Ada", "observations": ["tabs", "tea", "tea"]})
    new = entities({"name": "Ada", "observations": ["tea", "dark mode", "tabs"]})
    ((field,),) = [change.fields for change in diff_world_models(old, new).entities]
    assert field.path == "observations"
    assert field.item_changes() == (["dark mode"], ["tea"])


def test_an_item_that_stands_twice_before_and_after_neither_came_nor_went() -> None:
    change = FieldChange(("seen",), ["tea", "tea"], ["tea", "milk", "tea"])
    assert change.item_changes() == (["milk"], [])


def test_models_that_differ_in_a_relation_alone_do_not_say_the_same() -> None:
    related = {"relations": [{"from": "Ada", "to": "api", "relationType": "maintains"}]}
    assert not diff_world_models({}, related).is_empty


def test_only_two_lists_have_items_that_came_and_went() -> None:
    assert FieldChange(("n",), MISSING, ["a"]).item_changes() is None


def test_confidence_is_told_before_and_after() -> None:
    diff = diff_world_models({"domain_confidence": 0.6}, {"confidence": 0.8})
    assert (diff.confidence_before, diff.confidence_after) == (0.6, 0.8)
    assert diff.confidence_changed
    assert not diff.is_empty
    assert diff.fields == ()


def test_confidence_that_is_absent_or_null_is_none() -> None:
    assert diff_world_models({}, {"confidence": None}).is_empty
    assert diff_world_models({}, {"confidence": None, "domain_confidence": 0.4}).confidence_changed


def test_a_second_confidence_that_disagrees_is_not_hidden() -> None:
    old = {"confidence": 0.5, "domain_confidence": 0.5}
    new = {"confidence": 0.5, "domain_confidence": 0.9}
    assert paths(diff_world_models(old, new).fields) == [("domain_confidence", MISSING, 0.9)]


def test_goals_and_metrics_are_compared_and_bookkeeping_is_not() -> None:
    old = {"id": 1, "snapshot_time": "2026-01-01", "trigger_event": "x", "metrics": {"n": 1}}
    new = {"id": 2, "snapshot_time": "2026-01-02", "world_model_id": "w", "metrics": {"n": 2}}
    new["goals"] = [{"description": "fix login"}]
    assert paths(diff_world_models(old, new).fields) == [
        ("goals", MISSING, [{"description": "fix login"}]),
        ("metrics.n", 1, 2),
    ]


@pytest.mark.parametrize("nothing", [None, {}, [], 3, "text"])
def test_against_nothing_everything_is_added(nothing: Any) -> None:
    diff = diff_world_models(nothing, entities("Ada", "Bob"))
    assert [change.key for change in diff.entities.added] == ["Ada", "Bob"]
    assert len(diff.entities) == 2


def test_a_part_that_cannot_be_decoded_is_one_changed_field_and_nothing_of_it_added() -> None:
    corrupt = decode(b'[{"id": "e1"')
    believed = {**entities("Ada"), "confidence": 0.5}
    diff = diff_world_models({"entities": corrupt, "confidence": 0.7}, believed)
    assert (len(diff.entities), diff.confidence_before) == (0, 0.7)
    assert [(change.path, change.kind) for change in diff.fields] == [("entities", "removed")]
    assert diff_world_models(corrupt, {}).is_empty


@pytest.mark.parametrize("after", [{}, {"n": 1}, decode(b'{"n": 1')])
def test_a_field_that_cannot_be_decoded_is_one_changed_field(after: Any) -> None:
    corrupt = decode(b'{"n":')
    [change] = diff_world_models({"metrics": corrupt}, {"metrics": after}).fields
    assert (change.path, change.old, change.new) == ("metrics", corrupt, after)


@pytest.mark.parametrize("stored", [decode(b'{"entities": [{"id"'), b'{"entities": [{"id"', [1]])
def test_a_snapshot_that_cannot_be_read_gives_up_no_belief(stored: Any) -> None:
    damaged = {"domain": None, "entities": [], "relations": [], "snapshot_data": stored}
    believed = {"domain": "infra", "confidence": 0.7, **entities("Ada")}
    diff = diff_world_models(believed, damaged)
    assert (len(diff.entities), len(diff.relations), diff.confidence_changed) == (0, 0, False)
    assert [(change.path, change.kind) for change in diff.fields] == [("snapshot_data", "added")]
    assert diff_world_models(damaged, believed) == diff.inverse()


def test_a_snapshot_that_names_no_domain_left_none() -> None:
    named = {"domain": "infra", **entities("Ada")}
    assert diff_world_models(named, {"domain": None, **entities("Ada")}).is_empty
    assert not diff_world_models(named, {"domain": "billing", **entities("Ada")}).is_empty


def test_a_path_quotes_the_keys_that_would_mislead() -> None:
    assert FieldChange(("a", "b.c", "", 'd"e', "ü f"), 1, 2).path == r'a."b.c"."".d\"e.ü f'.replace(
        r"d\"e", r'"d\"e"'
    )


@pytest.mark.parametrize("depth", [1_000, 20_000])
def test_a_value_nested_deep_is_compared_to_the_bottom(depth: int) -> None:
    old = entities({"id": "a", "properties": nested_mappings(depth, "old")})
    new = entities({"id": "a", "properties": nested_mappings(depth, "new")})
    (change,) = diff_world_models(old, new).entities
    assert change.fields[0].keys == ("properties", *["in"] * depth)
    assert "'old' -> 'new'" in repr(change)


@pytest.mark.parametrize("depth", [1_000, 20_000])
def test_lists_and_mappings_nested_deep_by_turns_can_be_keyed_and_compared(depth: int) -> None:
    old, new = nested(depth, "old"), nested(depth, "new")
    diff = diff_world_models({"entities": [old], "goals": old}, {"entities": [new], "goals": new})
    assert [change.kind for change in diff.entities] in (["added", "removed"], ["removed", "added"])
    assert len(diff.fields) == 1
    assert repr(diff)


def test_a_number_too_long_for_decimals_can_be_written_in_a_message() -> None:
    (change,) = field_changes({"n": 1}, {"n": 10**5000})
    assert repr(change).startswith("FieldChange(n: 1 -> 0x")


def test_of_two_entities_that_share_a_key_the_one_that_stays_is_no_change() -> None:
    person, ship = {"name": "Ada", "type": "person"}, {"name": "Ada", "type": "ship"}
    both, one = entities(person, ship), entities(ship)
    [gone] = diff_world_models(both, one).entities
    assert (gone.kind, gone.key, gone.old) == ("removed", "Ada", person)
    [come] = diff_world_models(one, both).entities
    assert (come.kind, come.key, come.new) == ("added", "Ada", person)
    old = {"name": "Ada", "type": "person", "age": 3}
    [changed] = diff_world_models(both, entities(ship, old)).entities
    assert paths(changed.fields) == [("age", MISSING, 3)]


def test_of_relations_that_share_their_ends_and_type_the_one_that_stays_is_no_change() -> None:
    ends = {"from": "a", "to": "b", "type": "calls"}
    both = {"relations": [{**ends, "over": "http"}, {**ends, "over": "smtp"}]}
    for stays, goes in ((0, 1), (1, 0)):
        diff = diff_world_models(both, {"relations": [both["relations"][stays]]})
        assert [each.old for each in diff.relations] == [both["relations"][goes]]


@given(MODELS)
def test_a_model_does_not_differ_from_itself(model: dict[str, Any]) -> None:
    assert diff_world_models(model, copy.deepcopy(model)).is_empty


@given(MODELS, st.randoms(use_true_random=False))
def test_permuted_lists_are_no_change(model: dict[str, Any], dice: random.Random) -> None:
    assert diff_world_models(model, shuffled(model, dice)).is_empty


@given(MODELS, MODELS)
def test_the_inverse_is_the_diff_the_other_way_round(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert diff_world_models(old, new).inverse() == diff_world_models(new, old)


@given(MODELS, MODELS)
def test_added_removed_and_changed_share_out_the_keys(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    diff = diff_world_models(old, new)
    for changes, before, after in (
        (diff.entities, set(entities_of(old)), set(entities_of(new))),
        (diff.relations, set(relations_of(old)), set(relations_of(new))),
    ):
        added = {change.key for change in changes.added}
        removed = {change.key for change in changes.removed}
        changed = {change.key for change in changes.changed}
        # Of those that share a key, another may have its number after.
        assert added <= after
        assert removed <= before
        assert len(added) - len(removed) == len(after) - len(before)
        assert changed <= before & after
        assert len(changes) == len(added) + len(removed) + len(changed)
        assert all(change.fields for change in changes.changed)
        assert list(changes) == sorted(changes, key=lambda change: change.key)


@given(JSON, JSON)
def test_field_changes_lead_from_the_old_value_to_the_new(old: Any, new: Any) -> None:
    assert is_same(patched(old, field_changes(old, new)), new)


@given(JSON, JSON)
def test_arbitrary_json_is_compared_without_an_error(old: Any, new: Any) -> None:
    diff_world_models(old, new)
    diff_world_models({"entities": old, "relations": old}, {"entities": new, "relations": new})


@given(MODELS, MODELS)
def test_the_models_are_left_as_they_were(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = json.dumps([old, new])
    diff_world_models(old, new)
    assert json.dumps([old, new]) == before


@pytest.mark.parametrize("module", [world_keys, world_model, world_history])
def test_the_examples_in_the_docstrings_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def patched(value: Any, changes: tuple[FieldChange, ...]) -> Any:
    """The value with the changes made, the obvious way."""
    result = copy.deepcopy(value)
    for change in changes:
        if not change.keys:
            return change.new
        inner = result
        for key in change.keys[:-1]:
            inner = inner[key]
        if change.new is MISSING:
            del inner[change.keys[-1]]
        else:
            inner[change.keys[-1]] = change.new
    return result
