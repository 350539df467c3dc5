"""Copies of a memory from the shell: backups, marks, and what vacuuming keeps."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.storage import legacy, outside
from tests.tui.shell_runs import digest, ids_of, invoke, make, run_in_terminal
from tui.cli import file_and_mark
from tui.named_copies import file_of_mark, folder_of, split_mark

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


# Backups.


def test_a_backup_stands_beside_the_file_unless_a_place_is_named(path: Path) -> None:
    folder = path.parent / "usb"
    folder.mkdir()
    made = [
        Path(json.loads(invoke("backup", path, *place, "--json").stdout)["path"])
        for place in ((), (folder,), (path.parent / "copy.db",))
    ]
    assert [each.parent for each in made] == [path.parent, folder, path.parent]
    assert made[2].name == "copy.db"
    for each in made:
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
        assert outside.fetch(each, "SELECT count(*) FROM interactions") == [(4,)]


def test_a_backup_is_never_written_over_something_and_the_file_is_not_changed(path: Path) -> None:
    before = digest(path)
    other = path.parent / "other"
    other.write_bytes(b"mine")
    for place in (other, path, path.parent / "none" / "copy.db", f"{path.parent}/none/"):
        done = invoke("backup", path, place)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
    assert other.read_bytes() == b"mine"
    assert digest(path) == before


# Marks.


def test_a_mark_is_made_listed_read_and_deleted(path: Path) -> None:
    assert invoke("mark", path, "night").exit_code == 0
    assert invoke("mark", path, "day-2").exit_code == 0
    listed = invoke("mark", path, "--list", "--json").stdout.splitlines()
    assert {json.loads(line)["name"] for line in listed} == {"night", "day-2"}
    assert invoke("mark", path).stdout.count("\n") == 2
    assert ids_of(f"{path}@night", "staging", "--by", "words") == {"int-c"}
    place = file_of_mark(path, "night")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert invoke("mark", path, "--remove", "night").exit_code == 0
    assert [each.name for each in folder_of(path).iterdir()] == ["day-2.db"]
    assert invoke("mark", path, "--remove", "night").exit_code == 1
    invoke("mark", path, "--remove", "day-2")
    assert not folder_of(path).exists()
    assert invoke("mark", path).exit_code == 1


def test_deleting_a_mark_leaves_one_whose_name_begins_alike(path: Path) -> None:
    invoke("mark", path, "a")
    invoke("mark", path, "a.db-b")
    invoke("mark", path, "--remove", "a")
    assert [each.name for each in folder_of(path).iterdir()] == ["a.db-b.db"]


def test_a_mark_stays_as_it_was_made(path: Path) -> None:
    invoke("mark", path, "night")
    before = digest(file_of_mark(path, "night"))
    again = invoke("mark", path, "night")
    assert again.exit_code == 2
    assert "has a mark night already" in again.stderr
    changed = invoke("vacuum", f"{path}@night")
    assert changed.exit_code == 2
    assert "stays as it was made" in changed.stderr
    assert digest(file_of_mark(path, "night")) == before


@pytest.mark.parametrize("name", ["../x", "", "a/b", ".hidden", "a@b", "x" * 65, "\x1b[2J"])
def test_a_name_that_no_mark_can_have_is_a_sentence(path: Path, name: str) -> None:
    done = invoke("mark", path, "--", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "\x1b" not in done.stderr
    assert not folder_of(path).exists()


def test_an_unknown_mark_is_a_sentence_that_names_those_there_are(path: Path) -> None:
    invoke("mark", path, "night")
    done = invoke("search", f"{path}@day", "deploy")
    assert done.exit_code == 2
    assert "has no mark day; it has night" in done.stderr
    shown = invoke("open", f"{path}@day")
    assert "has no mark day" in shown.stderr


def test_a_mark_opens_read_only_on_screen(path: Path) -> None:
    invoke("mark", path, "night")
    code, written = run_in_terminal(f"{path}@night", until=b"read-only", keys=b"q")
    assert code == 0
    assert b"read-only" in written


def test_a_file_whose_name_holds_an_at_sign_is_that_file(path: Path) -> None:
    invoke("mark", path, "night")
    other = path.with_name("memory.db@night")
    other.write_bytes(path.read_bytes())
    assert file_and_mark(other) == (other, "")
    assert split_mark(other) == (other, "")
    assert split_mark(path.with_name("none@night")) == (path.with_name("none@night"), "")


def test_a_mark_outlives_its_memory(path: Path) -> None:
    invoke("mark", path, "night")
    path.unlink()
    assert ids_of(f"{path}@night", "staging", "--by", "words") == {"int-c"}


# Vacuuming.


def test_vacuuming_says_what_it_won_and_changes_no_record(path: Path) -> None:
    with outside.connected(path) as raw:
        raw.execute("CREATE TABLE ballast AS SELECT zeroblob(3000000) AS held")
        raw.execute("DROP TABLE ballast")
    told = json.loads(invoke("vacuum", path, "--dry-run", "--json").stdout)
    assert told["free_bytes"] > 2_900_000
    done = json.loads(invoke("vacuum", path, "--json").stdout)
    assert done["won"] >= told["free_bytes"]
    assert done["bytes_before"] - done["bytes"] == done["won"]
    assert done["backup"] is None
    assert path.stat().st_size == done["bytes"]
    assert "nothing to win" in invoke("vacuum", path).stdout
    assert outside.fetch(path, "SELECT count(*) FROM interactions") == [(4,)]


def test_vacuuming_keeps_a_copy_only_if_asked(path: Path) -> None:
    invoke("vacuum", path)
    assert not list(path.parent.glob("*.backup-*"))
    done = invoke("vacuum", path, "--backup")
    [copy] = path.parent.glob("*.backup-*")
    assert str(copy) in done.stdout
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_an_older_file_is_not_vacuumed_unless_it_may_be_brought_up_to_date(
    tmp_path: Path,
) -> None:
    old = legacy.make(tmp_path / "old.db", 1)
    before = legacy.digests(old)
    done = invoke("vacuum", old)
    assert done.exit_code == 2
    assert "--migrate" in done.stderr
    assert legacy.digests(old) == before
    assert invoke("vacuum", old, "--migrate").exit_code == 0
    assert len(legacy.backups(old)) == 1
