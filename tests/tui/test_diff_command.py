"""`memglass diff`: by kind what only one memory has, and what differs, with the right exit code."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore
from tests.tui.conftest import interaction
from tests.tui.readings import POSTGRES, story
from tests.tui.shell_runs import digest, fill, invoke, run_alone, run_in_terminal

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("diff") / "before.db")


@pytest.fixture(scope="module")
def after(before: Path) -> Path:
    """The same memory after a night."""

    async def night(store: SQLiteStore) -> None:
        await store.archive_interactions(
            ["int-b"], "consolidated_to_working", consolidated_to="pat-deploy"
        )
        await store.restore_interactions(["int-old"])
        await store.add_interaction(interaction(9, interaction_id="int-new", content="\x1b]52;c;"))
        await store.archive_patterns(["pat-1"], "wrong")
        await store.update_pattern("pat-deploy", confidence=0.75)
        await store.add_world_model_state(
            {"id": "wm-orders", "domain": "orders", "entities": [POSTGRES]}
        )

    path = before.with_name("after.db")
    shutil.copy(before, path)
    return fill(path, night)


def told(*args: str | Path) -> list[dict[str, Any]]:
    done = invoke("diff", *args, "--json")
    assert done.stderr == ""
    assert done.exit_code == (1 if done.stdout else 0)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_memory_is_the_same_as_itself(before: Path) -> None:
    done = invoke("diff", before, before)
    assert (done.exit_code, done.output) == (0, "")


def test_every_difference_is_a_line_of_json(before: Path, after: Path) -> None:
    found = [(each["kind"], each["class"], each["record_id"], each["moved"])
             for each in told(before, after)]  # fmt: skip
    assert found == [
        ("interaction", "different", "int-b", "archived"),
        ("interaction", "different", "int-old", "restored"),
        ("interaction", "only_b", "int-new", ""),
        ("pattern", "different", "pat-1", "archived"),
        ("pattern", "different", "pat-deploy", ""),
        ("world_model_state", "different", "wm-orders", ""),
        ("snapshot", "only_b", "4", ""),
    ]


def test_changes_are_told_field_by_field(before: Path, after: Path) -> None:
    by_id = {each["record_id"]: each for each in told(before, after)}
    assert by_id["pat-deploy"]["changes"] == [
        {"path": "confidence", "kind": "changed", "old": 0.25, "new": 0.75}
    ]
    [entity] = by_id["wm-orders"]["world"]["entities"]
    assert [each["path"] for each in entity["fields"]] == ["properties.engine"]


def test_the_text_has_signs_and_says_what_moved_and_why(before: Path, after: Path) -> None:
    text = invoke("diff", before, after).stdout
    assert (
        "~ interaction int-b  sure, just ship it  archived as consolidated_to_working, became"
        " pat-deploy\n"
    ) in text
    assert "~ interaction int-old  that was sarcasm  restored (was archived as wrong" in text
    assert "+ interaction int-new  \u241b]52;c;\n" in text
    assert "    confidence  0.25 \u2192 0.75\n" in text
    assert "    - orders-db.properties.engine  mysql\n" in text


def test_a_note_says_what_it_is_on_and_what_it_tells(before: Path) -> None:
    async def note(store: SQLiteStore) -> None:
        await store.set_note("pattern", "pat-1", tags=["todo", "mara"], text="ask her")

    noted = before.with_name("noted.db")
    shutil.copy(before, noted)
    fill(noted, note)
    lines = invoke("diff", before, noted).stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("  on pattern pat-1: #todo #mara ask her")


def test_a_field_that_is_gone_is_said_not_to_be_there(before: Path) -> None:
    async def add_field(store: SQLiteStore) -> None:
        await store.update_interaction("int-a", details={"tool": "x", "exit_code": 1})

    fuller = before.with_name("fuller.db")
    shutil.copy(before, fuller)
    fill(fuller, add_field)
    newest = json.loads(invoke("log", fuller, "--limit", "1", "--json").stdout)["transaction_id"]
    for args in (("diff", fuller, before), ("undo", fuller, newest, "--dry-run")):
        assert "details.exit_code" in (told := invoke(*args).stdout)
        assert "1 \u2192 (not there)" in told


def test_a_field_that_cannot_be_read_is_said_to_be_so(before: Path) -> None:
    damaged = before.with_name("damaged.db")
    shutil.copy(before, damaged)
    with closing(sqlite3.connect(damaged)) as file:
        file.execute("UPDATE interactions SET details = '{\"cut' WHERE interaction_id = 'int-a'")
        file.execute("UPDATE world_model_states SET entities = '[{\"id' WHERE id = 'wm-infra'")
        file.commit()
    text = invoke("diff", before, damaged).stdout
    assert '\u2192 cannot be read: {"cut\n' in text
    assert '    + entities  cannot be read: [{"id\n' in text
    [changed, model] = told(before, damaged)
    assert changed["changes"][0]["new"]["$memglass"] == "corrupt"
    assert model["world"]["fields"][0]["new"]["raw"] == '[{"id'


def test_the_other_way_round_the_signs_are_turned(before: Path, after: Path) -> None:
    found = {each["record_id"]: each["class"] for each in told(after, before)}
    assert (found["int-new"], found["4"]) == ("only_a", "only_a")


def test_a_summary_counts_each_kind(before: Path, after: Path) -> None:
    counts = told(before, after, "--summary")
    assert counts[0] == {
        "kind": "interaction", "same": 2, "different": 2, "only_a": 0, "only_b": 1,
    }  # fmt: skip
    lines = invoke("diff", before, after, "--summary").stdout.splitlines()
    assert lines[1] == "pattern\t1\t2\t0\t0"


def test_kinds_narrow_it(before: Path, after: Path) -> None:
    kinds = {each["kind"] for each in told(before, after, "--kind", "pattern")}
    assert kinds == {"pattern"}
    assert invoke("diff", before, after, "--kind", "note").exit_code == 0


def test_a_memory_is_compared_with_its_mark(before: Path, tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    shutil.copy(before, path)
    assert invoke("mark", path, "evening").exit_code == 0
    fill(path, lambda store: store.update_pattern("pat-2", confidence=0.9))
    [found] = told(f"{path}@evening", path)
    assert found["record_id"] == "pat-2"


def test_a_terminal_gets_the_counts_as_well(before: Path, after: Path) -> None:
    code, written = run_in_terminal("diff", before, after, env={"NO_COLOR": "1"})
    assert code == 1
    assert b"- only in A" in written
    assert b"\x1b" not in written


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("nowhere.db",), "nowhere.db does not exist"),
        ((), "see memglass diff --help"),
        (("{}", "--kind", "patern"), "see memglass diff --help"),
        (("{}@never",), "has no mark never"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_code_2(
    before: Path, args: tuple[str, ...], why: str
) -> None:
    given = [each.format(before) for each in args]
    done = invoke("diff", before, *given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_neither_is_changed(before: Path, after: Path) -> None:
    prints = digest(before), digest(after)
    done = run_alone("diff", before, after, "--kind", "pattern")
    assert (done.returncode, done.stderr) == (1, b"")
    assert (digest(before), digest(after)) == prints
