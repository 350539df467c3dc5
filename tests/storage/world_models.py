"""World models for the tests: hypothesis strategies and the one way to permute a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    import random

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "b", "a#2", "\ud800", "1"])
    | st.text(max_size=4)
)

KEYS = st.sampled_from(
    [
        *("id", "entity_id", "name", "source_id", "source", "from", "target_id", "target", "to"),
        *("type", "relation_type", "relationType", "properties", "a.b", "", "x"),
    ]
)

JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)

NAMES = st.sampled_from(["a", "b", "c"])

ENTITIES = st.fixed_dictionaries(
    {},
    optional={
        "id": NAMES,
        "name": NAMES,
        "type": NAMES,
        "confidence": st.sampled_from([0.5, 0.7, None]),
        "properties": st.dictionaries(NAMES, JSON, max_size=3),
        "observations": st.lists(NAMES, max_size=3),
    },
)

RELATIONS = st.fixed_dictionaries(
    {"type": NAMES}, optional={"source_id": NAMES, "target_id": NAMES, "from": NAMES, "count": JSON}
)

ENTITY_LISTS = st.lists(ENTITIES | NAMES | JSON, max_size=5) | st.dictionaries(NAMES, ENTITIES)
RELATION_LISTS = st.lists(RELATIONS | JSON, max_size=5) | st.dictionaries(NAMES, RELATIONS)

MODELS = st.fixed_dictionaries(
    {},
    optional={
        "entities": ENTITY_LISTS | JSON,
        "relations": RELATION_LISTS | JSON,
        "confidence": SCALARS,
        "domain_confidence": SCALARS,
        "goals": JSON,
        "metrics": st.dictionaries(NAMES, JSON, max_size=3),
    },
)


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same value, with every list and every mapping in it in another order."""
    if isinstance(value, list):
        items = [shuffled(item, dice) for item in value]
        dice.shuffle(items)
        return items
    if isinstance(value, dict):
        pairs = [(key, shuffled(held, dice)) for key, held in value.items()]
        dice.shuffle(pairs)
        return dict(pairs)
    return value


def nested(depth: int, innermost: Any) -> Any:
    """Mappings and lists around a value, by turns, that many of them."""
    value = innermost
    for level in range(depth):
        value = {"in": value} if level % 2 else [value]
    return value


def nested_mappings(depth: int, innermost: Any) -> Any:
    """That many mappings around a value."""
    value = innermost
    for _ in range(depth):
        value = {"in": value}
    return value
