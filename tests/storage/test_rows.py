"""A row as a JSON document and back, with every value and its type."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ValidationError, driver, rows
from tests.storage.stored import BYTES, INTEGERS, REALS, Text, outside, put

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
TEXT = BYTES.map(rows.tolerant_text)
VALUES: st.SearchStrategy[Any] = st.none() | INTEGERS | REALS | TEXT | BYTES
ROWS = st.dictionaries(NAMES, VALUES, max_size=5)


def typed(row: dict[str, Any]) -> dict[str, str]:
    return {name: repr(value) for name, value in row.items()}


@given(ROWS)
def test_a_row_comes_back_from_its_document_with_every_type(row: dict[str, Any]) -> None:
    assert typed(rows.decode_row(json.loads(rows.encode_row(row)))) == typed(row)


@given(st.lists(VALUES, max_size=5))
def test_a_list_of_values_comes_back_with_every_type(values: list[Any]) -> None:
    assert repr(rows.decode_values(rows.encode_values(values))) == repr(values)


def test_an_ordinary_row_reads_as_plain_json() -> None:
    row: rows.Row = {
        "id": 5,
        "confidence": 0.5,
        "details": '{"a": 1.10}',
        "content": "Grüße",
        "role": None,
    }
    assert json.loads(rows.encode_row(row)) == row


@pytest.mark.parametrize(
    ("value", "kind", "raw"),
    [
        (b"\x00\xff", "blob", b"\x00\xff"),
        ("a\udcff", "text", b"a\xff"),
        (math.inf, "real", b"\x7f\xf0" + bytes(6)),
        (-math.inf, "real", b"\xff\xf0" + bytes(6)),
    ],
)
def test_what_json_cannot_hold_is_wrapped(value: Any, kind: str, raw: bytes) -> None:
    wrapper = {"$memglass": kind, "base64": base64.b64encode(raw).decode()}
    assert json.loads(rows.encode_row({"x": value})) == {"x": wrapper}


def test_a_text_that_looks_like_a_wrapper_stays_that_text() -> None:
    text = '{"$memglass":"blob","base64":"AA=="}'
    document = json.loads(rows.encode_row({"details": text}))
    assert document == {"details": text}
    assert rows.decode_row(document) == {"details": text}


@pytest.mark.parametrize(
    "lookalike",
    [
        {"$memglass": "blob", "base64": "A"},
        {"$memglass": "blob", "base64": 5},
        {"$memglass": "blob", "base64": "é"},
        {"$memglass": "other", "base64": "AA=="},
        {"$memglass": "real", "base64": "AA=="},
        {"$memglass": ["blob"], "base64": "AA=="},
        {"$memglass": "blob", "base64": "AA==", "more": 1},
        {"$memglass": "blob"},
        {"base64": "AA=="},
    ],
)
def test_an_object_that_is_no_wrapper_becomes_its_text(lookalike: dict[str, Any]) -> None:
    text = rows.decode_row({"details": lookalike})["details"]
    assert isinstance(text, str)
    assert json.loads(text) == lookalike


@pytest.mark.parametrize("value", [{"n": 10**30}, [10**5000], {}, [], {"b": 1, "a": [None, True]}])
def test_what_another_program_nested_becomes_json_text(value: Any) -> None:
    text = rows.decode_row({"details": value})["details"]
    assert isinstance(text, str)
    if value != [10**5000]:
        assert json.loads(text) == value


def test_a_value_nested_deep_becomes_json_text() -> None:
    value: Any = []
    for _ in range(1000):
        value = [value]
    assert rows.decode_row({"details": value})["details"] == "[" * 1001 + "]" * 1001


def test_true_and_false_of_another_program_become_1_and_0() -> None:
    assert typed(rows.decode_row({"a": True, "b": False})) == {"a": "1", "b": "0"}


DIFFERENT: list[Any] = [
    *(0, 1, 1.0, 0.0, -0.0, math.inf, -math.inf, 5e-324, "1", b"1", "", b"", "1.0", "a\0", "a"),
    *("\udcff", b"\xff", '{"$memglass":"blob","base64":"/w=="}', 2**63 - 1, float(2**63)),
]


def test_a_digest_tells_values_apart_that_are_stored_differently() -> None:
    assert len({rows.digest({"x": value}) for value in DIFFERENT}) == len(DIFFERENT)


@given(ROWS, st.randoms(use_true_random=False))
def test_a_digest_knows_neither_order_nor_empty_columns(row: dict[str, Any], dice: Any) -> None:
    items = [*row.items(), ("a column that was added", None)]
    dice.shuffle(items)
    assert rows.digest(dict(items)) == rows.digest(row)


@given(ROWS, NAMES, VALUES)
def test_a_digest_changes_with_every_value(row: dict[str, Any], name: str, value: Any) -> None:
    changed = row | {name: value}
    is_same = typed({k: v for k, v in changed.items() if v is not None}) == typed(
        {k: v for k, v in row.items() if v is not None}
    )
    assert (rows.digest(changed) == rows.digest(row)) is is_same


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4))
def test_rows_are_inserted_and_updated_exactly_as_given(pairs: list[tuple[Any, Any]]) -> None:
    connection = driver.Connection(":memory:", isolation_level=None)
    try:
        connection.execute("CREATE TABLE t (a, b BLOB)")
        rows.insert(connection, "t", ["a", "b"], pairs)
        assert repr(rows.fetch(connection, "SELECT a, b FROM t ORDER BY rowid")) == repr(pairs)
        a, b = pairs[0]
        rows.update(connection, "t", 1, {"a": b, "b": a})
        assert repr(rows.fetch(connection, "SELECT a, b FROM t WHERE rowid = 1")) == repr([(b, a)])
        for value in (a, b):
            mark, bound = rows.bindable(value)
            found = rows.fetch(connection, f"SELECT count(*) FROM t WHERE b IS {mark}", (bound,))
            assert found[0][0] >= (value is a)
    finally:
        connection.close()


def test_text_that_is_not_utf_8_changes_nothing_for_later_queries(tmp_path: Path) -> None:
    with outside(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (a)")
        put(connection, "t", {"a": Text(b"\xff")})
        assert rows.fetch(connection, "SELECT a FROM t") == [("\udcff",)]
        assert connection.text_factory is str
        assert rows.fetch(connection, "SELECT 'é'") == [("é",)]


def test_a_lone_surrogate_that_stands_for_no_byte_is_no_text() -> None:
    with pytest.raises(ValidationError, match="lone surrogate at character 2"):
        rows.bindable("ab\ud800")


@pytest.mark.parametrize("name", ["a", 'a"b', "a b", "", "select", "é", "a\nb"])
def test_a_name_is_quoted_whatever_it_holds(name: str) -> None:
    connection = driver.Connection(":memory:")
    try:
        connection.execute(f"CREATE TABLE t ({rows.quote(name)})")
        assert connection.execute("SELECT * FROM t").description[0][0] == name
    finally:
        connection.close()
