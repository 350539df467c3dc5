"""`memglass show`: any record, by its id or its name, whole and exact."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.terminal import PROGRAM
from tests.tui.readings import SPLICED, story
from tests.tui.shell_runs import digest, invoke, run_alone, run_in_terminal

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("show") / "memory.db")


def shown(path: Path, *args: str) -> dict[str, Any]:
    done = invoke("show", path, *args, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("said", "kind", "record_id", "archived"),
    [
        ("int-a", "interaction", "int-a", False),
        ("int-old", "interaction", "int-old", True),
        ("pat-deploy", "pattern", "pat-deploy", False),
        ("Deploys", "pattern", "pat-deploy", False),
        ("wm-infra", "world_model_state", "wm-infra", False),
        ("infra", "world_model_state", "wm-infra", False),
        ("2", "snapshot", "2", False),
    ],
)
def test_a_record_is_found_by_its_id_or_its_name(
    path: Path, said: str, kind: str, record_id: str, archived: bool
) -> None:
    found = shown(path, said)
    assert (found["kind"], found["record_id"], found["archived"]) == (kind, record_id, archived)


def test_a_pattern_is_told_with_its_note_and_both_sides_of_its_lineage(path: Path) -> None:
    found = shown(path, "pat-deploy")
    assert (found["tags"], found["note"]) == (["todo"], "ask Mara")
    states = {each["record_id"]: each["state"] for each in found["lineage"]["sources"]}
    assert states == {"int-b": "live", "int-old": "archived", "int-gone": "gone"}
    [product] = shown(path, "int-b")["lineage"]["products"]
    assert product["record_id"] == "pat-deploy"


def test_the_text_says_fields_note_and_lineage(path: Path) -> None:
    told = invoke("show", path, "Deploys").stdout
    assert told.startswith("pattern pat-deploy, live\n")
    assert "no approval needed" in told
    assert "ask Mara" in told
    assert "from\tint-old\tarchived\twrong\t" in told


def test_a_corrupt_field_is_shown_with_the_byte_and_the_bytes_around_it(path: Path) -> None:
    told = invoke("show", path, "int-broken").stdout
    assert "corrupt: has a second value after the first one ended at byte 12" in told
    assert "\u27eb7b 22 74 6f" in told
    details = shown(path, "int-broken")["record"]["details"]
    assert (details["$memglass"], details["offset"], details["raw"]) == ("corrupt", 12, SPLICED)


def test_raw_shows_every_column_as_it_is_stored(path: Path) -> None:
    told = invoke("show", path, "int-broken", "--raw").stdout
    assert SPLICED in told
    assert "integer" in told


def test_raw_json_holds_every_column_as_it_is_stored(path: Path) -> None:
    told = json.loads(invoke("show", path, "int-broken", "--raw", "--json").stdout)
    assert told["stored"]["interaction_id"] == "int-broken"
    assert told["stored"]["details"] == SPLICED
    assert "stored" not in json.loads(invoke("show", path, "int-broken", "--json").stdout)


def test_history_is_told_when_it_is_asked_for(path: Path) -> None:
    assert "history" not in shown(path, "pat-deploy")
    changes = [each["changes"] for each in shown(path, "pat-deploy", "--history")["history"]]
    assert [each["path"] for each in changes[0]] == ["confidence"]
    assert "History" in invoke("show", path, "pat-deploy", "--history").stdout


def test_a_session_is_its_interactions_oldest_first(path: Path) -> None:
    lines = invoke("show", path, "s-91").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["int-a", "int-b", "int-broken"]
    records = invoke("show", path, "s-91", "--json").stdout.splitlines()
    assert json.loads(records[0])["interaction_id"] == "int-a"


@pytest.mark.parametrize("option", ["--raw", "--history"])
def test_what_only_a_record_has_is_not_asked_of_a_session(path: Path, option: str) -> None:
    done = invoke("show", path, "s-91", option)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{option} is of one record, and s-91 is a session" in done.stderr


def test_a_link_names_file_and_record(path: Path) -> None:
    assert "pattern pat-deploy" in invoke("show", f"{path}#pattern:pat-deploy").stdout


def test_a_name_that_several_have_lists_them_and_is_code_2(path: Path) -> None:
    done = invoke("show", path, "Twins")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "pattern pat-1, pattern pat-2" in done.stderr


def test_what_is_not_there_is_one_sentence_and_code_1(path: Path) -> None:
    done = invoke("show", path, "int-nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("has no record int-nowhere, neither live nor archived.\n")
    assert invoke("show", path, "int-a", "--kind", "pattern").exit_code == 1
    assert "has no record with an empty id" in invoke("show", path, "").stderr


def test_a_world_model_that_is_not_there_is_called_as_everywhere(path: Path) -> None:
    done = invoke("show", path, "nope", "--kind", "world_model_state")
    assert done.stderr.endswith("has no world-model state nope, neither live nor archived.\n")


def test_a_reader_who_has_had_enough_is_told_apart_from_nothing_found(path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as output:
        done = subprocess.run(
            [*PROGRAM, "show", str(path), "int-a"],
            stdout=output,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("args", [("int-a", "--kind", "patern"), (), ("int-a", "--jsn")])
def test_what_makes_no_sense_is_one_sentence_and_code_2(path: Path, args: tuple[str, ...]) -> None:
    done = invoke("show", path, *args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_nothing_is_changed_and_nothing_is_drawn_in_a_pipe(path: Path) -> None:
    before = digest(path)
    done = run_alone("show", path, "int-old")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert digest(path) == before


def test_in_a_terminal_it_is_emphasised_and_wrapped(path: Path) -> None:
    code, written = run_in_terminal("show", path, "int-old")
    assert code == 0
    assert b"\x1b[1minteraction int-old, archived\x1b[0m" in written
