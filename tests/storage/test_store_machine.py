"""Any sequence of changes, in transactions or not, leaves what a plain-Python model says."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage import SQLiteStore, StorageError, TransactionError, UndoConflictError
from tests.chance import examples, seed_of
from tests.storage import outside
from tests.storage.blocks import BlockError
from tests.storage.memory_model import Kind, Memory, Row, Shelved
from tests.storage.owner import Owner, Work

T = TypeVar("T")

DEEPEST = 4
KINDS: tuple[Kind, ...] = ("interactions", "patterns")

kinds = st.sampled_from(KINDS)
NAMES = [f"r{number}" for number in range(12)]
names = st.sampled_from(NAMES)
reasons = st.sampled_from(["consolidated_to_working", "manual", "wrong"])
texts = st.text("ab\0é\U0001f642{", max_size=3)
documents = st.dictionaries(st.sampled_from("xyz"), st.integers(-9, 9) | texts, max_size=2)
moments = st.sampled_from([f"2025-01-0{day}T00:00:00.000000+00:00" for day in range(1, 5)])
confidences = st.sampled_from([0.0, 0.25, 0.5, 1.0])

CHANGES: dict[Kind, dict[str, st.SearchStrategy[Any]]] = {
    "interactions": {
        "timestamp": moments,
        "session_id": texts | st.none(),
        "action": texts,
        "role": texts,
        "content": texts,
        "file_path": st.none() | texts,
        "details": documents,
    },
    "patterns": {
        "name": texts,
        "description": texts | st.none(),
        "pattern_type": texts,
        "sequence": st.lists(texts, max_size=2),
        "frequency": st.integers(0, 9),
        "confidence": confidences,
        "created_at": moments,
        "last_seen": moments,
    },
}


@dataclass(frozen=True)
class Outcome:
    """What a call returned, or which error it raised, and of which record that speaks."""

    value: object = None
    error: tuple[type[StorageError], str | None] | None = None


def _outcome(work: Callable[[], object]) -> Outcome:
    try:
        return Outcome(work())
    except UndoConflictError as error:
        return Outcome(error=(type(error), error.record_id))
    except StorageError as error:
        return Outcome(error=(type(error), None))


class StoreMachine(RuleBasedStateMachine):
    """Drives a store on a real file and a model side by side."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._loop = asyncio.new_event_loop()
        self._path = Path(self._folder.name) / "memory.db"
        self._store = SQLiteStore(self._path)
        self._run(self._store.initialize())
        self._owner = self._run(Owner.start())
        # What is committed, what the open transaction sees, and what each block began with.
        self._committed = self._memory = Memory()
        self._blocks: list[tuple[Any, Memory]] = []
        self._transaction: str | None = None
        self._lives = 0

    def _run(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(asyncio.wait_for(work, 60))

    def _do(self, work: Work[T]) -> T:
        StoreMachine.steps += 1
        return self._run(self._owner.do(work))

    def _change(self, work: Work[T], model: Callable[[Memory, str], object]) -> None:
        """Let both change; they must agree about the outcome, and about the error."""
        memory, name = self._memory.copy(), self._transaction or "its own"
        expected = _outcome(lambda: model(memory, name))
        outcome = _outcome(lambda: self._do(work))
        assert outcome.error == expected.error
        if outcome.error is not None:
            return
        if expected.value is not None:
            assert outcome.value == expected.value
        self._memory = self._named(memory)
        if not self._blocks:
            self._committed = self._memory

    def _named(self, memory: Memory) -> Memory:
        """Give changes outside a block the id of the transaction that the store made for them."""
        count = len(memory.journal) - len(self._memory.journal)
        if self._transaction is None and count:
            entries = self._run(self._store.get_journal(count))
            [made] = {each["transaction_id"] for each in entries}
            assert made not in {each.transaction for each in self._memory.journal}
            memory.journal[-count:] = [
                replace(each, transaction=made) for each in memory.journal[-count:]
            ]
        return memory

    @initialize(data=st.data())
    def start(self, data: st.DataObject) -> None:
        """Begin with a few records, so that there is something to change."""
        rows = [self._new("interactions", name, data) for name in NAMES[:4]]
        self._change(
            lambda: self._store.add_interactions(rows),
            lambda memory, tx: memory.add(tx, "interactions", rows),
        )
        patterns = [self._new("patterns", name, data) for name in NAMES[:4]]
        self._change(
            lambda: self._store.add_patterns(patterns),
            lambda memory, tx: memory.add(tx, "patterns", patterns),
        )

    # Blocks.

    @precondition(lambda self: len(self._blocks) < DEEPEST)
    @rule()
    def begin(self) -> None:
        block = self._store.transaction()
        tx = self._do(block.__aenter__)
        assert self._transaction in (None, tx.id)
        self._transaction = tx.id
        self._blocks.append((block, self._memory))

    @precondition(lambda self: self._blocks)
    @rule()
    def leave(self) -> None:
        block, _ = self._blocks.pop()
        self._do(lambda: block.__aexit__(None, None, None))
        self._left()

    @precondition(lambda self: self._blocks)
    @rule()
    def fail(self) -> None:
        block, self._memory = self._blocks.pop()
        error = BlockError()
        self._do(lambda: block.__aexit__(BlockError, error, None))
        self._left()

    def _left(self) -> None:
        if not self._blocks:
            self._committed, self._transaction = self._memory, None

    # Changes.

    @rule(kind=kinds, data=st.data())
    def add(self, kind: Kind, data: st.DataObject) -> None:
        rows = [self._new(kind, name, data) for name in self._some(data, self._free(kind))]
        add = self._store.add_interactions if kind == "interactions" else self._store.add_patterns
        self._change(lambda: add(rows), lambda memory, tx: memory.add(tx, kind, rows))

    @rule(kind=kinds, data=st.data())
    def add_one(self, kind: Kind, data: st.DataObject) -> None:
        row = self._new(kind, self._one(data, self._free(kind)), data)
        add = self._store.add_interaction if kind == "interactions" else self._store.add_pattern
        self._change(lambda: add(row), lambda memory, tx: memory.add(tx, kind, [row]))

    def _free(self, kind: Kind) -> list[str]:
        return [each for each in NAMES if each not in self._memory.live[kind]]

    def _one(self, data: st.DataObject, likely: list[str]) -> str:
        """Draw a name that makes sense, or now and then any."""
        return data.draw(st.sampled_from(likely * 3 + NAMES[:2]))

    def _some(self, data: st.DataObject, likely: list[str]) -> list[str]:
        """Draw several; none twice, except now and then."""
        one = st.sampled_from(likely * 5 + NAMES[:1])
        return data.draw(st.lists(one, max_size=4, unique=data.draw(st.integers(0, 5)) > 0))

    def _new(self, kind: Kind, name: str, data: st.DataObject) -> Row:
        self._lives += 1
        key = {"interaction_id": name} if kind == "interactions" else {"id": name}
        drawn = {field: data.draw(strategy) for field, strategy in CHANGES[kind].items()}
        return {**key, **drawn, "metadata": {"life": self._lives}}

    @rule(kind=kinds, data=st.data())
    def update(self, kind: Kind, data: st.DataObject) -> None:
        name = self._one(data, sorted(self._memory.live[kind]))
        fields = data.draw(st.sets(st.sampled_from(sorted(CHANGES[kind])), min_size=1, max_size=3))
        changes = {field: data.draw(CHANGES[kind][field]) for field in sorted(fields)}
        store = self._store
        update = store.update_interaction if kind == "interactions" else store.update_pattern
        self._change(
            lambda: update(name, **changes),
            lambda memory, tx: memory.update(tx, kind, name, changes),
        )

    @rule(kind=kinds, data=st.data(), reason=reasons, into=st.none() | names)
    def archive(self, kind: Kind, data: st.DataObject, reason: str, into: str | None) -> None:
        ids = self._some(data, sorted(self._memory.live[kind]))
        store = self._store
        archive = store.archive_interactions if kind == "interactions" else store.archive_patterns
        self._change(
            lambda: archive(ids, reason, into),
            lambda memory, tx: memory.shelve(tx, kind, ids, reason, into),
        )

    @precondition(lambda self: any(self._memory.archive.values()))
    @rule(kind=kinds, data=st.data())
    def restore(self, kind: Kind, data: st.DataObject) -> None:
        archived = {each.record_id for each in self._memory.shelf(kind)}
        ids = self._some(data, sorted(archived - self._memory.live[kind].keys()))
        store = self._store
        restore = store.restore_interactions if kind == "interactions" else store.restore_patterns
        self._change(lambda: restore(ids), lambda memory, tx: memory.restore(tx, kind, ids))

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Undo one of the last transactions; undoing an undo comes by itself."""
        known = list(dict.fromkeys(each.transaction for each in reversed(self._memory.journal)))
        undone = data.draw(st.sampled_from([*known[:6], "unknown"]))
        self._change(lambda: self._store.undo(undone), lambda memory, tx: memory.undo(tx, undone))

    # What changes nothing.

    @precondition(lambda self: self._blocks)
    @rule(name=names)
    def cancel(self, name: str) -> None:
        """A step that is cancelled is taken back, whether or not its thread had done it."""

        async def work() -> None:
            with pytest.raises(TimeoutError):  # noqa: PT012 - the block is what is tested
                async with asyncio.timeout(0):
                    await self._store.archive_interactions([name], "never")
                    await self._store.add_interaction({"interaction_id": "never"})

        self._do(work)

    @precondition(lambda self: self._blocks)
    @rule()
    def ask_in_a_child(self) -> None:
        async def work() -> None:
            with pytest.raises(TransactionError):
                await asyncio.gather(self._store.add_interaction({"interaction_id": "never"}))

        self._do(work)

    @precondition(lambda self: not self._blocks)
    @rule()
    def open_again(self) -> None:
        self._run(self._store.close())
        self._run(self._store.initialize())

    @precondition(lambda self: not self._blocks)
    @rule()
    def vacuum(self) -> None:
        self._do(self._store.vacuum_database)

    # What must hold at any time.

    @invariant()
    def the_owner_sees_its_own_changes(self) -> None:
        if self._blocks:
            self._run(self._owner.do(lambda: _check(self._store, self._memory)))

    @invariant()
    def everybody_else_sees_what_is_committed(self) -> None:
        self._run(_check(self._store, self._committed))

    @invariant()
    def every_life_stands_in_one_place(self) -> None:
        with outside.connected(self._path) as connection:
            [(made,)] = connection.execute(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'interactions'"
            ).fetchall() or [(0,)]
            numbers = connection.execute(
                "SELECT id FROM interactions UNION ALL"
                " SELECT CAST(original_id AS INTEGER) FROM archived_interactions ORDER BY 1"
            ).fetchall()
            lives = connection.execute(
                "SELECT json_extract(metadata, '$.life') FROM patterns UNION ALL"
                " SELECT json_extract(json_extract(data, '$.metadata'), '$.life')"
                " FROM archived_patterns"
            ).fetchall()
        assert [number for (number,) in numbers] == list(range(1, made + 1))
        assert len(lives) == len(set(lives))

    def teardown(self) -> None:
        while self._blocks:
            self.fail()
        self.everybody_else_sees_what_is_committed()
        self._run(self._owner.end())
        self._run(self._store.close())
        assert outside.integrity(self._path) == [("ok",)]
        self._loop.close()
        self._folder.cleanup()


async def _check(store: SQLiteStore, memory: Memory) -> None:
    """Compare every list of the store with the model."""
    assert await store.get_recent_interactions(None) == memory.interactions()
    assert await store.get_patterns() == memory.patterns()
    archived = await store.get_archived_interactions(limit=None)
    assert [_shelved(each, "consolidated_to") for each in archived] == memory.shelf("interactions")
    archived = await store.get_archived_patterns(limit=None)
    assert [_shelved(each, "promoted_to") for each in archived] == memory.shelf("patterns")
    assert [
        (each["transaction_id"], each["operation"], each["table_name"], tuple(each["record_ids"]))
        for each in await store.get_journal(None)
    ] == [
        (each.transaction, each.operation, each.kind, each.ids) for each in reversed(memory.journal)
    ]


def _shelved(archived: Any, target: str) -> Shelved:
    record_id = archived["interaction_id" if target == "consolidated_to" else "original_id"]
    return Shelved(
        archived["id"], record_id, archived["archive_reason"], archived[target], archived["record"]
    )


def run_machine(runs: int, usual: int = 1) -> None:
    run_state_machine_as_test(
        seed(seed_of(usual))(StoreMachine),
        settings=settings(
            max_examples=runs,
            stateful_step_count=50,
            deadline=None,
            database=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_of_changes_leaves_what_the_model_says() -> None:
    run_machine(examples(10))


@pytest.mark.slow
def test_50_000_changes_leave_what_the_model_says() -> None:
    StoreMachine.steps = 0
    while StoreMachine.steps < 50_000:
        run_machine(200, StoreMachine.steps)
        print(f"{StoreMachine.steps} steps")
