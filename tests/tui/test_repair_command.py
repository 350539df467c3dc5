"""`memglass repair`: what is broken, what a repair makes of it, and nothing without `--apply`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.storage import outside
from tests.tui.shell_runs import digest, invoke, make

pytestmark = pytest.mark.usefixtures("at_home")

BROKEN = '{"tool":"pytest","ok":true}{"tool":"ruff"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A memory in which int-a holds two values in one, and int-b a number where an object is."""
    made = make(tmp_path / "memory.db")
    with outside.connected(made) as raw:
        for record_id, details in (("int-a", BROKEN), ("int-b", "7")):
            raw.execute(
                "UPDATE interactions SET details = ? WHERE interaction_id = ?",
                (details, record_id),
            )
    return made


def details_of(path: Path, record_id: str = "int-a") -> str:
    [(details,)] = outside.fetch(
        path, "SELECT details FROM interactions WHERE interaction_id = ?", (record_id,)
    )
    return str(details)


def test_what_is_broken_is_shown_with_its_place_and_its_repair_and_nothing_is_changed(
    path: Path,
) -> None:
    before = digest(path)
    done = invoke("repair", path)
    assert done.exit_code == 1
    assert "interactions  int-a  details @27" in done.stdout
    assert "would lose 15 bytes" in done.stdout
    assert '\u2212{"tool":"ruff"}' in done.stdout
    assert "2 fields cannot be read; --apply repairs 1 of them" in done.stderr
    assert digest(path) == before


def test_it_is_repaired_on_demand_and_what_stood_there_is_archived(path: Path) -> None:
    done = invoke("repair", path, "int-a", "--apply", "--note", "looked at")
    assert done.exit_code == 0
    assert details_of(path) == '{"tool":"pytest","ok":true}'
    [(reason, data)] = outside.fetch(
        path,
        "SELECT archive_reason, data FROM archived_interactions WHERE interaction_id = 'int-a'",
    )
    assert reason == "corrupt"
    assert json.loads(data)["details"] == BROKEN
    assert outside.fetch(path, "SELECT DISTINCT actor, note FROM memglass_journal"
                               " WHERE note = 'looked at'") == [("shell", "looked at")]  # fmt: skip
    assert invoke("undo", path).exit_code == 0
    assert details_of(path) == BROKEN


def test_what_the_archive_keeps_as_it_was_is_not_broken_any_more(path: Path) -> None:
    with outside.connected(path) as raw:
        raw.execute("UPDATE interactions SET details = '{}' WHERE interaction_id = 'int-b'")
    assert invoke("repair", path, "--apply").exit_code == 0
    done = invoke("repair", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert "can be read" in done.stderr


def test_it_speaks_only_of_live_records_where_archived_ones_are_broken(path: Path) -> None:
    assert invoke("archive", path, "int-a", "int-b", "--reason", "wrong").exit_code == 0
    done = invoke("repair", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"Every JSON field of the live records of {path} can be read" in done.stderr


def test_what_cannot_be_repaired_stays_and_is_code_1(path: Path) -> None:
    done = invoke("repair", path, "--apply", "--json")
    assert done.exit_code == 1
    told = {each["record_id"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert told["int-a"]["repaired"] is True
    assert told["int-a"]["after"] == details_of(path)
    assert (told["int-a"]["offset"], told["int-a"]["lost"]) == (27, 15)
    assert told["int-b"]["repaired"] is False
    assert "another type" in told["int-b"]["why_not"]
    assert details_of(path, "int-b") == "7"


def test_a_record_that_is_not_broken_is_a_sentence(path: Path) -> None:
    before = digest(path)
    done = invoke("repair", path, "int-c", "--apply")
    assert done.exit_code == 1
    assert "int-c has no broken field" in done.stderr
    assert digest(path) == before


def test_a_mark_is_looked_at_and_not_repaired(path: Path) -> None:
    invoke("mark", path, "night")
    assert "int-a" in invoke("repair", f"{path}@night").stdout
    done = invoke("repair", f"{path}@night", "--apply")
    assert done.exit_code == 2
    assert "stays as it was made" in done.stderr
