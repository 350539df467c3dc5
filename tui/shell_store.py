"""Opening a memory for a command that changes it, or says what it would change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.cli import fail
from tui.shell import quoted, say

if TYPE_CHECKING:
    from storage import SQLiteStore

ACTOR: Final = "shell"
"""Who makes the changes, as the journal has it."""

_LINE: Final = 2000


@asynccontextmanager
async def opened_to_change(file: Path, *, migrate: bool | None) -> AsyncIterator[SQLiteStore]:
    """Open a memory to change it.

    Args:
        file: The database.
        migrate: Whether an older file may be brought up to date; None where the command cannot be
            told that it may.

    Raises:
        SystemExit: It would have to be brought up to date first; a sentence says so.
        StorageError: It cannot be opened.
    """
    from storage import MigrationRequiredError, SQLiteStore

    store = SQLiteStore(file, migrate=bool(migrate), actor=ACTOR)
    try:
        await store.initialize()
    except MigrationRequiredError:
        way = "--migrate brings it up to date, and makes a backup first."
        if migrate is None:
            way = f"memglass {quoted(file)} asks before it brings it up to date."
        fail(f"{file} has an older schema, in which changes cannot be taken back; {way}")
    try:
        if store.backup is not None:
            say(f"{file} was brought up to date; as it was: {store.backup}")
        yield store
    finally:
        await _to_the_end(store.close())


async def _to_the_end(closing: Coroutine[Any, Any, None]) -> None:
    """Wait, also where Ctrl+C comes meanwhile: what was done is done, and has to be told."""
    import asyncio

    task = asyncio.create_task(closing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task


@asynccontextmanager
async def opened_to_read(file: Path) -> AsyncIterator[SQLiteStore]:
    """Open a memory of any age without changing a byte of it.

    Raises:
        StorageError: It cannot be opened.
    """
    from storage import SQLiteStore

    async with SQLiteStore(file, read_only=True) as store:
        yield store


def undo_line(file: Path, transaction_id: str) -> str:
    """Say what to type to take a change back."""
    return f"Take it back with: memglass undo {quoted(file)} {transaction_id}"


@contextmanager
def done_anyway(file: Path, transaction_id: str | None) -> Iterator[None]:
    """Say how a change is taken back also where its answer cannot be written, as to a full disk.

    Args:
        file: The memory.
        transaction_id: What made the change; None where nothing was changed.
    """
    try:
        yield
    except OSError:
        if transaction_id:
            say(f"The answer cannot be written, but it was done. {undo_line(file, transaction_id)}")
        raise


def write_moved(file: Path, done: str, lines: Sequence[str], transaction_id: str | None) -> None:
    """Write which records were moved, how many, and how that is taken back.

    Args:
        file: The memory.
        done: What was done, or would be.
        lines: What each record is.
        transaction_id: What did it; None where nothing was changed.
    """
    from tui.text import safe_text

    with done_anyway(file, transaction_id):
        for line in lines:
            click.echo(safe_text(line, _LINE))
    say(f"{done}." if transaction_id else f"{done}; nothing was changed.")
    if transaction_id:
        say(undo_line(file, transaction_id))
