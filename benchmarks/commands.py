"""How long a command takes to say what it does, and what each command imports.

The help of the program is measured in turns with the import of the two libraries that it cannot do
without; the ratio of the medians is what counts, because absolute times drift from run to run.
Then every command is run once with `--help` and once on a small memory, each in a process of its
own, and the heavy modules that it imported are listed.

    python benchmarks/commands.py --runs 21
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = 1.5
LIMIT = ("-c", "import click, aiosqlite")
HELP = ("-m", "tui.cli", "--help")
HEAVY = (
    *("textual", "rich", "numpy", "orjson", "aiohttp", "httpx", "tokenizers", "safetensors"),
    *("sqlite_vec", "plotext", "json_repair", "aiosqlite", "asyncio", "storage"),
)
WATCHED = """
import sys
from tui.cli import main
try:
    main(sys.argv[2:])
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
found = {name.partition(".")[0] for name in sys.modules} & set(sys.argv[1].split())
sys.stderr.write(f"\\n{code} {' '.join(sorted(found))}")
"""
# What each command is given for its run; what is not named here is given the memory alone.
ARGUMENTS: dict[str, Sequence[str]] = {
    "search": ("{}", "deploy", "--by", "words"),
    "show": ("{}", "int-0385"),
    "history": ("{}", "orders-db"),
    "archive": ("{}", "int-0385", "--reason", "wrong", "--dry-run"),
    "restore": ("{}", "int-0388", "--dry-run"),
    "undo": ("{}", "--dry-run"),
    "redo": ("{}",),
    "diff": ("{}", "{}"),
    "backup": ("{}", "{}.copy"),
    "mark": ("{}", "one"),
    "vacuum": ("{}", "--dry-run"),
    "export": ("{}", "--format", "html", "--to", "{}.html"),
    "import": ("tests/fixtures/importers/openai-agents.db", "--into", "{}.into"),
    "demo": ("--path", "{}"),
    "config": (),
    "completion": ("bash",),
}
# It does not come to an end by itself.
NOT_RUN = ("serve",)


def seconds(argv: Sequence[str]) -> float:
    """Return how long a process takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - began


def measured(runs: int) -> bool:
    """Measure the help against the limit, print both, and say whether the target is met."""
    times: dict[tuple[str, ...], list[float]] = {LIMIT: [], HELP: []}
    for argv in times:
        # Compiles what is not compiled yet.
        seconds(argv)
    for _ in range(runs):
        for argv, taken in times.items():
            taken.append(seconds(argv))
    limit, shown = (statistics.median(taken) for taken in times.values())
    ratio = shown / limit
    print(
        f"memglass --help {shown * 1000:.0f} ms, import click, aiosqlite {limit * 1000:.0f} ms:"
        f" ratio {ratio:.2f} (at most {TARGET})"
    )
    return ratio <= TARGET


def imported(name: str, args: Sequence[str], folder: Path) -> str:
    """Run a command, and return its exit status and the heavy modules that it imported."""
    places = {f"XDG_{kind}_HOME": str(folder) for kind in ("DATA", "CONFIG", "CACHE", "STATE")}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, " ".join(HEAVY), name, *args],
        cwd=ROOT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        env={**os.environ, **places},
    )
    return done.stderr.rpartition("\n")[2]


def main() -> None:
    """Print the ratio, and a line for each command."""
    # Beside this file is one that is called `storage` too.
    sys.path[0] = str(ROOT)
    from tui.command_list import COMMANDS

    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=21, help="starts of each program")
    is_met = measured(options.parse_args().runs)
    print(f"{'command':<12} {'--help: status, imports':<26} on a memory: status, imports")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        memory = folder / "memory.db"
        imported("demo", ["--path", str(memory)], folder)
        for command in COMMANDS:
            args = [each.format(memory) for each in ARGUMENTS.get(command, ("{}",))]
            run = "-" if command in NOT_RUN else imported(command, args, folder)
            print(f"{command:<12} {imported(command, ['--help'], folder):<26} {run}")
    sys.exit(not is_met)


if __name__ == "__main__":
    main()
