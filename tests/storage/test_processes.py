"""Several processes that write to one file at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.storage import outside
from tests.storage.reports import Report

WRITER = Path(__file__).with_name("writer_process.py")
PROCESSES = 4


def write_at_once(path: Path, seconds: float) -> None:
    """Let four processes write, which wait up to 30 s for each other's locks, and compare."""
    writers = [
        outside.Listener(outside.python(WRITER, path, f"w{number}", str(seconds)))
        for number in range(PROCESSES)
    ]
    report, changes = Report(), []
    for writer in writers:
        # An error that reached a caller would have ended its process.
        assert writer.hear_out() == ""
        words = [json.loads(line)["word"] for line in writer.lines]
        changes.append(words.count("done") + words.count("counted"))
        report.read(writer.lines)
    print(f"{changes} changes, {len(report.acknowledged)} records")
    print(f"the longest change took {report.longest:.2f} s")
    assert report.begun == []
    assert min(changes) > 0
    report.check(path)
    assert outside.fetch(path, "SELECT frequency FROM patterns") == [(report.counted,)]


def test_four_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    write_at_once(tmp_path / "memory.db", 2)


@pytest.mark.slow
def test_four_processes_that_write_at_once_for_30_seconds_lose_nothing(tmp_path: Path) -> None:
    write_at_once(tmp_path / "memory.db", 30)
