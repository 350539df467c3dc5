"""`memglass import`: sources into a memory, told in full, with the right exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.storage import legacy
from tests.tui.shell_runs import digest, invoke, make

pytestmark = pytest.mark.usefixtures("at_home")

SAMPLES = Path(__file__).parents[1] / "fixtures" / "importers"


def test_sources_of_several_kinds_come_into_one_memory_that_is_made_for_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "m.db"
    names = ("openai-agents.db", "claude-code.jsonl", "mcp-memory-before.jsonl", "mcp-memory.jsonl")
    done = invoke("import", *(SAMPLES / name for name in names), "--into", file)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:3] == [
        f"{SAMPLES / 'openai-agents.db'}  OpenAI Agents SDK sessions",
        "  7 added",
        "  5 message, 1 function_call, 1 function_call_output",
    ]
    assert "  10 added" in done.stdout
    assert f"Look at it with: memglass {file}" in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    world = invoke("world", file)
    assert world.exit_code == 0
    assert "mcp-memory-before.jsonl" in world.stdout


def test_a_second_import_changes_nothing_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "m.db"
    source = SAMPLES / "openai-agents.db"
    first = invoke("import", source, "--into", file)
    assert "memglass undo" in first.stderr
    second = invoke("import", source, "--into", file)
    assert (second.exit_code, second.stderr) == (0, "memglass: Nothing was changed.\n")
    assert "nothing new" in second.stdout


def test_what_a_first_import_that_was_cut_short_has_left_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "m.db"
    legacy.execute(file, "PRAGMA journal_mode=WAL")
    assert file.stat().st_size
    done = invoke("import", SAMPLES / "openai-agents.db", "--into", file)
    assert (done.exit_code, "7 added" in done.stdout) == (0, True)


def test_an_import_can_be_taken_back_as_it_says(tmp_path: Path) -> None:
    file = make(tmp_path / "m.db")
    sources = [SAMPLES / "openai-agents.db", SAMPLES / "claude-code.jsonl"]
    done = invoke("import", *sources, "--into", file)
    undo = done.stderr.splitlines()[-1].partition("memglass undo ")[2].split()
    assert invoke("undo", *undo).exit_code == 0
    # What was taken back stays so, and that is said.
    again = invoke("import", *sources, "--into", file)
    assert "17 records from this or another source" in again.stderr
    assert invoke("show", file, "openai:user-ada:1", "--json").stdout.count("undone")


def test_json_tells_all_of_it(tmp_path: Path) -> None:
    done = invoke("import", SAMPLES / "openai-agents.db", "--into", tmp_path / "m.db", "--json")
    told = json.loads(done.stdout)
    assert (told["format"], told["added"], told["corrupt"]) == ("openai-agents", 7, 0)
    assert told["counts"]["message"] == 5
    assert len(told["transactions"]) == 1


def test_what_cannot_be_read_is_told_with_its_place_and_by_the_exit_code(tmp_path: Path) -> None:
    source = Path(shutil.copy(SAMPLES / "claude-code.jsonl", tmp_path / "c.jsonl"))
    with source.open("ab") as file:
        file.write(b'{"type":"user","uuid":"\x1b[31m')
    done = invoke("import", source, "--into", tmp_path / "m.db")
    assert done.exit_code == 1
    assert f"trouble: file {source}, line 11, byte {source.stat().st_size - 28}" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_preview_says_what_the_sources_are_and_makes_nothing(tmp_path: Path) -> None:
    done = invoke("import", SAMPLES / "openai-agents.db", "--into", tmp_path / "m.db", "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.endswith("OpenAI Agents SDK sessions: 2 sessions, 7 messages\n")
    assert not (tmp_path / "m.db").exists()


def test_the_formats_are_named() -> None:
    told = invoke("import", "--formats").stdout
    assert "claude-code             Claude Code transcripts\n" in told


def test_one_source_that_is_none_keeps_all_from_being_imported(tmp_path: Path) -> None:
    file = make(tmp_path / "m.db")
    before = digest(file)
    (tmp_path / "notes.txt").write_text("hello")
    for source, told in (
        (tmp_path / "notes.txt", "neither a SQLite database nor a file of JSON lines"),
        (tmp_path / "missing", "cannot be reached"),
        (make(tmp_path / "other.db"), "opens in place"),
    ):
        done = invoke("import", SAMPLES / "mcp-memory.jsonl", source, "--into", file)
        assert done.exit_code == 2
        assert told in done.stderr
    assert digest(file) == before


def test_a_memory_is_needed_and_nothing_else_is_filled(tmp_path: Path) -> None:
    source = SAMPLES / "mcp-memory.jsonl"
    assert "--into" in invoke("import", source).stderr
    foreign = Path(shutil.copy(SAMPLES / "openai-agents.db", tmp_path / "s.db"))
    before = digest(foreign)
    done = invoke("import", source, "--into", foreign)
    assert (done.exit_code, digest(foreign)) == (2, before)
    assert "itself" in invoke("import", foreign, "--into", foreign).stderr or done.exit_code == 2
