"""A proposal keeps all that it can, and tells to the byte what it loses and what it invents."""

from __future__ import annotations

import json
import random
import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import propose_repair, repair_process
from tests.chance import examples

WORDS = st.text("abc xyz\u00e9", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


def test_of_two_values_the_first_is_kept_to_the_byte() -> None:
    first, second = b'{"a": 1.10, "ok": true}', b'{"tool": "pytest"}'
    repair = propose_repair(first + second)
    assert repair.after == first.decode()
    assert (repair.lost, repair.added) == (len(second), 0)
    assert [piece.op for piece in repair.pieces] == ["same", "removed"]
    assert "first value" in repair.how


@pytest.mark.parametrize(
    ("raw", "after", "lost", "added"),
    [
        (b'{"a":[1,{"b":"hel', '{"a":[1,{"b":"hel"}]}', 0, 4),
        (b"{'a': None, 'b': [True, 'x\\'y']}", '{"a":null,"b":[true,"x\'y"]}', 0, 0),
        (b'{"a":1}\0\0\0', '{"a":1}', 3, 0),
        (b'{"a":"x\0\0', '{"a":"x"}', 2, 2),
        (b'{"a":"\xff\xfe x"}', '{"a":"\ufffd x"}', 2, 3),
        (b'{"a":"\\ud800","b":"\\\\ud800\\ud83d\\ude00"}', None, 6, 3),
        (b"\xef\xbb\xbf{}", "{}", 3, 0),
        (b'{"a":1.10,"b":123456789012345678901234567890,}', None, 0, 0),
        (b'{"a":1,"a":2,}', '{"a":2}', 6, 0),
        (b'{"a":"x" "b":2}', '{"a":"x","b":2}', 0, 1),
        (b'"{\\"a\\":1}"', '{"a":1}', 0, 0),
    ],
)
def test_what_is_lost_and_invented_is_counted(
    raw: bytes, after: str | None, lost: int, added: int
) -> None:
    repair = propose_repair(raw)
    assert repair.after is not None, repair.why_not
    assert after in (None, repair.after)
    assert (repair.lost, repair.added) == (lost, added)
    assert isinstance(orjson.loads(repair.after), dict)


def test_numbers_and_escapes_keep_their_spelling() -> None:
    raw = b'{"a": 1.10, "b": 1e5, "c": "caf\\u00e9", "d": 123456789012345678901234567890,}'
    after = propose_repair(raw).after or ""
    assert after == '{"a":1.10,"b":1e5,"c":"caf\\u00e9","d":123456789012345678901234567890}'


def test_not_a_number_is_told_as_a_change() -> None:
    repair = propose_repair(b'{"a": NaN, "b": -Infinity}')
    assert repair.after is not None
    assert (repair.lost, repair.added) == (9, 10)


@pytest.mark.parametrize(
    "raw", [b"", b"  ", b"\0\0", b"garbage, all of it", b"[" * 5000, b"\x80\x81", b"[1,2", b"[1,]"]
)
def test_where_nothing_fits_nothing_is_proposed(raw: bytes) -> None:
    repair = propose_repair(raw)
    assert repair.after is None
    assert repair.why_not.endswith(".")


def test_a_bare_path_becomes_a_list_only_where_one_is_expected() -> None:
    raw = b"src/ledger/orders.py"
    assert propose_repair(raw, (list,)).after == '["src/ledger/orders.py"]'
    assert propose_repair(raw, (dict,)).after is None


def test_sound_json_of_another_type_is_left_alone() -> None:
    assert "another type" in propose_repair(b"[1]", (dict,)).why_not
    assert "reads well" in propose_repair(b"{}", (dict,)).why_not


@pytest.mark.parametrize(
    "raw",
    [
        random.Random(1).randbytes(10_000_000),
        b"x" * 10_000_000,
        b'{"a":"' + b"\\n" * 1_000_000,
        b"[" + b"'a " * 30_000,
        b'{"a":' * 50_000,
    ],
    ids=["random", "letters", "escapes", "quotes", "brackets"],
)
def test_garbage_is_bounded_in_time_and_says_so(
    raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair_process, "SECONDS", 1.0)
    began = time.monotonic()
    repair = propose_repair(raw, (list,))
    assert time.monotonic() - began < 15
    assert repair.after is None
    assert repair.why_not


@settings(max_examples=examples(60))
@given(JSON)
def test_a_text_without_its_last_brackets_gets_them_back_and_loses_nothing(value: object) -> None:
    whole = json.dumps({"k": [value, 0]}, separators=(",", ":"), ensure_ascii=False)
    repair = propose_repair(whole.rstrip("]}").encode())
    assert repair.after == whole
    assert (repair.lost, repair.added) == (0, len(whole) - len(whole.rstrip("]}")))


@settings(max_examples=examples(60))
@given(st.binary(max_size=60))
def test_whatever_the_bytes_a_proposal_is_sound_or_there_is_none(raw: bytes) -> None:
    repair = propose_repair(raw, (dict, list))
    assert repair.before == raw
    assert bool(repair.why_not) == (repair.after is None)
    if repair.after is not None:
        assert isinstance(orjson.loads(repair.after), dict | list)
