"""A LangGraph store over a memory: what LangGraph's own tests of stores ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import HybridStore, JSONEncodeError, SQLiteStore
from tests.chance import examples
from tests.storage.adapters.items import keys

base = pytest.importorskip("langgraph.store.base", reason="make adapters installs LangGraph")

from storage.adapters.langgraph import MemglassStore  # noqa: E402 - it needs LangGraph


@pytest.fixture
async def memory(store: SQLiteStore) -> MemglassStore:
    return MemglassStore(store)


@pytest.fixture
async def searched(path: Path) -> AsyncIterator[MemglassStore]:
    async with HybridStore(path) as store:
        yield MemglassStore(store, fields=["text"])


def places(found: Any) -> set[tuple[str, ...]]:
    return {item.namespace for item in found}


# What every store does.


async def test_an_item_is_put_read_changed_and_deleted(memory: MemglassStore) -> None:
    namespace = ("users", "ada", "documents")
    await memory.aput(namespace, "doc", {"title": "One", "n": 1})
    item = await memory.aget(namespace, "doc")
    assert item is not None
    assert (item.namespace, item.key, item.value) == (namespace, "doc", {"title": "One", "n": 1})
    await memory.aput(namespace, "doc", {"title": "Two"})
    changed = await memory.aget(namespace, "doc")
    assert changed is not None
    assert changed.value == {"title": "Two"}
    assert changed.created_at == item.created_at
    assert changed.updated_at > item.updated_at
    assert await memory.aget(("users", "ada", "other"), "doc") is None
    await memory.adelete(namespace, "doc")
    await memory.adelete(namespace, "never there")
    assert await memory.aget(namespace, "doc") is None


async def test_a_batch_reads_first_and_answers_in_its_order(memory: MemglassStore) -> None:
    await memory.aput(("test", "foo"), "key1", {"data": "value1"})
    await memory.aput(("test", "bar"), "key2", {"data": "value2"})
    got, put, found, listed, missing = await memory.abatch(
        [
            base.GetOp(("test", "foo"), "key1"),
            base.PutOp(("test", "bar"), "key2", {"data": "changed"}),
            base.SearchOp(("test",), filter={"data": "value2"}),
            base.ListNamespacesOp(),
            base.GetOp(("test",), "key3"),
        ]
    )
    assert isinstance(got, base.Item)
    assert got.value == {"data": "value1"}
    assert (put, missing) == (None, None)
    assert keys(found) == ["key2"]
    assert listed == [("test", "bar"), ("test", "foo")]


async def test_the_last_put_of_a_batch_holds_and_one_bad_value_undoes_all(
    memory: MemglassStore, store: SQLiteStore
) -> None:
    put = base.PutOp
    await memory.abatch([put(("a",), "k", {"n": 1}), put(("a",), "k", {"n": 2})])
    assert [each.value for each in await memory.asearch(("a",))] == [{"n": 2}]
    before = await store.get_journal()
    with pytest.raises(JSONEncodeError, match=r"value\.n"):
        await memory.abatch([put(("b",), "k", {"n": 1}), put(("c",), "k", {"n": float("nan")})])
    assert await store.get_journal() == before


async def test_a_search_keeps_to_its_namespace_and_to_whole_labels(memory: MemglassStore) -> None:
    for namespace in [("foo",), ("foo", "child"), ("foobar",), ("Foo",), ("user_1",), ("userX1",)]:
        await memory.aput(namespace, "k", {"v": 1})
    assert places(await memory.asearch(("foo",))) == {("foo",), ("foo", "child")}
    assert places(await memory.asearch(("user_1",))) == {("user_1",)}
    assert len(await memory.asearch(())) == 6
    assert await memory.asearch(("fo",)) == []


async def test_pages_of_a_search_are_parts_of_the_whole_newest_first(memory: MemglassStore) -> None:
    for number in range(7):
        await memory.aput(("a", str(number % 2)), f"k{number}", {"even": number % 2 == 0})
    whole = keys(await memory.asearch(("a",), limit=100))
    assert whole == [f"k{number}" for number in reversed(range(7))]
    paged = [await memory.asearch(("a",), limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [key for page in paged for key in keys(page)] == whole
    even = await memory.asearch(("a",), filter={"even": True}, limit=2, offset=1)
    assert keys(even) == ["k4", "k2"]


async def test_namespaces_are_listed_by_prefix_suffix_wildcard_and_depth(
    memory: MemglassStore,
) -> None:
    there = [
        ("t", "documents", "public"), ("t", "documents", "private"), ("t", "images", "public"),
        ("p", "documents", "some", "nesting", "public"),
    ]  # fmt: skip
    for namespace in there:
        await memory.aput(namespace, "k", {})
    listing = memory.alist_namespaces
    assert await listing() == sorted(there)
    assert len(await listing(prefix=("t", "documents"))) == 2
    assert len(await listing(suffix=("public",))) == 3
    assert await listing(prefix=("*", "documents"), suffix=("nesting", "*")) == [there[3]]
    assert await listing(max_depth=2) == [("p", "documents"), ("t", "documents"), ("t", "images")]
    assert await listing(limit=2, offset=1) == sorted(there)[1:3]
    await memory.adelete(there[3], "k")
    assert await listing(prefix=("p",)) == []


@pytest.mark.parametrize("namespace", [("foo.bar",), ("foo", ""), ("foo", 1), ("foo\0",)])
async def test_a_label_that_is_none_is_refused_before_anything_is_done(
    memory: MemglassStore, namespace: Any
) -> None:
    for op in (
        base.GetOp(namespace, "key"),
        base.PutOp(namespace, "key", {}),
        base.PutOp(namespace, "key", None),
        base.SearchOp(namespace),
        base.ListNamespacesOp((base.MatchCondition("suffix", namespace),)),
    ):
        with pytest.raises(base.InvalidNamespaceError):
            await memory.abatch([base.PutOp(("valid",), "key", {}), op])
    assert await memory.aget(("valid",), "key") is None


async def test_what_is_no_namespace_to_put_into_is_refused(memory: MemglassStore) -> None:
    for namespace in ((), ("langgraph", "x")):
        with pytest.raises(base.InvalidNamespaceError):
            await memory.aput(namespace, "k", {})
    # As an operation it is not refused, in LangGraph's own stores neither.
    await memory.abatch([base.PutOp(("langgraph", "x"), "k", {"v": 1})])
    assert keys(await memory.asearch(("langgraph",))) == ["k"]


async def test_many_tasks_at_once_are_all_answered(memory: MemglassStore) -> None:
    async def one(number: int) -> None:
        namespace = ("test", str(number % 2))
        await memory.aput(namespace, f"k{number}", {"n": number})
        assert await memory.aget(namespace, f"k{number}") is not None
        await memory.asearch(("test",))
        if number % 3 == 0:
            await memory.adelete(namespace, f"k{number}")

    await asyncio.gather(*map(one, range(60)))
    assert len(await memory.asearch(("test",), limit=100)) == 40


# Threads without a loop.


async def test_a_call_that_would_wait_for_itself_is_refused(memory: MemglassStore) -> None:
    with pytest.raises(asyncio.InvalidStateError):
        memory.put(("foo",), "k", {})


async def test_other_threads_call_the_methods_without_a(memory: MemglassStore) -> None:
    def elsewhere() -> Any:
        memory.put(("foo", "bar"), "k", {"v": 1})
        memory.put(("foo", "bar"), "gone", {})
        memory.delete(("foo", "bar"), "gone")
        return memory.get(("foo", "bar"), "k"), memory.search(()), memory.list_namespaces()

    item, found, listed = await asyncio.to_thread(elsewhere)
    assert (item.value, keys(found), listed) == ({"v": 1}, ["k"], [("foo", "bar")])


# A memory like any other.


async def test_every_change_is_in_the_journal_and_can_be_undone(
    memory: MemglassStore, store: SQLiteStore
) -> None:
    await memory.aput(("users",), "k", {"v": 1})
    await memory.aput(("users",), "k", {"v": 2})
    await memory.adelete(("users",), "k")
    [archived] = await store.get_archived_patterns()
    assert archived["archive_reason"] == "deleted"
    changes = list(dict.fromkeys(each["transaction_id"] for each in await store.get_journal()))
    for transaction_id, value in zip(changes, (2, 1), strict=False):
        await store.undo(transaction_id)
        item = await memory.aget(("users",), "k")
        assert item is not None
        assert item.value == {"v": value}


async def test_what_a_person_changes_is_what_the_graph_reads(
    memory: MemglassStore, store: SQLiteStore
) -> None:
    await memory.aput(("users",), "k", {"v": 1})
    [record] = await store.get_patterns()
    metadata = record["metadata"] | {"value": {"v": "mended"}}
    await store.update_pattern(record["id"], metadata=metadata)
    item = await memory.aget(("users",), "k")
    assert item is not None
    assert item.value == {"v": "mended"}


async def test_patterns_of_others_are_none_of_its_items(
    memory: MemglassStore, store: SQLiteStore
) -> None:
    await store.add_pattern({"id": "p", "name": "Tabs", "pattern_type": "preference"})
    assert await memory.asearch(()) == []
    assert await memory.alist_namespaces() == []


async def test_what_cannot_be_read_is_missing_until_it_is_put_anew(
    memory: MemglassStore, store: SQLiteStore
) -> None:
    await memory.aput(("users",), "k", {"v": 1})
    [record] = await store.get_patterns()
    await store.update_pattern(record["id"], metadata={"key": "k"})
    assert await memory.aget(("users",), "k") is None
    await memory.aput(("users",), "k", {"v": 2})
    assert keys(await memory.asearch(("users",))) == ["k"]


# Searching by meaning.


async def test_a_query_goes_by_words_and_meaning_within_the_namespace(
    searched: MemglassStore,
) -> None:
    await searched.aput(("a",), "tabs", {"text": "Ada indents with tabs."})
    await searched.aput(("a", "b"), "tea", {"text": "Ada drinks green tea in the morning."})
    await searched.aput(("other",), "tabs", {"text": "Bob indents with tabs, too."})
    found = await searched.asearch(("a",), query="which beverage does she like: tea?", limit=1)
    assert keys(found) == ["tea"]
    assert found[0].score is not None
    assert places(await searched.asearch(("a",), query="indent tabs")) <= {("a",), ("a", "b")}
    only = await searched.asearch(("a",), query="tea", filter={"text": {"$ne": "x"}}, limit=5)
    assert only[0].key == "tea"


async def test_a_query_finds_what_a_put_says_and_nothing_that_is_not_to_be_found(
    searched: MemglassStore,
) -> None:
    await searched.aput(("a",), "one", {"text": "zany zebra Xerxes"})
    await searched.aput(("a",), "two", {"text": "zany zebra Xerxes"}, index=False)
    await searched.aput(("a",), "three", {"text": "dogs", "body": "zany zebra"}, index=["body"])
    assert sorted(keys(await searched.asearch(("a",), query="zany zebra"))) == ["one", "three"]
    await searched.aput(("a",), "one", {"text": "birds"})
    assert keys(await searched.asearch(("a",), query="zany zebra")) == ["three", "one"]


async def test_what_does_not_answer_a_query_comes_last(searched: MemglassStore) -> None:
    for number in range(4):
        await searched.aput(("a", str(number)), f"k{number}", {"text": "qqq" * number})
    await searched.aput(("a",), "tea", {"text": "green tea"})
    found = await searched.asearch(("a",), query="tea", limit=3)
    assert (found[0].key, len(found)) == ("tea", 3)
    assert sorted((item.score or 0.0 for item in found), reverse=True) == [
        item.score for item in found
    ]
    assert len(await searched.asearch(("a",), query="???")) == 5


async def test_nothing_in_a_query_is_an_order_to_the_question_box(searched: MemglassStore) -> None:
    await searched.aput(("a",), "k", {"text": "kind interaction friday deploy"})
    assert keys(await searched.asearch(("a",), query='kind:interaction -friday "deploy')) == ["k"]


# Beside LangGraph's own.

LABELS = st.sampled_from(["a", "b", "a_%"])
PLACES = st.lists(LABELS, min_size=1, max_size=3).map(tuple)
VALUES = st.dictionaries(st.sampled_from("xy"), st.integers(0, 2) | st.just("t"), max_size=2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), PLACES, st.sampled_from("kl"), VALUES),
        st.tuples(st.just("delete"), PLACES, st.sampled_from("kl"), st.none()),
        st.tuples(st.just("search"), PLACES | st.just(()), st.none(), VALUES),
        st.tuples(st.just("list"), PLACES, st.sampled_from([None, 1, 2]), st.none()),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_it_does_what_the_store_of_langgraph_does(tmp_path_factory: Any, steps: Any) -> None:
    theirs = pytest.importorskip("langgraph.store.memory").InMemoryStore()
    async with SQLiteStore(tmp_path_factory.mktemp("law") / "memory.db") as store:
        ours = MemglassStore(store)
        for step, place, second, value in steps:
            if step == "put":
                await theirs.aput(place, second, value)
                await ours.aput(place, second, value)
            elif step == "delete":
                await theirs.adelete(place, second)
                await ours.adelete(place, second)
            elif step == "search":
                both = [
                    sorted((e.namespace, e.key, str(e.value)) for e in found)
                    for found in (
                        await theirs.asearch(place, filter=value, limit=99),
                        await ours.asearch(place, filter=value, limit=99),
                    )
                ]
                assert both[0] == both[1]
            else:
                named = {"prefix": place, "max_depth": second}
                there = set(await theirs.alist_namespaces(**named))
                # Theirs remembers namespaces that are empty by now.
                assert set(await ours.alist_namespaces(**named)) <= there
