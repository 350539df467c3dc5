"""What a file is, found out without writing to it."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from storage import driver
from storage.connection import ReadOnlyFile, holds_bytes, left_behind
from storage.errors import (
    CorruptDatabaseError,
    FileError,
    NotADatabaseError,
    UnwritableError,
)
from storage.layout import Layout
from storage.migration import file_version
from storage.rows import quote
from storage.schema import SCHEMA_VERSION
from storage.schema_plan import plan

Format = Literal["memglass", "bicamrl", "empty", "other"]

log = logging.getLogger("storage")

# A database is a whole number of pages, of 512 bytes at least.
_SMALLEST: Final = 512
_PATIENCE_MS: Final = 1000
# Where the system lists the numbers of the files that a process has open.
_NUMBERS: Final = Path("/dev/fd")
_JOURNALS: Final = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What a file is.

    Attributes:
        path: The file.
        format: `memglass`, `bicamrl` (opens in place), `empty`, or `other` (a SQLite database
            that holds no agent's memory that we know).
        generation: Of bicamrl's schema: 0, 1 or 2; None for other formats.
        version: Version of memglass's schema in the file; 0 if memglass never wrote to it.
        newer: Whether a newer memglass made it, so that it opens read-only.
        writable: Whether it and its folder can be written; else it opens read-only alone.
        migration: What a migration would do, a sentence each; empty where none is needed.
        journal_mode: `wal`, `delete`, …
        size: Bytes of the file.
        tables: Rows by table; a table that is too damaged to be counted is left out.
    """

    path: Path
    format: Format
    generation: int | None = None
    version: int = 0
    newer: bool = False
    writable: bool = True
    migration: tuple[str, ...] = ()
    journal_mode: str = "delete"
    size: int = 0
    tables: dict[str, int] = field(default_factory=dict)


def check_file(path: Path, *, read_only: bool) -> None:
    """Refuse what cannot be a database, before anything is done to it.

    Raises:
        FileError: It is missing, a folder, a device, or not readable.
        UnwritableError: It can only be read, which is not what is wanted.
        NotADatabaseError: It holds something else.
        CorruptDatabaseError: It is damaged or cut off.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        _check_missing(path, read_only=read_only)
        return
    except OSError as error:
        raise FileError(f"{path} cannot be reached: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(f"{str(path)!r} cannot be the name of a file: {error}.") from error
    if stat.S_ISDIR(found.st_mode):
        raise FileError(f"{path} is a folder; name a database file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is not a regular file.")
    if not os.access(path, os.R_OK):
        raise FileError(f"{path} cannot be read; change its permissions or become its owner.")
    if not read_only and not _is_writable(path):
        raise UnwritableError(
            f"{path} or its folder cannot be written; open it read-only, or make both writable."
        )
    _check_content(path, found.st_size)


def inspect_file(path: str | os.PathLike[str]) -> FileInfo:
    """Say what `path` is, without writing to it.

    Raises:
        FileError: It is missing, a folder, not readable, no database, or cut off.
        SchemaError: A table has one of our names and is something else.
    """
    path = Path(path)
    check_file(path, read_only=True)
    size = path.stat().st_size
    if size == 0:
        return FileInfo(path, "empty", writable=_is_writable(path))
    file = ReadOnlyFile(path)
    try:
        connection = driver.connect(file.uri, busy_ms=_PATIENCE_MS)
        try:
            driver.prepare_reader(connection)
            mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
            # Where it is immutable, SQLite takes it for what it is not.
            mode = "wal" if file.is_immutable else mode
            return _describe(connection, path, size, mode)
        finally:
            connection.close()
    except driver.Error as error:
        raise driver.translate(error, path) from error
    finally:
        file.close()


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that is put in its place; None where there is none."""
    with contextlib.suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def open_files() -> Counter[tuple[int, int]]:
    """Count how often this process has each file open; of none where the system does not tell."""
    counts: Counter[tuple[int, int]] = Counter()
    with contextlib.suppress(OSError):
        for number in _NUMBERS.iterdir():
            # The one that lists them is among them, and is closed by now.
            with contextlib.suppress(OSError):
                there = os.fstat(int(number.name))
                counts[there.st_dev, there.st_ino] += 1
    return counts


