"""The index as a file: what is put into it, what is taken out, and who may write."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage import driver
from storage.search import index_opening
from storage.search.documents import Document, Source
from storage.search.index_file import IndexFile, OvertakenError, by_table, name_hash
from tests.storage import outside

TEXT = "the zebra said"


class _SomeError(Exception):
    pass


def opened(path: Path, identity: str = "db", embedder: str = "e") -> IndexFile:
    """Open an index at one place."""
    return index_opening.open_first([path], identity, embedder, print)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[IndexFile]:
    """An empty index, open."""
    file = opened(tmp_path / "memory.db.index")
    yield file
    file.close()


def document(number: int, *, table: int = 0, part: str = "", **changes: Any) -> Document:
    """Return a document of a row."""
    made = Document(
        source=Source(table, number, part),
        kind="interaction",
        record_id=f"id-{number}",
        session_id="s",
        author="anna",
        time=f"1970-01-01T00:00:00.{number:06}+00:00",
        label="say",
        reason="",
        text=f"{TEXT} zz{number}k",
        beside=["beside"],
        digest=bytes([number % 256]),
        record={},
    )
    return made._replace(**changes)


def put(index: IndexFile, *documents: Document, dimension: int = 4) -> None:
    """Put documents in, with vectors that differ."""
    vectors = np.eye(dimension, dtype=np.float32)[[n % dimension for n in range(len(documents))]]
    with index.change():
        index.put(documents, vectors)


def slots(index: IndexFile, sql: str = "SELECT slot FROM docs") -> list[int]:
    return sorted(slot for (slot,) in index.connection.execute(sql).fetchall())


def matching(index: IndexFile, word: str) -> list[int]:
    found = index.connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (word,))
    return sorted(slot for (slot,) in found.fetchall())


# Putting in and taking out.


def test_each_document_stands_once_in_every_part(index: IndexFile) -> None:
    put(index, document(1), document(2))
    put(index, document(3))
    numbers = slots(index)
    assert len(set(numbers)) == 3
    for sql in (
        "SELECT id FROM words_docsize",
        "SELECT slot FROM halves",
        "SELECT rowid FROM vectors_rowids",
    ):
        assert slots(index, sql) == numbers
    assert len(matching(index, "zebra")) == 3


def test_a_row_that_is_forgotten_is_in_no_part(index: IndexFile) -> None:
    put(index, document(1), document(2))
    [gone] = matching(index, "zz1k")
    with index.change():
        index.forget(0, [1])
    assert matching(index, "zz1k") == []
    assert gone not in slots(index)
    assert gone not in slots(index, "SELECT slot FROM halves")
    assert gone not in slots(index, "SELECT rowid FROM vectors_rowids")
    assert slots(index, "SELECT slot FROM removed") == [gone]


def test_a_slot_is_never_given_twice(index: IndexFile) -> None:
    put(index, document(1))
    before = slots(index)
    with index.change():
        index.forget(0, [1])
    put(index, document(1))
    assert not set(before) & set(slots(index))


def test_forgetting_what_is_not_there_is_no_error(index: IndexFile) -> None:
    put(index, document(5))
    with index.change():
        index.forget(0, [])
        index.forget(0, [4, 6])
        index.forget(3, [5])
    assert len(slots(index)) == 1


def test_a_row_of_several_documents_is_forgotten_whole(index: IndexFile) -> None:
    put(index, *(document(1, table=6, part=part) for part in ("a", "b", "c")), document(1))
    with index.change():
        index.forget(6, [1])
    assert len(slots(index)) == 1
    assert index.digests(0, 0, 9) == {1: b"\1"}


@pytest.mark.parametrize("number", [-(2**62), -1, 0, 2**53 + 1, 2**62])
def test_any_rowid_is_kept(index: IndexFile, number: int) -> None:
    put(index, document(number))
    assert index.digests_at([(0, number)]) == {(0, number): bytes([number % 256])}
    assert index.digests(0, number - 1, number) == {number: bytes([number % 256])}
    with index.change():
        index.forget(0, [number])
    assert index.digests_at([(0, number)]) == {}


def test_digests_are_those_of_a_range_that_begins_above(index: IndexFile) -> None:
    put(index, *(document(number) for number in range(1, 6)))
    assert index.digests(0, 2, 4).keys() == {3, 4}


def test_thousands_of_places_can_be_asked_for_at_once(index: IndexFile) -> None:
    put(index, *(document(number) for number in range(1500)))
    places = [(0, number) for number in range(3000)]
    assert index.digests_at(places).keys() == set(places[:1500])


def test_a_record_is_found_by_its_public_id_whatever_that_holds(index: IndexFile) -> None:
    odd = ["", "a'b", "\udcff", "x" * 3000]
    put(index, *(document(n, record_id=each) for n, each in enumerate(odd)))
    for number, each in enumerate(odd):
        assert index.places_of([each]) == [(0, number)]
    assert len(index.places_of(odd)) == 4


def test_what_has_no_vector_yet_is_listed(index: IndexFile) -> None:
    with index.change():
        index.put([document(1), document(2)], None)
    assert sorted(index.unembedded(9)) == [(0, 1), (0, 2)]
    assert len(index.unembedded(1)) == 1
    with index.change():
        index.forget(0, [1])
    assert index.unembedded(9) == [(0, 2)]


def test_a_text_of_nothing_has_no_vector_and_waits_for_none(index: IndexFile) -> None:
    with index.change():
        index.put([document(1, text="")], np.zeros((1, 4), np.float32))
    assert index.unembedded(9) == []
    assert slots(index, "SELECT rowid FROM vectors_rowids") == []


# Changes.


def test_a_change_that_fails_leaves_nothing(index: IndexFile) -> None:
    put(index, document(1))

    def fail() -> None:
        with index.change():
            index.put([document(2)], None)
            index.write_meta({"complete": 1})
            raise _SomeError

    with pytest.raises(_SomeError):
        fail()
    assert index.digests(0, 0, 9).keys() == {1}
    assert index.meta("complete") == ""
    put(index, document(2))


def test_who_has_been_overtaken_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memory.db.index"
    one, other = opened(path), opened(path)
    generation = one.number("generation")
    put(other, document(1))

    def write() -> None:
        with one.change(generation):
            one.put([document(1)], None)

    with pytest.raises(OvertakenError):
        write()
    assert len(slots(one)) == 1
    with one.change(one.number("generation")):
        one.put([document(2)], None)
    assert len(slots(other)) == 2
    one.close()
    other.close()


def test_what_the_index_says_of_itself_is_kept(index: IndexFile) -> None:
    with index.change():
        index.write_meta({"high:0": 7, "name": "x"})
    assert (index.number("high:0"), index.meta("name"), index.number("nothing")) == (7, "x", 0)


# The file.


def test_a_file_that_was_deleted_or_replaced_is_not_current(
    index: IndexFile, tmp_path: Path
) -> None:
    kept, seen = tmp_path / "kept", [index.is_current]
    index.path.rename(kept)
    seen.append(index.is_current)
    index.path.touch()
    seen.append(index.is_current)
    kept.replace(index.path)
    assert [*seen, index.is_current] == [True, False, False, True]


def test_a_file_that_is_replaced_while_it_is_opened_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index"
    connect, opens = driver.connect, list[driver.Connection]()

    def connect_and_replace(uri: str, *, busy_ms: int) -> driver.Connection:
        opens.append(connect(uri, busy_ms=busy_ms))
        if len(opens) == 1:
            path.unlink()
            path.touch()
        return opens[-1]

    monkeypatch.setattr(driver, "connect", connect_and_replace)
    index = opened(path)
    put(index, document(1))
    monkeypatch.undo()
    with outside.connected(path) as other:
        assert other.execute("SELECT count(*) FROM docs").fetchall() == [(1,)]
    assert index.is_current
    index.close()


def test_its_size_is_that_of_its_file_and_journal(index: IndexFile) -> None:
    put(index, *(document(number) for number in range(100)))
    beside = Path(f"{index.path}-wal")
    assert index.size == index.path.stat().st_size + beside.stat().st_size


def test_an_index_that_fits_is_opened_as_it_is(tmp_path: Path) -> None:
    first = opened(tmp_path / "index")
    put(first, document(1))
    first.close()
    again = opened(tmp_path / "index")
    assert len(slots(again)) == 1
    again.close()


@pytest.mark.parametrize("identity", ["another", ""])
def test_an_index_of_another_database_is_made_anew(tmp_path: Path, identity: str) -> None:
    first = opened(tmp_path / "index")
    put(first, document(1))
    first.close()
    again = opened(tmp_path / "index", identity)
    assert slots(again) == []
    again.close()


def test_an_index_without_an_embedder_takes_the_first_that_comes(tmp_path: Path) -> None:
    first = opened(tmp_path / "index", embedder="")
    with first.change():
        first.put([document(1)], None)
    first.close()
    for embedder, left in (("e", 1), ("", 1), ("other", 0)):
        again = opened(tmp_path / "index", embedder=embedder)
        assert len(slots(again)) == left
        again.close()


def test_the_second_place_is_taken_where_the_first_fails_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    places = [tmp_path / "file" / "index", tmp_path / "folder" / "index"]
    index = index_opening.open_first(places, "db", "e", said.append)
    assert index.path == places[1]
    assert len(said) == 1
    assert all(str(place) in said[0] for place in places)
    index.close()


def test_where_no_place_serves_there_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    with pytest.raises(OSError, match=r"file/index cannot hold it \(Not a directory\); name"):
        index_opening.open_first([tmp_path / "file" / "index"], "db", "e", said.append)
    assert said == []


def test_several_processes_that_open_at_once_have_one_index(tmp_path: Path) -> None:
    path = tmp_path / "index"
    code = (
        "import sys; from pathlib import Path; from storage.search import index_opening\n"
        "index = index_opening.open_first([Path(sys.argv[1])], 'db', 'e', print)\n"
        "index.close(); print('good')"
    )
    for _ in range(3):
        path.unlink(missing_ok=True)
        processes = [outside.python("-c", code, path) for _ in range(4)]
        assert [each.communicate(timeout=60) for each in processes] == [("good\n", "")] * 4


@pytest.mark.parametrize("content", ["CREATE TABLE mine (x)", "CREATE TABLE meta (key, value)"])
def test_a_database_of_somebody_else_is_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.db"
    connection = sqlite3.connect(path)
    connection.executescript(content)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(OSError, match=r"mine.db cannot hold it \(.*another program\); name"):
        opened(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["mine.db"]  # noqa: PTH208 - names, journals too


def test_deleting_an_index_deletes_its_journals(index: IndexFile) -> None:
    put(index, document(1))
    index_opening.delete(index.path)
    assert list(index.path.parent.iterdir()) == []


def test_two_databases_have_different_places() -> None:
    one = index_opening.Places(Path("/a/memory.db"), None)
    other = index_opening.Places(Path("/b/memory.db"), None)
    assert next(iter(one)) == Path("/a/memory.db.index")
    assert not set(one) & set(other)
    one.close()
    other.close()


def test_a_temporary_folder_is_made_only_where_no_other_place_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    places = index_opening.Places(tmp_path / "memory.db", None)
    index_opening.open_first(places, "db", "e", print).close()
    assert not list((tmp_path / "temporary").iterdir())
    assert list(places)[-1].parent.parent == tmp_path / "temporary"
    places.close()
    assert not list((tmp_path / "temporary").iterdir())


# Small things.


def test_places_are_told_by_their_tables() -> None:
    assert by_table([(0, 1), (3, 1), (0, 2)]) == {0: [1, 2], 3: [1]}


def test_a_name_has_one_number_and_none_has_0() -> None:
    assert name_hash("") == 0
    assert name_hash("a") != name_hash("b")
    assert name_hash("\ud800") == name_hash("\ud800")


def test_bad_text_can_be_kept(index: IndexFile) -> None:
    put(index, document(1, session_id="\udcff", label="\udcff", author="\udcff", part=""))
    assert len(slots(index)) == 1


def test_an_error_of_the_file_is_an_error_of_the_driver(index: IndexFile) -> None:
    index.connection.execute("DROP TABLE docs")
    with pytest.raises(driver.Error):
        put(index, document(1))
