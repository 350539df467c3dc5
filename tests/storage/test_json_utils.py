"""Decoding never raises and loses nothing; encoding refuses what JSON cannot say."""

from __future__ import annotations

import copy
import math
import pickle
from collections import OrderedDict, UserDict, namedtuple
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import JSONEncodeError, StorageError
from storage.json_utils import MAX_DEPTH, CorruptJSON, decode, encode, exact_bytes, explain
from tests.storage.corpus import BAD_JSON, FAULTS, ODD_BUT_VALID, Fault

EASTERN = timezone(timedelta(hours=2))
HUGE = st.integers(min_value=-(10**60), max_value=10**60)
SCALARS = (
    st.none() | st.booleans() | HUGE | st.floats(allow_nan=False, allow_infinity=False)
) | st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
# Bytes that are nearly JSON, for which plain random bytes would take too long.
NEARLY_JSON = st.lists(
    st.sampled_from(
        [
            *(bytes([byte]) for byte in b"{}[],:\"\\10-.e'/\0\n \xff"),
            *(b"\\u", b"\\ud800", b"d83d", b"9" * 25, b"9" * 350, b"true", b"nul", b"None", b"NaN"),
            *(b"\xe2\x82", b"\xc3\xa9", b'"a":', b'{"a":1}', b'"x"'),
        ]
    ),
    max_size=12,
).map(b"".join)


def nested(depth: int, innermost: Any = None) -> Any:
    value = innermost
    for level in range(depth):
        value = [value] if level % 2 else {"k": value}
    return value


