"""Archiving and restoring in a shell: all or nothing, with a reason and a way back."""

from __future__ import annotations

import asyncio
import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from click.testing import CliRunner

from storage import SQLiteStore
from tests.storage import legacy
from tests.storage.stored import outside
from tests.tui.conftest import interaction, pattern
from tests.tui.shell_runs import (
    LIVE,
    answer_of,
    ask,
    digest,
    fill,
    invoke,
    live,
    make,
    newest_change,
    refused,
)
from tui.cli import main
from tui.commands import program
from tui.shell_store import opened_to_change

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


# Archiving.


def test_records_of_both_kinds_are_archived_in_one_transaction(path: Path) -> None:
    done = answer_of("archive", path, "int-a", "pat-deploy", "--reason", "wrong")
    assert live(path) == LIVE - {"int-a", "pat-deploy"}
    assert done["records"] == [
        {"kind": "interaction", "record_id": "int-a"},
        {"kind": "pattern", "record_id": "pat-deploy"},
    ]
    entries = ask(path, lambda store: store.get_journal(limit=2))
    assert {each["transaction_id"] for each in entries} == {done["transaction_id"]}
    assert {(each["actor"], each["note"]) for each in entries} == {("shell", "archived as wrong")}
    archived = ask(path, lambda store: store.get_archived_patterns("pat-deploy"))
    assert archived[0]["archive_reason"] == "wrong"


def test_it_says_what_it_did_and_the_line_that_takes_it_back(path: Path) -> None:
    done = invoke("archive", path, "int-a", "--reason", "wrong", "--note", "as Mara says")
    assert done.stdout.startswith("interaction  int-a  2026-03-01 ")
    assert done.stdout.count("\n") == 1
    told, back = done.stderr.splitlines()
    assert told == "memglass: Archived 1 record as wrong."
    assert newest_change(path)["note"] == "as Mara says"
    assert invoke(*back.partition("memglass undo")[2].split(), "--json").exit_code == 2
    assert invoke("undo", *back.partition("memglass undo ")[2].split()).exit_code == 0
    assert live(path) == LIVE


def test_a_pattern_is_known_by_its_name_and_a_kind_may_be_said(path: Path) -> None:
    answer_of("archive", path, "Deploys", "interaction:int-a", "--reason", "wrong")
    assert live(path) == LIVE - {"int-a", "pat-deploy"}


def test_what_two_records_are_called_has_to_be_said_with_its_kind(path: Path) -> None:
    fill(path, lambda store: store.add_pattern(pattern(2, id="int-a", name="Twin")))
    fill(path, lambda store: store.add_pattern(pattern(3, id="pat-3", name="Deploys")))
    assert "interaction:int-a, pattern:int-a" in refused("archive", path, "int-a", "--reason", "x")
    assert "pattern:pat-deploy" in refused("archive", path, "Deploys", "--reason", "x")
    answer_of("archive", path, "pattern:int-a", "--reason", "x")
    assert live(path) == LIVE | {"pat-3"}


def test_ids_come_from_standard_input_for_a_dash(path: Path) -> None:
    args = ["archive", str(path), "-", "--reason", "wrong"]
    done = CliRunner().invoke(program, args, input="int-a\n\n int-c \n")
    assert done.exit_code == 0
    assert live(path) == LIVE - {"int-a", "int-c"}
    assert CliRunner().invoke(program, args, input="\n").exit_code == 2


@pytest.mark.parametrize(
    ("ids", "why"),
    [
        (("int-a", "nope"), "nope is neither an interaction nor a pattern"),
        (("int-a", "int-old"), "int-old is in the archive already"),
        (("int-a", "x1", "x2", "x3", "x4"), "x1, x2, x3 and 1 more are neither"),
    ],
)
def test_if_one_cannot_be_archived_none_is(path: Path, ids: tuple[str, ...], why: str) -> None:
    before = digest(path)
    assert why in refused("archive", path, *ids, "--reason", "wrong")
    assert live(path) == LIVE
    assert digest(path) == before


