"""What the last answers read is remembered, and never told once it is no longer so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from storage import HybridStore, SearchHit, SQLiteStore
from storage.search import recent
from storage.search.documents import TABLES, Source
from storage.search.recent import MOST_BYTES, Recent
from storage.view import Change, Stamp, View
from tests.storage import outside
from tests.storage.search.asking import execute

ONE, TWO, LONG = (Source(TABLES.index("interactions"), number, "") for number in (1, 2, 3))


@pytest.fixture
async def view(path: Path) -> AsyncIterator[View]:
    """A database of three turns, of which the last is long, and a state of two entities."""
    async with SQLiteStore(path) as store:
        for content in ("one", "two", "long" * MOST_BYTES):
            await store.add_interaction({"content": content})
        await store.add_world_model_state({"domain": "d", "entities": {"a": 1, "b": 2}})
    with outside.connected(path) as connection:
        yield View(connection)


@contextmanager
def statements(view: View) -> Iterator[list[str]]:
    """Gather what reads rows."""
    asked: list[str] = []
    view.connection.set_trace_callback(lambda sql: asked.append(sql) if "FROM" in sql else None)
    try:
        yield asked
    finally:
        view.connection.set_trace_callback(None)


def read(documents: Recent, view: View, *sources: Source) -> dict[Source, str]:
    """Return the texts at some places, as a reader does."""
    view.catch_up()
    return texts(documents, view, *sources)


def texts(documents: Recent, view: View, *sources: Source) -> dict[Source, str]:
    """Return the texts at some places, without a look at whether anybody has committed."""
    found = documents.read(view, sources)
    return {at: each.document.text for at, each in zip(sources, found, strict=True) if each}


def test_what_was_read_is_not_read_again(view: View) -> None:
    documents = Recent()
    assert read(documents, view, ONE) == {ONE: "one"}
    with statements(view) as asked:
        assert read(documents, view, ONE) == {ONE: "one"}
        assert not asked
        assert read(documents, view, TWO, ONE) == {ONE: "one", TWO: "two"}
        assert len(asked) == 1


def test_what_another_program_commits_is_read(view: View, path: Path) -> None:
    documents = Recent()
    read(documents, view, ONE, TWO)
    execute(path, "UPDATE interactions SET content = 'uno' WHERE id = 1")
    execute(path, "DELETE FROM interactions WHERE id = 2")
    assert read(documents, view, ONE, TWO) == {ONE: "uno"}


def test_what_a_connection_that_writes_reads_is_not_remembered(view: View) -> None:
    documents = Recent()
    view.connection.execute("BEGIN")
    view.connection.execute("UPDATE interactions SET content = 'uno' WHERE id = 1")
    assert texts(documents, view, ONE) == {ONE: "uno"}
    view.connection.execute("ROLLBACK")
    assert texts(documents, view, ONE) == {ONE: "one"}


def test_what_a_change_has_made_is_read_in_it(view: View) -> None:
    change = Change(view, Stamp("t", "somebody", None), lambda: False)
    view.connection.execute("UPDATE interactions SET content = 'uno' WHERE id = 1")
    assert texts(Recent(), change, ONE) == {ONE: "uno"}


def test_what_one_connection_has_read_is_not_told_through_another(view: View, path: Path) -> None:
    documents = Recent()
    read(documents, view, ONE)
    execute(path, "UPDATE interactions SET content = 'uno' WHERE id = 1")
    with outside.connected(path) as connection:
        other = View(connection)
        assert read(documents, other, ONE) == {ONE: "uno"}
        # Each counts on its own.
        assert other.commits == view.commits


def test_what_is_long_is_not_remembered(view: View) -> None:
    documents = Recent()
    read(documents, view, LONG)
    with statements(view) as asked:
        assert read(documents, view, LONG)
        assert asked


def test_of_a_row_with_many_entities_only_those_that_are_asked_for_are_remembered(
    view: View,
) -> None:
    documents, state = Recent(), TABLES.index("world_model_states")
    assert list(read(documents, view, Source(state, 1, "a"))) == [Source(state, 1, "a")]
    with statements(view) as asked:
        read(documents, view, Source(state, 1, "b"))
        assert asked


def test_no_more_are_remembered_than_some(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 1)
    documents = Recent()
    read(documents, view, ONE, TWO)
    read(documents, view, TWO)
    with statements(view) as asked:
        read(documents, view, ONE)
        assert asked


async def test_who_changes_a_hit_changes_no_later_one(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        details = {"deep": [{"held": "x"}], "flat": "y"}
        await store.add_interaction({"content": "giraffe", "details": details})
        await store.wait_for_index()
        for _ in range(3):
            [hit] = await store.typeahead("gira")
            assert hit.record["details"] == details
            hit.record["content"] = hit.record["details"]["flat"] = "other"
            hit.record["details"]["deep"][0]["held"] = "other"
            hit.record["details"]["deep"].append("other")


async def test_a_search_in_a_transaction_leaves_nothing_behind_that_was_taken_back(
    path: Path,
) -> None:
    def told(hits: list[SearchHit]) -> list[str]:
        return [hit.record["content"] for hit in hits]

    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "giraffe one"})
        await store.wait_for_index()
        assert told(await store.typeahead("gira")) == ["giraffe one"]
        with suppress(ZeroDivisionError):
            async with store.transaction():
                await store.update_interaction(turn, content="giraffe two")
                await store.typeahead("gira")
                raise ZeroDivisionError
        assert told(await store.typeahead("gira")) == ["giraffe one"]
        await store.update_interaction(turn, content="giraffe three")
        assert told(await store.typeahead("gira")) == []
        await store.wait_for_index()
        assert told(await store.typeahead("gira")) == ["giraffe three"]
