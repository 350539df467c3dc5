"""`memglass doctor`: what is sound, and what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteEnvironment, SQLiteStore
from tests.storage import legacy, outside
from tests.tui.readings import story
from tests.tui.shell_runs import digest, fill, invoke, run_alone, run_in_terminal
from tui.checkup.machine import place_check, sqlite_checks, terminal_checks
from tui.checkup.memory import beside_checks, permission_checks


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("doctor") / "memory.db")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    async def nothing(_: SQLiteStore) -> None: ...

    path = fill(tmp_path / "sound.db", nothing)
    path.chmod(0o600)
    return path


@pytest.fixture(autouse=True)
def _settings(at_home: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEMGLASS_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("")


def checks(*args: str | Path) -> list[dict[str, Any]]:
    done = invoke("doctor", *args, "--json")
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == any(each["state"] == "wrong" for each in found)
    return found


# This machine.


def test_the_machine_is_looked_at_by_trying() -> None:
    found = {each["check"]: each for each in checks()}
    for name in ("sqlite", "full text", "vectors", "embedder"):
        assert found[name]["state"] == "ok", found[name]
    assert "256 dimensions" in found["embedder"]["told"]


def test_the_known_bugs_are_listed_with_their_versions_and_sources() -> None:
    told = invoke("doctor", "--bugs").stdout
    assert "3.7.0 to before 3.51.3, but not 3.44.6 and 3.50.7" in told
    assert "https://sqlite.org/wal.html#walresetbug" in told
    first = json.loads(invoke("doctor", "--bugs", "--json").stdout.splitlines()[0])
    assert (first["name"], first["here"], first["harm"]) == ("WAL reset", False, "damage")


def test_an_old_sqlite_is_wrong_and_what_is_missing_as_well() -> None:
    old = SQLiteEnvironment("sqlite3", (3, 45, 1), frozenset(), False, "", "it is not installed.")
    found = list(sqlite_checks(old))
    told = {each.name: each.state for each in found}
    assert (told["full text"], told["vectors"]) == ("wrong", "wrong")
    bugs = {each.told.partition(":")[0]: each for each in found if each.name == "sqlite bug"}
    assert bugs["WAL reset"].state == "wrong"
    assert "newer SQLite" in bugs["WAL reset"].advice
    assert bugs["aggregates (CVE-2025-6965)"].state == "note"


def test_a_configuration_that_cannot_be_read_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("theme = [")
    assert [each for each in checks() if each["state"] == "wrong"]


def test_a_place_that_cannot_be_written_is_noted(tmp_path: Path) -> None:
    assert place_check("data", tmp_path / "new" / "deep").state == "ok"
    (tmp_path / "file").write_text("")
    assert place_check("data", tmp_path / "file" / "deep").state == "note"


def test_the_terminal_says_what_it_tells() -> None:
    told = next(terminal_checks({"TERM": "tmux", "TMUX": "x", "NO_COLOR": "1"})).told
    assert told == "not a terminal, tmux, NO_COLOR, in tmux"


# A memory.


def test_what_is_broken_is_told_with_its_place_and_is_code_1(path: Path) -> None:
    [wrong_json, wrong_reference] = [each for each in checks(path) if each["state"] == "wrong"]
    assert wrong_json["record_id"] == "int-broken"
    assert (wrong_json["column"], wrong_json["offset"]) == ("details", 12)
    assert wrong_json["around"] == '{"ok": true}\u27ea\u27eb{"tool": "pytest"}'
    assert (wrong_reference["check"], wrong_reference["record_id"]) == ("reference", "pat-deploy")
    done = invoke("doctor", path)
    assert done.exit_code == 1
    assert done.stdout.endswith("\n2 things wrong.\n")


def test_a_sound_memory_is_code_0(sound: Path) -> None:
    assert {each["state"] for each in checks(sound)} == {"ok"}
    assert invoke("doctor", sound).stdout.endswith("\nNothing is wrong.\n")


def test_what_was_put_away_as_corrupt_is_wrong_no_more(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    fill(copy, lambda store: store.archive_interactions(["int-broken"], "corrupt"))
    found = {each["check"]: each for each in checks(copy)}
    assert "json" not in found
    assert found["put away"]["told"].startswith("1 broken record put away")


def test_of_what_is_archived_it_says_to_restore_first_and_of_the_rest_that_it_reads(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    fill(copy, lambda store: store.archive_interactions(["int-broken"], "wrong"))
    [broken] = [each for each in checks(copy) if each["check"] == "json"]
    assert broken["column"] == "data.details"
    assert broken["advice"].startswith("memglass restore brings the record back")
    fill(copy, lambda store: store.restore_interactions(["int-broken"]))
    fill(copy, lambda store: store.archive_interactions(["int-broken"], "corrupt"))
    fill(copy, lambda store: store.archive_patterns(["pat-deploy"], "wrong"))
    content = {each["check"]: each["told"] for each in checks(copy)}.get("content", "")
    assert content.startswith("every other JSON field")


def test_a_broken_record_without_an_id_is_told_with_its_table_once(sound: Path) -> None:
    fill(sound, lambda store: store.add_interaction({"interaction_id": "int-1", "content": "x"}))
    with outside.connected(sound) as raw:
        raw.execute("UPDATE interactions SET interaction_id = '', details = '{'")
    [broken] = [each for each in checks(sound) if each["check"] == "json"]
    assert broken["told"].startswith("interactions details ")


def test_lineage_that_points_nowhere_is_noted(sound: Path) -> None:
    async def archive(store: SQLiteStore) -> None:
        ids = await store.add_interactions([{"content": "a"}, {"content": "b"}])
        await store.add_pattern({"id": "pat-1", "name": "here", "pattern_type": "x"})
        await store.archive_interactions(ids[:1], "manual", consolidated_to="nowhere")
        await store.archive_interactions(ids[1:], "manual", consolidated_to="here")

    fill(sound, archive)
    [note] = [each for each in checks(sound) if each["state"] == "note"]
    assert (note["check"], note["target"], note["records"]) == ("lineage", "nowhere", 1)


def test_damage_of_the_file_is_wrong(sound: Path) -> None:
    fill(sound, lambda store: store.add_interactions({"content": "x" * 500} for _ in range(200)))
    legacy.damage(sound, "interactions")
    wrong = {each["check"] for each in checks(sound) if each["state"] == "wrong"}
    assert "file" in wrong


def test_a_file_that_is_cut_off_is_wrong_and_says_what_to_do(sound: Path) -> None:
    with sqlite3.connect(sound) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    os.truncate(sound, sound.stat().st_size - 5000)
    [wrong] = checks(sound)
    assert (wrong["check"], wrong["state"]) == ("file", "wrong")
    assert "is damaged" in wrong["told"]
    assert "memglass backup" in wrong["advice"]


def test_an_older_file_is_looked_at_as_it_is(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "old.db", 1)
    before = digest(old)
    found = {each["check"]: each for each in checks(old)}
    assert found["format"]["told"].startswith("bicamrl, generation 1: ")
    assert found["schema"]["state"] == "note"
    assert digest(old) == before


def test_who_else_can_read_it_is_noted(sound: Path) -> None:
    assert [each.state for each in permission_checks(sound)] == ["ok"]
    sound.chmod(0o644)
    [note] = permission_checks(sound)
    assert note.told == "others here can read sound.db (644)"
    assert note.advice == f"chmod 600 {sound}, if it is yours alone."
    sound.chmod(0o660)
    assert next(permission_checks(sound)).told.startswith("others here can change")


def test_journals_that_are_left_are_told(sound: Path) -> None:
    assert list(beside_checks(sound)) == []
    wal, journal = (Path(f"{sound}{end}") for end in ("-wal", "-journal"))
    wal.touch()
    os.truncate(wal, 65 * 2**20)
    journal.write_text("x")
    assert [(each.name, each.state) for each in beside_checks(sound)] == [
        ("wal", "note"), ("journal", "note"),
    ]  # fmt: skip


def test_a_hostile_memory_is_only_text(sound: Path) -> None:
    fill(sound, lambda store: store.add_interaction({"interaction_id": "\x1b]52;c;x"}))
    with sqlite3.connect(sound) as connection:
        connection.execute("UPDATE interactions SET details = '\x1b[31m'")
    connection.close()
    done = run_alone("doctor", sound)
    assert (done.returncode, b"\x1b" in done.stdout) == (1, False)


def test_a_terminal_sees_how_far_it_is_only_where_that_takes_long(path: Path) -> None:
    code, written = run_in_terminal("doctor", path, env={"NO_COLOR": "1"})
    assert code == 1
    assert b"wrong  json           interactions int-broken details" in written


def test_a_memory_is_not_called_sound_where_only_the_bugs_are_listed(path: Path) -> None:
    done = invoke("doctor", path, "--bugs")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "leave it or FILE out" in done.stderr


def test_what_is_no_memory_is_code_2(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database, but long enough to be one " * 20)
    done = invoke("doctor", tmp_path / "text.db")
    assert (done.exit_code, done.stdout) == (2, "")
