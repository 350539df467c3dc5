"""The list of commands: every one is there, imports what it needs, and is suggested for a slip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.terminal import ROOT
from tests.tui.shell_runs import fill, invoke, make
from tui.cli import main
from tui.command_list import COMMANDS, nearest
from tui.commands import program

# What takes long to import, and what only one pane, one command or nobody needs for a help text.
HEAVY = (
    "aiohttp", "asyncio", "httpx", "numpy", "orjson", "plotext", "rich", "sqlite_vec",
    "storage", "textual", "tokenizers",
)  # fmt: skip

SHOW_HELP_OF_ALL = """
import sys
from tui.cli import main
from tui.command_list import COMMANDS

def show(*args):
    try:
        main([*args, "--help"])
    except SystemExit as end:
        assert not end.code, (args, end.code)

show()
commands = {entry.home.partition(":")[0] for entry in COMMANDS.values()}
early = [name for name in commands if f"tui.{name}" in sys.modules]
assert not early, early
for name in COMMANDS:
    show(name)
    found = {module.partition(".")[0] for module in sys.modules} & set(sys.argv[1:])
    assert not found, (name, found)
"""


def test_help_imports_no_command_and_no_command_imports_for_its_help_what_it_runs_with() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOW_HELP_OF_ALL, *HEAVY],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


RUN_ALL = """
import sys
from pathlib import Path
from benchmarks.commands import ARGUMENTS
from tui.cli import main
from tui.command_list import COMMANDS

for name in COMMANDS:
    if name in ("search", "index", "serve", "demo", "doctor"):
        continue
    args = [each.format(sys.argv[1]) for each in ARGUMENTS.get(name, ("{}",))]
    try:
        main([name, *args])
    except SystemExit as end:
        assert end.code in (0, 1, None), (name, end.code)
    found = {module.partition(".")[0] for module in sys.modules} & set(sys.argv[2:])
    assert not found, (name, found)
"""


def test_no_command_imports_what_only_the_screen_and_the_index_need(tmp_path: Path) -> None:
    memory = make(tmp_path / "memory.db")
    fill(
        memory,
        lambda store: store.add_interactions(
            [{"interaction_id": "int-0385"}, {"interaction_id": "int-0388"}]
        ),
    )
    fill(memory, lambda store: store.archive_interactions(["int-0388"], "wrong"))
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, memory, "textual", "numpy", "tokenizers", "sqlite_vec"],
        capture_output=True, stdin=subprocess.DEVNULL, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_help_shows_every_command_under_a_heading_in_a_line() -> None:
    shown = invoke("--help").stdout.splitlines()
    for entry in COMMANDS.values():
        [line] = [line.strip() for line in shown if line.startswith(f"  {entry.name} ")]
        assert line.endswith(entry.help)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_name_that_the_list_gives_it(name: str) -> None:
    command = program.get_command(click.Context(program), name)
    assert command is not None
    assert command.name == name


@pytest.mark.parametrize(
    "name", ["archive", "restore", "undo", "redo", "repair", "export", "backup", "mark", "vacuum",
             "completion"],
)  # fmt: skip
def test_a_help_text_fits_into_a_narrow_terminal(name: str) -> None:
    assert max(map(len, invoke(name, "--help").stdout.splitlines())) <= 80


@pytest.mark.parametrize(("slip", "meant"), [("serach", "search"), ("idnex", "index")])
def test_a_mistyped_command_is_a_sentence_that_says_which_was_meant(
    slip: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for args in ([slip], [slip, "memory.db", "deploy"], [slip, "--read-only"]):
        with pytest.raises(SystemExit) as ended:
            main(args)
        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert told.endswith(f"Did you mean: memglass {meant}\n")


def test_what_is_like_no_command_is_no_slip_of_one() -> None:
    assert nearest("memory.db") is None


def test_a_file_is_opened_even_if_its_name_is_like_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "serach").write_bytes(b"no database, but long enough to be read as one" * 5)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["serach"])
    assert "is neither a SQLite database" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_that_a_command_does_not_have_is_refused_in_one_sentence(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--nonsense"])
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"memglass: No such option '--nonsense'; see memglass {name} --help.\n"
