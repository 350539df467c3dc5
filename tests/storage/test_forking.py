"""A store in a fork of the process that has opened it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.storage import forking, outside

SCRIPT = Path(forking.__file__)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process forks here")
@pytest.mark.parametrize("mode", ["await", "running"])
def test_a_fork_is_told_to_open_the_file_anew_and_the_parent_goes_on(path: Path, mode: str) -> None:
    process = outside.python(SCRIPT, mode, path)
    told, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert told.startswith(f"{path}: the store was opened in the process that this one was forked")
    assert told.count("\n") == 1
    assert outside.fetch(path, "SELECT content FROM interactions") == [("from the parent",)]
