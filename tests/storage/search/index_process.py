"""A second process at a searched memory, which says on its output what it does, a line at a time.

Run as `python index_process.py build PATH` to build the index until somebody kills it, or as
`python index_process.py write PATH NUMBER SECONDS` to change records and follow them. What is
told then is a word that has come (`there`) or that is nowhere any more (`gone`).
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from storage import HybridStore
from tests.storage import outside


async def build(path: str) -> None:
    """Build the index and tell how far it is."""
    async with HybridStore(path) as store:
        while True:
            status = await store.index_status()
            print(status.state, status.done, flush=True)
            await asyncio.sleep(0.01)


class Writer:
    """Changes records of its own in every way, through the store and past it."""

    def __init__(self, store: HybridStore, number: int) -> None:
        self._store = store
        self._chance = random.Random(number)
        self._next = number * 10_000
        self._words: dict[str, str] = {}

    def _new(self) -> str:
        self._next += 1
        return f"zz{self._next}k"

    def _tell(self, record: str, word: str | None) -> None:
        before = self._words.pop(record, None)
        if before is not None and before != word:
            print("gone", before, flush=True)
        if word is not None:
            self._words[record] = word
            print("there", word, flush=True)

    async def change(self) -> None:
        """Make one change and tell of it."""
        if len(self._words) < 5:
            [record] = await self._store.add_interactions([{"content": (word := self._new())}])
            self._tell(record, word)
            return
        record = self._chance.choice(sorted(self._words))
        choice = self._chance.randrange(5)
        if choice == 0:
            word = self._new()
            await self._store.update_interaction(record, content=f"now {word}")
            self._tell(record, word)
        elif choice == 1:
            await self._store.archive_interactions([record], "manual")
            await self._store.restore_interactions([record])
        elif choice == 2:
            word = self._new()
            self._past("UPDATE interactions SET content = ? WHERE interaction_id = ?", word, record)
            self._tell(record, word)
        elif choice == 3:
            self._past("DELETE FROM interactions WHERE interaction_id = ?", record)
            self._tell(record, None)
        else:
            await self._store.add_pattern({"description": self._new()})

    def _past(self, sql: str, *values: str) -> None:
        with outside.connected(Path(self._store.path)) as connection:
            connection.execute(sql, values)


async def write(path: str, number: int, seconds: float) -> None:
    """Change records for some seconds, then say what the own index lacks."""
    async with HybridStore(path, busy_timeout=30) as store:
        writer, end = Writer(store, number), time.monotonic() + seconds
        while time.monotonic() < end:
            await writer.change()
        print("missing", (await store.wait_for_index()).missing, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        asyncio.run(build(sys.argv[2]))
    else:
        asyncio.run(write(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
