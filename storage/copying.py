"""Copying a database whole: what is committed, private to this user, there entirely or not at all.

SQLite's backup API also copies damaged files, which `VACUUM INTO` refuses.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from storage import driver, inspection, whole_files
from storage.connection import ReadOnlyFile, finish, left_behind
from storage.errors import FileError, StorageError
from storage.migration import copy_into, sync_folder

_PAGES_AT_ONCE: Final = 4096


class _StoppedError(Exception):
    """The task that waits for the copy was cancelled."""


async def copy_memory(path: str | os.PathLike[str], target: str | os.PathLike[str]) -> int:
    """Copy a database as it is committed now, mode 0600; the copy appears whole or not at all.

    The database may be in use. Cancelled, it leaves nothing behind.

    Args:
        path: The database. It is only read.
        target: Where the copy is to be.

    Returns:
        The bytes of the copy.

    Raises:
        FileError: Something stands at `target`, or a journal beside it; or it cannot be written, or
            `path` is no database.
        StorageError: The copy could not be made.
    """
    source, place = Path(path), Path(target)
    inspection.check_file(source, read_only=True)
    stopped = threading.Event()

    def tell(*_: int) -> None:
        if stopped.is_set():
            raise _StoppedError

    copying = asyncio.ensure_future(asyncio.to_thread(_copy, source, place, tell))
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        stopped.set()
        await finish(asyncio.gather(copying, return_exceptions=True))
        raise


def _copy(source: Path, place: Path, tell: Callable[[int, int, int], None]) -> int:
    if os.path.lexists(place):
        raise FileError(f"{place} exists already and is not written over; name another place.")
    if not place.parent.is_dir():
        raise FileError(f"There is no folder {place.parent}; make it first, or name another.")
    if journal := left_behind(place):
        raise FileError(
            f"{journal} holds data of a database that is gone, which would get into the copy; move"
            " it to a safe place, or name another place for the copy."
        )
    if owner := inspection.owner_of(place):
        raise FileError(
            f"{place} has the name of a journal of {owner}, with which SQLite would delete it; name"
            " another place."
        )
    whole_files.clear(place.parent)
    file = ReadOnlyFile(source)
    beside: Path | None = None
    try:
        descriptor, beside = whole_files.begin(place)
        os.close(descriptor)
        copy_into(file.uri, beside, pages=_PAGES_AT_ONCE, tell=tell)
        size = beside.stat().st_size
        whole_files.put(beside, place)
        sync_folder(place.parent)
    except FileExistsError as error:
        raise FileError(f"{place} exists already and is not written over.") from error
    except OSError as error:
        raise FileError(
            f"{place} could not be written ({error.strerror}); nothing was left behind."
        ) from error
    except driver.Error as error:
        raise StorageError(
            f"{source} could not be copied ({error}); nothing was left behind."
        ) from error
    finally:
        file.close()
        if beside is not None:
            beside.unlink(missing_ok=True)
    return size
