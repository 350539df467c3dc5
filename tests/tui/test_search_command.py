"""`memglass search`: the right hits, said safely, with the right exit code, and nothing changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.storage import legacy
from tests.terminal import ROOT
from tests.tui.shell_runs import (
    digest,
    fill,
    hits_of,
    ids_of,
    invoke,
    make,
)

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


# What is found.


def test_the_words_of_a_question_find_the_records_that_hold_them(path: Path) -> None:
    assert ids_of(path, "staging", "Friday", "--by", "words") == {"int-a", "int-c"}


def test_the_best_hit_comes_first(path: Path) -> None:
    assert hits_of(path, "never on a friday")[0]["record_id"] == "int-a"


def test_a_hit_is_shown_with_its_id_its_text_and_why_it_is_there(path: Path) -> None:
    done = invoke("search", path, "friday", "--by", "words")
    assert done.exit_code == 0
    head, text, why = done.stdout.splitlines()
    assert head.startswith("interaction  int-a  2026-03-01 ")
    assert text == "    Mara: never deploy on a Friday"
    assert why == "    why: words Friday"


def test_a_hit_by_meaning_says_how_near_it_is(path: Path) -> None:
    first = invoke("search", path, "which colour do the walls have", "--by", "meaning")
    assert "why: meaning 0." in first.stdout.splitlines()[2]


def test_what_is_taken_as_words_is_said_beside_the_answer(path: Path) -> None:
    done = invoke("search", path, "friday", "kind:zzz", "--by", "words", "--json")
    assert done.exit_code == 0
    assert done.stderr.startswith("memglass: taken as words: kind:zzz (kinds are interaction, ")
    assert all(line.startswith("{") for line in done.stdout.splitlines())


@pytest.mark.parametrize(("limit", "may_be_more"), [(1, True), (100, False)])
def test_it_is_said_where_more_may_pass_the_filters(
    path: Path, limit: int, may_be_more: bool
) -> None:
    done = invoke("search", path, "kind:interaction", "--limit", str(limit), "--json")
    assert ("There may be more than these 1; --limit N gives N." in done.stderr) is may_be_more


def test_hits_are_told_apart_by_an_empty_line(path: Path) -> None:
    done = invoke("search", path, "deploy", "--by", "words", "--limit", "2")
    assert done.stdout.splitlines()[3] == ""
    assert len(done.stdout.splitlines()) == 7


def test_an_archived_hit_says_so_and_why_it_was_archived(path: Path) -> None:
    done = invoke("search", path, "old", "--by", "words")
    assert done.stdout.startswith("archived interaction  int-old  2026-03-01 ")
    assert done.stdout.splitlines()[0].endswith("  wrong")


def test_an_entity_is_named_with_its_world_model(path: Path) -> None:
    done = invoke("search", path, "postgres", "--by", "words")
    assert done.stdout.startswith("entity  orders-db in ")


def test_live_and_archived_narrow_it(path: Path) -> None:
    assert ids_of(path, "deploy", "--by", "words", "--archived") == {"int-old"}
    assert ids_of(path, "deploy", "--by", "words", "--live") == {"int-a", "int-c", "pat-deploy"}


def test_kinds_narrow_it_and_several_may_be_given(path: Path) -> None:
    assert ids_of(path, "deploy", "--kind", "pattern") == {"pat-deploy"}
    both = hits_of(path, "deploy", "--by", "words", "--kind", "pattern", "--kind", "interaction")
    assert {hit["kind"] for hit in both} == {"pattern", "interaction"}


def test_filters_stand_in_the_question(path: Path) -> None:
    assert ids_of(path, "deploy", "kind:pattern") == {"pat-deploy"}
    assert ids_of(path, "session:s-int-c") == {"int-c"}


def test_a_phrase_has_to_stand_there(path: Path) -> None:
    assert ids_of(path, '"ship it"') == {"int-b"}


def test_the_limit_is_kept(path: Path) -> None:
    assert len(hits_of(path, "deploy", "--limit", "1")) == 1


def test_no_hit_is_code_1_and_nothing_is_written(path: Path) -> None:
    done = invoke("search", path, "xylophone", "--by", "words")
    assert (done.exit_code, done.output) == (1, "")


def test_a_memory_without_records_has_no_hit(tmp_path: Path) -> None:
    async def nothing(_: SQLiteStore) -> None: ...

    done = invoke("search", fill(tmp_path / "new.db", nothing), "deploy")
    assert (done.exit_code, done.output) == (1, "")


# What is typed.


def test_a_word_with_a_dash_is_one_that_must_not_stand_there(path: Path) -> None:
    assert ids_of(path, "deploy", "-friday", "--by", "words") == {"int-c", "int-old", "pat-deploy"}
    assert ids_of(path, "deploy", "-hot", "-s", "-h-i", "--by", "words") >= {"int-a", "int-c"}


def test_after_two_dashes_everything_is_a_word(path: Path) -> None:
    assert ids_of("--by", "words", path, "--", "-friday", "deploy") >= {"int-c"}
    assert "int-a" not in ids_of("--by", "words", path, "--", "-friday", "deploy")
    assert invoke("search", path, "--by", "words", "--", "--limit").exit_code == 1


@pytest.mark.parametrize(
    "query", ["", " ", '"', "C++", "it's a-b", "NEAR(", "kind:", "*", "\udcff"]
)
def test_nothing_that_is_typed_is_an_error(path: Path, query: str) -> None:
    done = invoke("search", path, "--", query)
    assert done.exit_code in (0, 1)
    told = "memglass: taken as words: kind:" if query == "kind:" else ""
    assert done.stderr.partition(" (")[0] == told


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--limit", "0"), "--limit"),
        (("--limit", "many"), "--limit"),
        (("--kind", "patern"), "archived_pattern"),
        (("--by", "luck"), "meaning"),
        (("--jsn",), "--jsn"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_code_2(
    path: Path, args: tuple[str, ...], why: str
) -> None:
    done = invoke("search", path, "deploy", *args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("memglass: ")
    assert done.stderr.endswith("see memglass search --help.\n")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("args", [(), ("memory.db",)])
def test_without_a_question_it_is_a_sentence(args: tuple[str, ...]) -> None:
    done = invoke("search", *args)
    assert done.exit_code == 2
    assert done.stderr.startswith("memglass: Missing argument")


def test_help_shows_the_language_by_examples() -> None:
    for option in ("--help", "-h"):
        shown = invoke("search", option).stdout
        assert "session:s-91" in shown
        assert "jq -r .record_id" in shown
        assert max(map(len, shown.splitlines())) <= 100


# What it is given to search.


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.db", None, "does not exist"),
        ("text.db", b"not a database at all, but long enough" * 20, "neither a SQLite"),
        ("empty.db", b"", "is empty"),
    ],
)
def test_what_is_no_memory_is_a_sentence_and_code_2(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = invoke("search", file, "deploy")
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert (file.read_bytes() if file.exists() else None) == content
    assert not list(tmp_path.glob("*.index*"))


def test_a_foreign_database_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "music.db"
    with sqlite3.connect(file) as raw:
        raw.execute("CREATE TABLE albums (title TEXT)")
    raw.close()
    done = invoke("search", file, "deploy")
    assert done.exit_code == 2
    assert "which no known agent writes" in done.stderr


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_an_older_file_is_searched_as_it_is(tmp_path: Path, generation: int) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    before = legacy.digests(old)
    assert invoke("search", old, "kind:pattern").exit_code == 0
    assert legacy.digests(old) == before
    assert not legacy.backups(old)


def test_the_file_is_not_changed(path: Path) -> None:
    before = digest(path)
    invoke("search", path, "deploy")
    assert digest(path) == before


def test_what_was_added_since_is_found(path: Path) -> None:
    assert ids_of(path, "giraffe", "--by", "words") == set()
    fill(path, lambda store: store.add_interaction({"interaction_id": "n", "content": "giraffe"}))
    assert ids_of(path, "giraffe", "--by", "words") == {"n"}


# Python itself may lie where only root reads: all that is needed is loaded by a first search.
AS_NOBODY = """
    import contextlib, os, sys
    from tui.cli import main

    def search(path):
        try:
            main(["search", path, "deploy"])
        except SystemExit as end:
            return end.code

    with contextlib.redirect_stdout(sys.stderr):
        search(sys.argv[1])
    os.environ["XDG_CACHE_HOME"] = os.environ["HOME"] = sys.argv[3]
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    sys.exit(search(sys.argv[2]))
"""


def test_a_memory_in_a_folder_that_cannot_be_written_is_searched(
    path: Path, public_folder: Path
) -> None:
    there = public_folder / "memory" / "memory.db"
    there.write_bytes(path.read_bytes())
    there.chmod(0o444)
    there.parent.chmod(0o555)
    code = textwrap.dedent(AS_NOBODY)
    done = subprocess.run(
        [sys.executable, "-c", code, path, there, public_folder / "cache"],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "int-a" in done.stdout
    assert [each.name for each in there.parent.iterdir()] == ["memory.db"]


def test_in_the_demo_memory_the_buried_correction_is_found(demo_memory: Path) -> None:
    hits = hits_of(demo_memory, "do deploys need approval", "--limit", "50")
    assert "int-0388" in {hit["record_id"] for hit in hits}
