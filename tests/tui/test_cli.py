"""The command line: sentences, exit codes, nothing imported in vain, nothing changed by mistake."""

from __future__ import annotations

import io
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.terminal import PATIENCE, PROGRAM, running
from tests.tui.shell_runs import fill, run_alone
from tui.cli import main


class Done(NamedTuple):
    """What is left of a run."""

    returncode: int
    stdout: str
    stderr: str


def run(*args: str | Path) -> Done:
    """Run the program in this process, without a terminal."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(each) for each in args])
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def run_in_terminal(*args: str | Path, code: str = "") -> tuple[int, bytes]:
    """Run the program in a terminal, leave it once it shows something, and wait for its end."""
    start = [sys.executable, "-c", code] if code else PROGRAM
    with running([*start, *args]) as terminal:
        if terminal.read_until(b"Help"):
            terminal.read_until_quiet(0.2)
            terminal.press(b"q")
        return terminal.end(), terminal.written


def test_in_a_process_of_its_own_it_ends_with_the_same_code_and_sentence(tmp_path: Path) -> None:
    done = run_alone(tmp_path / "missing.db")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == run(tmp_path / "missing.db").stderr


def test_help_names_the_ways_to_start() -> None:
    shown = run("--help").stdout
    assert "memglass FILE" in shown
    assert {"demo", "index", "open", "search"} <= set(shown.split())


def test_a_file_that_is_named_like_a_command_is_opened_by_its_path(tmp_path: Path) -> None:
    done = run(f"{tmp_path}/search")
    assert done.returncode == 2
    assert "search does not exist" in done.stderr


async def test_without_a_terminal_it_says_how_to_look(memory_file: Path) -> None:
    done = run(memory_file)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert f"memglass {memory_file}" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.db", None, "does not exist"),
        (
            "text.db",
            b"not a database at all, but long enough to be read as one" * 5,
            "neither a SQLite",
        ),
        ("empty.db", b"", "is empty"),
    ],
)
def test_what_is_no_memory_is_a_sentence_and_code_2(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run(path)
    assert done.returncode == 2
    assert done.stderr.startswith("memglass: ")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert (path.read_bytes() if path.exists() else None) == content


def test_a_folder_and_a_foreign_database_are_a_sentence(tmp_path: Path) -> None:
    assert "is a folder" in run(tmp_path).stderr
    path = tmp_path / "music.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE albums (title TEXT)")
    raw.close()
    done = run(path)
    assert done.returncode == 2
    assert "which no known agent writes" in done.stderr


def test_a_file_name_cannot_drive_the_terminal(tmp_path: Path) -> None:
    done = run(tmp_path / "\x1b[2J.db")
    assert "\x1b" not in done.stderr
    assert "␛[2J.db" in done.stderr


@pytest.mark.parametrize("args", [(), ("a", "b"), ("--nope",), ("a", "--nope")])
def test_wrong_usage_is_code_2_without_a_traceback(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_help_is_shown_also_where_the_locale_cannot_say_all_of_it() -> None:
    done = run_alone("--help", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"Usage: memglass FILE | COMMAND \\u2026")


async def test_the_screen_is_drawn_whatever_the_locale_says(memory_file: Path) -> None:
    env = {"PYTHONIOENCODING": "latin-1"}
    with running([*PROGRAM, memory_file], env=env) as terminal:
        assert terminal.read_until("\u25b8".encode()), terminal.written
        terminal.press(b"q")
        assert terminal.end() == 0
        assert b"\\u2" not in terminal.written


async def test_in_a_terminal_it_opens_and_leaves_on_q(memory_file: Path) -> None:
    code, written = run_in_terminal(memory_file)
    assert code == 0
    assert b"28 interactions" in written


async def test_read_only_can_stand_before_or_after_the_file(memory_file: Path) -> None:
    for args in ((memory_file, "--read-only"), ("--read-only", memory_file)):
        code, written = run_in_terminal(*args)
        assert code == 0
        assert b"read-only" in written


def test_in_a_terminal_a_bad_file_is_a_sentence_and_code_2(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_bytes(b"x" * 500)
    code, written = run_in_terminal(path)
    assert code == 2
    assert b"memglass: " in written
    assert b"is neither a SQLite database" in written
    assert b"Traceback" not in written


def test_in_a_terminal_a_missing_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "missing.db"
    code, written = run_in_terminal(path)
    assert code == 2
    assert b"does not exist" in written
    assert not path.exists()


async def test_a_fault_that_the_program_cannot_survive_ends_in_a_sentence(
    memory_file: Path,
) -> None:
    code = (
        "import sys\nfrom tui.cli import main\nfrom tui.widgets.key_bar import KeyBar\n"
        "KeyBar.press = KeyBar.render_line = lambda *_: 1 / 0\nmain(sys.argv[1:])"
    )
    status, written = run_in_terminal(memory_file, code=code)
    assert status == 2
    assert b"a fault of its own (ZeroDivisionError: division by zero)" in written
    assert b"Traceback" not in written


def test_the_demo_is_made_and_named_without_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    # Left of one that somebody deleted: SQLite would read it into the new one.
    Path(f"{path}-wal").write_bytes(b"left")
    done = run("demo", "--path", path)
    assert done.returncode == 0
    assert str(path) in done.stdout
    assert Path(f"{path}.old-1-wal").read_bytes() == b"left"
    assert not Path(f"{path}-wal").exists()
    assert path.stat().st_mode & 0o777 == 0o600
    made = path.stat().st_mtime_ns
    assert run("demo", "--path", path).returncode == 0
    assert path.stat().st_mtime_ns == made
    assert run("demo", "--path", path, "--fresh").returncode == 0
    assert path.stat().st_mtime_ns > made
    assert path.with_name("demo.db.old-2").exists()


@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_what_is_no_demo_is_neither_shown_nor_put_aside_as_one(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    memory, text, folder = tmp_path / "memory.db", tmp_path / "notes.txt", tmp_path / "folder"
    fill(memory, lambda store: store.add_interaction({"content": "mine"}))
    text.write_text("mine")
    folder.mkdir()
    for path in (memory, text, folder, Path(f"{memory}-wal")):
        done = run("demo", "--path", path, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith("; choose another place.\n")
    assert not list(tmp_path.glob("*.old-*"))


def test_a_demo_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    done = run("demo", "--path", blocker / "demo.db")
    assert done.returncode == 2
    assert done.stderr.startswith("memglass: The demo memory could not be made")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no stream that is always full")
@pytest.mark.parametrize("command", [("--help",), ("config",), ("import", "--formats")])
def test_output_that_nobody_can_take_ends_in_a_sentence(command: tuple[str, ...]) -> None:
    err = io.StringIO()
    # Unbuffered, because what could not be written would be tried again at its end.
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)
    with redirect_stdout(full), redirect_stderr(err), pytest.raises(SystemExit) as end:
        main(list(command))
    assert (end.value.code, err.getvalue()) == (2, "memglass: No space left on device.\n")


def test_streams_that_were_closed_before_the_start_are_no_fault(tmp_path: Path) -> None:
    closed = f"{' '.join(PROGRAM)} import --formats <&- >&-"
    done = subprocess.run(
        ["/bin/sh", "-c", closed], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


async def test_a_name_that_is_too_long_does_not_hide_what_is_wrong(memory_file: Path) -> None:
    done = run("backup", memory_file, "x" * 5000)
    assert done.returncode == 2
    assert done.stderr.startswith("memglass: xxx")
    assert done.stderr.endswith("xxx: File name too long.\n")
    assert len(done.stderr) < 2100


@pytest.mark.parametrize(
    "args",
    [
        ("",), ("stats", ""), ("doctor", ""), ("open", ""), ("serve", ""), ("mark", ""),
        ("mark", "", "night"), ("repair", ""), ("repair", "", "--apply"), ("import", ""),
        ("export", "FILE", "--to", ""), ("backup", "FILE", ""), ("demo", "--path", ""),
    ],
)  # fmt: skip
def test_an_empty_name_is_not_this_folder(args: tuple[str, ...], memory_file: Path) -> None:
    args = tuple(str(memory_file) if arg == "FILE" else arg for arg in args)
    done = run(*args)
    assert done.returncode == 2
    assert "is empty, which names none" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("export", "FILE", "--query", ""), ("log", "FILE", "--since", ""),
        ("mark", "FILE", "--remove", ""), ("serve", "FILE", "--host", ""),
    ],
)  # fmt: skip
def test_an_empty_value_is_not_as_if_none_were_given(
    args: tuple[str, ...], memory_file: Path
) -> None:
    done = run(*(str(memory_file) if arg == "FILE" else arg for arg in args))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{args[2]}': it is empty" in done.stderr


def test_links_that_lead_back_to_each_other_are_a_sentence(tmp_path: Path) -> None:
    loop = tmp_path / "loop.db"
    loop.symlink_to(loop)
    source = tmp_path / "graph.jsonl"
    source.write_text('{"type":"entity","name":"Ada","entityType":"person","observations":[]}')
    for args in (("backup", loop), ("import", source, "--into", loop)):
        done = run(*args)
        assert done.returncode == 2
        assert "Too many levels of symbolic links" in done.stderr


@pytest.mark.parametrize("args", [("--version", "--nope"), ("--help", "--nope")])
def test_an_option_that_there_is_not_is_one_sentence(args: tuple[str, ...]) -> None:
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("memglass: No such option")
    assert done.stderr.endswith("; see memglass --help.\n")
    assert done.stderr.count("\n") == 1


def test_without_a_word_the_help_is_shown() -> None:
    done = run()
    assert done.returncode == 2
    assert "memglass FILE opens a memory" in done.stderr


def test_ctrl_c_before_a_command_has_begun_its_work_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui.config_command.config_command.callback", stop)
    done = run("config")
    assert (done.returncode, done.stderr.strip()) == (130, "")


def test_a_fault_of_a_command_is_a_sentence_unless_a_developer_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask_too_much(**_: object) -> None:
        raise ZeroDivisionError("one by nothing")

    monkeypatch.setattr("tui.config_command.config_command.callback", ask_too_much)
    done = run("config")
    assert done.returncode == 2
    assert "fault of its own (ZeroDivisionError: one by nothing)" in done.stderr
    monkeypatch.setenv("TEXTUAL", "debug")
    with pytest.raises(ZeroDivisionError):
        run("config")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_when_told_to_end_it_gives_the_terminal_back(memory_file: Path, number: int) -> None:
    with running([*PROGRAM, str(memory_file)]) as terminal:
        assert terminal.read_until(b"Help")
        terminal.read_until_quiet(0.2)
        terminal.tell(number)
        assert terminal.end() == 128 + number
        assert b"\x1b[?1049l" in terminal.written


def test_without_its_terminal_it_ends_also_where_nobody_tells_it(
    memory_file: Path, tmp_path: Path
) -> None:
    ended = tmp_path / "ended"
    # As make does, the shell that started it lives on and keeps the signal for itself.
    script = f'trap "" HUP; "$@"; echo $? > {ended}.new; mv {ended}.new {ended}'
    with running(["sh", "-c", script, "sh", *PROGRAM, memory_file]) as terminal:
        assert terminal.read_until(b"Help")
        terminal.hang_up()
        deadline = time.monotonic() + PATIENCE
        while not ended.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ended.read_text() == f"{128 + signal.SIGHUP}\n"
