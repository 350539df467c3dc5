"""One process that opens, makes and deletes an index in several threads at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.storage.search import opening_race


def test_the_process_outlives_an_index_that_its_threads_replace_again_and_again(
    tmp_path: Path,
) -> None:
    script = [sys.executable, "-m", opening_race.__name__, str(tmp_path / "memory.db.index"), "2"]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "survived\n"), done.stderr