def test_an_id_that_looks_like_an_option_comes_after_two_dashes(path: Path) -> None:
    fill(path, lambda store: store.add_interaction({"interaction_id": "-5"}))
    assert "comes after --;" in refused("archive", path, "-5", "--reason", "wrong", code=2)
    assert invoke("archive", path, "--reason", "wrong", "--", "-5").exit_code == 0
    assert "-5" not in live(path)


def test_there_is_no_reason_by_default(path: Path) -> None:
    assert "--reason" in refused("archive", path, "int-a", code=2)
    assert "reason is empty" in refused("archive", path, "int-a", "--reason", " ", code=2)
    assert live(path) == LIVE


def test_a_dry_run_says_the_same_and_changes_no_byte(path: Path) -> None:
    before = digest(path)
    done = invoke("archive", path, "int-a", "--reason", "wrong", "--dry-run")
    assert done.exit_code == 0
    assert "int-a" in done.stdout
    assert "Would archive 1 record as wrong; nothing was changed." in done.stderr
    assert answer_of("archive", path, "int-a", "--reason", "wrong", "--dry-run") == {
        "transaction_id": None,
        "reason": "wrong",
        "records": [{"kind": "interaction", "record_id": "int-a"}],
    }
    assert digest(path) == before


def test_what_a_record_holds_cannot_drive_the_terminal(path: Path) -> None:
    hostile = interaction(20, interaction_id="int-\x1b[2J", content="\x1b]52;c;eA==\x07\u202e")
    fill(path, lambda store: store.add_interaction(hostile))
    done = invoke("archive", path, "int-\x1b[2J", "--reason", "\x1b[31mred")
    assert done.exit_code == 0
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output


def test_an_older_file_is_brought_up_to_date_only_if_that_is_said(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "old.db", 0)
    before = legacy.digests(old)
    preview = answer_of("archive", old, "legacy-1", "--reason", "wrong", "--dry-run")
    assert preview["records"] == [{"kind": "interaction", "record_id": "legacy-1"}]
    assert "--migrate" in refused("archive", old, "legacy-1", "--reason", "wrong", code=2)
    for command in ("undo", "redo"):
        told = refused(command, old, code=2)
        assert f"memglass {old} asks before it brings it up to date" in told
    assert legacy.digests(old) == before
    done = invoke("archive", old, "legacy-1", "--reason", "wrong", "--migrate")
    assert done.exit_code == 0
    assert "as it was: " in done.stderr
    assert len(legacy.backups(old)) == 1


# Restoring.


def test_records_come_back_as_they_were(path: Path) -> None:
    before = ask(path, lambda store: store.get_row("interaction", "int-a"))
    invoke("archive", path, "int-a", "pat-deploy", "--reason", "wrong")
    done = answer_of("restore", path, "int-a", "Deploys")
    assert live(path) == LIVE
    assert ask(path, lambda store: store.get_row("interaction", "int-a")) == before
    assert newest_change(path)["transaction_id"] == done["transaction_id"]


def test_what_would_come_back_is_said_first(path: Path) -> None:
    before = digest(path)
    done = invoke("restore", path, "int-old", "--dry-run")
    assert "int-old" in done.stdout
    assert "wrong" in done.stdout
    assert digest(path) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [("int-a", "int-a is live, not archived"), ("nope", "nope is neither"), ("int-old", "by now")],
)
def test_what_cannot_come_back_is_a_sentence(path: Path, name: str, why: str) -> None:
    fill(path, lambda store: store.add_interaction({"interaction_id": "int-old"}))
    assert why in refused("restore", path, name)


def test_what_will_be_refused_is_not_said_to_come_back(path: Path) -> None:
    invoke("archive", path, "int-a", "--reason", "wrong")
    with outside(path) as connection:
        connection.execute(
            "UPDATE interactions SET id = (SELECT json_extract(data, '$.id') FROM"
            " archived_interactions WHERE interaction_id = 'int-a') WHERE interaction_id = 'int-b'"
        )
    done = invoke("restore", path, "int-a", "--dry-run")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is taken by another record. Nothing was changed." in done.stderr


