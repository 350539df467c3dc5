"""Records as JSON lines: exact, printable ASCII, and readable by any parser."""

from __future__ import annotations

import base64
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.json_utils import decode
from tests.tui.shell_runs import invoke
from tui.json_lines import json_line

SAMPLES = Path(__file__).parents[1] / "fixtures" / "importers"
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    PLAIN | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


@given(VALUES)
def test_any_json_is_read_back_as_it_was(value: Any) -> None:
    assert json.loads(json_line(value)) == value


@given(st.recursive(PLAIN | st.text(), st.lists, max_leaves=5))
def test_a_line_is_printable_ascii(value: Any) -> None:
    line = json_line(value)
    assert line.isascii()
    assert line.isprintable()


def test_bytes_and_text_that_is_not_utf8_are_base64() -> None:
    line = json_line({"blob": b"\x00\xff", "text": "caf\udce9"})
    assert orjson.loads(line) == {
        "blob": {"$memglass": "blob", "base64": base64.b64encode(b"\x00\xff").decode()},
        "text": {"$memglass": "text", "base64": base64.b64encode(b"caf\xe9").decode()},
    }


def test_an_infinite_number_is_an_object() -> None:
    assert orjson.loads(json_line([float("inf")]))[0]["$memglass"] == "real"


def test_a_corrupt_field_gives_its_error_its_place_and_its_text() -> None:
    assert orjson.loads(json_line(decode(b'{"a": 1} {"b"')))["$memglass"] == "corrupt"
    assert orjson.loads(json_line(decode(b'{"a": 1} {"b"')))["raw"] == '{"a": 1} {"b"'
    assert orjson.loads(json_line(decode(b'{"a": 1} {"b"')))["offset"] == 9


def test_the_bytes_of_a_corrupt_field_are_kept() -> None:
    raw = orjson.loads(json_line(decode(b'{"a": \xff')))["raw"]
    assert base64.b64decode(raw["base64"]) == b'{"a": \xff'


def test_nesting_and_long_integers_have_no_end() -> None:
    deep = decode(b"[" * 1024 + b"]" * 1024)
    assert json_line(deep) == "[" * 1024 + "]" * 1024
    assert json_line([10**5000, Decimal(10**5000)]) == f"[1{'0' * 5000}, 1{'0' * 5000}]"


def test_all_keys_that_commands_tell_stand_in_their_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    source, file = SAMPLES / "openai-agents.db", tmp_path / "memory.db"
    for args in (
        ("import", source, "--dry-run"), ("import", source, "--into", file),
        ("mark", file, "night"), ("mark", file, "--remove", "night"),
        ("undo", file, "--dry-run"), ("undo", file), ("redo", file),
        ("log", file, "-p"), ("stats", file), ("doctor", file),
        ("vacuum", file, "--dry-run"), ("vacuum", file),
    ):  # fmt: skip
        done = invoke(*args, "--json")
        keys = {key for line in done.stdout.splitlines() for key in json.loads(line)}
        assert keys, (args, done.stderr)
        help_words = set(re.findall(r"[a-z_]+", invoke(args[0], "--help").stdout))
        assert keys <= help_words, args