def same(left: Any, right: Any) -> bool:
    """Compare two values of any depth, types included, which `==` cannot."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, dict):
            if list(one) != list(other):
                return False
            pairs.extend((one[key], other[key]) for key in one)
        elif isinstance(one, list):
            if len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif one != other or str(one) != str(other):
            return False
    return True


class TestDecoding:
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
    def test_what_is_not_json_is_kept_and_explained_to_the_byte(self, fault: Fault) -> None:
        read = decode(fault.raw)
        assert isinstance(read, CorruptJSON)
        assert read.raw == fault.raw
        assert fault.says in read.error
        assert read.offset == fault.offset
        assert explain(fault.raw) == (read.error, read.offset)

    @pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in BAD_JSON])
    def test_text_read_with_surrogateescape_gives_the_same_as_its_bytes(self, raw: bytes) -> None:
        read = decode(raw.decode("utf-8", "surrogateescape"))
        assert read == decode(raw)
        assert (read.error, read.offset) == (decode(raw).error, decode(raw).offset)

    @pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in ODD_BUT_VALID])
    def test_odd_but_valid_json_is_read(self, raw: bytes) -> None:
        assert not isinstance(decode(raw), CorruptJSON)
        assert not isinstance(decode(raw.decode()), CorruptJSON)
        assert explain(raw) == ("is valid JSON", None)

    def test_the_corpus_is_large_and_has_no_name_twice(self) -> None:
        assert len({name for name, _ in BAD_JSON}) == len(BAD_JSON) >= 60
        assert len({name for name, _ in ODD_BUT_VALID}) == len(ODD_BUT_VALID) >= 30

    @given(st.binary() | NEARLY_JSON)
    def test_any_bytes_are_read_as_orjson_judges_them(self, raw: bytes) -> None:
        read = decode(raw)
        try:
            plain = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            if "infinity" not in str(error):
                assert isinstance(read, CorruptJSON)
                assert read.raw == raw
        else:
            assert read == plain or b"9" * 25 in raw

    @given(st.binary() | NEARLY_JSON)
    def test_an_offset_lies_in_the_text(self, raw: bytes) -> None:
        read = decode(raw)
        if isinstance(read, CorruptJSON):
            assert read.offset is None or 0 <= read.offset <= len(raw)

    @given(NEARLY_JSON)
    def test_an_error_shows_no_more_than_a_character(self, raw: bytes) -> None:
        assert explain(b'["secret",' + raw)[0].isprintable()
        assert "secret" not in explain(b'["secret",' + raw)[0]

    @given(st.text(st.characters()))
    def test_any_text_is_read(self, text: str) -> None:
        read = decode(text)
        assert not isinstance(read, CorruptJSON) or read.raw == exact_bytes(text)

    def test_null_gives_the_default(self) -> None:
        assert decode(None) == {}
        assert decode(None, list) == []

    @pytest.mark.parametrize("number", [5, -1, 2**63 - 1, 1.5, -0.0])
    def test_a_number_that_sqlite_gave_is_itself(self, number: float) -> None:
        assert decode(number) is number

    @pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
    def test_a_number_that_json_cannot_say_is_corrupt(self, number: float) -> None:
        read = decode(number)
        assert isinstance(read, CorruptJSON)
        assert read.raw == str(number).encode()

    def test_a_lone_surrogate_that_stood_for_no_byte_is_kept(self) -> None:
        read = decode('"\ud800')
        assert read.raw == b'"\xed\xa0\x80'

    def test_the_last_of_duplicate_keys_counts(self) -> None:
        assert decode(b'{"a":1,"b":18446744073709551616,"a":2}') == {"a": 2, "b": 2**64}


class TestLongIntegers:
    @given(HUGE, st.sampled_from([b"%d", b"[%d]", b'{"a": %d }', b'{"x":"\\"12","y":[%d,1.5]}']))
    def test_every_integer_is_exact(self, number: int, around: bytes) -> None:
        read = decode(around % number)
        while not isinstance(read, int):
            read = read[0] if isinstance(read, list) else read.get("a", read.get("y"))
        assert read == number

    @pytest.mark.parametrize("before", range(8))
    def test_it_is_found_wherever_it_stands(self, before: int) -> None:
        assert decode(b" " * before + b"-9223372036854775809") == -(2**63) - 1

    def test_digits_in_strings_and_fractions_stay_what_they_are(self) -> None:
        digits = "1" * 30
        raw = f'["{digits}","\\"{digits}",0.{digits},{digits}.5,{digits}e2,{digits}]'
        assert decode(raw) == [
            *(digits, f'"{digits}', float(f"0.{digits}"), float(digits), float(f"{digits}e2")),
            int(digits),
        ]

    def test_one_longer_than_python_prints_is_an_equal_decimal(self) -> None:
        digits = "7" * 5000
        read = decode(f"[{digits},-{digits}]")
        assert read == [Decimal(digits), Decimal("-" + digits)]
        assert str(read[0]) == digits
        assert encode(read) == f"[{digits},-{digits}]"

    def test_one_in_a_text_as_deep_as_may_be_is_exact(self) -> None:
        value = decode(b"[" * MAX_DEPTH + b"9" * 25 + b"]" * MAX_DEPTH)
        while isinstance(value, list):
            value = value[0]
        assert value == int("9" * 25)


class TestCorruptJSON:
    def test_it_is_an_empty_mapping(self) -> None:
        corrupt = decode(b"{")
        assert isinstance(corrupt, Mapping)
        assert (dict(corrupt), len(corrupt), bool(corrupt)) == ({}, 0, False)
        assert corrupt.get("key", "default") == "default"
        with pytest.raises(KeyError):
            corrupt["key"]

    def test_it_is_its_bytes(self) -> None:
        one, other = CorruptJSON(b"{", "is wrong", 1), CorruptJSON(b"{", "is odd")
        assert one == other
        assert hash(one) == hash(other)
        assert one != CorruptJSON(b"[", "is wrong", 1)
        assert one != {}

    def test_it_cannot_be_changed(self) -> None:
        corrupt = CorruptJSON(b"{", "is wrong", 1)
        with pytest.raises(AttributeError, match="immutable"):
            corrupt.raw = b""
        with pytest.raises(AttributeError, match="immutable"):
            del corrupt.error

    def test_its_repr_keeps_the_content_to_itself(self) -> None:
        assert repr(decode(b'{"password":"s3cret')) == (
            "<CorruptJSON: ends in the middle of a string; offset 19 of 19 bytes>"
        )

    def test_copies_are_equal(self) -> None:
        corrupt = decode(b"{")
        for twin in (copy.deepcopy(corrupt), pickle.loads(pickle.dumps(corrupt))):  # noqa: S301
            assert (twin.raw, twin.error, twin.offset) == (b"{", corrupt.error, 1)


class TestEncoding:
    @given(VALUES)
    def test_what_is_written_reads_the_same(self, value: Any) -> None:
        assert same(decode(encode(value)), value)

    @given(st.integers(1, MAX_DEPTH), SCALARS)
    def test_depth_changes_nothing(self, depth: int, innermost: Any) -> None:
        value = nested(depth, innermost)
        assert same(decode(encode(value)), value)

    @given(VALUES)
    def test_both_ways_of_writing_agree(self, value: Any) -> None:
        beside_a_long_integer = encode([2**70, value])
        assert beside_a_long_integer == f"[{2**70},{encode(value)}]"

    def test_it_is_compact_and_keeps_characters(self) -> None:
        assert encode({"é": [1, "ü\u2028\x00"]}) == '{"é":[1,"ü\u2028\\u0000"]}'

    @pytest.mark.parametrize("beside", [None, 2**64], ids=["alone", "beside a long integer"])
    def test_what_stands_for_json_is_written_as_it(self, beside: Any) -> None:
        class Colour(Enum):
            RED = "red"

        class Key(StrEnum):
            A = "a"

        point = namedtuple("point", "x y")  # noqa: PYI024
        value = {
            "tuple": (1, point(2, 3)),
            "mapping": MappingProxyType({"a": UserDict(b=OrderedDict(c=1))}),
            "enumeration": [Colour.RED, Key.A],
            "uuid": UUID(int=1),
            "date": date(2026, 1, 31),
            "null": beside,
        }
        assert decode(encode(value)) == {
            "tuple": [1, [2, 3]],
            "mapping": {"a": {"b": {"c": 1}}},
            "enumeration": ["red", "a"],
            "uuid": "00000000-0000-0000-0000-000000000001",
            "date": "2026-01-31",
            "null": beside,
        }

    @pytest.mark.parametrize("beside", [None, 2**64], ids=["alone", "beside a long integer"])
    def test_times_are_written_in_utc(self, beside: Any) -> None:
        times = [datetime(2026, 1, 1, 3, tzinfo=EASTERN), datetime(2026, 1, 1, 1, tzinfo=UTC)]
        naive = datetime(2026, 1, 1, 1)  # noqa: DTZ001
        written = decode(encode([*times, naive, beside]))
        assert written == ["2026-01-01T01:00:00.000000+00:00"] * 3 + [beside]

    def test_the_value_is_left_alone(self) -> None:
        value = {"a": [(1, 2), {"b": 2**70}]}
        before = copy.deepcopy(value)
        encode(value)
        assert value == before


def cycle() -> Any:
    value: dict[str, Any] = {"list": []}
    value["list"].append(value)
    return value


def wide_cycle() -> Any:
    value: list[Any] = []
    value.extend([value, value])
    return value


REFUSED: list[tuple[str, Any, str, str]] = [
    ("NaN", {"steps": [1, {"score": math.nan}]}, "steps[1].score", "is nan"),
    ("infinity", [math.inf], "[0]", "is inf"),
    ("NaN in a tuple", {"a": (0.5, -math.inf)}, "a[1]", "is -inf"),
    ("NaN in a mapping", UserDict(a=math.nan), "a", "is nan"),
    ("NaN alone", math.nan, "", "The value is nan"),
    ("NaN beside a long integer", [2**64, math.nan], "[1]", "is nan"),
    ("lone surrogate", {"a": "x\ud800"}, "a", "holds a lone surrogate"),
    ("lone surrogate in a key", {"a": {"\ud800": 1}}, "a['\\ud800']", "holds a lone surrogate"),
    ("escaped byte", ["\udcff"], "[0]", "holds a lone surrogate"),
    ("integer key", {"a": {1: 2}}, "a[1]", "is a key of type int"),
    ("no key", {None: 2}, "[None]", "is a key of type NoneType"),
    ("set", {"a b": {1}}, "['a b']", "is of type set"),
    ("bytes", [b"x"], "[0]", "is of type bytes"),
    ("object", {"a": object()}, "a", "is of type object"),
    ("time without a day", [time(1)], "[0]", "is of type time"),
    ("fraction as Decimal", [Decimal("1.10")], "[0]", "is a Decimal with a fraction"),
    ("Decimal that is no number", [Decimal("NaN")], "[0]", "is nan"),
    (
        "time before year 1",
        [datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))],
        "[0]",
        "UTC",
    ),
    ("cycle", cycle(), "list[0]", "contains itself"),
    ("wide cycle", wide_cycle(), "[0]", "contains itself"),
    ("corrupt field", CorruptJSON(b"{", "is wrong"), "", "The value is a corrupt field"),
    ("corrupt field inside", {"a": [CorruptJSON(b"{", "is wrong")]}, "a[0]", "is a corrupt field"),
]


class TestRefusing:
    @pytest.mark.parametrize(
        ("value", "path", "says"),
        [case[1:] for case in REFUSED],
        ids=[case[0] for case in REFUSED],
    )
    def test_what_json_cannot_say_is_refused_with_its_path(
        self, value: Any, path: str, says: str
    ) -> None:
        with pytest.raises(JSONEncodeError) as caught:
            encode(value)
        assert caught.value.path == path
        assert says in str(caught.value)

    def test_the_path_begins_with_the_field(self) -> None:
        with pytest.raises(JSONEncodeError, match=r"^details\.steps\[3\]\.score is nan") as caught:
            encode({"steps": [0, 1, 2, {"score": math.nan}]}, "details")
        assert caught.value.path == "details.steps[3].score"

    def test_what_is_too_deep_to_be_read_again_is_refused(self) -> None:
        with pytest.raises(JSONEncodeError, match="nested deeper than 1024"):
            encode(nested(MAX_DEPTH + 1))
        with pytest.raises(JSONEncodeError, match="nested deeper than 1024"):
            encode(nested(100_000))

    def test_of_a_long_path_the_sentence_has_both_ends(self) -> None:
        value: Any = {"end": math.inf}
        for _ in range(500):
            value = {"step": value}
        with pytest.raises(
            JSONEncodeError, match=r"^details\.step\..*….*step\.end is inf"
        ) as caught:
            encode(value, "details")
        assert len(str(caught.value)) < 300
        assert caught.value.path == f"details{'.step' * 500}.end"

    def test_one_value_in_two_places_is_no_cycle(self) -> None:
        shared: list[Any] = [2**70]
        assert encode([shared, {"a": shared}]) == f'[[{2**70}],{{"a":[{2**70}]}}]'

    def test_the_error_is_a_storage_error_and_a_value_error(self) -> None:
        with pytest.raises(StorageError):
            encode({1})
        with pytest.raises(ValueError, match="set"):
            encode({1})
