"""`memglass index`: builds, resumes, rebuilds, and says what it has and what it lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from storage import IndexStatus
from tests.storage import legacy
from tests.storage.embedding_server import fails, good, hangs
from tests.tui.shell_runs import (
    MODEL,
    URL,
    digest,
    endpoint,
    fill,
    ids_of,
    invoke,
    make,
    run_alone,
    run_in_terminal,
    slow,
)
from tui.indexing import Progress, duration
from tui.wording import in_bytes

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


def complaints(done: Result) -> list[str]:
    """What a run says beside how far it is."""
    return [line for line in done.stderr.splitlines() if "memglass: indexed" not in line]


def test_it_says_where_the_index_is_and_what_is_in_it(path: Path) -> None:
    done = invoke("index", path)
    assert (done.exit_code, complaints(done)) == (0, [])
    where, records, bytes_on_disk, meaning = done.stdout.splitlines()
    assert where == f"Index    {path}.index"
    assert records == "Records  7 records"
    assert bytes_on_disk == f"Size     {in_bytes(Path(f'{path}.index').stat().st_size)}"
    assert meaning.startswith("Meaning  wordllama ")
    assert meaning.endswith(", on this machine")
    assert Path(f"{path}.index").is_file()


def test_it_says_the_same_as_json(path: Path) -> None:
    done = invoke("index", path, "--json")
    assert (done.exit_code, complaints(done)) == (0, [])
    told = json.loads(done.stdout)
    assert told.pop("embedder").startswith("wordllama ")
    assert told == {
        "path": f"{path}.index",
        "records": 7,
        "total": 7,
        "bytes": Path(f"{path}.index").stat().st_size,
        "sends_text_to": "",
        "missing": [],
    }


def test_a_search_finds_what_was_indexed(path: Path) -> None:
    invoke("index", path)
    assert "int-a" in ids_of(path, "friday")


def test_it_catches_up_with_what_was_added(path: Path) -> None:
    invoke("index", path)
    fill(path, lambda store: store.add_interaction({"content": "giraffe"}))
    assert "Records  8 records" in invoke("index", path).stdout


def test_rebuild_makes_it_anew(path: Path) -> None:
    invoke("index", path)
    index = Path(f"{path}.index")
    index.write_bytes(b"damaged" * 1000)
    done = invoke("index", path, "--rebuild")
    assert done.exit_code == 0
    assert "Records  7 records" in done.stdout
    assert "int-a" in ids_of(path, "friday")


def test_the_file_is_not_changed(path: Path) -> None:
    before = digest(path)
    invoke("index", path)
    invoke("index", path, "--rebuild")
    assert digest(path) == before


@pytest.mark.parametrize("generation", [0, 1, 2])
def test_an_older_file_is_indexed_as_it_is(tmp_path: Path, generation: int) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    before = legacy.digests(old)
    assert invoke("index", old).exit_code == 0
    assert legacy.digests(old) == before


# Embedders.


def test_an_endpoint_that_is_not_configured_is_a_sentence_with_its_variables(path: Path) -> None:
    done = invoke("index", path, "--embedder", "endpoint")
    assert done.exit_code == 2
    assert done.stderr == (
        f"memglass: No endpoint for embeddings is configured: set {URL} and {MODEL}.\n"
    )


@pytest.mark.parametrize("args", [(), ("--embedder", "endpoint")])
def test_an_endpoint_that_is_configured_is_used(
    path: Path, args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with endpoint(good) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(MODEL, "test-model")
        done = invoke("index", path, *args)
    assert (done.exit_code, complaints(done)) == (0, [])
    assert f"Meaning  test-model at {server.url}/embeddings, on this machine" in done.stdout


def test_offline_asks_no_endpoint(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint(good) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(MODEL, "test-model")
        done = invoke("index", path, "--embedder", "offline")
    assert "Meaning  wordllama " in done.stdout
    assert not server.requests


def test_another_embedder_makes_the_index_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    invoke("index", path)
    with endpoint(good) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(MODEL, "test-model")
        done = invoke("index", path)
    assert done.exit_code == 0
    assert "Meaning  test-model at " in done.stdout
    assert sum(len(request.texts) for request in server.requests) >= 7


def test_what_is_missing_is_a_sentence_and_code_1(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with endpoint(fails(401)) as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(MODEL, "test-model")
        done = invoke("index", path)
        found = invoke("search", path, "friday")
    assert done.exit_code == 1
    assert "answers 401" in done.stderr
    assert done.stderr.startswith("memglass: ")
    assert found.exit_code == 0
    assert "int-a" in found.stdout
    assert "answers 401" in found.stderr


# Waiting.


def status(done: int, total: int = 1000) -> IndexStatus:
    return IndexStatus("building", done, total, Path("memory.db.index"), 0, None, "", ())


def test_an_index_that_is_kept_elsewhere_is_whole_all_the_same(path: Path) -> None:
    Path(f"{path}.index").mkdir()
    done = invoke("index", path)
    assert done.exit_code == 0
    assert "so it is kept at" in done.stderr


def test_without_a_terminal_every_tenth_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(lines=True)
    for done in range(0, 1000, 7):
        progress.show(status(done))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "memglass: indexed 10 %, 105 of 1,000 records."
    assert len(lines) == 9


def test_for_a_search_without_a_terminal_there_are_no_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(lines=False)
    progress.show(status(500))
    progress.show(status(0, 0))
    progress.clear()
    assert capsys.readouterr().err == ""


def test_what_is_left_to_do_with_all_records_in_the_index_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(lines=True)
    progress._line.is_terminal, progress._line._last = True, 0
    progress.show(status(1000))
    assert "1,000 of 1,000 records, merging" in capsys.readouterr().err


def test_in_a_terminal_a_bar_shows_how_far_it_is_and_goes_away(path: Path) -> None:
    with endpoint(slow) as server:
        code, written = run_in_terminal("index", path, env={URL: server.url, MODEL: "m"})
    assert code == 0
    assert b"\rIndexing " in written
    assert b" of 7 records" in written
    shown = written.decode().rpartition("\r ")[2]
    assert "Indexing" not in shown
    assert "Records  7 records" in shown


def test_a_bar_in_a_narrow_encoding_is_drawn_with_what_there_is(path: Path) -> None:
    with endpoint(slow) as server:
        env = {URL: server.url, MODEL: "m", "PYTHONIOENCODING": "ascii"}
        code, written = run_in_terminal("index", path, env=env)
    assert code == 0
    assert b"Indexing -" in written or b"Indexing #" in written


def test_ctrl_c_stops_it_with_a_sentence_and_the_next_run_goes_on(path: Path) -> None:
    with endpoint(hangs) as server:
        code, written = run_in_terminal(
            "index", path, until=b"Indexing ", keys=b"\x03", env={URL: server.url, MODEL: "m"}
        )
    assert code == 130
    assert b"memglass: Stopped: the index is not whole yet" in written
    assert b"Traceback" not in written
    assert invoke("index", path).exit_code == 0


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (59, "59 s"), (100, "2 min"), (5400, "2 h")]
)
def test_a_length_of_time_is_said_briefly(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (12_345_678, "12.3 MB"),
        (2 * 10**9, "2.0 GB"),
    ],
)
def test_a_size_is_said_briefly(count: int, said: str) -> None:
    assert in_bytes(count) == said


# What it is given.


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "does not exist"), (b"text" * 500, "neither a SQLite"), (b"", "empty")],
)
def test_what_is_no_memory_is_a_sentence_and_code_2(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    file = tmp_path / "memory.db"
    if content is not None:
        file.write_bytes(content)
    done = invoke("index", file)
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_embedder_is_a_sentence(path: Path) -> None:
    done = invoke("index", path, "--embedder", "magic")
    assert done.exit_code == 2
    assert done.stderr.startswith("memglass: ")
    assert "'offline'" in done.stderr


def test_a_file_name_cannot_drive_the_terminal(tmp_path: Path) -> None:
    done = run_alone("index", make(tmp_path / "\x1b[2Jmemory.db"))
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert "␛[2Jmemory.db.index".encode() in done.stdout
