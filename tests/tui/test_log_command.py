"""`memglass log`: who changed what, narrowed, with what it was before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.readings import story
from tests.tui.shell_runs import fill, invoke, run_in_terminal

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("log") / "memory.db")


def told(path: Path, *args: str) -> list[dict[str, Any]]:
    done = invoke("log", path, *args, "--json")
    assert done.stderr == ""
    assert done.exit_code == (0 if done.stdout else 1)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_newest_change_comes_first_and_a_transaction_is_one_line(path: Path) -> None:
    every = told(path, "--all")
    numbers = [each["number"] for each in every]
    assert numbers == sorted(numbers, reverse=True)
    assert every[-1]["note"] == "work of a morning"
    assert every[-1]["operations"] == [{"operation": "add", "kind": "interaction", "records": 4}]


def test_the_limit_is_kept_and_all_lifts_it(path: Path) -> None:
    assert len(told(path, "--limit", "2")) == 2
    assert len(told(path, "--limit", "2", "--all")) == 10


def test_it_is_narrowed_by_who_what_when_and_which_record(path: Path) -> None:
    assert {each["actor"] for each in told(path, "--by", "api")} == {"api"}
    assert told(path, "--by", "nobody") == []
    assert [each["record_id"] for each in told(path, "--operation", "archive")] == ["int-old"]
    assert told(path, "--before", "2020-01-01") == []
    assert len(told(path, "--since", "1d", "--all")) == 10
    of_one = told(path, "--record", "pat-deploy", "--limit", "9")
    assert [each["operations"][0]["operation"] for each in of_one] == ["update", "add"]
    assert len(told(path, "--record", "pat-deploy", "--operation", "update")) == 1


def test_patches_say_what_it_was_and_what_it_became(path: Path) -> None:
    [entry] = told(path, "--operation", "update", "--record", "pat-deploy", "-p")[0]["entries"]
    assert entry["changes"] == [{"path": "confidence", "kind": "changed", "old": 0.1, "new": 0.25}]
    assert "0.1 \u2192 0.25" in invoke("log", path, "-p", "--record", "pat-deploy").stdout


def test_a_line_in_a_pipe_has_its_parts_parted_by_tabs(path: Path) -> None:
    line = invoke("log", path, "--operation", "archive").stdout.splitlines()[0].split("\t")
    assert line[2:] == ["api", "archived interaction int-old", "", "", "wrong"]


def test_what_was_undone_says_so(tmp_path: Path) -> None:
    path = story(tmp_path / "memory.db")
    archived = told(path, "--operation", "archive")[0]["transaction_id"]
    fill(path, lambda store: store.undo(archived))
    newest = told(path)[0]
    assert (newest["role"], newest["takes_back"]) == ("undo", archived)
    assert invoke("log", path, "--operation", "archive").stdout.endswith("\tundone\t\n")


def test_what_touched_a_tagged_record_is_listed(tmp_path: Path) -> None:
    path = story(tmp_path / "memory.db")
    fill(path, lambda store: store.add_notes("interaction", ["int-old"], add_tags=["odd"]))
    assert [each["operations"][0]["operation"] for each in told(path, "--tag", "odd")][:2] == [
        "add",
        "archive",
    ]
    assert invoke("log", path, "--tag", "even").exit_code == 1
    assert invoke("log", path, "--tag", "").exit_code == 2


def test_a_change_of_a_note_names_what_that_is_on(tmp_path: Path) -> None:
    path = story(tmp_path / "memory.db")
    fill(path, lambda store: store.set_note("interaction", "int-a", text="ask her"))
    line = invoke("log", path, "--limit", "1").stdout
    assert line.split("\t")[3].endswith(" on interaction int-a")


def test_nothing_found_is_code_1_and_no_time_is_code_2(path: Path) -> None:
    done = invoke("log", path, "--by", "nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "holds no such change; memglass log " in done.stderr
    assert invoke("log", path, "--by", "nobody", "--json").stderr == ""
    done = invoke("log", path, "--since", "soon")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("memglass: soon is no time")


def test_a_terminal_says_who_archived_what_and_as_what(path: Path) -> None:
    code, written = run_in_terminal("log", path, "--operation", "archive", env={"NO_COLOR": "1"})
    assert code == 0
    assert b"archived interaction int-old as wrong by api\r\n" in written
    assert told(path, "--operation", "archive")[0]["transaction_id"].encode() in written
