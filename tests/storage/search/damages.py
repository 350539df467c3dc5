"""A memory whose index is damaged or lacks something, in a process that may well end of it.

Run as `python damages.py without MODULE PATH`, `as-nobody PATH CACHE OTHER`, `tables PATH` or
`flip PATH FIRST COUNT`.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import HybridStore, driver
from tests.storage.search.asking import found


async def fill(path: Path, *, is_indexed: bool = True) -> None:
    """Make a memory of each kind of record, with the words `zz0k` to `zz59k` in its turns."""
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {
                "interaction_id": f"turn-{n}",
                "content": f"the zebra said zz{n}k",
                "session_id": f"s{n % 3}",
            }
            for n in range(60)
        )
        await store.add_patterns({"description": f"zebras like number {n}"} for n in range(10))
        entities = {f"zebra {n}": {"is": "striped"} for n in range(5)}
        await store.add_world_model_state(
            {"domain": "animals", "entities": entities, "confidence": 0.5}
        )
        await store.archive_interactions(["turn-50", "turn-51"], "manual")
        if is_indexed:
            assert (await store.wait_for_index()).missing == ()


async def without(module: str, path: Path) -> None:
    """Search without a module."""
    sys.modules[module] = None  # type: ignore[assignment]
    async with HybridStore(path, follow=False) as store:
        await store.add_interaction({"interaction_id": "new", "content": "they said new zz77k"})
        status = await store.wait_for_index()
        print(*status.missing)
        print(status.embedder, status.state)
        for word in ("zz3k", "zz77k"):
            print(*await found(store, word))
        [first, *_] = await store.search("zz3k", by="meaning")
        print(first.record_id, first.why.by)


async def as_nobody(path: Path, cache: Path, other: Path) -> None:
    """Search as a user who may write to no folder but one."""
    # Python itself may lie where only root reads: all that is needed is loaded by a first search.
    async with HybridStore(other) as store:
        await store.wait_for_index()
        await store.search("zebra")
    os.environ["XDG_CACHE_HOME"] = os.environ["HOME"] = str(cache)
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    async with HybridStore(path, read_only=True, follow=False) as store:
        status = await store.wait_for_index()
        print(*status.missing)
        print(status.state)
        print(*await found(store, "zz3k"))


@contextmanager
def copied(path: Path) -> Iterator[Path]:
    """Put back the index that there was, and give it to be damaged."""
    index = Path(f"{path}.index")
    good = Path(f"{index}.good")
    if not good.exists():
        shutil.copyfile(index, good)
    for suffix in ("-wal", "-shm"):
        Path(f"{index}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(good, index)
    yield index


def drop(index: Path, name: str) -> None:
    """Drop a table of an index, as far as SQLite goes along, without any of its helpers."""
    connection = driver.connect(f"{index.as_uri()}?mode=rw", busy_ms=0)
    try:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = ? OR tbl_name = ?", (name, name))
    finally:
        connection.close()


async def tables(path: Path) -> None:
    """Drop each table once, before the index is opened and while it is open."""
    with copied(path) as index:
        connection = driver.connect(f"{index.as_uri()}?mode=ro", busy_ms=0)
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        connection.close()
    for (name,) in names:
        with copied(path) as index:
            drop(index, name)
            async with HybridStore(path, follow=False) as store:
                await ask(store)
                status = await store.wait_for_index()
                assert await found(store, "zz3k") == {"turn-3"}
                await ask(store)
                print(name, "before", status.state, status.missing, flush=True)
        with copied(path) as index:
            async with HybridStore(path, follow=False) as store:
                await store.wait_for_index()
                drop(index, name)
                await ask(store)
                await store.add_interaction({"content": f"after {name}"})
                await store.wait_for_index()
                await ask(store)
            async with HybridStore(path, follow=False) as store:
                status = await store.wait_for_index()
                assert await found(store, "zz3k") == {"turn-3"}
                await ask(store)
                print(name, "open", status.state, status.missing, flush=True)


async def ask(store: HybridStore) -> None:
    """Search in every way, and find nothing that is not there."""
    assert await found(store, "zz3k") <= {"turn-3"}
    await store.search("striped animals")
    await store.search("striped animals", by="meaning")
    await store.typeahead("ze")
    await store.search_similar("turn-3")
    await store.search("zebra -number kind:pattern archived:no")


def flip(content: bytearray, chance: random.Random) -> None:
    """Change some bytes, and perhaps cut the end off."""
    for _ in range(chance.choice([1, 3, 10, 50, 300])):
        at, size = chance.randrange(len(content)), chance.choice([1, 1, 4, 50])
        for place in range(at, min(at + size, len(content))):
            content[place] = chance.choice([0, 255, chance.randrange(256)])
    if chance.random() < 0.2:
        del content[chance.randrange(len(content)) :]


async def flips(path: Path, first: int, count: int) -> None:
    """Change bytes at random and search, again and again."""
    # A vector may be NaN by then.
    warnings.simplefilter("ignore", RuntimeWarning)
    for seed in range(first, first + count):
        print(seed, flush=True)
        with copied(path) as index:
            content = bytearray(index.read_bytes())
            flip(content, random.Random(seed))
            index.write_bytes(content)
            async with HybridStore(path, follow=False) as store:
                await store.search("striped animals")
                await store.typeahead("ze")
                await store.add_interaction({"content": f"new zz{seed + 1000}k"})
                status = await store.wait_for_index()
                assert (status.state, status.missing) == ("ready", ())
                await store.search("striped animals", by="meaning")
                await store.find_duplicates("pattern")
                assert await found(store, f"zz{seed + 1000}k")
    print(count, "answered")


if __name__ == "__main__":
    if sys.argv[1] == "without":
        asyncio.run(without(sys.argv[2], Path(sys.argv[3])))
    elif sys.argv[1] == "as-nobody":
        asyncio.run(as_nobody(*map(Path, sys.argv[2:5])))
    elif sys.argv[1] == "tables":
        asyncio.run(tables(Path(sys.argv[2])))
    else:
        asyncio.run(flips(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
