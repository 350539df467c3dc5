"""Items of a LangGraph store as patterns, and what of them is meant; LangGraph is not needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import SQLiteStore
from storage.adapters.langgraph_matching import holds, matches
from storage.langgraph_items import (
    StoredItem,
    as_pattern,
    namespace_of,
    pattern_id,
    pattern_type,
    read_item,
)
from tests.chance import examples

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
LABELS = st.text(st.characters(codec="utf-8", exclude_characters=".\0"), min_size=1)
NAMESPACES = st.lists(LABELS, min_size=1, max_size=4).map(tuple)


@dataclass
class Condition:
    match_type: str
    path: tuple[str, ...]


async def stored(store: SQLiteStore, value: dict[str, Any], **more: Any) -> StoredItem | None:
    """Put an item, and read it again."""
    given = {"texts": [], "minutes": None, "now": NOW, **more}
    pattern = as_pattern(("users", "ada"), "likes", value, **given)
    await store.add_pattern({**pattern, "id": "p", "created_at": NOW})
    record = await store.get_pattern("p")
    assert record is not None
    return read_item(record)


@given(NAMESPACES, TEXT, NAMESPACES, TEXT)
def test_two_items_never_have_one_id(
    one: tuple[str, ...], key: str, other: tuple[str, ...], its_key: str
) -> None:
    assert (pattern_id(one, key) == pattern_id(other, its_key)) == ((one, key) == (other, its_key))


@given(NAMESPACES)
def test_a_type_says_its_namespace(namespace: tuple[str, ...]) -> None:
    assert namespace_of(pattern_type(namespace)) == namespace


@given(
    st.dictionaries(
        TEXT,
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**70), 2**70) | TEXT
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    )
)  # fmt: skip
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_a_value_comes_back_as_it_was(tmp_path_factory: Any, value: dict[str, Any]) -> None:
    path = Path(tmp_path_factory.mktemp("item")) / "memory.db"
    async with SQLiteStore(path) as store:
        item = await stored(store, value)
    assert item is not None
    assert (item.namespace, item.key, item.value) == (("users", "ada"), "likes", value)
    assert (item.created_at, item.updated_at, item.expires_at) == (NOW, NOW, None)


async def test_an_item_reads_as_a_pattern(store: SQLiteStore) -> None:
    await stored(store, {"kind": "style", "tabs": True, "in": ["py"]}, texts=None)
    [record] = await store.get_patterns()
    assert (record["name"], record["pattern_type"]) == ("likes", "langgraph:users.ada")
    assert record["description"] == 'kind: style\ntabs: true\nin: ["py"]'


@pytest.mark.parametrize(
    "damage",
    [
        {"metadata": {}},
        {"metadata": {"namespace": ["users", 1], "key": "likes", "value": {}}},
        {"metadata": {"namespace": ["users"], "key": "likes", "value": "text"}},
        {"pattern_type": "workflow"},
    ],
)
async def test_what_is_no_item_any_more_is_none(store: SQLiteStore, damage: Any) -> None:
    await stored(store, {})
    await store.update_pattern("p", **damage)
    record = await store.get_pattern("p")
    assert record is not None
    assert read_item(record) is None


@pytest.mark.parametrize("minutes", [1e300, float("inf"), 10**400])
async def test_what_lives_longer_than_there_are_years_lives_for_ever(
    store: SQLiteStore, minutes: float
) -> None:
    item = await stored(store, {}, minutes=minutes)
    assert item is not None
    assert (item.minutes, item.expires_at) == (None, None)
    if minutes != float("inf"):
        # As a person may have edited it: the others of its namespace are read all the same.
        metadata = {"namespace": ["users"], "key": "k", "value": {}, "ttl_minutes": minutes}
        await store.update_pattern("p", metadata=metadata)
        edited = read_item(await store.get_pattern("p") or {})
        assert edited is not None
        assert edited.prolonged(NOW) is None


async def test_an_item_expires_after_its_time(store: SQLiteStore) -> None:
    item = await stored(store, {}, minutes=10)
    assert item is not None
    assert not item.is_expired(NOW + timedelta(minutes=10))
    assert item.is_expired(NOW + timedelta(minutes=10, microseconds=1))


async def test_a_read_prolongs_a_life_once_a_tenth_of_it_is_over(store: SQLiteStore) -> None:
    item = await stored(store, {"a": 1}, minutes=10)
    assert item is not None
    assert item.prolonged(NOW + timedelta(seconds=59)) is None
    longer = item.prolonged(NOW + timedelta(minutes=1))
    assert longer is not None
    assert longer["expires_at"] == (NOW + timedelta(minutes=11)).isoformat()
    assert longer["value"] == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "path", "fits"),
    [
        ("prefix", (), True),
        ("prefix", ("a",), True),
        ("prefix", ("a", "b", "c"), True),
        ("prefix", ("a", "*", "c"), True),
        ("prefix", ("b",), False),
        ("prefix", ("a", "b", "c", "d"), False),
        ("suffix", ("c",), True),
        ("suffix", ("*", "c"), True),
        ("suffix", ("b", "c"), True),
        ("suffix", ("b",), False),
        ("suffix", ("*", "a", "b", "c"), False),
    ],
)
def test_a_namespace_fits_a_path(kind: str, path: tuple[str, ...], fits: bool) -> None:
    assert matches(("a", "b", "c"), [Condition(kind, path)]) is fits


VALUE = {
    "price": 10, "on": True, "tags": ["draft"], "none": None, "access-level": "public",
    "user": {"123abc": "ok", "name": "O'Brien"}, "a.b": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"price": 10, "on": True}, True),
        ({"price": 10.0}, True),
        ({"price": 11}, False),
        ({"price": "10"}, False),
        ({"on": 1}, False),
        ({"tags": ["draft"]}, True),
        ({"tags": ["draft", "more"]}, False),
        ({"tags": "draft"}, False),
        ({"none": None, "missing": None}, True),
        ({"access-level": "public"}, True),
        ({"user.123abc": "ok", "a.b": 1}, True),
        ({"user": {"name": "O'Brien"}}, True),
        ({"user": {"name": "x"}}, False),
        ({"price": {"name": 1}}, False),
        ({"price": {"$gt": 9, "$lte": 10}}, True),
        ({"price": {"$gt": 10}}, False),
        ({"price": {"$lt": float("inf"), "$gte": 10}}, True),
        ({"price": {"$eq": float("nan")}}, False),
        ({"price": {"$ne": 3}, "missing": {"$ne": 3}}, True),
        ({"tags": {"$gt": 3}}, False),
        ({"missing": {"$lt": 3}}, False),
        ({"access') = 'public' OR '1'='1": "public"}, False),
    ],
)
def test_a_filter_asks_for_fields(wanted: dict[str, Any], fits: bool) -> None:
    assert holds(VALUE, wanted) is fits


def test_an_operator_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no operator \$in"):
        holds(VALUE, {"price": {"$in": [10]}})
