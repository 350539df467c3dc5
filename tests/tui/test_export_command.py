"""`memglass export`: records and reports, whole or not at all, to a file or to a pipe."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.tui.shell_runs import digest, fill, invoke, make, run_in_terminal

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


def lines_of(*args: str | Path) -> list[dict[str, Any]]:
    done = invoke("export", *args)
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_record_is_a_line_with_its_kind(path: Path) -> None:
    before = digest(path)
    kinds = [line["kind"] for line in lines_of(path)]
    assert kinds == [*["interaction"] * 4, "pattern", "archived_interaction",
                     "world_model_state", "snapshot"]  # fmt: skip
    assert digest(path) == before


def test_a_hyphen_is_standard_output_and_no_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    assert lines_of(path, "--to", "-") == lines_of(path)
    assert not (path.parent / "-").exists()


def test_kinds_and_questions_narrow_it(path: Path) -> None:
    assert [line["id"] for line in lines_of(path, "--kind", "pattern")] == ["pat-deploy"]
    best = invoke("export", path, "--query", "deploy", "--limit", "1")
    assert best.stdout.count("\n") == 1
    assert "--limit takes more" in best.stderr
    found = lines_of(path, "--query", "deploy kind:interaction", "--kind", "interaction")
    assert {line["interaction_id"] for line in found} == {"int-a", "int-b", "int-c"}
    entity = lines_of(path, "--query", "postgres", "--kind", "world_model_state")
    assert [line["domain"] for line in entity] == ["infra"]


@pytest.mark.parametrize("kind", ["pattern", "archived_interaction"])
def test_a_limit_counts_only_records_of_the_kinds_that_are_asked_for(path: Path, kind: str) -> None:
    [line] = lines_of(path, "--query", "deploy", "--kind", kind, "--limit", "1")
    assert line["kind"] == kind


def test_no_question_finds_snapshots(path: Path) -> None:
    done = invoke("export", path, "--query", "postgres", "--kind", "snapshot", "--limit", "1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "memglass: There is no such record; nothing was written.\n"


def test_a_limit_counts_what_a_question_finds_and_nothing_else(path: Path) -> None:
    assert len(lines_of(path, "--query", "deploy", "--limit", "2")) == 2
    done = invoke("export", path, "--limit", "2")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--limit is of what --query finds" in done.stderr


def test_the_ending_of_the_file_says_what_it_is_to_be(path: Path) -> None:
    for name, form in (("a.csv", "csv"), ("a.html", "html"), ("a.jsonl", "jsonl"), ("a", "jsonl")):
        to = path.parent / name
        done = json.loads(invoke("export", path, "--to", to, "--json").stdout)
        assert done["format"] == form
        assert done["records"] == 8
        assert done["bytes"] == to.stat().st_size
        assert stat.S_IMODE(to.stat().st_mode) == 0o600
    table = io.StringIO((path.parent / "a.csv").read_bytes().decode(), newline="")
    assert len(list(csv.DictReader(table))) == 8
    assert (path.parent / "a.html").read_text().startswith("<!doctype html>")


def test_an_ending_that_says_nothing_is_refused_unless_the_format_is_said(path: Path) -> None:
    to = path.parent / "a.foo"
    done = invoke("export", path, "--to", to)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "end it in .jsonl, .csv or .html, or say it with --format" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not to.exists()
    assert invoke("export", path, "--to", to, "--format", "csv").exit_code == 0


def test_a_table_goes_into_a_pipe_but_not_onto_a_terminal(path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("export", path, "--format", "csv").stdout)))
    assert len(rows) == 8
    code, written = run_in_terminal("export", path, "--format", "csv")
    assert code == 2
    assert b"not for a terminal" in written


def test_nothing_is_written_over_unless_that_is_said(path: Path) -> None:
    to = path.parent / "out.html"
    to.write_text("mine")
    done = invoke("export", path, "--to", to)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(" exists already. --over replaces it.\n")
    assert to.read_text() == "mine"
    assert invoke("export", path, "--to", to, "--over").exit_code == 0
    assert invoke("export", path, "--to", path, "--over").exit_code == 2
    assert sorted(each.name for each in path.parent.glob("*out*")) == ["out.html"]


def test_where_there_is_no_such_record_no_file_is_made(path: Path) -> None:
    to = path.parent / "out.jsonl"
    done = invoke("export", path, "--query", "xylophone kind:pattern domain:none", "--to", to)
    assert done.exit_code == 1
    assert not to.exists()


def test_a_report_is_of_the_whole_memory(path: Path) -> None:
    done = invoke("export", path, "--format", "html", "--kind", "pattern")
    assert done.exit_code == 2
    assert "whole memory" in done.stderr
    assert invoke("export", path, "--format", "html").stdout.startswith("<!doctype html>")


def test_secrets_are_masked_unless_told_otherwise(path: Path) -> None:
    key = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    fill(path, lambda store: store.add_interaction({"content": f"the token is {key}"}))
    for form in ("jsonl", "csv", "html"):
        assert key not in invoke("export", path, "--format", form).stdout
    assert key in invoke("export", path, "--no-mask").stdout
