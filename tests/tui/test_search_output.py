"""What `memglass search` writes, and where: exact, only text, to nobody but the person."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.storage.embedding_server import good, hangs
from tests.terminal import ROOT
from tests.tui.shell_runs import (
    MODEL,
    URL,
    endpoint,
    fill,
    hits_of,
    ids_of,
    invoke,
    make,
    run_alone,
    run_in_terminal,
    slow,
)
from tests.tui.test_hostile import ALL, HOSTILE, learned, turn

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


# What is written.


def test_json_has_one_object_a_line_with_all_of_a_hit(path: Path) -> None:
    [hit] = hits_of(path, "friday", "--by", "words")
    assert list(hit) == [
        "kind", "record_id", "entity", "archived", "score", "why", "snippet", "record",
    ]  # fmt: skip
    assert hit["why"] == {"words": ["Friday"], "nearby": [], "similarity": None, "by": "words"}
    assert (hit["kind"], hit["archived"], hit["entity"]) == ("interaction", False, None)
    assert hit["record"]["details"] == {"tool": "pytest", "number": 0}


def test_json_of_no_hit_is_nothing(path: Path) -> None:
    done = invoke("search", path, "xylophone", "--by", "words", "--json")
    assert (done.exit_code, done.output) == (1, "")


def test_json_of_an_archived_hit_has_the_record_inside(path: Path) -> None:
    [hit] = hits_of(path, "old", "--by", "words")
    assert hit["archived"] is True
    assert hit["record"]["archive_reason"] == "wrong"
    assert hit["record"]["record"]["content"] == "deploy old"


def test_json_gives_a_corrupt_field_with_its_text(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE interactions SET details = ? WHERE content LIKE 'sure%'", ('{"a": 1',))
    raw.close()
    [hit] = hits_of(path, '"ship it"')
    corrupt = hit["record"]["details"]
    assert (corrupt["$memglass"], corrupt["raw"], corrupt["offset"]) == ("corrupt", '{"a": 1', 7)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A memory with text in every field that wants to drive the terminal."""

    async def write(store: SQLiteStore) -> None:
        for number, text in enumerate([*HOSTILE, ALL]):
            await store.add_interaction({**turn(f"needle {text}"), "interaction_id": text})
            await store.add_pattern({**learned(f"needle {text}"), "id": text})
            gone = await store.add_interaction({**turn(text), "interaction_id": f"{number} {text}"})
            await store.archive_interactions([gone], text)
            await store.add_world_model_state({"domain": text, "entities": [{"id": text}]})

    return fill(tmp_path / "\x1b[31mhostile.db", write)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_a_memory_holds_is_only_text(hostile: Path, form: tuple[str, ...]) -> None:
    done = run_alone("search", hostile, "needle nul emoji", "--limit", "100", *form)
    assert done.returncode == 0
    shown = done.stdout.decode()
    assert shown.count("\n") > 20
    assert shown.replace("\n", "").isprintable()
    assert not done.stderr


def test_in_a_terminal_what_a_memory_holds_is_only_text(hostile: Path) -> None:
    code, written = run_in_terminal("search", hostile, "needle nul emoji", "--limit", "100")
    assert code == 0
    shown = written.decode().replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert shown.rpartition("\r")[2] or shown.replace("\r", "").replace("\n", "").isprintable()
    assert "\x1b" not in shown


def test_in_a_terminal_the_words_of_the_question_stand_out(path: Path) -> None:
    code, written = run_in_terminal("search", path, "FRIDAY deploy", "--by", "words")
    assert code == 0
    assert b"never \x1b[1mdeploy\x1b[0m on a \x1b[1mFriday\x1b[0m" in written


def test_words_of_a_script_without_spaces_stand_out_in_the_middle_of_a_sentence(path: Path) -> None:
    fill(path, lambda store: store.add_interaction({"content": "\u65b0\u6570\u636e\u5e93"}))
    code, written = run_in_terminal("search", path, "\u6570\u636e", "--by", "words")
    assert code == 0
    assert "\u65b0\x1b[1m\u6570\u636e\x1b[0m\u5e93" in written.decode()


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_nothing_stands_out_for_a_person_who_wants_none_of_it(
    path: Path, env: dict[str, str]
) -> None:
    code, written = run_in_terminal("search", path, "friday", env=env)
    assert code == 0
    assert b"\x1b" not in written


def test_a_narrow_encoding_is_no_error(path: Path) -> None:
    fill(path, lambda store: store.add_interaction({"content": "giraffe \u65e5\u672c"}))
    done = run_alone("search", path, "giraffe", "--by", "words", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert b"giraffe \\u65e5\\u672c" in done.stdout


def test_a_reader_that_leaves_is_no_error(path: Path) -> None:
    command = [sys.executable, "-m", "tui.cli", "search", str(path), "deploy", "--json"]
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert done.stdout is not None
    done.stdout.close()
    assert done.stderr is not None
    assert done.stderr.read() == b""
    done.stderr.close()
    done.wait()


# What it loads, where it sends, how it waits.


def test_neither_search_nor_help_loads_textual(path: Path) -> None:
    code = (
        "import sys\nfrom tui.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "sys.exit(any(name.split('.')[0] in ('textual', 'rich') for name in sys.modules))"
    )
    for args in (("search", str(path), "deploy"), ("search", "--help"), ("index", str(path))):
        done = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stdout


def test_an_endpoint_on_this_machine_is_used_and_nothing_leaves(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with endpoint(good) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(MODEL, "test-model")
        done = invoke("search", path, "deploy")
        assert done.exit_code == 0
        assert done.stderr == ""
        assert any("deploy" in request.texts for request in server.requests)


async def test_before_a_text_leaves_this_machine_a_line_says_where_it_goes(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui.indexing import opened

    monkeypatch.setenv(URL, "https://embeddings.example/v1")
    monkeypatch.setenv(MODEL, "test-model")
    async with opened(path):
        assert capsys.readouterr().err == (
            "memglass: texts of this memory, and what is asked, are sent to embeddings.example,"
            " which MEMGLASS_EMBEDDINGS_URL names.\n"
        )


def test_half_of_a_configuration_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "http://localhost:1/v1")
    done = invoke("search", path, "deploy")
    assert done.exit_code == 2
    assert f"set without {MODEL}" in done.stderr


def test_ctrl_c_at_the_bar_says_that_the_next_run_goes_on(path: Path) -> None:
    with endpoint(hangs) as server:
        env = {URL: server.url, MODEL: "test-model"}
        code, written = run_in_terminal(
            "search", path, "deploy", until=b"Indexing ", keys=b"\x03", env=env
        )
    assert code == 130
    assert b"the next run goes on from here" in written
    assert b"Traceback" not in written
    assert b"int-a" not in written
    assert "int-a" in ids_of(path, "friday")


def test_without_a_terminal_there_is_no_bar(path: Path) -> None:
    with endpoint(slow) as server:
        done = run_alone("search", path, "deploy", **{URL: server.url, MODEL: "test-model"})
    assert done.returncode == 0
    assert done.stderr == b""
