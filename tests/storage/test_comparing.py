"""Two memories compared: every record in exactly one class, and the same from either side."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import (
    MISSING,
    CorruptJSON,
    Difference,
    FieldChange,
    KindCount,
    SQLiteStore,
    ValidationError,
    compare_memories,
)
from tests.chance import examples
from tests.storage import legacy
from tests.tui.conftest import interaction, pattern

CUT = CorruptJSON(b'{"cut', "ends in the middle of a string", 5)

Told = tuple[list[Difference], dict[str, KindCount]]


async def compared(a: Path, b: Path, kinds: Sequence[str] | None = None) -> Told:
    found: list[Difference] = []
    counts: dict[str, KindCount] = {}
    async with SQLiteStore(a, read_only=True) as one, SQLiteStore(b, read_only=True) as other:
        async for each in compare_memories(one, other, kinds):
            if isinstance(each, KindCount):
                counts[each.kind] = each
            else:
                found.append(each)
    return found, counts


async def make(path: Path, *work: Any) -> Path:
    async with SQLiteStore(path) as store:
        for each in work:
            await each(store)
    return path


def corrupt(path: Path, table: str, column: str, raw: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE {table} SET {column} = ?", (raw,))
    connection.close()


def turn(record_id: str, text: str, **more: Any) -> Any:
    return lambda store: store.add_interaction(
        interaction(1, interaction_id=record_id, content=text, **more)
    )


def learned(record_id: str, **more: Any) -> Any:
    times = {"created_at": "2026-03-01", "last_seen": "2026-03-01"}
    return lambda store: store.add_pattern(pattern(1, id=record_id, **times, **more))


# The laws, over any two memories.

RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["interaction", "pattern"]),
        st.sampled_from(["r1", "r2", "r3", "r4"]),
        st.sampled_from(["x", "y"]),
        st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each[:2],
)


async def fill(path: Path, records: Any) -> Path:
    async with SQLiteStore(path) as store, store.transaction():
        for kind, name, text, is_archived in records:
            if kind == "interaction":
                await turn(name, text, details={"said": text})(store)
                if is_archived:
                    await store.archive_interactions([name], "wrong")
            else:
                await learned(name, name=f"{name} {text}", description=text)(store)
                if is_archived:
                    await store.archive_patterns([name], "wrong")
    return path


def expected(one: Any, other: Any) -> Counter[tuple[str, str]]:
    """How many records of each kind are in each class, found out in plain Python."""
    a, b = ({each[:2]: each[2:] for each in records} for records in (one, other))
    # The archive knows when, so that no two are archived alike.
    return Counter(
        (key[0], "only_b" if key not in a else "only_a" if key not in b
         else "same" if a[key] == b[key] and not a[key][1] else "different")
        for key in {**a, **b}
    )  # fmt: skip


async def check_laws(folder: Path, one: Any, other: Any) -> None:
    for each in ("a", "b"):
        shutil.rmtree(folder / each, ignore_errors=True)
        (folder / each).mkdir()
        shutil.copy(folder / "empty.db", folder / each / "memory.db")
    a = await fill(folder / "a" / "memory.db", one)
    b = await fill(folder / "b" / "memory.db", other)
    found, counts = await compared(a, b)
    told = Counter({
        (count.kind, name): getattr(count, name)
        for count in counts.values()
        for name in ("same", "different", "only_a", "only_b")
    })  # fmt: skip
    assert +told == expected(one, other)
    classes = Counter((each.kind, each.found) for each in found)
    assert classes == Counter({key: n for key, n in (+told).items() if key[1] != "same"})
    assert len({(each.kind, each.record_id) for each in found}) == len(found)
    # Mirrored, it is the same.
    back, _ = await compared(b, a)
    assert sorted(map(repr, back)) == sorted(repr(each.inverse()) for each in found)
    # With itself there is nothing to tell.
    assert (await compared(a, a))[0] == []


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(one=RECORDS, other=RECORDS)
def test_every_record_is_in_one_class_and_either_side_says_the_same(
    tmp_path: Path, one: Any, other: Any
) -> None:
    asyncio.run(make(tmp_path / "empty.db"))
    asyncio.run(check_laws(tmp_path, one, other))


# What is one record, and what is a difference.


async def test_fields_that_differ_are_named_with_both_values(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("t", "mysql", details={"port": 1, "x": 2}))
    b = await make(tmp_path / "b.db", turn("t", "postgres", details={"port": 2, "x": 2.0}))
    [found] = (await compared(a, b))[0]
    assert (found.kind, found.found, found.matched_by) == ("interaction", "different", "id")
    assert found.changes == (
        FieldChange(("content",), "mysql", "postgres"),
        FieldChange(("details", "port"), 1, 2),
    )


async def test_numbers_of_rows_and_the_spelling_of_json_are_no_difference(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("x", "first"), turn("t", "said", details={"a": 1}))
    b = await make(tmp_path / "b.db", turn("t", "said", details={"a": 1}), turn("x", "first"))
    corrupt(b, "interactions", "details", '{ "a":  1.0 }')
    corrupt(a, "interactions", "details", '{"a":1}')
    assert (await compared(a, b))[0] == []


async def test_the_order_of_a_list_is_a_difference(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", learned("p", sequence=["run", "deploy"]))
    b = await make(tmp_path / "b.db", learned("p", sequence=["deploy", "run"]))
    [found] = (await compared(a, b))[0]
    assert [change.path for change in found.changes] == ["sequence"]


async def test_damage_differs_from_anything_but_the_same_bytes(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("t", "said", details={}))
    b = await make(tmp_path / "b.db", turn("t", "said"))
    corrupt(b, "interactions", "details", '{"cut')
    [found] = (await compared(a, b))[0]
    assert found.changes == (FieldChange(("details",), {}, CUT),)
    corrupt(a, "interactions", "details", '{"cut')
    assert (await compared(a, b))[0] == []


async def test_an_archived_record_is_the_same_record_in_another_place(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("t", "said"))
    b = tmp_path / "b.db"
    shutil.copy(a, b)
    await make(b, lambda store: store.archive_interactions(["t"], "wrong", consolidated_to="p"))
    [found] = (await compared(a, b))[0]
    assert found.moved == "archived"
    changed = {change.path: change.new for change in found.changes}
    assert (changed["archive_reason"], changed["consolidated_to"]) == ("wrong", "p")
    assert found.inverse().moved == "restored"
    assert (await compared(a, b))[1]["interaction"] == KindCount("interaction", 0, 1, 0, 0)


async def test_what_no_id_matches_is_matched_by_name_and_type(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", learned("p1", name="Deploys", confidence=0.5))
    b = await make(tmp_path / "b.db", learned("p9", name="Deploys", confidence=0.9))
    [found] = (await compared(a, b))[0]
    assert (found.matched_by, found.a and found.a.record_id, found.b and found.b.record_id) == (
        "name", "p1", "p9",
    )  # fmt: skip
    assert found.changes == (FieldChange(("confidence",), 0.5, 0.9),)


async def test_a_name_that_several_have_matches_nothing(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", learned("p1", name="Twins"))
    b = await make(
        tmp_path / "b.db", learned("p8", name="Twins"), learned("p9", name="Twins"),
        learned("p7", name="Twins", pattern_type="another"),
    )  # fmt: skip
    counts = (await compared(a, b))[1]["pattern"]
    assert counts == KindCount("pattern", same=0, different=0, only_a=1, only_b=3)


async def test_world_models_differ_by_what_is_believed(tmp_path: Path) -> None:
    def believes(engine: str, at: str) -> Any:
        return lambda store: store.add_world_model_state(
            {"id": "wm", "domain": "infra", "snapshot_time": at,
             "entities": [{"id": "web1"}, {"id": "db", "engine": engine}]}
        )  # fmt: skip

    a = await make(tmp_path / "a.db", believes("mysql", "2026-09-01"))
    b = tmp_path / "b.db"
    shutil.copy(a, b)
    await make(b, believes("postgres", "2026-09-12"))
    state, snapshot = (await compared(a, b, ["snapshot", "world_model_state"]))[0]
    assert state.world is not None
    [entity] = state.world.entities
    assert (entity.key, entity.fields) == ("db", (FieldChange(("engine",), "mysql", "postgres"),))
    assert [change.path for change in state.changes] == ["updated_at"]
    assert (snapshot.kind, snapshot.found) == ("snapshot", "only_b")


async def test_notes_are_compared_by_the_record_that_they_are_on(tmp_path: Path) -> None:
    def note(text: str) -> Any:
        return lambda store: store.set_note("pattern", "p", text=text)

    a = await make(tmp_path / "a.db", learned("p"), note("ask"))
    b = tmp_path / "b.db"
    shutil.copy(a, b)
    await make(b, note("asked"))
    [found] = (await compared(a, b))[0]
    assert [change.path for change in found.changes] == ["text", "updated_at"]
    assert found.changes[0].new == "asked"


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_an_older_file_holds_the_same_as_it_does_once_it_is_brought_up_to_date(
    tmp_path: Path, generation: int
) -> None:
    a, b = tmp_path / "a.db", tmp_path / "b.db"
    legacy.make(a, generation)
    shutil.copy(a, b)
    await make(b)
    found, counts = await compared(a, b)
    assert found == []
    assert counts["interaction"].same


async def test_text_that_is_not_utf_8_is_compared_by_its_bytes(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("t", "said"))
    b = tmp_path / "b.db"
    shutil.copy(a, b)
    for path, raw in ((a, b"\xff"), (b, b"\xfe")):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE interactions SET content = CAST(? AS TEXT)", (raw,))
        connection.close()
    assert (await compared(a, a))[0] == []
    [found] = (await compared(a, b))[0]
    assert found.changes == (FieldChange(("content",), "\udcff", "\udcfe"),)


async def test_only_the_kinds_that_are_asked_for_are_compared(tmp_path: Path) -> None:
    a = await make(tmp_path / "a.db", turn("t", "said"), learned("p"))
    b = await make(tmp_path / "b.db")
    found, counts = await compared(a, b, ["pattern"])
    assert [each.record_id for each in found] == ["p"]
    assert list(counts) == ["pattern"]
    with pytest.raises(ValidationError, match="kind must be one of"):
        await compared(a, b, ["patern"])


def test_what_is_missing_is_not_null() -> None:
    change = FieldChange(("x",), MISSING, None)
    each = Difference("note", "different", None, None, "id", (change,))
    assert each.inverse().changes[0].new is MISSING


async def test_of_two_rows_with_one_id_each_is_a_record(tmp_path: Path) -> None:
    a = await make(legacy.make(tmp_path / "a.db", 2))
    legacy.execute(
        a,
        "DELETE FROM interactions",
        "DELETE FROM complete_interactions",
        "INSERT INTO interactions (interaction_id, timestamp) VALUES ('t', '2026-01-01')",
        "INSERT INTO complete_interactions (interaction_id, session_id, user_query, data,"
        " timestamp) VALUES ('t', 's', 'said', '{}', '2026-01-01')",
    )
    found, counts = await compared(a, a, ["interaction"])
    assert (found, counts["interaction"].same) == ([], 2)
    b = await make(tmp_path / "b.db", turn("t", "said"))
    _, counts = await compared(a, b, ["interaction"])
    assert counts["interaction"] == KindCount("interaction", 0, 1, 1, 0)


async def test_a_comparison_that_is_cancelled_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    a = tmp_path / "a.db"
    async with SQLiteStore(a) as store:
        await store.add_interactions({"content": "x" * 200} for _ in range(5000))
    inside = asyncio.Event()

    async def run() -> None:
        async with SQLiteStore(a, read_only=True) as one:
            async for _ in compare_memories(one, one, progress=lambda _: inside.set()):
                pass

    for pause in (0.0, 0.001, 0.004, 0.02):
        inside.clear()
        task = asyncio.create_task(run())
        await inside.wait()
        assert list(folder.iterdir())
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert list(folder.iterdir()) == []
