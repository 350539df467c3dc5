"""What hits show of a document is theirs to change."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.search.documents import TABLES, Document, Source
from storage.search.shown import Shown, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda held: (
        st.lists(held, max_size=3) | st.dictionaries(st.text(max_size=3), held, max_size=3)
    ),
)


def shown_of(record: Any, *, kind: str = "interaction", table: str = "interactions") -> Shown:
    source = Source(TABLES.index(table), 7, "the key" if kind == "entity" else "")
    return shown(
        Document(source, kind, "id", "", "", None, "", "", "  the\ntext ", (), b"", record)
    )


def spoil(value: Any) -> None:
    """Change everything that can be changed, the innermost first."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in list(held):
        spoil(each)
    if isinstance(value, dict | list):
        value.clear()


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_who_changes_a_copy_changes_no_other(record: dict[str, Any]) -> None:
    document = shown_of(deepcopy(record))
    copy = document.copied()
    assert copy == record
    spoil(copy)
    assert document.copied() == record


@pytest.mark.parametrize(
    ("kind", "table", "expected"),
    [
        ("interaction", "interactions", ("interaction", None, False, "interaction")),
        (
            "archived_pattern",
            "archived_patterns",
            ("pattern", None, True, "archived_pattern"),
        ),
        ("entity", "world_model_states", ("entity", "the key", False, "world_model_state")),
    ],
)
def test_kind_and_place_are_told(kind: str, table: str, expected: tuple[Any, ...]) -> None:
    found = shown_of({}, kind=kind, table=table)
    assert (found.kind, found.entity, found.archived, found.list_kind) == expected
    assert found.key.rowid == 7
    assert found.line.text == "the text"


def test_an_entity_that_is_no_object_is_told_with_its_name() -> None:
    found = shown_of(["a"], kind="entity", table="world_model_states")
    assert found.copied() == {"name": "the key", "value": ["a"]}
