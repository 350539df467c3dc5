"""Completion: a real bash completes commands, options, files, marks and reasons."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete, get_completion_class

from storage import SQLiteStore
from tests.tui.shell_runs import fill, invoke, make
from tui.command_list import COMMANDS
from tui.commands import program
from tui.completion_command import SHELLS, VARIABLE

BASH = shutil.which("bash")
ASK = """
eval "$(memglass completion bash)"
compopt() { :; }
COMP_WORDS=(%s); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
_memglass_completion memglass
printf '%%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def path(tmp_path: Path, at_home: None) -> Path:
    return make(tmp_path / "memory.db")


def offered(*words: str) -> list[str]:
    """What click offers for the last word."""
    shell = ShellComplete(program, {}, "memglass", VARIABLE)
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.skipif(BASH is None, reason="there is no bash here")
def test_a_real_bash_completes_a_line(path: Path) -> None:
    def completed(line: str) -> set[str]:
        done = subprocess.run(
            [BASH or "", "--norc", "-c", ASK % line],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )  # fmt: skip
        assert done.stderr == ""
        return set(done.stdout.split())

    assert completed("memglass re") == {"restore", "redo", "repair"}
    file = shlex.quote(str(path))
    assert completed(f"memglass archive {file} int-a --rea") == {"--reason"}
    assert completed(f"memglass restore {file} --reason w") == {"wrong"}


def test_all_commands_are_offered_with_what_they_do() -> None:
    shell = ShellComplete(program, {}, "memglass", VARIABLE)
    items = {item.value: item for item in shell.get_completions([], "")}
    assert set(items) >= {*COMMANDS}
    assert items["search"].help == COMMANDS["search"].help
    assert items[""].type == "file"


def test_options_and_kinds_are_offered(path: Path) -> None:
    assert "--dry-run" in offered("archive", str(path), "--")
    assert offered("export", str(path), "--kind", "archived_p") == ["archived_pattern"]
    assert offered("archive", str(path), "--reason", "d") == ["duplicate"]
    assert offered("completion", "") == list(SHELLS)


def test_reasons_and_marks_are_those_of_the_file(path: Path) -> None:
    invoke("mark", path, "night")
    assert offered("mark", str(path), "--remove", "") == ["night"]
    assert offered("restore", str(path), "--reason", "") == ["wrong"]
    assert offered("restore", str(path.with_name("none.db")), "--reason", "") == []


def test_nothing_is_offered_that_a_shell_would_run_or_take_apart(path: Path) -> None:
    async def hostile(store: SQLiteStore) -> None:
        for reason in ("$(touch /tmp/x)", "a b", "*", "\x1b[2J", "-x", "fine_1"):
            await store.add_interaction({"interaction_id": reason})
            await store.archive_interactions([reason], reason)

    fill(path, hostile)
    assert offered("restore", str(path), "--reason", "") == ["fine_1", "wrong"]


def test_an_unfinished_line_is_no_error(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offered("archive", str(path), "--nope", "x", "")
    offered("search", f"{path}@none", "")
    offered("nope", "")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_is_written_as_click_has_it(shell: str) -> None:
    made = get_completion_class(shell)
    assert made is not None
    want = made(program, {}, "memglass", VARIABLE).source()
    assert invoke("completion", shell).stdout == f"{want}\n"


def test_without_a_name_it_is_the_shell_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "complete --no-files --command memglass" in invoke("completion").stdout
    monkeypatch.setenv("SHELL", "/bin/csh")
    done = invoke("completion")
    assert done.exit_code == 2
    assert "say bash, zsh or fish" in done.stderr