def test_all_that_was_archived_for_a_reason_comes_back_once_that_is_meant(path: Path) -> None:
    invoke("archive", path, "int-a", "pat-deploy", "--reason", "night")
    invoke("archive", path, "int-b", "--reason", "manual")
    assert "2 records would come back; --yes" in refused(
        "restore", path, "--reason", "night", code=2
    )
    done = answer_of("restore", path, "--reason", "night", "--yes")
    assert {each["record_id"] for each in done["records"]} == {"int-a", "pat-deploy"}
    assert live(path) == LIVE - {"int-b"}
    assert "Nothing was archived so" in refused("restore", path, "--reason", "night", "--yes")


def test_times_narrow_what_comes_back(path: Path) -> None:
    invoke("archive", path, "int-a", "--reason", "night")
    assert refused("restore", path, "--before", "yesterday", "--yes")
    assert "no time" in refused("restore", path, "--before", "soon", "--yes", code=2)
    done = answer_of("restore", path, "--after", "1h", "--before", "2199-01-01", "--dry-run")
    assert {each["record_id"] for each in done["records"]} == {"int-a", "int-old"}


def test_an_older_version_of_what_was_archived_anew_or_is_live_stays(path: Path) -> None:
    invoke("archive", path, "int-a", "int-b", "--reason", "night")
    for each in ("int-a", "int-b"):
        fill(path, lambda store, each=each: store.add_interaction({"interaction_id": each}))  # type: ignore[misc]
    invoke("archive", path, "int-a", "--reason", "manual")
    assert "2 of 2" in invoke("restore", path, "--reason", "night", "--yes").stderr
    assert live(path) == LIVE - {"int-a"}


def test_ids_and_filters_do_not_go_together(path: Path) -> None:
    assert "not both" in refused("restore", path, "int-old", "--reason", "wrong", code=2)
    assert "not both" in refused("restore", path, code=2)


@pytest.mark.parametrize(
    ("command", "more"), [("archive", ["--reason", "wrong"]), ("repair", ["--apply"])]
)
def test_an_older_file_is_not_brought_up_to_date_for_what_is_not_there(
    tmp_path: Path, command: str, more: list[str]
) -> None:
    old = legacy.make(tmp_path / "old.db", 0)
    before = legacy.digests(old)
    assert "nope" in refused(command, old, "nope", *more, "--migrate")
    assert (legacy.digests(old), legacy.backups(old)) == (before, [])


def test_archiving_tells_how_many_more_go_because_they_share_an_id(path: Path) -> None:
    legacy.execute(
        path,
        "CREATE TABLE complete_interactions (interaction_id TEXT, timestamp TEXT, data TEXT)",
        "INSERT INTO complete_interactions VALUES ('int-a', '2025-01-01', '{}')",
    )
    args = ("archive", path, "int-a", "--reason", "duplicate")
    for more, done in ((["--dry-run"], "Would archive"), (["--migrate"], "Archived")):
        told = f"{done} 1 record, and 1 more of the same id, as duplicate"
        assert told in invoke(*args, *more).stderr


async def test_what_was_done_is_told_also_where_it_is_stopped_before_the_file_is_closed(
    memory_file: Path,
) -> None:
    async def change() -> str:
        task = asyncio.current_task()
        assert task is not None
        async with opened_to_change(memory_file, migrate=False) as store:
            name = await store.add_interaction({"content": "done"})
            asyncio.get_running_loop().call_soon(task.cancel)
        return name

    name = await asyncio.create_task(change())
    async with SQLiteStore(memory_file, read_only=True) as store:
        assert await store.get_interaction(name) is not None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no stream that is always full")
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_change_whose_answer_cannot_be_written_is_told_with_the_way_back(
    path: Path, more: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    full = io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)
    with redirect_stdout(full), pytest.raises(SystemExit) as end:
        main(["archive", str(path), "int-a", "--reason", "wrong", *more])
    assert end.value.code == 2
    told, why = capfd.readouterr().err.splitlines()
    change = newest_change(path)["transaction_id"]
    assert told.endswith(f"it was done. Take it back with: memglass undo {path} {change}")
    assert why == "memglass: No space left on device."
    assert live(path) == LIVE - {"int-a"}
