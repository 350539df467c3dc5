"""The event loop that a store lives in, for callers that are in another loop or in none.

A store belongs to the loop that it was opened in. Frameworks call from wherever they are: an Agents
SDK `run_sync` from a loop of its own, a LangGraph graph from threads without any.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from storage.errors import StoreClosedError

if TYPE_CHECKING:
    from storage.sqlite_store import SQLiteStore

T = TypeVar("T")
S = TypeVar("S", bound="SQLiteStore")
Work = Callable[[], Coroutine[Any, Any, T]]


async def at_home(store: SQLiteStore, work: Work[T]) -> T:
    """Do something with a store, from whatever loop: in this task where it is the store's own.

    Raises:
        StoreClosedError: The store is not open, or its loop has ended.
    """
    loop = _loop_of(store)
    if asyncio.get_running_loop() is loop:
        return await work()
    return await asyncio.wrap_future(_sent(loop, work))


def wait_for(store: SQLiteStore, work: Work[T]) -> T:
    """Do something with a store and wait for it, from a thread that is not the store's own.

    Raises:
        StoreClosedError: The store is not open, or its loop has ended.
        InvalidStateError: This is the store's own thread, which would wait for itself.
    """
    loop = _loop_of(store)
    try:
        is_home = asyncio.get_running_loop() is loop
    except RuntimeError:
        is_home = False
    if is_home:
        raise asyncio.InvalidStateError(
            "This would keep the event loop from what it waits for: await the method whose name"
            " begins with `a` instead."
        )
    return _sent(loop, work).result()


def _loop_of(store: SQLiteStore) -> asyncio.AbstractEventLoop:
    store.database.refuse_fork()
    loop = store.loop
    if loop is None:
        raise StoreClosedError(f"{store.path}: the store is not open.")
    if not loop.is_running():
        raise StoreClosedError(
            f"{store.path}: the event loop that the store was opened in is not running; in a"
            " program without one, open the store with `storage.adapters.running()`."
        )
    return loop


def _sent(loop: asyncio.AbstractEventLoop, work: Work[T]) -> Future[T]:
    return asyncio.run_coroutine_threadsafe(work(), loop)


@contextmanager
def running(store: S) -> Iterator[S]:
    """Open a store in a loop and a thread of its own, for programs that have no loop.

    Args:
        store: The store, not opened yet.

    Yields:
        The store, open until the block ends.

    Raises:
        StorageError: As for `store.initialize()`.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="memglass", daemon=True)
    thread.start()
    process = os.getpid()
    try:
        _sent(loop, store.initialize).result()
        try:
            yield store
        finally:
            # In a fork that ends here there is nobody who would close it.
            if os.getpid() == process:
                _sent(loop, store.close).result()
    finally:
        if os.getpid() == process:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
