"""A process that writes to a memory and says on its output what it does, a line at a time.

Run as `python writer_process.py PATH NAME SECONDS`. Each change is told twice: `try` before it
begins, `done` once the call has returned. Both carry the states that the change leaves, record by
record, so that whoever kills the process knows what must be there and what may be.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from storage import SQLiteStore

State = list[Any]
Change = Callable[[list[str], list[str]], Awaitable[None]]


class Writer:
    """Makes changes of every kind to records of its own, and counts in one that all share."""

    def __init__(self, store: SQLiteStore, name: str) -> None:
        self._store = store
        self._name = name
        self._chance = random.Random(f"{name} {time.time_ns()}")
        self._made = 0
        # For each record: whether it is live, and which version it has.
        self._states: dict[str, State] = {}

    async def change(self) -> None:
        """Make one change and tell of it."""
        live = [each for each, (is_live, _) in self._states.items() if is_live]
        archived = [each for each, (is_live, _) in self._states.items() if not is_live]
        choices: list[Change] = [self._add, self._add_many, self._count]
        choices += [self._update, self._archive, self._several] if len(live) > 3 else []
        choices += [self._restore] if archived else []
        await self._chance.choice(choices)(live, archived)

    def _new(self, count: int) -> list[dict[str, Any]]:
        self._made += count
        return [
            {"interaction_id": f"{self._name}-{number}", "metadata": {"version": 0}}
            for number in range(self._made - count, self._made)
        ]

    def _tell(self, word: str, states: dict[str, State]) -> None:
        print(json.dumps({"word": word, "states": states}), flush=True)
        if word == "done":
            self._states |= states

    async def _add(self, _live: list[str], _archived: list[str]) -> None:
        [record] = self._new(1)
        after = {record["interaction_id"]: [True, 0]}
        self._tell("try", after)
        await self._store.add_interaction(record)
        self._tell("done", after)

    async def _add_many(self, _live: list[str], _archived: list[str]) -> None:
        records = self._new(self._chance.choice((2, 20, 200, 1200)))
        after: dict[str, State] = {each["interaction_id"]: [True, 0] for each in records}
        self._tell("try", after)
        await self._store.add_interactions(records)
        self._tell("done", after)

    async def _update(self, live: list[str], _archived: list[str]) -> None:
        record = self._chance.choice(live)
        after = {record: [True, self._states[record][1] + 1]}
        self._tell("try", after)
        await self._store.update_interaction(record, metadata={"version": after[record][1]})
        self._tell("done", after)

    async def _archive(self, live: list[str], _archived: list[str]) -> None:
        chosen = self._chance.sample(live, self._chance.randint(1, min(len(live), 300)))
        after = {each: [False, self._states[each][1]] for each in chosen}
        self._tell("try", after)
        await self._store.archive_interactions(chosen, "consolidated_to_working")
        self._tell("done", after)

    async def _restore(self, _live: list[str], archived: list[str]) -> None:
        chosen = self._chance.sample(archived, self._chance.randint(1, min(len(archived), 300)))
        after = {each: [True, self._states[each][1]] for each in chosen}
        self._tell("try", after)
        await self._store.restore_interactions(chosen)
        self._tell("done", after)

    async def _several(self, live: list[str], _archived: list[str]) -> None:
        """Add, update and archive in one transaction of several steps."""
        [record] = self._new(1)
        changed, gone = self._chance.sample(live, 2)
        after: dict[str, State] = {
            record["interaction_id"]: [True, 0],
            changed: [True, self._states[changed][1] + 1],
            gone: [False, self._states[gone][1]],
        }
        self._tell("try", after)
        async with self._store.transaction():
            await self._store.add_interaction(record)
            await self._store.update_interaction(changed, metadata={"version": after[changed][1]})
            await asyncio.sleep(0)
            await self._store.archive_interactions([gone], "promoted_to_semantic")
        self._tell("done", after)

    async def _count(self, _live: list[str], _archived: list[str]) -> None:
        """Read and write what every process counts in, in one transaction."""
        async with self._store.transaction():
            counter = await self._store.get_pattern("counter")
            if counter is None:
                await self._store.add_pattern({"id": "counter", "frequency": 1})
            else:
                await self._store.update_pattern("counter", frequency=counter["frequency"] + 1)
        print(json.dumps({"word": "counted"}), flush=True)


async def main(path: str, name: str, seconds: float) -> None:
    """Write for some seconds."""
    async with SQLiteStore(path, busy_timeout=30) as store:
        print(json.dumps({"word": "ready"}), flush=True)
        writer, longest = Writer(store, name), 0.0
        now = time.monotonic()
        end = now + seconds
        while now < end:
            begun = now
            await writer.change()
            now = time.monotonic()
            longest = max(longest, now - begun)
        print(json.dumps({"word": "longest", "seconds": longest}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
