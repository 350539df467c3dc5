"""A process that opens a memory, forks, and uses what is open in the child.

Run as `python forking.py await PATH` or `python forking.py running PATH`; the child says what it is
told, and the parent goes on with the store.
"""

from __future__ import annotations

import asyncio
import os
import sys
import warnings
from pathlib import Path

from storage import SQLiteStore, StorageError
from storage.adapters import running
from storage.adapters.home import wait_for

# That a process with threads is forked is what this is about.
warnings.simplefilter("ignore", DeprecationWarning)


def _wait_for_child(child: int) -> None:
    os.waitpid(child, 0)


async def in_a_loop(path: Path) -> None:
    """Fork inside the event loop of a store."""
    async with SQLiteStore(path) as store:
        child = os.fork()
        if not child:
            try:
                await store.add_interaction({"content": "from the child"})
            except StorageError as error:
                print(error, flush=True)
            os._exit(0)
        _wait_for_child(child)
        await store.add_interaction({"content": "from the parent"})


def without_a_loop(path: Path) -> None:
    """Fork beside the event loop of a store."""
    with running(SQLiteStore(path)) as store:
        child = os.fork()
        if child:
            _wait_for_child(child)
        # The child leaves the block with its error.
        wait_for(store, lambda: store.add_interaction({"content": "from the parent"}))


if __name__ == "__main__":
    mode, place = sys.argv[1:]
    if mode == "await":
        asyncio.run(in_a_loop(Path(place)))
    else:
        try:
            without_a_loop(Path(place))
        except StorageError as error:
            print(error, flush=True)
