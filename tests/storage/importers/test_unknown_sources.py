"""What is no source is refused in a sentence that says what it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    FileError,
    UnknownSourceError,
    detect_source,
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"hello\nworld\n", "neither a SQLite database nor a file of JSON lines"),
        (b'{"role": "user", "x-y": 1}\n', "JSON lines with the keys role, 'x-y'"),
        (b"\0" * 4000, "neither"),
    ],
)
def test_an_unknown_file_is_told_by_what_is_in_it(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(UnknownSourceError, match=told) as caught:
        detect_source(path)
    assert "MCP memory server; OpenAI Agents SDK sessions" in str(caught.value)


def test_an_unknown_database_is_told_by_its_tables(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as raw:
        raw.execute("CREATE TABLE credentials (secret)")
        raw.execute('CREATE TABLE "a b\x1b" (c)')
    with pytest.raises(UnknownSourceError) as caught:
        detect_source(tmp_path / "x.db")
    assert "with the tables 'a b\\x1b', credentials, which no known agent" in str(caught.value)


def test_what_is_missing_or_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", "a\0b"):
        with pytest.raises(FileError):
            detect_source(tmp_path / name)
