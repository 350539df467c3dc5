"""The lines of a file: their places, whole records out of damaged ones, and no end of time."""

from __future__ import annotations

import re
import time
from pathlib import Path

from storage.importers.line_file import LONGEST, LineFile
from storage.importers.salvage import Grammar, Piece

GRAMMAR = Grammar(re.compile(rb'\{"n":'), lambda value: isinstance(value, dict) and "n" in value)


def pieces(path: Path, raw: bytes) -> list[Piece]:
    path.write_bytes(raw)
    with LineFile(path) as file:
        return list(file.records(None, GRAMMAR))


def test_each_piece_says_where_it_stands(tmp_path: Path) -> None:
    raw = b'\xef\xbb\xbf{"n":1}\r\n\n  {"n":2}{"n":3\n{"n":4}'
    found = pieces(tmp_path / "f", raw)
    assert [(each.line, each.value) for each in found] == [
        *((1, {"n": 1}), (3, {"n": 2}), (3, None), (4, {"n": 4})),
    ]
    assert all(raw[each.start :].startswith(each.raw) for each in found)


def test_records_without_an_end_of_line_between_them_are_all_found(tmp_path: Path) -> None:
    found = pieces(tmp_path / "f", b"".join(b'{"n":%d}' % n for n in range(50_000)))
    assert [each.value["n"] for each in found] == [*range(50_000)]


def test_reading_from_a_position_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "f"
    first = pieces(path, b'{"n":1}\n{"n":2}\n')
    with path.open("ab") as file:
        file.write(b'{"n":3}\n')
    with LineFile(path) as opened:
        (rest,) = opened.records(first[-1].at, GRAMMAR)
    assert (rest.value, rest.line, rest.start) == ({"n": 3}, 3, 16)


def test_a_line_without_end_is_taken_in_parts(tmp_path: Path) -> None:
    found = pieces(tmp_path / "f", b"x" * (LONGEST + 3 * 2**20) + b'\n{"n":1}\n')
    assert sum(len(each.raw) for each in found[:-1]) == LONGEST + 3 * 2**20
    assert max(len(each.raw) for each in found) <= LONGEST + 2**20
    assert found[-1].value == {"n": 1}


def test_what_seems_to_begin_everywhere_takes_no_end_of_time(tmp_path: Path) -> None:
    began = time.process_time()
    (found,) = pieces(tmp_path / "f", b'{"n":' * 60_000)
    assert found.error
    assert time.process_time() - began < 20
