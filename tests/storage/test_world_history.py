"""The history of one entity or relation."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from storage.diff_records import MISSING
from storage.json_utils import decode
from storage.world_history import EntityEvent, entity_history
from storage.world_keys import entities_of, relations_of
from storage.world_model import diff_world_models
from tests.storage.world_models import ENTITY_LISTS, RELATION_LISTS

if TYPE_CHECKING:
    import random

    from storage.world_keys import EntityKey, RelationKey

DAYS = [f"2026-09-{day:02}T12:00:00.000000+00:00" for day in range(1, 31)]


def snapshot(number: int, entities: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "world_model_id": "w1",
        "domain": "infra",
        "snapshot_time": DAYS[number],
        "trigger_event": f"trigger-{number}",
        "entities": entities,
        **more,
    }


def kinds(events: list[EntityEvent]) -> list[tuple[str, Any]]:
    return [(event.kind, event.snapshot_id) for event in events]


MYSQL = {"id": "db", "engine": "mysql"}
POSTGRES = {"id": "db", "engine": "postgres"}
STORY = [
    snapshot(1, []),
    snapshot(2, [MYSQL]),
    snapshot(3, [MYSQL, "other"]),
    snapshot(4, [POSTGRES]),
    snapshot(5, []),
    snapshot(6, []),
    snapshot(7, {"db": {"engine": "sqlite"}}),
]


def test_an_entity_appears_changes_vanishes_and_comes_back() -> None:
    assert kinds(entity_history(STORY, "db")) == [
        ("appeared", 2),
        ("changed", 4),
        ("vanished", 5),
        ("reappeared", 7),
    ]


def test_an_event_says_when_and_by_what_trigger() -> None:
    event = entity_history(STORY, "db")[1]
    assert event.snapshot_time == DAYS[4]
    assert event.trigger_event == "trigger-4"
    assert (event.domain, event.world_model_id, event.key) == ("infra", "w1", "db")
    assert (event.old, event.new) == (MYSQL, POSTGRES)
    assert [(field.path, field.old, field.new) for field in event.fields] == [
        ("engine", "mysql", "postgres")
    ]


def test_the_value_is_missing_before_it_appears_and_after_it_vanishes() -> None:
    appeared, _, vanished, _ = entity_history(STORY, "db")
    assert appeared.old is MISSING
    assert (vanished.old, vanished.new) == (POSTGRES, MISSING)


def test_one_that_comes_back_tells_what_changed_while_it_was_away() -> None:
    event = entity_history(STORY, "db")[-1]
    assert [(field.path, field.old, field.new) for field in event.fields] == [
        ("engine", "postgres", "sqlite")
    ]


def test_a_relation_has_a_history_too() -> None:
    relation = {"source_id": "a", "target_id": "b", "type": "uses"}
    story = [
        snapshot(1, [], relations=[relation]),
        snapshot(2, [], relations=[relation | {"confidence": 0.5}]),
        snapshot(3, [], relations=[]),
    ]
    events = entity_history(story, ("a", "uses", "b"))
    assert kinds(events) == [("appeared", 1), ("changed", 2), ("vanished", 3)]


def test_a_key_that_never_was_has_no_history() -> None:
    assert entity_history(STORY, "nobody") == []
    assert entity_history(STORY, ("db", "uses", "db")) == []
    assert entity_history([], "db") == []


def test_moments_count_and_not_how_they_are_written() -> None:
    story = [
        snapshot(1, [POSTGRES], snapshot_time="2026-09-01T13:00:00+02:00"),
        snapshot(2, [MYSQL], snapshot_time="2026-09-01T10:30:00Z"),
    ]
    assert kinds(entity_history(story, "db")) == [("appeared", 2), ("changed", 1)]


def test_snapshots_of_one_moment_are_read_by_id() -> None:
    story = [
        snapshot(10, [POSTGRES], snapshot_time=DAYS[0]),
        snapshot(9, [MYSQL], snapshot_time=DAYS[0]),
    ]
    assert kinds(entity_history(story, "db")) == [("appeared", 9), ("changed", 10)]


def test_a_time_that_cannot_be_read_counts_as_the_earliest() -> None:
    story = [snapshot(1, [POSTGRES]), snapshot(2, [MYSQL], snapshot_time="soon")]
    assert kinds(entity_history(story, "db")) == [("appeared", 2), ("changed", 1)]


def test_each_world_model_has_a_history_of_its_own() -> None:
    story = [
        snapshot(1, [MYSQL]),
        snapshot(2, [MYSQL], world_model_id="w2", domain="orders"),
        snapshot(3, [POSTGRES]),
        snapshot(4, [], world_model_id="w2", domain="orders"),
    ]
    events = entity_history(story, "db")
    assert [(event.kind, event.domain) for event in events] == [
        ("appeared", "infra"),
        ("appeared", "orders"),
        ("changed", "infra"),
        ("vanished", "orders"),
    ]


def test_without_a_world_model_id_the_domain_tells_them_apart() -> None:
    story = [{"id": 1, "domain": "a", "entities": ["x"]}, {"id": 2, "domain": "b", "entities": []}]
    assert kinds(entity_history(story, "x")) == [("appeared", 1)]


def test_a_snapshot_that_cannot_be_decoded_makes_nothing_vanish() -> None:
    corrupt = decode(b'[{"id": "db"')
    story = [
        snapshot(1, [MYSQL]),
        snapshot(2, corrupt),
        {"id": 3, "world_model_id": "w1", "snapshot_time": DAYS[3], "snapshot_data": corrupt},
        snapshot(4, [MYSQL]),
    ]
    assert kinds(entity_history(story, "db")) == [("appeared", 1)]
    assert entity_history([corrupt], "db") == []


def test_entries_that_share_a_key_have_a_history_each() -> None:
    story = [snapshot(1, ["Ada"]), snapshot(2, ["Ada", "Ada"])]
    assert kinds(entity_history(story, "Ada")) == [("appeared", 1)]
    assert kinds(entity_history(story, "Ada#2")) == [("appeared", 2)]


def test_a_snapshot_that_is_no_object_gives_up_no_belief() -> None:
    listed = {"id": 2, "world_model_id": "w1", "snapshot_time": DAYS[2], "snapshot_data": [1, 2]}
    told = [snapshot(1, [{"id": "db"}]), {**listed, "entities": [], "relations": []}]
    assert [event.kind for event in entity_history(told, "db")] == ["appeared"]


def test_malformed_snapshots_raise_nothing() -> None:
    broken: list[Any] = [None, 3, {"entities": 5}, {"id": [], "snapshot_time": {}, "domain": []}]
    assert kinds(entity_history(broken, "5")) == [("appeared", None)]


STORIES = st.lists(st.tuples(ENTITY_LISTS, RELATION_LISTS), min_size=1, max_size=6)


def told(number: int, entities: Any, relations: Any) -> dict[str, Any]:
    return snapshot(number, entities, relations=relations)


def everything_in(model: dict[str, Any]) -> dict[EntityKey | RelationKey, Any]:
    found: dict[EntityKey | RelationKey, Any] = dict(entities_of(model).items())
    found.update(relations_of(model).items())
    return found


@given(STORIES, st.randoms(use_true_random=False))
def test_the_events_replay_to_the_last_state(
    story: list[tuple[Any, Any]], dice: random.Random
) -> None:
    snapshots = [told(number, *parts) for number, parts in enumerate(story)]
    given_out = shuffled_copy(snapshots, dice)
    last = snapshots[-1]
    for key in {key for held in snapshots for key in everything_in(held)}:
        events = entity_history(given_out, key)
        assert (events[-1].new is MISSING) == (key not in everything_in(last))
        rest = diff_world_models(snapshots[events[-1].snapshot_id], last)
        assert key not in {change.key for change in (*rest.entities, *rest.relations)}


@given(STORIES)
def test_every_event_stands_on_its_snapshot(story: list[tuple[Any, Any]]) -> None:
    snapshots = [told(number, *parts) for number, parts in enumerate(story)]
    for key in {key for held in snapshots for key in everything_in(held)}:
        events = entity_history(snapshots, key)
        assert events[0].kind == "appeared"
        for event in events:
            held = everything_in(snapshots[event.snapshot_id]).get(key, MISSING)
            assert event.new is held
        for before, after in pairwise(events):
            assert (before.kind == "vanished") == (after.kind == "reappeared")
            assert (after.kind == "changed") <= bool(after.fields)


@given(STORIES, st.randoms(use_true_random=False))
def test_the_order_in_which_snapshots_are_given_means_nothing(
    story: list[tuple[Any, Any]], dice: random.Random
) -> None:
    snapshots = [told(number, *parts) for number, parts in enumerate(story)]
    permuted = shuffled_copy(snapshots, dice)
    assert entity_history(permuted, "a") == entity_history(snapshots, "a")


def shuffled_copy(snapshots: list[dict[str, Any]], dice: random.Random) -> list[dict[str, Any]]:
    return dice.sample(snapshots, len(snapshots))
