"""Cancelled tasks: the outcome is known, nothing is half done, and no lock is left behind."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest

from storage import SQLiteStore, Transaction
from tests.chance import seed_of
from tests.storage import outside
from tests.storage.blocks import add, texts
from tests.storage.cancelling import assert_usable, cancelled

TASKS = 12
# Two rows are never more than this many rows apart from their pair.
RECENT = 400


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        yield store


class PartialReader(threading.Thread):
    """Reads all the time through a connection of its own, and keeps pairs that miss a half."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._ends = threading.Event()
        self.partial: set[str] = set()
        self.looks = 0

    def run(self) -> None:
        with outside.connected(self._path) as connection:
            while not self._ends.is_set():
                first = 0
                if self.looks % 20:
                    last = connection.execute("SELECT max(id) FROM interactions").fetchone()[0]
                    first = (last or 0) - RECENT
                self.partial |= partial_pairs(connection, first)
                self.looks += 1

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self.join()


def partial_pairs(connection: Any, first: int) -> set[str]:
    found = connection.execute(
        "SELECT session_id FROM interactions WHERE session_id IN"
        " (SELECT session_id FROM interactions WHERE id > ?)"
        " GROUP BY session_id HAVING count(*) <> 2",
        (first,),
    )
    return {pair for (pair,) in found.fetchall()}


