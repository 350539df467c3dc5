"""Where the demo memory is, and making it: whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tui.places import data_folder

_PARTS: Final = ("", "-wal", "-shm")


def demo_file(path: Path | None, *, fresh: bool, say: Callable[[str], None]) -> Path:
    """Give the demo memory, and make it where it is not there yet.

    Args:
        path: Where it is to be; in the folder for this user's data if None.
        fresh: Make it anew; the old one is kept beside it.
        say: Tells the person what is being done.

    Raises:
        OSError: It could not be written, or something else stands there.
    """
    file = path or data_folder() / "demo.db"
    if path is not None:
        _refuse_others(path)
    if file.exists() and not fresh:
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    say(f"Making the demo memory {file}, which takes a few seconds.")
    making = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        asyncio.run(_create(making))
        # A memory is for its owner's eyes, and this one is to be looked at as if it were one.
        making.chmod(0o600)
        _keep(file)
        making.rename(file)
    finally:
        for rest in _PARTS:
            Path(f"{making}{rest}").unlink(missing_ok=True)
    return file


def _refuse_others(file: Path) -> None:
    """Refuse what is no demo memory, which would be taken for one, or put aside for one.

    Raises:
        FileExistsError: Something else stands there.
    """
    from tui.export import belongs_to_database

    if belongs_to_database(file):
        raise FileExistsError(f"{file} belongs to a database; choose another place")
    if file.exists() and not asyncio.run(_is_demo(file)):
        raise FileExistsError(f"{file} is there and is no demo memory; choose another place")


async def _is_demo(file: Path) -> bool:
    from storage import SQLiteStore, StorageError
    from tui.demo.build import FIRST_CHANGE

    try:
        async with SQLiteStore(file, read_only=True) as store:
            numbers = await store.history.list_transactions()
            [first] = await store.history.get_transactions(numbers[-1:]) or [None]
    except StorageError:
        return False
    return first is not None and (first["actor"], first["note"]) == FIRST_CHANGE


async def _create(path: Path) -> None:
    from tui.demo import create_demo

    await create_demo(path)


def _keep(file: Path) -> None:
    """Put what was there aside, with what somebody changed in it.

    A `-wal` without its file, too: SQLite would read it into the new one.
    """
    number = 1
    while any(Path(f"{file}.old-{number}{rest}").exists() for rest in _PARTS):
        number += 1
    for rest in _PARTS:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{file}{rest}").rename(f"{file}.old-{number}{rest}")
