"""No command that reads a memory loads what only the screen, a search or a server needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.terminal import ROOT
from tests.tui.readings import story

HEAVY = ("textual", "numpy", "tokenizers", "sqlite_vec", "httpx", "aiohttp", "plotext")
COMMANDS = (
    "show {} int-old --history", "log {} -p", "world {} first now", "history {} orders-db",
    "stats {}", "diff {} {}", "doctor {}",
)  # fmt: skip

RUN_ALL = """
import sys
from tui.cli import main
heavy, commands = sys.argv[1].split(), sys.argv[2:]
for command in commands:
    try:
        main(command.split())
    except SystemExit as end:
        assert end.code in (0, 1), (command, end.code)
    found = {name.partition(".")[0] for name in sys.modules} & set(heavy)
    assert not found, (command, found)
"""


def test_reading_loads_neither_the_screen_nor_the_search(tmp_path: Path) -> None:
    path = story(tmp_path / "memory.db")
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, " ".join(HEAVY)]
        + [command.format(path, path) for command in COMMANDS],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "orders-db.properties.engine" in done.stdout