class Stress:
    """Many transactions, each of which writes a pair of rows and may be cancelled anywhere."""

    def __init__(self, store: SQLiteStore, count: int, seed: int) -> None:
        self._store = store
        self._left = count
        self._seed = seed
        self.known: dict[str, Transaction | None] = {}
        self.ended: Counter[str] = Counter()

    async def run(self) -> None:
        await asyncio.gather(*(self._one_task(number) for number in range(TASKS)))

    async def _one_task(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        while self._left > 0:
            self._left -= 1
            pair = f"pair {self._left}"
            self.known[pair] = None
            how = chance.choice((self._inside, self._by_delay, self._by_timeout))
            ended = await how(pair, chance)
            tx = self.known[pair]
            self.ended[f"{ended}, {'never begun' if tx is None else tx.state}"] += 1

    async def _inside(self, pair: str, chance: random.Random) -> str:
        """Cancel within a transaction that has begun, its commit included."""
        begun = asyncio.Event()
        task = asyncio.create_task(self._write(pair, chance, begun))
        task.add_done_callback(lambda _: begun.set())
        await begun.wait()
        ended = await cancelled(task, ticks=int(chance.expovariate(1 / 60)))
        return "cancelled inside" if ended else "whole"

    async def _by_delay(self, pair: str, chance: random.Random) -> str:
        """Cancel anywhere, mostly while it waits for its turn."""
        task = asyncio.create_task(self._write(pair, chance))
        await asyncio.sleep(chance.uniform(0, 0.05))
        return "cancelled" if await cancelled(task, ticks=0) else "whole"

    async def _by_timeout(self, pair: str, chance: random.Random) -> str:
        try:
            async with asyncio.timeout(chance.uniform(0, 0.05)):
                await self._write(pair, chance)
        except TimeoutError:
            return "timed out"
        return "whole"

    async def _write(
        self, pair: str, chance: random.Random, begun: asyncio.Event | None = None
    ) -> None:
        rows = [{"session_id": pair, "content": half} for half in ("left", "right")]
        async with self._store.transaction() as tx:
            self.known[pair] = tx
            if begun is not None:
                begun.set()
            match chance.randrange(3):
                case 0:
                    await self._store.add_interactions(rows)
                case 1:
                    for row in rows:
                        await self._store.add_interaction(row)
                        await asyncio.sleep(0)
                case _:
                    await self._store.add_interaction(rows[0])
                    async with self._store.transaction():
                        await self._store.add_interaction(rows[1])

    def wrong(self, committed: set[str]) -> list[str]:
        """Return the pairs whose outcome is not what their transaction says."""
        expected = {"never begun": False, "rolled_back": False, "committed": True}
        wrong = []
        for pair, tx in self.known.items():
            state = "never begun" if tx is None else tx.state
            if expected.get(state) is not (pair in committed):
                wrong.append(f"{pair} is {state}, and its rows are there: {pair in committed}")
        return wrong


async def stress(path: Path, count: int) -> None:
    seed = seed_of(1)
    async with SQLiteStore(path) as store:
        run = Stress(store, count, seed)
        with PartialReader(path) as reader:
            await run.run()
        assert_usable(store)
        pairs = Counter(
            each for (each,) in outside.fetch(path, "SELECT session_id FROM interactions")
        )
        print(f"{dict(run.ended)}, {len(pairs)} committed, looked {reader.looks} times")
        assert len(run.known) == count
        assert set(pairs.values()) <= {2}
        assert run.wrong(set(pairs)) == []
        assert reader.partial == set()
        assert len(run.ended) >= 6
        await add(store, "afterwards")
    assert outside.integrity(path) == [("ok",)]
    assert len(outside.fetch(path, "SELECT id FROM interactions")) == 2 * len(pairs) + 1


async def test_the_outcome_of_cancelled_transactions_is_known_and_never_partial(
    tmp_path: Path,
) -> None:
    await stress(tmp_path / "memory.db", 900)


@pytest.mark.slow
async def test_the_outcome_of_20_000_cancelled_transactions_is_known_and_never_partial(
    tmp_path: Path,
) -> None:
    await stress(tmp_path / "memory.db", 20_000)


# One call.


async def test_a_cancelled_call_happens_as_a_whole_or_not_at_all(store: SQLiteStore) -> None:
    await store.add_interactions({"interaction_id": str(i), "content": "old"} for i in range(40))
    outcomes: Counter[int] = Counter()
    for i in range(0, 40, 2):
        work = store.archive_interactions([str(i), str(i + 1)], "manual")
        await cancelled(work, ticks=i // 4)
        outcomes[len(await store.get_archived_interactions(limit=None))] += 1
    assert all(count % 2 == 0 for count in outcomes)
    archived = len(await store.get_archived_interactions(limit=None))
    assert len(await store.get_recent_interactions(None)) == 40 - archived
    assert_usable(store)


async def test_a_call_that_is_cancelled_at_once_does_nothing(store: SQLiteStore) -> None:
    assert await cancelled(add(store, "never"), ticks=0)
    assert await texts(store) == []
    assert_usable(store)


async def test_a_call_that_is_cancelled_while_it_waits_for_its_turn_does_nothing(
    store: SQLiteStore,
) -> None:
    begun = asyncio.Event()

    async def other() -> None:
        await begun.wait()
        await add(store, "never")

    waiting = asyncio.create_task(other())
    async with store.transaction():
        begun.set()
        await asyncio.sleep(0)
        assert await cancelled(waiting, ticks=1)
        await add(store, "one")
    assert await texts(store) == ["one"]
    assert_usable(store)


async def test_a_call_that_is_cancelled_while_another_program_has_the_lock_does_nothing(
    tmp_path: Path,
) -> None:
    async with SQLiteStore(tmp_path / "memory.db", busy_timeout=60) as store:
        with outside.connected(store.path) as agent:
            agent.execute("BEGIN IMMEDIATE")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await add(store, "never")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1), store.transaction():
                    pytest.fail("the lock is not ours")
            agent.execute("ROLLBACK")
        assert_usable(store)
        await add(store, "one")
        assert await texts(store) == ["one"]


async def test_a_long_call_stops_when_it_is_cancelled(store: SQLiteStore) -> None:
    await store.add_interactions({"interaction_id": f"{i:05}"} for i in range(5000))
    ids = [f"{i:05}" for i in range(5000)]
    assert await cancelled(store.archive_interactions(ids, "manual"), ticks=3)
    assert await store.get_archived_interactions() == []
    assert_usable(store)


async def test_a_read_that_is_cancelled_is_interrupted_and_the_next_one_works(
    store: SQLiteStore,
) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await store._database.read(lambda view: view.fetch(endless))
    assert await texts(store) == []
