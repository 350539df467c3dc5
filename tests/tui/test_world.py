"""World models as data for the screen: timeline, rows of a diff, graph, and edits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from storage import (
    CorruptJSON,
    FieldChange,
    RecordEvent,
    SQLiteStore,
    diff_world_models,
    entity_history,
    find_contradictions,
)
from tests.storage.world_models import MODELS
from tui.entity_documents import told_short
from tui.history_documents import history_document
from tui.history_wording import field_lines, summed_up, with_note
from tui.memory import Memory
from tui.moments import short_time
from tui.secrets import mask_text
from tui.text import hide_secrets
from tui.wording import confidence
from tui.world.editing import EntryField, mapped_path
from tui.world.graph import graph_of
from tui.world.rows import contradiction_rows, diff_rows, unified, value_texts


def model(**fields: Any) -> dict[str, Any]:
    return {"domain": "infra", "confidence": 0.6, "entities": [], "relations": [], **fields}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    rows = diff_rows(diff_world_models(old, new))
    return ["  ".join(part for part in row[:4] if part) for row in rows]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [("3306", 3306, '"3306" \u2192 3306'), (None, "null", 'null \u2192 "null"')],
)
def test_a_value_that_changed_only_its_type_is_spelled_otherwise(
    old: Any, new: Any, told: str
) -> None:
    before, after = ({"entities": [{"id": "db", "port": each}]} for each in (old, new))
    (row,) = diff_rows(diff_world_models(before, after))
    assert f"{row.old} \u2192 {row.new}" == told
    (line,) = field_lines([FieldChange(("port",), old, new)], 9)
    assert str(line.text) == (told if old else "(empty) \u2192 null")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ([1, "a"], ["1", "a"], ("1", '"1"')),
        ("caf\u00e9", "cafe\u0301", ('"caf\\u00e9"', '"cafe\\u0301"')),
        ("\u00e9" + 9000 * "a", "\u00e9" + 9001 * "a", None),
    ],
)
def test_both_sides_of_a_change_never_read_the_same(
    old: Any, new: Any, told: tuple[str, str] | None
) -> None:
    before, after = ({"entities": [{"id": "db", "is": each}]} for each in (old, new))
    rows = list(unified(diff_rows(diff_world_models(before, after))))
    lines = [str(line.text) for line in field_lines([FieldChange(("is",), old, new)], 9)]
    if told is None:
        assert all("\u00e9" in text for text in (*lines, *(text for _, _, text in rows)))
        return
    assert [text.partition("  ")[2] for _, _, text in rows] == list(told)
    shown = [f"- {told[0]}", f"+ {told[1]}"] if isinstance(old, list) else [" \u2192 ".join(told)]
    assert lines == shown


def test_long_texts_that_differ_at_their_end_are_told_apart_where_they_are_cut() -> None:
    start = "All work and no play makes Kestrel a dull agent. " * 12
    old, new = value_texts(FieldChange(("rule",), f"{start}Yes.", f"{start}No."), 80)
    assert old.startswith("All work and no play")
    assert old.endswith("agent. Yes.")
    assert new.endswith("agent. No.")
    assert max(len(old), len(new)) <= 80


@pytest.mark.parametrize("before", [0, 15, 300])
def test_no_part_of_a_secret_is_shown_where_something_is_left_out_within_it(before: int) -> None:
    token = "ghp_" + "aB3" * 12
    texts = [f"{'x ' * before}{token} and so on, {'y' * 60} {end}" for end in ("one", "two")]
    longer = [f"{'x ' * before}{'z ' * 50}{token}{end}" for end in ("1", "2")]
    for old, new in (texts, longer):
        for told in value_texts(FieldChange(("rule",), old, new), 80):
            assert "aB3" not in mask_text(told)


def test_names_that_look_alike_and_are_others_are_told_apart() -> None:
    old, new = (model(entities=[{"id": each}, "db"]) for each in ("caf\u00e9", "cafe\u0301"))
    assert sorted(changes(old, new)) == ["+  cafe\\u0301", "-  caf\\u00e9"]
    assert changes(model(), old) == ["+  caf\u00e9", "+  db"]


def test_what_was_added_says_its_value_where_it_is_no_object() -> None:
    text = "\u0431\u0430\u0437\u0430"
    new = model(
        entities={"user": "Ada", "tls": True, "db": "db"},
        relations=[["orders", "uses", "db"], text, [1]],
    )
    assert changes(model(), new) == [
        "+  db",
        "+  tls  true",
        "+  user  Ada",
        f'+  "{text}"',
        '+  ["db","orders","uses"]  ["orders", "uses", "db"]',
        "+  [1]",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Ada", "Bob", ["~  user  Ada  Bob"]),
        ("Ada", 5, ["~  user  Ada  5"]),
        (True, False, ["~  user  true  false"]),
        (["a"], ["b"], ["-  user[]  a", "+  user[]  b"]),
        ("Ada", {"name": "Ada"}, []),
    ],
)
def test_a_value_under_an_id_is_told_as_it_stands_there(
    old: Any, new: Any, told: list[str]
) -> None:
    before, after = (model(entities={"user": each}) for each in (old, new))
    assert changes(before, after) == told


def test_a_contradiction_does_not_name_who_says_the_same() -> None:
    states = [
        {"domain": name, "entities": [{"id": "db", "engine": engine}]}
        for name, engine in (("a", "mysql"), ("b", "mysql"), ("c", "postgres"))
    ]
    found = find_contradictions(states)
    assert [row.new for row in contradiction_rows(found, "a")] == ["c says postgres"]
    assert [row.new for row in contradiction_rows(found, "c")] == ["a says mysql; b says mysql"]


def test_a_part_that_cannot_be_read_is_said_to_be_so_in_a_diff() -> None:
    broken = model(entities=CorruptJSON(b'[{"id"', "it ends too early", 6))
    assert changes(model(entities=["db"]), broken) == ['+  entities  cannot be read: [{"id"']


def test_the_history_of_a_state_says_which_snapshot_cannot_be_read() -> None:
    stored = CorruptJSON(b"{", "it ends too early", 1)
    diff = diff_world_models(model(entities=["db"]), {**model(), "snapshot_data": stored})
    event = RecordEvent(at="2026-01-01", what="snapshot", source="snapshot", diff=diff)
    lines = history_document([event]).lines
    assert [(line.label, line.text) for line in lines if line.label] == [
        ("snapshot_data", "cannot be read")
    ]


def test_the_history_of_a_state_tells_what_changed_beside_entities_and_relations() -> None:
    before, after = (model(metrics={"steps": number}) for number in (1, 2))
    event = RecordEvent(
        at="2026-01-01", what="snapshot", source="snapshot", diff=diff_world_models(before, after)
    )
    lines = history_document([event]).lines
    assert [(line.label, line.text) for line in lines if line.label] == [
        ("metrics.steps", "1 \u2192 2")
    ]


def test_a_diff_says_what_came_went_and_changed() -> None:
    old = model(entities=[{"id": "db", "properties": {"engine": "mysql"}}, {"id": "gone"}])
    new = model(
        entities=[
            {"id": "db", "properties": {"engine": "postgres"}},
            {"id": "new", "type": "host", "properties": {"zone": "a"}},
        ],
        relations=[{"source": "db", "target": "new", "type": "runs_on"}],
        confidence=0.8,
    )
    assert changes(old, new) == [
        "~  confidence  .60  .80",
        "~  db.properties.engine  mysql  postgres",
        "-  gone",
        "+  new  (host)  zone=a",
        "+  db ──runs_on──▸ new",
    ]
    assert changes(model(), model()) == []


def test_records_of_one_kind_in_two_tables_are_counted_together() -> None:
    one = {"operation": "archive", "kind": "interaction", "records": 1}
    told = summed_up([one, {**one, "kind": "pattern"}, one])
    assert told == "archived 2 interactions, archived 1 pattern"
    assert with_note(summed_up([one, one]), "archived as manual") == (
        "archived 2 interactions as manual"
    )


def test_confidences_that_differ_are_told_apart() -> None:
    assert changes(model(confidence=0.911), model(confidence=0.914)) == [
        "~  confidence  0.911  0.914"
    ]


def test_a_confidence_of_any_length_is_told() -> None:
    entity = {"id": "db", "confidence": 10**400}
    assert changes(model(), model(entities=[entity])) == ["+  db  >1e308"]
    assert confidence(-(10**400)) == "<-1e308"


def test_of_a_list_only_what_came_and_went_is_shown() -> None:
    old = model(entities=[{"name": "Ada", "observations": ["x", "y"]}])
    new = model(entities=[{"name": "Ada", "observations": ["y", "z"]}])
    assert changes(old, new) == ["-  Ada.observations[]  x", "+  Ada.observations[]  z"]


def test_unified_says_what_it_was_and_what_it_is_in_two_lines() -> None:
    old, new = model(goals=["a"], metrics={"n": 1}), model(goals=["a"], metrics={"n": None})
    rows = diff_rows(diff_world_models(old, new))
    assert list(unified(rows)) == [(0, "-", "metrics.n  1"), (0, "+", "metrics.n  null")]


def test_a_contradiction_is_told_from_either_side() -> None:
    states = [
        {"domain": name, "entities": [{"id": "db", "engine": engine}]}
        for name, engine in (("a", "mysql"), ("b", "postgres"))
    ]
    found = find_contradictions(states)
    [row] = contradiction_rows(found, "b")
    assert (row.name, row.old, row.new) == ("db.engine", "postgres", "a says mysql")
    assert contradiction_rows(found, "c") == []


def test_a_contradiction_beside_what_was_believed_before_says_that_it_is_of_now() -> None:
    states = [
        {"domain": name, "entities": [{"id": "db", "engine": engine}]}
        for name, engine in (("a", "mysql"), ("b", "postgres"))
    ]
    rows = contradiction_rows(find_contradictions(states), "b", is_past=True)
    assert list(unified(rows)) == [(0, "!", "db.engine  now postgres, but a says mysql")]


@given(MODELS, MODELS)
def test_any_two_models_can_be_shown(old: dict[str, Any], new: dict[str, Any]) -> None:
    rows = diff_rows(diff_world_models(old, new))
    assert all(text.isprintable() for row in rows for text in row[:4])
    assert all(text.isprintable() for _, _, text in unified(rows))
    graph = graph_of(new)
    for key in graph.entities:
        assert graph.summary(key).isprintable()
        for hop in graph.hops(key):
            assert hop.is_known == (hop.other != "" and hop.other in graph.entities)


def test_relations_are_walked_from_both_ends_by_id_or_name_also_to_nobody() -> None:
    graph = graph_of(
        model(
            entities=[{"id": "e1", "name": "Ada"}, {"id": "e2"}],
            relations=[
                {"from": "Ada", "to": "e2", "relationType": "knows"},
                {"from": "e2", "to": "Nobody", "relationType": "knows"},
                {"from": "x", "to": "y", "relationType": "knows"},
                "a lone text",
            ],
        )
    )
    assert [(hop.arrow, hop.other, hop.is_known) for hop in graph.hops("e1")] == [
        ("──knows──▸", "e2", True)
    ]
    assert [(hop.arrow, hop.other, hop.is_known) for hop in graph.hops("e2")] == [
        ("──knows──▸", "Nobody", False),
        ("◂──knows──", "e1", True),
    ]
    assert [key[0] for key in graph.loose()] == ["x", ""]


def test_a_relation_that_lacks_an_end_is_none_of_the_entity_under_an_empty_key() -> None:
    relation = {"from": "x", "relationType": "knows"}
    graph = graph_of(model(entities={"": {"engine": "mysql"}}, relations=[relation]))
    assert graph.hops("") == []
    assert list(graph.loose()) == [("x", "knows", "")]


def test_a_part_that_is_corrupt_is_told() -> None:
    corrupt = CorruptJSON(b"{", "ends early", 1)
    assert list(graph_of(model(entities=corrupt)).unread) == ["entities"]


async def test_editing_an_entry_leaves_one_that_says_the_same_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        state = await store.add_world_model_state(model(entities={"tls": True, "ipv6": True}))
    memory = Memory(path)
    await memory.open()
    try:
        before = await memory.store.get_record("world_model_state", state)
        assert before is not None
        await EntryField(state, "ipv6").save(memory, before, {"value": False})
        now = await memory.store.get_record("world_model_state", state)
        assert now is not None
        assert now["entities"] == {"tls": True, "ipv6": False}
    finally:
        await memory.close()


def test_a_value_of_an_entry_is_found_by_its_way_and_a_list_is_edited_as_a_whole() -> None:
    state = model(entities=[{"id": "db", "p": {"ports": [1, 2]}}])
    way = mapped_path(state, "db", ("p", "ports", "1"))
    assert way == ("p", "ports")
    assert EntryField("wm", "db", way).value_in(state) == [1, 2]
    with pytest.raises(LookupError, match=r"no db\.gone"):
        EntryField("wm", "db", mapped_path(state, "db", ("gone",))).value_in(state)
    with pytest.raises(LookupError, match="no other"):
        mapped_path(state, "other", ())


def test_a_field_whose_name_tells_a_secret_is_masked() -> None:
    old, new = (
        {"entities": [{"id": "api", "password": word}]} for word in ("hunter2", "swordfish")
    )
    hide_secrets(True)
    try:
        shown = " ".join(changes(old, new))
    finally:
        hide_secrets(False)
    assert "~  api.password" in shown
    assert "hunter2" not in shown
    assert "swordfish" not in shown


def test_the_story_of_an_entity_says_where_if_it_goes_on_in_another_domain() -> None:
    def seen(domain: str, day: int) -> dict[str, Any]:
        told = {"snapshot_time": f"2026-01-0{day}", "trigger_event": "run", "domain": domain}
        return {**told, "entities": [{"id": "db"}]}

    both = entity_history([seen("infra", 1), seen("team", 2)], "db")
    first, second = (short_time(f"2026-01-0{day}") for day in (1, 2))
    assert told_short(both) == f"appeared in infra {first}, appeared in team {second} by run"
    assert told_short(both[:1]) == f"appeared {first} by run"