def is_elsewhere(path: Path, identity: tuple[int, int]) -> bool:
    """Say whether there is no file at a path, or another than that with an identity.

    Where the system does not say, as when a folder may not be read any more, it is taken to be
    there.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return (found.st_dev, found.st_ino) != identity


def _check_missing(path: Path, *, read_only: bool) -> None:
    if str(path) == ":memory:":
        raise FileError(
            "A memory is kept in a file, and :memory: is none: name one, such as in a temporary"
            " folder."
        )
    if path.is_symlink():
        raise FileError(f"{path} is a link to a file that does not exist.")
    if read_only:
        raise FileError(f"{path} does not exist.")
    if not path.parent.is_dir():
        raise FileError(f"{path} cannot be made: its folder {path.parent} does not exist.")
    if not _is_writable_folder(path):
        raise FileError(f"{path} cannot be made: its folder {path.parent} cannot be written.")
    if journal := left_behind(path):
        raise FileError(
            f"{path} is gone, but {journal} holds data of it, which making it anew would delete;"
            " put the file back, or move that to a safe place."
        )
    _refuse_owned(path)


def owner_of(path: Path) -> Path | None:
    """Return the database that takes a file of this name for its journal, if there is one."""
    for suffix in _JOURNALS:
        owner = path.with_name(path.name.removesuffix(suffix))
        if owner != path and owner.is_file():
            return owner
    return None


def _refuse_owned(path: Path) -> None:
    if owner := owner_of(path):
        raise FileError(
            f"{path} has the name of a journal of {owner}, with which SQLite would delete it;"
            " choose another name."
        )


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and _is_writable_folder(path)


def _is_writable_folder(path: Path) -> bool:
    # SQLite puts its journals beside the file that a link leads to.
    return os.access(path.resolve().parent, os.W_OK | os.X_OK)


def _check_content(path: Path, size: int) -> None:
    has_wal = holds_bytes(path, "-wal")
    if size == 0:
        _refuse_owned(path)
    if size == 0 and has_wal:
        raise CorruptDatabaseError(
            f"{path} is empty, but {path}-wal holds data, which opening the file would delete;"
            " move both to a safe place and look for a complete copy."
        )
    if 0 < size < _SMALLEST:
        plural = "" if size == 1 else "s"
        raise NotADatabaseError(
            f"{path} is not a SQLite database, or it is cut off: it has only {size} byte{plural}."
        )
    if size and not has_wal:
        _check_length(path)


def _check_length(path: Path) -> None:
    """Refuse a file that is cut off; SQLite reads what lacks of its last page as zeros.

    SQLite is asked, because closing a file that Python opened itself would drop all locks that
    other connections of this process hold on it.
    """
    try:
        connection = driver.connect(f"{path.absolute().as_uri()}?mode=ro", busy_ms=0)
        try:
            connection.execute("BEGIN")
            pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
            whole = pages * int(connection.execute("PRAGMA page_size").fetchone()[0])
            there = path.stat().st_size
        finally:
            connection.close()
    except driver.OperationalError as error:
        # It is locked, or has a journal to roll back first, or lies where nothing can be written.
        log.debug("the length of %s was not checked: %s", path, error)
        return
    except driver.DatabaseError as error:
        raise driver.translate(error, path) from error
    # Another program may have begun a -wal since it was looked for: what that holds is in no file
    # yet, and what it held is in the file by now.
    if there < whole and not holds_bytes(path, "-wal") and path.stat().st_size < whole:
        raise CorruptDatabaseError(
            f"{path} is cut off: {there:,} of {whole:,} bytes are there; look for a backup or a"
            " complete copy."
        )


def _describe(connection: driver.Connection, path: Path, size: int, journal_mode: str) -> FileInfo:
    layout = Layout(connection)
    version = file_version(connection, layout)
    newer = version > SCHEMA_VERSION
    kind, generation = _recognise(layout)
    steps = () if newer or kind == "empty" else plan(connection, layout)
    return FileInfo(
        path=path,
        format=kind,
        generation=generation,
        version=version,
        newer=newer,
        writable=_is_writable(path),
        migration=tuple(step.sentence for step in steps),
        journal_mode=journal_mode,
        size=size,
        tables=_count(connection, layout),
    )


def _count(connection: driver.Connection, layout: Layout) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in layout.names():
        try:
            counts[name] = int(
                connection.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0]
            )
        except driver.DatabaseError as error:
            if driver.is_busy(error):
                raise
            # One damaged table does not hide the others.
            log.debug("the rows of %s cannot be counted: %s", name, error)
    return counts


def _recognise(layout: Layout) -> tuple[Format, int | None]:
    names = layout.names()
    form = format_of(names)
    if form != "bicamrl":
        return form, None
    interactions = layout.get("interactions")
    if "complete_interactions" in layout:
        return form, 2
    if interactions is not None:
        return form, 1 if interactions.has("interaction_id") else 0
    return form, 2 if "world_model_states" in layout else 1


def format_of(tables: Iterable[str]) -> Format:
    """Say what a file is by the names of its tables."""
    names = {name.lower() for name in tables}
    if not names:
        return "empty"
    if "memglass_journal" in names:
        return "memglass"
    if not names.isdisjoint(("interactions", "complete_interactions")):
        return "bicamrl"
    kept = not names.isdisjoint(("world_model_states", "patterns"))
    return "bicamrl" if kept and "archived_patterns" in names else "other"
